import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// A laptop's own unanswered changes over what head office serves; each of these once went wrong.
@Suite struct OverlayTests {
    func note(_ laptop: Laptop, _ text: String) throws {
        try laptop.write {
            try $0.edit(
                laptop.world.mug, in: "product", field: "note", to: .text(text), settling: false)
        }
    }

    func count(_ laptop: Laptop) throws -> Stamp {
        try laptop.write { writer in
            var draft = Draft(Count.self)
            draft[Count.store] = laptop.world.north
            return try writer.birth(draft)
        }
    }

    /// An exchange whose answer is on the way while something is written here.
    func exchange(_ laptop: Laptop, meanwhile: () throws -> Void) throws {
        var exchange = try LaptopExchange(book: laptop.book, clock: laptop.clock.reading())
        let answer = try laptop.world.answer(
            to: try exchange.request(), laptop: laptop.laptopID)
        try meanwhile()
        for frame in answer { try exchange.receive(frame) }
    }

    @Test func `a second edit does not replace what its writer never saw`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.south], seed: 4)
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        try note(ben, "B")
        try ben.syncUntilQuiet()
        // Ben's edit is served while Anna's own is laid over it: she does not see it.
        try exchange(anna) { try note(anna, "A1") }
        #expect(
            try anna.book.read { try $0.record(world.mug, in: "product")?[Product.note] } == "A1")

        try note(anna, "A2")
        try anna.syncUntilQuiet()

        let held = try world.office.read { try $0.record(world.mug, in: "product") }
        let values = Set(
            [held?[Product.note]]
                + (held?.disputes.first?.others.map { $0.value.flatMap { String($0) } } ?? []))
        #expect(values == ["B", "A2"])
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `born, and removed before it was shown`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        let id = try count(anna)

        try exchange(anna) { try anna.write { try $0.remove(id, in: "count") } }
        #expect(try anna.book.read { try $0.record(id, in: "count") } == nil)
        try anna.syncUntilQuiet()

        #expect(try world.office.read { try $0.record(id, in: "count") } == nil)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `born, edited and removed before anything was posted`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        let id = try count(anna)
        try anna.write {
            try $0.edit(id, in: "count", field: "note", to: .text("x"), settling: false)
        }
        try anna.write { try $0.remove(id, in: "count") }

        try anna.syncUntilQuiet()

        #expect(try world.office.read { try $0.record(id, in: "count") } == nil)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `a regained scope of many pages has the laptop's own records too`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        for _ in 0..<3 {
            try anna.write { writer in
                for _ in 0..<900 {
                    try Acts.move(
                        writer, store: world.north, product: world.mug, quantity: 1,
                        kind: "receipt")
                }
            }
        }
        try anna.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [])
        try anna.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [world.north])
        // Cut after the first page, so that the rest goes on from a cursor.
        try anna.sync(cutAfter: 2)
        try anna.syncUntilQuiet()

        let stock = try anna.book.read {
            try $0.fold("stockOnHand", [world.north.value, world.mug.value])
        }
        #expect(stock == 2_700)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `a scope lost and given back across a cut keeps no ghosts`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 4)
        try ben.syncUntilQuiet()
        let id = try count(ben)
        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [])
        // The welcome says that it is lost; the line is cut before the moment.
        try anna.sync(cutAfter: 1)
        try ben.write { try $0.remove(id, in: "count") }
        try ben.syncUntilQuiet()
        try world.office.setScopes(of: "anna", to: [world.north])

        try anna.syncUntilQuiet()

        #expect(try anna.book.read { try $0.record(id, in: "count") } == nil)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `a thousand edits of one field offline are posted, and a removal after them`() throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        let id = try count(anna)
        for block in 0..<2 {
            try anna.write { writer in
                for number in 0..<600 {
                    try writer.edit(
                        id, in: "count", field: "note", to: .text("\(block)-\(number)"),
                        settling: false)
                }
            }
        }
        try anna.write { try $0.remove(id, in: "count") }

        try anna.syncUntilQuiet()

        #expect(try !anna.book.hasUnanswered())
        #expect(try world.office.read { try $0.record(id, in: "count") } == nil)
        #expect(try anna.sync().differingScopes.isEmpty)
    }
}
