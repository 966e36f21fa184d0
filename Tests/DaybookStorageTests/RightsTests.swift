import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

@Suite struct RightsTests {
    @Test func `what only head office may do is refused finally, and births are kept as matters`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        let scope = try world.office.read { $0.organisation }
        let person = try #require(world.people["王伟"])
        func stamp(_ number: Int64) -> Stamp {
            Stamp(milliseconds: 92_000_000_000 + number, node: 66)
        }
        // A client that does not ask its own book first.
        let changes: [Change] = [
            .birth(
                Birth(
                    id: stamp(1), collection: 3, scope: scope, fields: [FieldValue(1, .text("me"))])
            ),
            .edit(
                Edit(
                    stamp: stamp(2), record: person, collection: 3, field: 1, value: .text("boss"),
                    replaces: [person])),
        ]
        let verdicts = try anna.post(changes, person: nil)

        #expect(verdicts.refused.map(\.reason) == [RefusalReason.notAllowed.rawValue])
        let (name, born) = try world.office.read { view in
            (
                try view.record(person, in: "staff")?[Staff.name],
                try view.record(stamp(1), in: "staff")?[Staff.name]
            )
        }
        #expect(name == "王伟")
        #expect(born == "me")
        #expect(try world.office.counts().matters == 1)
    }

    // MARK: - Duties

    struct Case: Sendable, CustomTestStringConvertible {
        let rank: String
        let unit: String?
        let isAssigned: Bool
        let act: Act
        let may: Bool
        var testDescription: String {
            "\(rank) \(unit ?? "-") \(isAssigned ? "assigned" : "elsewhere"): \(act)"
        }
    }

    enum Act: Sendable {
        case signUp, count, product, price, productNote, productPrice, eventPlace, eventName
        case removeProduct, hire
    }

    static let cases: [Case] = [
        Case(rank: "promoter", unit: nil, isAssigned: true, act: .signUp, may: true),
        Case(rank: "promoter", unit: nil, isAssigned: false, act: .signUp, may: false),
        Case(rank: "promoter", unit: nil, isAssigned: true, act: .count, may: true),
        Case(rank: "promoter", unit: nil, isAssigned: true, act: .productNote, may: true),
        Case(rank: "promoter", unit: nil, isAssigned: true, act: .productPrice, may: false),
        Case(rank: "promoter", unit: nil, isAssigned: true, act: .price, may: false),
        Case(rank: "specialist", unit: "warehouse", isAssigned: true, act: .product, may: false),
        Case(rank: "specialist", unit: "procurement", isAssigned: false, act: .product, may: true),
        Case(rank: "specialist", unit: "product_centre", isAssigned: false, act: .price, may: true),
        Case(
            rank: "specialist", unit: "product_centre", isAssigned: false, act: .productPrice,
            may: true),
        Case(rank: "specialist", unit: "design", isAssigned: true, act: .productPrice, may: false),
        Case(rank: "specialist", unit: "operations", isAssigned: true, act: .eventPlace, may: true),
        Case(
            rank: "specialist", unit: "operations", isAssigned: false, act: .eventPlace, may: false),
        Case(rank: "specialist", unit: "operations", isAssigned: true, act: .eventName, may: false),
        Case(rank: "supervisor", unit: "sales", isAssigned: true, act: .eventPlace, may: true),
        Case(rank: "manager", unit: nil, isAssigned: false, act: .eventName, may: true),
        Case(rank: "manager", unit: nil, isAssigned: false, act: .signUp, may: true),
        Case(rank: "director", unit: nil, isAssigned: false, act: .price, may: true),
        Case(rank: "director", unit: nil, isAssigned: false, act: .removeProduct, may: false),
        Case(rank: "manager", unit: nil, isAssigned: false, act: .hire, may: false),
    ]

    private func act(_ act: Act, in world: World, by writer: any EntryWriter) throws {
        func edit(_ id: Stamp, _ collection: String, _ field: String, _ value: Value) throws {
            try writer.edit(id, in: collection, field: field, to: value, settling: false)
        }
        switch act {
        case .signUp:
            try Acts.signUp(writer, event: world.event, booth: "A", name: "王", phone: nil)
        case .count:
            var count = Draft(Count.self)
            count[Count.store] = world.north
            _ = try writer.birth(count)
        case .product:
            var product = Draft(Product.self)
            product[Product.key] = "new"
            product[Product.title] = "新品"
            _ = try writer.birth(product)
        case .price:
            var price = Draft(Price.self)
            price[Price.product] = world.mug
            price[Price.amount] = Amount(minor: 1, currency: try #require(Currency("CNY")))
            price[Price.validFrom] = World.start
            _ = try writer.birth(price)
        case .productNote: try edit(world.mug, "product", "note", .text("热卖"))
        case .productPrice:
            let amount = Amount(minor: 1, currency: try #require(Currency("CNY")))
            try edit(world.mug, "product", "price", .amount(amount))
        case .eventPlace: try edit(world.event, "event", "place", .text("广场"))
        case .eventName: try edit(world.event, "event", "name", .text("五二路演"))
        case .removeProduct: try writer.remove(world.mug, in: "product")
        case .hire:
            var staff = Draft(Staff.self)
            staff[Staff.name] = "me"
            _ = try writer.birth(staff)
        }
    }

    @Test(arguments: cases) func `the laptop says at once what a duty does not cover`(
        one: Case
    ) throws {
        let world = try World()
        let person = try world.staff(
            "某人", rank: one.rank, unit: one.unit, stores: one.isAssigned ? [world.north] : [],
            events: one.isAssigned ? [world.event] : [])
        let laptop = try world.laptop(
            "L", people: [person], scopes: [world.north, world.event])
        try laptop.syncUntilQuiet()

        if one.may {
            try laptop.write { try act(one.act, in: world, by: $0) }
            // Head office is of the same mind.
            #expect(try laptop.sync().editsRefused == 0)
            #expect(try world.office.counts().matters == 0)
        } else {
            #expect(throws: ChangeFault.refused(.notAllowed)) {
                try laptop.write { try act(one.act, in: world, by: $0) }
            }
            #expect(try laptop.book.status().unanswered == 0)
        }
    }

    @Test func `a right lost while offline: facts stay, with a matter, and edits are refused`()
        throws
    {
        let world = try World()
        let person = try world.staff(
            "赵强", rank: "specialist", unit: "operations", events: [world.event])
        let laptop = try world.laptop("L", people: [person], scopes: [world.event])
        try laptop.syncUntilQuiet()

        try laptop.write { try act(.signUp, in: world, by: $0) }
        try laptop.write { try act(.eventPlace, in: world, by: $0) }
        try world.unassign(person)
        let outcome = try laptop.sync()
        try laptop.syncUntilQuiet()

        #expect(outcome.editsRefused == 1)
        #expect(try world.office.counts().records["signup"] == 1)
        #expect(try world.office.counts().matters == 1)
        let place = try world.office.read { try $0.record(world.event, in: "event")?[Event.place] }
        #expect(place == nil)
        // The laptop shows the served value again, and why.
        let shown = try laptop.book.read { try $0.record(world.event, in: "event")?[Event.place] }
        #expect(shown == nil)
        #expect(
            try laptop.book.readInbox().map(\.reason) == [RefusalReason.notAllowed.rawValue])
        // From now on it says so at once.
        #expect(throws: ChangeFault.refused(.notAllowed)) {
            try laptop.write { try act(.signUp, in: world, by: $0) }
        }
        #expect(try laptop.sync().differingScopes.isEmpty)
    }

    @Test func `a right that is given back holds at once`() throws {
        let world = try World()
        let person = try world.staff("赵强", rank: "promoter", events: [])
        let laptop = try world.laptop("L", people: [person], scopes: [world.event])
        try laptop.syncUntilQuiet()
        #expect(throws: ChangeFault.refused(.notAllowed)) {
            try laptop.write { try act(.signUp, in: world, by: $0) }
        }

        _ = try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
            var assignment = Draft(Assignment.self)
            assignment[Assignment.person] = person
            assignment[Assignment.event] = world.event
            return try writer.birth(assignment)
        }
        try laptop.syncUntilQuiet()
        try laptop.write { try act(.signUp, in: world, by: $0) }
        try laptop.syncUntilQuiet()

        #expect(try world.office.counts().matters == 0)
    }

    @Test func `a laptop that writes itself a right, or another scope, has neither`() throws {
        let world = try World()
        let promoter = try world.staff("赵强", rank: "promoter", events: [])
        let laptop = try world.laptop("L", people: [promoter], scopes: [world.event, world.north])
        try laptop.syncUntilQuiet()
        let organisation = try world.office.read { $0.organisation }
        func stamp(_ number: Int64) -> Stamp {
            Stamp(milliseconds: 92_000_000_000 + number, node: 66)
        }
        // A client that does not ask its own book first.
        let changes: [Change] = [
            .birth(
                Birth(
                    id: stamp(1), collection: Assignment.definition.tag, scope: organisation,
                    fields: [
                        FieldValue(Assignment.person.tag, promoter.value),
                        FieldValue(Assignment.event.tag, world.event.value),
                    ])),
            // It moves the north's stock, and says that this is everybody's affair.
            .birth(
                Birth(
                    id: stamp(2), collection: Movement.definition.tag, scope: organisation,
                    fields: [
                        FieldValue(Movement.store.tag, world.north.value),
                        FieldValue(Movement.product.tag, world.mug.value),
                        FieldValue(Movement.quantity.tag, .integer(5)),
                        FieldValue(Movement.kind.tag, .text("receipt")),
                    ])),
            .edit(
                Edit(
                    stamp: stamp(3), record: world.event, collection: Event.definition.tag,
                    field: Event.note.tag, value: .text("mine"), replaces: [world.event])),
        ]
        let verdicts = try laptop.post(changes, person: promoter)

        #expect(verdicts.refused.map(\.reason) == [RefusalReason.notAllowed.rawValue])
        let note = try world.office.read { try $0.record(world.event, in: "event")?[Event.note] }
        #expect(note == nil)
        // The assignment is not theirs to write; the movement neither, nor is it where it says.
        #expect(try world.office.counts().matters == 3)
    }

    @Test func `an entry in the name of somebody who is not on the laptop has nobody's rights`()
        throws
    {
        let world = try World()
        let promoter = try world.staff("赵强", rank: "promoter", events: [world.event])
        let manager = try #require(world.people["张敏"])
        let laptop = try world.laptop("L", people: [promoter], scopes: [world.event])
        try laptop.syncUntilQuiet()

        // A manager's name, written by a book that was tampered with.
        for act in [Act.signUp, .eventName] {
            laptop.clock.pass(milliseconds: 10)
            try laptop.book.write(
                person: manager, clock: laptop.clock.reading(), keys: laptop.keys
            ) {
                try self.act(act, in: world, by: $0)
            }
        }
        #expect(try laptop.sync().editsRefused == 1)

        #expect(try world.office.counts().records["signup"] == 1)
        #expect(try world.office.counts().matters == 1)
        let name = try world.office.read { try $0.record(world.event, in: "event")?[Event.name] }
        #expect(name == "五一路演")
    }

    @Test func `who was taken off the laptop while it was offline is known to head office`() throws
    {
        let world = try World()
        let person = try world.staff("赵强", rank: "promoter", events: [world.event])
        let laptop = try world.laptop("L", people: [person], scopes: [world.event])
        try laptop.syncUntilQuiet()
        try laptop.write { try act(.signUp, in: world, by: $0) }
        try laptop.syncUntilQuiet()

        try world.office.setPeople(of: "L", to: [])
        laptop.clock.pass(milliseconds: 10)
        try laptop.book.write(
            person: person, clock: laptop.clock.reading(), keys: laptop.keys
        ) {
            try act(.signUp, in: world, by: $0)
        }
        try laptop.syncUntilQuiet()

        #expect(try world.office.counts().records["signup"] == 2)
        #expect(try world.office.counts().matters == 1)
        #expect(try laptop.book.people() == [])
    }
}
