import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// What a client of its own may bring: facts that no book here would write.
@Suite struct HostileSettlementTests {
    /// Draws names for births.
    private final class Births {
        private(set) var changes: [Change] = []

        @discardableResult
        func add(
            _ definition: CollectionDefinition, in scope: Stamp, _ fields: [UInt32: Value]
        ) -> Stamp {
            let id = Stamp(
                milliseconds: World.start.milliseconds - Stamp.epochMilliseconds
                    + Int64(changes.count), node: 77)
            changes.append(
                .birth(
                    Birth(
                        id: id, collection: definition.tag, scope: scope,
                        fields: fields.map { FieldValue($0.key, $0.value) })))
            return id
        }
    }

    /// Promoters with a laptop that has posted nothing.
    private func promoter(_ world: World) throws -> Laptop {
        let person = try world.staff("钱多", rank: "promoter", events: [world.event])
        let laptop = try world.laptop("qian", people: [person], scopes: [world.event], seed: 41)
        try laptop.syncUntilQuiet()
        return laptop
    }

    // MARK: - Numbers

    private func stock(_ births: Births, _ world: World, _ said: Value, _ share: Stamp) {
        let (event, mug, north) = (world.event, world.mug.value, world.north.value)
        let sale = births.add(Sale.definition, in: event, [1: north, 8: event.value])
        let back = births.add(Sale.definition, in: event, [1: north, 7: sale.value])
        let price = Value.amount(
            Amount(minor: Int64(said) ?? 0, currency: Currency("CNY")!))
        births.add(
            SaleLine.definition, in: event,
            [1: sale.value, 2: mug, 3: said, 4: price, 6: share.value])
        births.add(SaleLine.definition, in: event, [1: back.value, 2: mug, 3: said])
        births.add(
            Movement.definition, in: event,
            [1: north, 2: mug, 3: said, 4: .text("issue"), 5: event.value])
        for _ in 0..<2 {
            births.add(CountLine.definition, in: event, [1: north, 2: mug, 3: said])
        }
    }

    private func visit(_ births: Births, _ world: World, _ said: Value, _ share: Stamp) {
        let (event, mug) = (world.event, world.mug.value)
        let signup = births.add(SignUp.definition, in: event, [1: event.value, 6: said])
        for _ in 0..<2 {
            births.add(
                Gift.definition, in: event,
                [1: event.value, 2: signup.value, 3: mug, 4: said, 5: share.value])
            births.add(
                Loan.definition, in: event, [1: event.value, 2: .text("x"), 3: said])
        }
        births.add(
            Handback.definition, in: event, [1: share.value, 2: said, 3: .text("closed")])
    }

    private func decided(_ births: Births, _ world: World, _ said: Value) {
        let event = world.event
        births.add(
            Settlement.definition, in: event,
            [1: said, 2: .text("undo"), 3: said, 4: .text("nonsense"), 6: said])
        births.add(
            Decision.definition, in: event,
            [1: event.value, 2: said, 3: .text("x"), 5: .text("")])
        births.add(Milestone.definition, in: event, [1: event.value, 2: .text("x")])
    }

    @Test(arguments: [Int64.min, .max, -1, 0])
    func `numbers that nobody counted trap nothing, whatever they stand in`(number: Int64) throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        let share = try world.lend(5, to: "wei")
        let births = Births()
        stock(births, world, .integer(number), share)
        visit(births, world, .integer(number), share)
        decided(births, world, .integer(number))

        // Clocks that are as wrong as can be.
        anna.clock.setWall(Moment(milliseconds: number))
        anna.clock.reboot()
        _ = try anna.post(births.changes, person: anna.person)

        let keys = try world.office.keys()
        try world.office.deriveMatters()
        #expect(try world.office.keys() == keys)
        for report in world.catalogue.reports {
            let options = [
                "event": "\(world.event)", "store": "\(world.north)",
                "product": "\(world.mug)", "today": "2026-05-01",
            ]
            _ = try world.office.read { try report.make($0, options) }
        }
    }

    @Test(arguments: [Int64.min, .max, 10_000_001, -10_000_001])
    func `a day that no calendar has is refused as an edit, and can be printed`(
        number: Int64
    ) throws {
        let field = Event.startsOn.definition
        #expect(field.fault(of: .integer(number)) == .outOfRange)
        #expect(!"\(Day(number: number))".isEmpty)
    }

    // MARK: - What only head office may write

    @Test func `a step of a laptop's own making opens no stage`() throws {
        let world = try World()
        let qian = try promoter(world)
        let births = Births()
        try births.add(
            Step.definition, in: world.organisation(),
            [1: .text("event.running"), 2: .integer(0), 3: .text("promoter")])
        let decision = births.add(
            Decision.definition, in: world.event,
            [
                1: world.event.value, 2: world.event.value, 3: .text("running"),
                4: true.value, 5: .text("\(world.event)"),
            ])
        let verdicts = try qian.post(births.changes, person: qian.person)

        #expect(verdicts.refused.map(\.stamp) == [decision])
        #expect(
            try world.office.read { try Decisions.result(of: decision, $0) } == "not_allowed")
        let stage = try world.office.read {
            try $0.record(world.event, in: "event")?[Event.stage]
        }
        #expect(stage == "published")
    }

    @Test func `an outcome of a laptop's own making is nobody's word`() throws {
        let world = try World()
        let qian = try promoter(world)
        let births = Births()
        let decision = births.add(
            Decision.definition, in: world.event,
            [
                1: world.event.value, 2: world.event.value, 3: .text("running"),
                4: true.value, 5: .text("\(world.event)"),
            ])
        births.add(
            DecisionOutcome.definition, in: world.event,
            [1: decision.value, 2: .text("moved")])
        _ = try qian.post(births.changes, person: qian.person)

        #expect(
            try world.office.read { try Decisions.result(of: decision, $0) } == "not_allowed")
    }

    @Test func `a share and a supply of a laptop's own making make nothing more to lend`() throws {
        let world = try World()
        let qian = try promoter(world)
        _ = try world.supply(5)
        let births = Births()
        births.add(
            Supply.definition, in: world.event,
            [1: world.event.value, 2: world.mug.value, 3: .integer(1_000)])
        births.add(
            Allowance.definition, in: world.event,
            [
                1: world.event.value, 2: world.mug.value, 3: .text("qian"),
                4: .integer(-1_000),
            ])
        _ = try qian.post(births.changes, person: qian.person)

        #expect(
            try world.office.read {
                try Allowances.lendable(world.mug, at: world.event, $0)
            } == 5)
    }

    // MARK: - Two ways to one matter

    @Test func `a visitor with two gifts can be erased, and stays one matter`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        let signup = try anna.signUp("王小明", "13800138000")
        for _ in 0..<2 {
            try anna.write {
                _ = try Acts.giveGift($0, signup: signup, product: world.mug, from: nil)
            }
        }
        try anna.syncUntilQuiet()
        let before = try world.office.open("giftTwice").map(\.code)

        #expect(try world.office.erase(signup, clock: world.officeClock.reading()) != nil)
        try anna.syncUntilQuiet()

        #expect(try world.office.open("giftTwice").map(\.code) == before)
        #expect(try anna.open("giftTwice").map(\.code) == before)
        try world.office.deriveMatters()
        #expect(try world.office.open("giftTwice").map(\.code) == before)
    }
}

extension World {
    func organisation() throws -> Stamp { try office.read { $0.organisation } }

    @discardableResult
    func supply(_ quantity: Int64) throws -> Stamp {
        try office.write(person: nil, clock: officeClock.reading()) { writer in
            var draft = Draft(Supply.self)
            draft[Supply.place] = event
            draft[Supply.product] = mug
            draft[Supply.quantity] = quantity
            return try writer.birth(draft)
        }
    }

    @discardableResult
    func lend(_ quantity: Int64, to laptop: String, by other: OfficeStore? = nil) throws -> Stamp {
        if try office.read({ try !Allowances.isLimited(mug, at: event, $0) }) {
            try supply(quantity)
        }
        return try (other ?? office).write(
            person: nil, clock: officeClock.reading()
        ) { writer in
            var draft = Draft(Allowance.self)
            draft[Allowance.place] = event
            draft[Allowance.product] = mug
            draft[Allowance.laptop] = laptop
            draft[Allowance.quantity] = quantity
            return try writer.birth(draft)
        }
    }
}
