import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import Synchronization
import Testing
import World

/// What users of other products in this field complain of, where the server did it.
@Suite struct OfficeComplaints {
    func laptop(
        _ world: World, _ name: String = "anna", scopes: [Stamp]? = nil, seed: UInt64 = 3
    ) throws -> Laptop {
        let laptop = try world.laptop(
            name, person: "李娜", scopes: scopes ?? [world.north], seed: seed)
        try laptop.syncUntilQuiet()
        return laptop
    }

    func move(_ laptop: Laptop, in store: Stamp? = nil) throws {
        try laptop.write {
            try Acts.move(
                $0, store: store ?? laptop.world.north, product: laptop.world.mug, quantity: 1,
                kind: "receipt")
        }
    }

    func stock(_ world: World, _ store: Stamp? = nil) throws -> Int64 {
        try world.office.read {
            try $0.fold("stockOnHand", [(store ?? world.north).value, world.mug.value])
        }
    }

    func incoming(_ sealed: SealedPosting, _ laptop: Laptop) throws -> IncomingPosting {
        var reader = FrameReader()
        reader.append(sealed.frame)
        let frame = try #require(try reader.next())
        return IncomingPosting(
            laptop: try #require(try laptop.known()),
            received: try ReceivedPosting(raw: frame.raw), sent: laptop.clock.reading(),
            arrived: laptop.world.officeClock.reading().wall)
    }

    /// https://github.com/getodk/central/issues/669
    @Test func `submissions came third, first, second, the creation last, and broke the record`()
        throws
    {
        let world = try World()
        let anna = try laptop(world)
        // Three postings: the birth, and an edit of it in each of the next two.
        let count = try anna.write { writer in
            var draft = Draft(Count.self)
            draft[Count.store] = world.north
            return try writer.birth(draft)
        }
        _ = try anna.book.postingsToSend(most: 16)
        for text in ["second", "third"] {
            try anna.write {
                try $0.edit(count, in: "count", field: "note", to: .text(text), settling: false)
            }
            _ = try anna.book.postingsToSend(most: 16)
        }
        let sealed = try anna.book.postingsToSend(most: 16)
        #expect(sealed.count == 3)

        // Out of order nothing is taken and nothing is guessed: the laptop is told which comes next.
        for index in [2, 1] {
            let answers = try world.office.record([incoming(sealed[index], anna)])
            #expect(throws: Refusal(.postingGap, detail: "posting 1 comes next")) {
                try answers[0].get()
            }
        }
        #expect(try world.office.read { try $0.record(count, in: "count") } == nil)
        // In one commit, the last first: each is answered for itself, and what was refused comes again.
        let answers = try world.office.record(
            [sealed[2], sealed[0], sealed[1]].map { try incoming($0, anna) })
        #expect(answers.map { (try? $0.get().posting) ?? 0 } == [0, 1, 2])
        try anna.syncUntilQuiet()

        let note = try world.office.read { try $0.record(count, in: "count")?[Count.note] }
        #expect(note == "third")
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `two server workers raced on the postings of one device, and both applied them`()
        async throws
    {
        let world = try World()
        let anna = try laptop(world)
        for _ in 0..<5 {
            try move(anna)
            _ = try anna.book.postingsToSend(most: 16)
        }
        let postings = try anna.book.postingsToSend(most: 16).map { try incoming($0, anna) }
        // Two processes as far as SQLite can tell: each has its own connections.
        let second = try OfficeStore.open(path: world.office.path, catalogue: world.catalogue)
        try second.beginRun(world.officeClock)

        let answers = try await withThrowingTaskGroup(of: [PostingAnswer].self) { group in
            for store in [world.office, second, world.office, second] {
                group.addTask { try postings.map { try store.record([$0])[0] } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(try stock(world) == 5)
        // Whoever came second says what the first said.
        let verdicts = try answers.map { try $0.map { try $0.get() } }
        #expect(Set(verdicts).count == 1)
    }

    /// https://github.com/medic/cht-core/issues/5701
    @Test func `a group moved to another worker while its worker was offline, its reports stuck`()
        throws
    {
        let world = try World()
        let anna = try laptop(world, scopes: [world.north, world.event])
        let ben = try laptop(world, "ben", scopes: [world.event], seed: 4)
        for _ in 0..<3 { try move(anna) }
        try world.office.setScopes(of: "anna", to: [world.event])
        try world.office.setScopes(of: "ben", to: [world.north, world.event])
        try ben.syncUntilQuiet()

        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        #expect(try !anna.book.hasUnanswered())
        #expect(try anna.book.read { try $0.record(world.north, in: "store") } == nil)
        let seen = try ben.book.read {
            try $0.fold("stockOnHand", [world.north.value, world.mug.value])
        }
        #expect(seen == 3)
        // It happened, and somebody is told that it happened out of turn.
        #expect(try world.office.counts().matters == 3)
    }

    @Test(arguments: 0..<3)
    func `the answer to a change of identity was lost, and the device was locked out`(cut: Int)
        throws
    {
        let world = try World()
        let anna = try laptop(world)
        try move(anna)
        // A copy is told its new identity on a line that breaks: three times.
        let copy = try anna.copy("copy")
        try move(anna)
        try anna.syncUntilQuiet()
        world.pass(seconds: 5, anna)
        try move(copy)
        for _ in 0..<3 { try copy.sync(cutAfter: cut) }

        try copy.syncUntilQuiet()
        try anna.syncUntilQuiet()

        #expect(try stock(world) == 3)
        #expect(try !copy.book.hasUnanswered())
        for laptop in [anna, copy] { #expect(try laptop.sync().differingScopes.isEmpty) }
    }

    @Test func `the server committed, the answer timed out, and the order was there twice`() throws
    {
        let world = try World()
        let anna = try laptop(world)
        try move(anna)
        let request = try LaptopExchange(book: anna.book, clock: anna.clock.reading()).request()
        // Answered, and nobody heard it; then again, as it was sealed, and a third time much later.
        let first = try world.answer(to: request, laptop: anna.laptopID)
        let again = try world.answer(to: request, laptop: anna.laptopID)
        try anna.syncUntilQuiet()
        let late = try world.answer(to: request, laptop: anna.laptopID)

        func verdicts(_ frames: [Frame]) -> [Frame] { frames.filter { $0.kind == .verdicts } }
        #expect(verdicts(first).count == 1)
        #expect(verdicts(first) == verdicts(again))
        #expect(verdicts(first) == verdicts(late))
        #expect(try stock(world) == 1)
    }

    @Test func `one invalid record blocked everything behind it`() throws {
        let world = try World()
        let anna = try laptop(world)
        let known = try #require(try anna.known())
        func movement(_ index: Int64, _ quantity: Value, _ store: Stamp) -> Change {
            .birth(
                Birth(
                    id: Stamp(milliseconds: 91_000_000_000 + index, node: 77), collection: 12,
                    scope: store,
                    fields: [
                        FieldValue(1, store.value), FieldValue(2, world.mug.value),
                        FieldValue(3, quantity), FieldValue(4, .text("receipt")),
                    ]))
        }
        // A quantity past all counting, one that is a text, a store that does not exist, and a good one.
        let nowhere = Stamp(milliseconds: 5, node: 5)
        let changes = [
            movement(0, .integer(.max), world.north), movement(1, .text("many"), world.north),
            movement(2, .integer(1), nowhere), movement(3, .integer(4), world.north),
        ]
        let posting = Posting(
            incarnation: known.incarnation, number: 1, previousHash: [], catalogue: 1,
            entries: changes.enumerated().map { index, change in
                Entry(
                    number: Int64(index) + 1, person: nil, clock: anna.clock.reading(),
                    changes: [change])
            })

        let answers = try world.office.record([
            incoming(SealedPosting(posting, key: anna.key), anna)
        ])

        #expect(try answers[0].get().refused.isEmpty)
        #expect(try stock(world) == 4)
        #expect(try world.office.counts().matters >= 3)
        _ = try world.office.read { try Figures.report.make($0, [:]) }
    }

    @Test func `a purge at one end and a start from zero brought back what was deleted`() throws {
        let world = try World()
        let anna = try laptop(world)
        let ben = try laptop(world, "ben", seed: 4)
        let count = try anna.write { writer in
            var draft = Draft(Count.self)
            draft[Count.store] = world.north
            return try writer.birth(draft)
        }
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        let old = try ben.copy("old")
        try anna.write { try $0.remove(count, in: "count") }
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        // Everything that a backup holds may be purged at both ends.
        _ = try world.office.backUp(to: world.folder.path + "/backup")
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }

        // An old copy comes back, and one that has lost its place and starts from nothing.
        try old.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [])
        try anna.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [world.north])
        try anna.syncUntilQuiet()

        #expect(try world.office.read { try $0.record(count, in: "count") } == nil)
        for laptop in [anna, ben, old] {
            #expect(try laptop.book.read { try $0.record(count, in: "count") } == nil)
            #expect(try laptop.sync().differingScopes.isEmpty)
        }
    }

    @Test func `one record updated 120 times cost a new device 120 records`() throws {
        let world = try World()
        for number in 0..<120 {
            try world.office.write(person: nil, clock: world.officeClock.reading()) {
                try $0.edit(
                    world.mug, in: "product", field: "note", to: .text("\(number)"),
                    settling: false)
            }
        }
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])

        let frames = try world.answer(
            to: LaptopExchange(book: anna.book, clock: anna.clock.reading()).request(),
            laptop: anna.laptopID)
        let records = try frames.flatMap { frame -> [Stamp] in
            guard case .feed(let page) = try Message(frame) else { return [] }
            return page.records.map(\.id)
        }

        #expect(records.filter { $0 == world.mug }.count == 1)
        #expect(Set(records).count == records.count)
    }

    /// https://github.com/juicedata/juicefs/issues/7521
    @Test func `a row that committed late was below the cursor, and was never replicated`()
        async throws
    {
        let world = try World()
        let writers = try (0..<4).map { try laptop(world, "w\($0)", seed: UInt64($0) + 10) }
        let reader = try laptop(world, "reader", seed: 30)
        let isDone = Flag()

        // It reads all the time that others commit.
        async let reading: Void = Task {
            while !isDone.isSet { try reader.sync() }
        }.value
        try await withThrowingTaskGroup(of: Void.self) { writing in
            for writer in writers {
                writing.addTask {
                    for _ in 0..<20 {
                        try move(writer)
                        try writer.syncUntilQuiet()
                    }
                }
            }
            try await writing.waitForAll()
        }
        isDone.set()
        try await reading
        // Only what is past its cursor comes now: anything skipped would stay away.
        try reader.sync()

        let seen = try reader.book.read {
            try $0.fold("stockOnHand", [world.north.value, world.mug.value])
        }
        #expect(seen == 80)
        #expect(try reader.sync().differingScopes.isEmpty)
    }
}

/// Set once, by another task.
private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
