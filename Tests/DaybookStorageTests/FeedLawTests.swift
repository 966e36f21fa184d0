import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// SPEC.md's equations of the feed, "Laws": S(c) is what a laptop shows that was fed from cursor c.
@Suite struct FeedLawTests {
    /// Births, edits, edits of edits, removals and re-creations at head office, one after the other.
    func change(_ world: World, _ step: Int) throws {
        try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
            switch step % 4 {
            case 0:
                try Acts.signUp(
                    writer, event: world.event, booth: "A", name: "visitor \(step)", phone: nil)
            case 1, 2:
                try writer.edit(
                    world.mug, in: "product", field: "note", to: .text("\(step)"), settling: true)
            default:
                var draft = Draft(Product.self)
                draft[Product.key] = "p\(step)"
                draft[Product.title] = "made and gone"
                let made = try writer.birth(draft)
                if step % 8 == 3 { try writer.remove(made, in: "product") }
            }
        }
    }

    func shown(_ laptop: Laptop) throws -> [Stamp: [UInt8]] {
        try laptop.book.servedRecords().mapValues { Canonical.bytes(of: $0) }
    }

    @Test func `feed from any cursor, cut anywhere, is the same as one feed`() throws {
        let world = try World()
        let scopes = [world.event, world.north]
        let laptops = try (0..<6).map {
            try world.laptop("l\($0)", person: "李娜", scopes: scopes, seed: UInt64($0) + 10)
        }
        for step in 0..<24 {
            try change(world, step)
            // Each has cursors of its own, and some an answer that is cut at another frame each time.
            for (index, laptop) in laptops.enumerated().dropFirst() where step % index == 0 {
                try laptop.sync(cutAfter: index < 4 ? .max : step % 6)
            }
        }

        for laptop in laptops { try laptop.syncUntilQuiet() }

        let once = try shown(laptops[0])
        #expect(once.count > 10)
        for laptop in laptops.dropFirst() {
            #expect(try shown(laptop) == once)
            #expect(try laptop.sync().differingScopes.isEmpty)
        }
    }

    @Test func `an answer that is taken twice is taken once`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        for step in 0..<8 { try change(world, step) }
        var first = try LaptopExchange(book: anna.book, clock: anna.clock.reading())
        let early = try world.answer(to: first.request(), laptop: anna.laptopID)
        for frame in early { try first.receive(frame) }
        for step in 8..<16 { try change(world, step) }
        try anna.syncUntilQuiet()
        let once = try shown(anna)

        // The same frames again, late: what they say is known, and nothing goes back.
        for _ in 0..<2 {
            var again = try LaptopExchange(book: anna.book, clock: anna.clock.reading())
            for frame in early { try again.receive(frame) }
            #expect(try shown(anna) == once)
        }
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    /// Which ways what two laptops wrote comes to head office, in every order.
    enum Way: CaseIterable { case annasLine, annasStick, bensLine, bensLateRequest }

    @Test func `any order of postings and bundles comes to one state`() throws {
        var states: Set<[Stamp: [UInt8]]> = []
        for order in Self.permutations(Way.allCases) {
            let world = try World()
            let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
            let ben = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 4)
            for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
            for (laptop, text) in [(anna, "A"), (ben, "B")] {
                for number in 0..<2 {
                    try laptop.write { writer in
                        try writer.edit(
                            world.mug, in: "product", field: "note", to: .text("\(text)\(number)"),
                            settling: false)
                        _ = try Acts.move(
                            writer, store: world.north, product: world.mug, quantity: 1,
                            kind: "receipt")
                    }
                }
            }
            let stick = try anna.bundle()
            let late = try LaptopExchange(book: ben.book, clock: ben.clock.reading()).request()
            for way in order {
                // Whenever it comes: what counts is when it was written.
                world.pass(seconds: 30, anna, ben)
                switch way {
                case .annasLine: try anna.syncUntilQuiet()
                case .bensLine: try ben.syncUntilQuiet()
                case .bensLateRequest: _ = try world.answer(to: late, laptop: ben.laptopID)
                case .annasStick: _ = try anna.carry(stick)
                }
            }
            for laptop in [anna, ben, anna] { try laptop.syncUntilQuiet() }
            #expect(try shown(anna) == shown(ben))
            // When it happened is worked out from when it came, once; nothing else may depend on that.
            states.insert(
                try anna.book.servedRecords().mapValues { record in
                    var record = record
                    record.at = World.start
                    record.uncertaintyMilliseconds = 0
                    return Canonical.bytes(of: record)
                })
        }

        #expect(states.count == 1)
    }

    static func permutations<Element>(_ elements: [Element]) -> [[Element]] {
        guard let first = elements.first else { return [[]] }
        return permutations(Array(elements.dropFirst())).flatMap { rest in
            (0...rest.count).map { place in
                var one = rest
                one.insert(first, at: place)
                return one
            }
        }
    }
}
