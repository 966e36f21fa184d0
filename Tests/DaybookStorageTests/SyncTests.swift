import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import Testing
import World

@Suite struct SyncTests {
    @Test func `a first sync brings every record of the scopes, and the digests agree`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north, world.event])

        let outcome = try anna.sync()

        #expect(outcome.ending == .complete)
        #expect(outcome.differingScopes.isEmpty)
        let names = try anna.book.read { view in
            var names: [String] = []
            try view.forEach(in: "store") { names.append($0[Store.name] ?? "") }
            return names
        }
        #expect(names == ["北门店"])
    }

    @Test func `what two laptops wrote offline is at head office once, and on both`() throws {
        let world = try World()
        let anna = try world.laptop(
            "anna", person: "李娜", scopes: [world.north, world.event], seed: 3)
        let ben = try world.laptop(
            "ben", person: "王伟", scopes: [world.south, world.event], seed: 4)
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        let phone = PhoneNumber("+86 138-0013-8000")
        for (laptop, booth) in [(anna, "A"), (ben, "B")] {
            for index in 0..<20 {
                try laptop.write {
                    try Acts.signUp(
                        $0, event: world.event, booth: booth, name: "\(booth)\(index)",
                        phone: index == 0
                            ? phone : PhoneNumber("1390000\(booth == "A" ? 1 : 2)0\(index + 10)"))
                }
            }
        }
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()

        for laptop in [anna, ben] {
            let count = try laptop.book.read { view in
                var count = 0
                try view.forEach(in: "signup") { _ in count += 1 }
                return count
            }
            #expect(count == 40)
            let outcome = try laptop.sync()
            #expect(outcome.differingScopes.isEmpty)
            #expect(outcome.pagesStaged == 0)
        }
        for view in [try world.office.read(doubles), try anna.book.read(doubles)] {
            #expect(view == 2)
        }
    }

    /// How many signed up by the number of others, by the hints that every book holds.
    private func doubles(_ view: any BookView) throws -> Int64 {
        try view.foldRows("doublesByHint").map(\.figure).filter { $0 > 1 }.reduce(0, +)
    }

    @Test(arguments: 0..<8) func `a cut answer is taken up where it ended`(cut: Int) throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north, world.event])
        try anna.syncUntilQuiet()
        try anna.write {
            try Acts.move($0, store: world.north, product: world.mug, quantity: 5, kind: "receipt")
        }

        try anna.sync(cutAfter: cut)
        try anna.syncUntilQuiet()

        let stock = try world.office.read {
            try $0.fold("stockOnHand", [world.north.value, world.mug.value])
        }
        #expect(stock == 5)
        #expect(try anna.sync().differingScopes.isEmpty)
        #expect(try !anna.book.hasUnanswered())
    }

    @Test func `edits that did not see each other are both kept, and settling ends the dispute`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.south], seed: 4)
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        try anna.write {
            try $0.edit(world.mug, in: "product", field: "note", to: .text("A"), settling: false)
        }
        ben.clock.pass(milliseconds: 500)
        try ben.write {
            try $0.edit(world.mug, in: "product", field: "note", to: .text("B"), settling: false)
        }

        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        let held = try anna.book.read { try $0.record(world.mug, in: "product") }
        #expect(held?[Product.note] == "B")
        #expect(held?.disputes.map(\.others.count) == [1])

        try anna.write {
            try $0.edit(world.mug, in: "product", field: "note", to: .text("both"), settling: true)
        }
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        let settled = try ben.book.read { try $0.record(world.mug, in: "product") }
        #expect(settled?[Product.note] == "both")
        #expect(settled?.disputes.isEmpty == true)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `a refused edit shows the served value again, its entry's facts stay`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north, world.event])
        try anna.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [world.event])
        try anna.write { writer in
            try writer.edit(
                world.north, in: "store", field: "note", to: .text("mine"), settling: false)
            _ = try Acts.move(
                writer, store: world.north, product: world.mug, quantity: 3, kind: "receipt")
        }

        let outcome = try anna.sync()

        #expect(outcome.editsRefused == 1)
        let note = try world.office.read { try $0.record(world.north, in: "store")?[Store.note] }
        #expect(note == nil)
        let stock = try world.office.read {
            try $0.fold("stockOnHand", [world.north.value, world.mug.value])
        }
        #expect(stock == 3)
        // The scope is lost: its records are gone from the laptop once head office has all of it.
        try anna.syncUntilQuiet()
        #expect(try anna.book.read { try $0.record(world.north, in: "store") } == nil)
    }
}

@Suite struct QuietTests {
    @Test func `an idle sync writes nothing on either side`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        try anna.sync()
        let files = [anna.book.path + "-wal", world.office.path + "-wal"]
        let before = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }

        try anna.sync()

        for (file, held) in zip(files, before) {
            let now = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(now == held, "\(file): \(held.count) → \(now.count) bytes")
        }
    }

    @Test func `head office starting again sends nobody everything again`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        for _ in 0..<3 {
            try world.office.beginRun(world.officeClock)
            #expect(try anna.sync().pagesStaged == 0)
        }
        // Two starts while nobody came: the run that the laptop knows is still known.
        try world.office.beginRun(world.officeClock)
        try world.office.beginRun(world.officeClock)
        #expect(try anna.sync().pagesStaged == 0)
    }

    @Test func `a head office that lost commits is noticed by its runs`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        let known = try #require(try anna.known())
        var hello = try anna.book.hello(clock: anna.clock.reading())
        let run = try #require(hello.held).run
        for held in [Cursor(run: 12_345, sequence: 1), Cursor(run: run, sequence: 1 << 60)] {
            try world.office.beginRun(world.officeClock)
            hello.held = held
            var exchange = OfficeExchange(
                store: world.office, laptop: known.id, now: world.officeClock.reading().wall)
            guard
                case .send(let sent) = try exchange.receive(try Message.hello(hello).frame()),
                case .welcome(let welcome)? = sent.first
            else {
                Issue.record("no welcome")
                return
            }
            #expect(welcome.base != nil)
            #expect(welcome.node != nil)
            let action = try exchange.receive(try Message.done(more: false).frame())
            #expect(action.isFeed)
            let feed = try exchange.nextFeed()
            #expect(feed == [.done(more: true)])
        }
    }

    /// A bundle may be read twice, the second time by a head office restored to before the laptop heard other terms.
    @Test(arguments: [true, false])
    func `an answer in a file tells the terms, whatever the laptop knew`(isFile: Bool) throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        let hello = try anna.book.hello(clock: anna.clock.reading())
        var exchange = OfficeExchange(
            store: world.office, laptop: anna.laptopID, now: world.officeClock.reading().wall,
            isBundle: isFile)

        let action = try exchange.receive(Message.hello(hello).frame())

        guard case .send(let said) = action, case .welcome(let welcome)? = said.first else {
            Issue.record("no welcome")
            return
        }
        #expect((welcome.terms != nil) == isFile)
    }

    @Test func `a scope lost and gained again is whole again, and agrees`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north, world.event])
        try anna.syncUntilQuiet()
        for quantity: Int64 in [5, 6] {
            try anna.write {
                try Acts.move(
                    $0, store: world.north, product: world.mug, quantity: quantity, kind: "receipt")
            }
        }
        try anna.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [world.event])
        try anna.syncUntilQuiet()
        #expect(
            try anna.book.read { try $0.fold("stockOnHand", [world.north.value, world.mug.value]) }
                == 0)

        try world.office.setScopes(of: "anna", to: [world.north, world.event])
        try anna.sync(cutAfter: 2)
        #expect(try anna.book.read { try $0.record(world.north, in: "store") } == nil)
        try anna.syncUntilQuiet()

        #expect(
            try anna.book.read { try $0.fold("stockOnHand", [world.north.value, world.mug.value]) }
                == 11)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `an entry in two scopes is seen whole or not at all, wherever the answer is cut`()
        throws
    {
        for cut in 1..<9 {
            let world = try World()
            let anna = try world.laptop(
                "anna", person: "李娜", scopes: [world.north, world.event], seed: 3)
            let ben = try world.laptop(
                "ben", person: "王伟", scopes: [world.north, world.event], seed: 4)
            try anna.syncUntilQuiet()
            try ben.syncUntilQuiet()
            let signup = try anna.write {
                try Acts.signUp($0, event: world.event, booth: "A", name: "王", phone: nil)
            }
            try anna.write {
                try Acts.giveGift($0, signup: signup, product: world.mug, from: world.north)
            }
            try anna.syncUntilQuiet()

            try ben.sync(cutAfter: cut)

            let (gifts, moved) = try ben.book.read { view in
                (
                    try view.fold("giftsBySignup", [signup.value]),
                    try view.fold("stockOnHand", [world.north.value, world.mug.value])
                )
            }
            #expect(gifts == -moved)
            try ben.syncUntilQuiet()
            #expect(try ben.sync().differingScopes.isEmpty)
        }
    }
}

extension OfficeExchange.Action {
    fileprivate var isFeed: Bool {
        if case .feed = self { true } else { false }
    }
}
