import DaybookModel
import DaybookOperations
import DaybookStorage
import Testing
import World

/// Where a matter belongs, and who has the duty there.
@Suite struct PlaceSettlementTests {
    private func count(_ laptop: Laptop, _ quantity: Int64, at store: Stamp) throws -> Stamp {
        try laptop.write { writer in
            var count = Draft(Count.self)
            count[Count.store] = store
            var line = Draft(CountLine.self)
            line[CountLine.count] = try writer.birth(count)
            line[CountLine.product] = laptop.world.mug
            line[CountLine.quantity] = quantity
            return try writer.birth(line)
        }
    }

    private func accepting(_ line: Stamp, filedAt place: Stamp) -> Draft {
        var draft = Draft(Settlement.self)
        draft[Settlement.place] = place
        draft[Settlement.kind] = "countVariance"
        draft[Settlement.record] = line
        draft[Settlement.choice] = "accept"
        return draft
    }

    private func onHand(_ world: World, _ store: Stamp, by office: OfficeStore? = nil) throws
        -> Int64
    {
        try (office ?? world.office).read {
            try StockLedger($0, store: store, product: world.mug).onHand
        }
    }

    @Test func `whoever works in one store settles nothing of another by filing it at home`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.south], seed: 7)
        let worker = try world.staff(
            "孙仓", rank: "specialist", unit: "warehouse", stores: [world.north])
        let sun = try world.laptop("sun", people: [worker], scopes: [world.north], seed: 8)
        for laptop in [anna, sun] { try laptop.syncUntilQuiet() }
        let line = try count(anna, 40, at: world.south)
        try anna.syncUntilQuiet()

        let said = try sun.write { try $0.birth(accepting(line, filedAt: world.north)) }
        try sun.syncUntilQuiet()

        #expect(try sun.book.readInbox().map(\.record) == [said])
        #expect(try onHand(world, world.south) == 0)
        #expect(try world.office.open("countVariance").count == 1)
    }

    /// One movement of another laptop's; the count is in second 100.
    struct Moved: Sendable {
        let quantity: Int64
        let at: Int64
        /// It is posted long after; else at once.
        let isLate: Bool
    }

    struct Figured: Sendable {
        let counted: Int64
        let movements: [Moved]
        let expected: Int64
        let late: Int64
        let variance: Int64
        let since: Int64
    }

    private static let received = Moved(quantity: 10, at: 50, isLate: false)

    static let figured = [
        Figured(counted: 0, movements: [], expected: 0, late: 0, variance: 0, since: 0),
        Figured(counted: 9, movements: [received], expected: 10, late: 0, variance: -1, since: 0),
        // It happened before the count and arrived after it: it explains the variance.
        Figured(
            counted: 8, movements: [received, Moved(quantity: -2, at: 90, isLate: true)],
            expected: 8, late: -2, variance: 0, since: 0),
        // It happened after the count: it moves the stock on and explains nothing.
        Figured(
            counted: 10, movements: [received, Moved(quantity: -3, at: 101, isLate: true)],
            expected: 10, late: 0, variance: 0, since: -3),
        // At the very moment counts as before it.
        Figured(
            counted: 4, movements: [Moved(quantity: 4, at: 100, isLate: false)], expected: 4,
            late: 0, variance: 0, since: 0),
    ]

    @Test(arguments: figured) func `a count's figures say what came late and what moved since`(
        one: Figured
    ) throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 7)
        let wei = try world.laptop("wei", person: "王伟", scopes: [world.north], seed: 8)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        var passed: Int64 = 0
        func pass(to second: Int64) {
            world.pass(seconds: second - passed, anna, wei)
            passed = second
        }
        func move(_ moved: Moved) throws {
            pass(to: moved.at)
            try wei.book.write(person: wei.person, clock: wei.clock.reading()) {
                _ = try Acts.move(
                    $0, store: world.north, product: world.mug, quantity: moved.quantity,
                    kind: "receipt")
            }
            if !moved.isLate { try wei.syncUntilQuiet() }
        }
        for moved in one.movements where moved.at <= 100 { try move(moved) }
        pass(to: 100)
        _ = try count(anna, one.counted, at: world.north)
        for moved in one.movements where moved.at > 100 { try move(moved) }
        pass(to: 1_000)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }

        let rows = try world.office.read { try Figures.stock.make($0, [:])[1].rows }
        let figures = [one.counted, one.expected, one.late, one.variance, one.since]
        #expect(rows.map { Array($0[3...7]) } == [figures.map { ReportTable.Cell.number($0) }])
    }

    @Test func `what only a count established is in the list of stock`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        _ = try count(anna, 40, at: world.north)
        try anna.settle(try #require(try anna.open("countVariance").first), as: "accept")
        try anna.syncUntilQuiet()

        let rows = try world.office.read { try Figures.stock.make($0, [:])[0].rows }
        #expect(rows.map { $0[2] } == [.number(40)])
        #expect(try anna.read { try Figures.stock.make($0, [:])[0].rows } == rows)
    }

    @Test func `a return in another store is the organisation's, and can be settled`() throws {
        let world = try World()
        let scopes = [world.north, world.south]
        let anna = try world.laptop("anna", person: "李娜", scopes: scopes)
        try anna.syncUntilQuiet()
        let sale = try anna.write {
            try Acts.sell(
                $0, store: world.north, lines: [.init(product: world.mug, quantity: 1)],
                payment: nil)
        }
        try anna.write {
            _ = try Acts.sell(
                $0, store: world.south, lines: [.init(product: world.mug, quantity: -2)],
                payment: nil, returns: sale)
        }
        let over = try #require(try anna.open("returnExceeds").first)
        try anna.settle(over, as: "accept")
        try anna.syncUntilQuiet()

        #expect(try anna.book.readInbox().isEmpty)
        #expect(try world.office.open("returnExceeds").isEmpty)
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
    func `the return of a return ends the same, whichever comes first`(order: [Int]) throws {
        let world = try World()
        let laptops = try (0..<3).map {
            try world.laptop(
                "L\($0)", person: "李娜", scopes: [world.north], seed: UInt64(50 + $0))
        }
        for laptop in laptops { try laptop.syncUntilQuiet() }
        var last: Stamp?
        for (place, quantity) in [Int64(3), -1, -2].enumerated() {
            last = try laptops[place].write {
                try Acts.sell(
                    $0, store: world.north,
                    lines: [.init(product: world.mug, quantity: quantity)], payment: nil,
                    returns: last)
            }
        }
        for place in order { try laptops[place].syncUntilQuiet() }

        #expect(try world.office.open("returnUnknown").isEmpty)
        // Of the middle one, which sold nothing, two were taken back.
        #expect(try world.office.open("returnExceeds").count == 1)
        let keys = try world.office.keys()
        try world.office.deriveMatters()
        #expect(try world.office.keys() == keys)
    }

    @Test func `what held holds after head office lost it, though its writer is gone since`() throws
    {
        let world = try World()
        let worker = try world.staff(
            "孙仓", rank: "specialist", unit: "warehouse", stores: [world.north])
        let sun = try world.laptop("sun", people: [worker], scopes: [world.north], seed: 8)
        try sun.syncUntilQuiet()
        let line = try count(sun, 40, at: world.north)
        try sun.syncUntilQuiet()
        let path = world.folder.appendingPathComponent("restored.daybook").path
        _ = try world.office.backUp(to: path)
        world.pass(seconds: 60, sun)
        try sun.write { _ = try $0.birth(accepting(line, filedAt: world.north)) }
        try sun.syncUntilQuiet()
        #expect(try onHand(world, world.north) == 40)
        try world.unassign(worker)
        try sun.syncUntilQuiet()

        world.pass(seconds: 7_200, sun)
        let restored = try OfficeStore.open(path: path, catalogue: world.catalogue)
        try restored.beginRun(world.officeClock)
        world.pass(seconds: 60, sun)
        try sun.sync(with: restored)

        #expect(try onHand(world, world.north, by: restored) == 40)
        #expect(try sun.book.readInbox().isEmpty)
    }

    @Test func `a note that only looks like an id stays as it was typed when names are taken`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        let copy = try anna.copy("copy")
        let note = "\(world.event)".lowercased()
        for laptop in [anna, copy] {
            try laptop.write {
                _ = try Acts.signUp(
                    $0, event: world.event, booth: laptop === anna ? "A" : "B", name: "N",
                    phone: nil, note: note)
            }
        }
        try anna.syncUntilQuiet()
        try copy.heal()
        try copy.syncUntilQuiet()

        let notes = try world.office.read {
            try $0.records(in: "signup", of: world.event)
                .map { $0[SignUp.note] }
        }
        #expect(notes == [note, note])
    }
}
