import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Testing
import World

/// What users of other products in this field complain of, as they would meet it on a laptop. A name says what
/// happened to whom there; the test shows that it does not happen here.
@Suite struct LaptopComplaints {
    func move(_ laptop: Laptop, _ quantity: Int64 = 1) throws -> Stamp {
        try laptop.write {
            try Acts.move(
                $0, store: laptop.world.north, product: laptop.world.mug, quantity: quantity,
                kind: "receipt")
        }
    }

    func note(_ laptop: Laptop, _ text: String) throws {
        try laptop.write {
            try $0.edit(
                laptop.world.mug, in: "product", field: "note", to: .text(text), settling: false)
        }
    }

    func noteShown(_ laptop: Laptop) throws -> String? {
        try laptop.book.read { try $0.record(laptop.world.mug, in: "product")?[Product.note] }
    }

    func stock(_ laptop: Laptop) throws -> Int64 {
        let keys = [laptop.world.north.value, laptop.world.mug.value]
        return try laptop.book.read { try $0.fold("stockOnHand", keys) }
    }

    func stock(_ world: World) throws -> Int64 {
        let keys = [world.north.value, world.mug.value]
        return try world.office.read { try $0.fold("stockOnHand", keys) }
    }

    func synced(_ world: World, _ name: String = "anna", seed: UInt64 = 3) throws -> Laptop {
        let laptop = try world.laptop(
            name, person: "李娜", scopes: [world.north, world.event], seed: seed)
        try laptop.syncUntilQuiet()
        return laptop
    }

    /// https://github.com/powersync-ja/powersync.dart/issues/253
    @Test(arguments: 0..<8)
    func `a writer's own edits went back to older values on a flaky reconnect`(cut: Int) throws {
        let world = try World()
        let anna = try synced(world)
        let ben = try synced(world, "ben", seed: 4)
        try note(ben, "of ben")
        try ben.syncUntilQuiet()
        try note(anna, "of anna")
        let moved = try move(anna)

        // The line comes and goes; at no moment does she see less than she wrote.
        for _ in 0..<3 {
            try anna.sync(cutAfter: cut)
            #expect(try noteShown(anna) == "of anna")
            #expect(try anna.book.read { try $0.record(moved, in: "movement") } != nil)
            try anna.sync(cutRequestAfter: max(1, cut))
            #expect(try noteShown(anna) == "of anna")
        }
        try anna.syncUntilQuiet()

        #expect(try noteShown(anna) == "of anna")
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    /// https://github.com/powersync-ja/powersync-js/issues/622
    @Test func `a writer's own entry was nowhere to be read between its posting and the feed`()
        throws
    {
        let world = try World()
        let anna = try synced(world)
        let moved = try move(anna)
        var exchange = try LaptopExchange(book: anna.book, clock: anna.clock.reading())

        for frame in try world.answer(to: try exchange.request(), laptop: anna.laptopID) {
            try exchange.receive(frame)
            let record = try anna.book.read { try $0.record(moved, in: "movement") }
            #expect(record != nil, "gone after \(frame.kind)")
            #expect(try stock(anna) == 1)
        }
    }

    /// https://github.com/owncloud/client/issues/3466
    @Test(arguments: 1..<6)
    func `a queue of uploads stood still for ever after the line was cut`(cut: Int) throws {
        let world = try World()
        let anna = try synced(world)
        for round in 0..<4 {
            _ = try move(anna)
            if round.isMultiple(of: 2) {
                try anna.sync(cutRequestAfter: cut)
            } else {
                try anna.sync(cutAfter: cut - 1)
            }
        }
        #expect(try stock(anna) == 4)

        try anna.syncUntilQuiet()

        #expect(try !anna.book.hasUnanswered())
        #expect(try stock(world) == 4)
    }

    /// https://github.com/powersync-ja/powersync-js/issues/954
    @Test func `one difference in a checksum fetched everything again, in a loop`() throws {
        let world = try World()
        let anna = try synced(world)
        for batch in 0..<4 {
            _ = try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
                for number in 0..<500 {
                    try Acts.signUp(
                        writer, event: world.event, booth: "B", name: "王", phone: nil,
                        note: hexadecimal(sha256([UInt8(batch), UInt8(number % 250)])))
                }
            }
        }
        let whole = try anna.heal().bytes
        try anna.book.pool.write { db in
            let id = try Int64.fetchOne(db, sql: "SELECT max(id) FROM signup")
            try db.execute(sql: "UPDATE signup SET note = 'rotten' WHERE id = ?", arguments: [id])
        }
        try anna.book.recount(world.event)

        let first = try anna.heal()
        let second = try anna.heal()

        #expect(first.repair.mended == 1)
        #expect(first.bytes < whole / 10, "\(first.bytes) of \(whole)")
        #expect(second.repair.mended == 0)
        #expect(second.bytes < 1_000)
    }

    @Test func `a record deleted and made again in one offline stretch came out as neither`() throws
    {
        let world = try World()
        let anna = try synced(world)
        let ben = try synced(world, "ben", seed: 4)
        func count(_ note: String) throws -> Stamp {
            try anna.write { writer in
                var draft = Draft(Count.self)
                draft[Count.store] = world.north
                draft[Count.note] = note
                return try writer.birth(draft)
            }
        }
        let old = try count("first")
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        try anna.write { try $0.remove(old, in: "count") }
        let new = try count("second")
        try anna.write { try $0.remove(new, in: "count") }
        let last = try count("third")
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        for laptop in [anna, ben] {
            let shown = try laptop.book.read { view in
                var shown: [Stamp] = []
                try view.forEach(in: "count") { shown.append($0.id) }
                return shown
            }
            #expect(shown == [last])
            #expect(try laptop.sync().differingScopes.isEmpty)
        }
    }

    /// https://github.com/medic/cht-core/issues/5108
    @Test func `seven entries were stuck for six hours and the screen said all is well`() throws {
        let world = try World()
        let anna = try synced(world)
        for _ in 0..<7 { _ = try move(anna) }
        world.pass(seconds: 6 * 3_600, anna)
        // The line is up, exchanges begin, and nothing of it comes through.
        try anna.sync(cutRequestAfter: 1)

        let status = try anna.book.status()

        #expect(status.unanswered == 7)
        let age = try #require(status.oldestUnansweredAge(now: anna.clock.reading()))
        #expect((6 * 3_600_000..<6 * 3_600_000 + 1_000).contains(age))
        // Even a clock that was set back in between does not make them young.
        anna.clock.setWall(World.start.adding(milliseconds: -86_400_000))
        #expect(status.oldestUnansweredAge(now: anna.clock.reading()) == age)
    }

    @Test(arguments: [false, true])
    func `an old device skipped a collection, moved its cursor on, and never got the rows`(
        isCut: Bool
    ) throws {
        let pledge = CollectionDefinition(
            "pledge", 900, .fact, scope: .of("store"), "Pledge", "认捐",
            fields: [
                FieldDefinition("store", 1, .reference("store"), "Store", "门店", isRequired: true),
                FieldDefinition("quantity", 2, .quantity, "How many", "数量"),
            ], folds: [FoldDefinition("pledged", keys: ["store"], .sum("quantity"))])
        let newer = Catalogue(
            version: Department.catalogue.version + 1,
            collections: Department.catalogue.collections + [pledge])
        let world = try World(catalogue: newer)
        let anna = try synced(world)
        let old = try world.laptop(
            "old", person: "王伟", scopes: [world.north], seed: 4, catalogue: Department.catalogue)
        try old.syncUntilQuiet()
        for quantity: Int64 in [3, 4] {
            try anna.write {
                _ = try $0.birth(
                    Draft(
                        collection: "pledge",
                        fields: [
                            FieldValue(1, world.north.value), FieldValue(2, .integer(quantity)),
                        ]))
            }
            try anna.syncUntilQuiet()
            if isCut { try old.sync(cutAfter: 2) }
            try old.syncUntilQuiet()
        }
        #expect(try old.sync().differingScopes.isEmpty)

        // Nothing is fetched again: it has been there all the time.
        let upgraded = try LaptopStore.open(path: old.book.path, catalogue: newer)

        #expect(try upgraded.read { try $0.fold("pledged", [world.north.value]) } == 7)
    }

    @Test(arguments: ["2027-05-01T00:00Z", "2091-01-01T00:00Z"])
    func `a laptop whose clock was a year ahead won every dispute`(wall: String) throws {
        let world = try World()
        let anna = try synced(world)
        let ben = try synced(world, "ben", seed: 4)
        anna.clock.setWall(try #require(Moment(text: wall)))
        try note(anna, "from the future")
        world.pass(seconds: 60, anna, ben)
        try anna.syncUntilQuiet()
        world.pass(seconds: 60, anna, ben)
        try note(ben, "later")
        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()

        #expect(try noteShown(anna) == "later")
        let held = try anna.book.read { try $0.record(world.mug, in: "product") }
        #expect(held?.disputes.count == 1)
    }

    @Test
    func `an edit made between a posting and its acknowledgement was wiped out by the answer`()
        throws
    {
        let world = try World()
        let anna = try synced(world)
        let count = try anna.write { writer in
            var draft = Draft(Count.self)
            draft[Count.store] = world.north
            return try writer.birth(draft)
        }
        var exchange = try LaptopExchange(book: anna.book, clock: anna.clock.reading())
        let answer = try world.answer(to: try exchange.request(), laptop: anna.laptopID)
        try anna.write {
            try $0.edit(count, in: "count", field: "note", to: .text("meanwhile"), settling: false)
        }

        for frame in answer { try exchange.receive(frame) }
        let note = try anna.book.read { try $0.record(count, in: "count")?[Count.note] }
        #expect(note == "meanwhile")
        try anna.syncUntilQuiet()

        #expect(
            try world.office.read { try $0.record(count, in: "count")?[Count.note] } == "meanwhile")
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    /// https://github.com/odoo/odoo/pull/288974
    @Test func `a sale paid offline was overwritten by head office's draft of it`() throws {
        let world = try World()
        let anna = try synced(world)
        let count = try anna.write { writer in
            var draft = Draft(Count.self)
            draft[Count.store] = world.north
            return try writer.birth(draft)
        }
        try anna.syncUntilQuiet()
        // Offline it is finished on the laptop, and touched at head office, both in one field.
        let finished = world.officeClock.reading().wall
        try anna.write {
            try $0.edit(
                count, in: "count", field: "finished_at", to: finished.value, settling: false)
            try Acts.sell(
                $0, store: world.north, lines: [.init(product: world.mug, quantity: 2)],
                payment: "wechat")
        }
        world.pass(seconds: 60, anna)
        try world.office.write(person: nil, clock: world.officeClock.reading()) {
            try $0.edit(
                count, in: "count", field: "finished_at", to: World.start.value, settling: false)
        }
        try anna.syncUntilQuiet()

        let (held, sales) = try world.office.read { view in
            var sales = 0
            try view.forEach(in: "sale") { _ in sales += 1 }
            return (try view.record(count, in: "count"), sales)
        }
        #expect(sales == 1)
        let dispute = try #require(held?.disputes.first)
        let values = [held?.fields.value(dispute.tag)] + dispute.others.map(\.value)
        #expect(Set(values) == [finished.value, World.start.value])
        // A sale itself is a fact: nobody has a draft of it to write over it with.
        let sale = try #require(try world.office.read { try $0.latest(in: "sale") })
        #expect(throws: ChangeFault.refused(.factIsNeverEdited)) {
            try world.office.write(person: nil, clock: world.officeClock.reading()) {
                try $0.edit(sale, in: "sale", field: "payment", to: .text("x"), settling: false)
            }
        }
    }

    @Test func `a synchronisation mended something and did so again at every start`() throws {
        let world = try World()
        let anna = try synced(world)
        _ = try move(anna, 5)
        try anna.syncUntilQuiet()
        try anna.book.pool.write { db in
            try db.execute(sql: "UPDATE movement SET quantity = 500")
        }
        try anna.book.recount(world.north)
        #expect(try anna.heal().repair.mended == 1)
        #expect(try stock(anna) == 5)

        for _ in 0..<3 {
            let book = try LaptopStore.open(path: anna.book.path, catalogue: world.catalogue)
            var exchange = try LaptopExchange(book: book, clock: anna.clock.reading())
            for frame in try world.answer(to: exchange.request(), laptop: anna.laptopID) {
                try exchange.receive(frame)
            }
            let outcome = try exchange.outcome()
            #expect(outcome.differingScopes.isEmpty)
            #expect(outcome.pagesStaged == 0)
            #expect(!outcome.more)
        }
    }

    @Test(arguments: 0..<7)
    func `an interrupted synchronisation lost its place and skipped rows from then on`(cut: Int)
        throws
    {
        let world = try World()
        let anna = try synced(world)
        let ben = try synced(world, "ben", seed: 4)
        for _ in 0..<3 {
            _ = try move(ben)
            try ben.syncUntilQuiet()
            try anna.sync(cutAfter: cut)
            // The process dies with the line.
            _ = try LaptopStore.open(path: anna.book.path, catalogue: world.catalogue)
        }
        try anna.syncUntilQuiet()

        #expect(try stock(anna) == 3)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `somebody else's database was silently overwritten`() throws {
        let world = try World()
        let path = world.folder.path + "/other.sqlite"
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))

        #expect(throws: BookFault.foreign(path: path)) {
            try LaptopStore.open(path: path, catalogue: world.catalogue)
        }
        // Nor by making a book where it lies.
        let enrolled = Enrolled(
            organisation: try world.office.read { $0.organisation }, incarnation: 5, node: 5,
            laptop: "x", secret: [1], people: [], certificate: [],
            officeKey: try world.office.key.publicKey,
            sealingKey: try world.office.key.sealingKey)
        let key = try DeviceKey(bytes: [UInt8](repeating: 1, count: DeviceKey.sizeBytes))
        #expect(throws: BookFault.exists(path: path)) {
            try LaptopStore.create(
                path: path, catalogue: world.catalogue, enrolled: enrolled, key: key,
                office: "x")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
}

extension BookView {
    func latest(in collection: String) throws -> Stamp? {
        var latest: Stamp?
        try forEach(in: collection) { latest = max(latest ?? $0.id, $0.id) }
        return latest
    }
}
