import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// Postings as a bad line and bad clients bring them.
@Suite struct PostingTests {
    /// A laptop that has synced once and then written an entry.
    func laptopWithEntry(_ world: World, _ name: String = "anna") throws -> Laptop {
        let laptop = try world.laptop(name, person: "李娜", scopes: [world.north, world.event])
        try laptop.syncUntilQuiet()
        try laptop.write {
            try Acts.move($0, store: world.north, product: world.mug, quantity: 5, kind: "receipt")
        }
        return laptop
    }

    func stock(_ world: World) throws -> Int64 {
        try world.office.read { try $0.fold("stockOnHand", [world.north.value, world.mug.value]) }
    }

    func request(_ laptop: Laptop) throws -> [[UInt8]] {
        try LaptopExchange(book: laptop.book, clock: laptop.clock.reading()).request()
    }

    func refusal(_ frames: [Frame]) throws -> RefusalCode? {
        for frame in frames {
            if case .refusal(let refusal) = try Message(frame) { return refusal.code }
        }
        return nil
    }

    @Test func `sealed bytes are sent again as they are, whatever is written meanwhile`() throws {
        let world = try World()
        let anna = try laptopWithEntry(world)
        let sealed = try request(anna)[1]
        try anna.write {
            try Acts.move($0, store: world.north, product: world.mug, quantity: 1, kind: "receipt")
        }

        let next = try request(anna)

        #expect(next[1] == sealed)
        #expect(next.count == 4)
        try anna.syncUntilQuiet()
        #expect(try stock(world) == 6)
    }

    @Test
    func
        `a number with other content, a gap, and another's posting are refused and change nothing`()
        throws
    {
        let world = try World()
        let anna = try laptopWithEntry(world)
        try anna.syncUntilQuiet()
        let known = try #require(try anna.known())
        let before = try world.office.counts().sequence

        func tried(_ number: UInt64, previous: [UInt8], first: Int64, incarnation: UInt64) throws
            -> RefusalCode?
        {
            let birth = Birth(
                id: Stamp(milliseconds: 90_000_000_000, node: 99), collection: 12,
                scope: world.north, fields: [])
            let entry = Entry(
                number: first, person: nil, clock: anna.clock.reading(), changes: [.birth(birth)])
            let posting = try SealedPosting(
                Posting(
                    incarnation: incarnation, number: number, previousHash: previous, catalogue: 1,
                    entries: [entry]), key: anna.key)
            let request = try request(anna)
            return try refusal(
                world.answer(
                    to: [request[0], posting.frame, request[request.count - 1]],
                    laptop: anna.laptopID))
        }
        let hash = known.acknowledgedHash
        #expect(
            try tried(1, previous: [], first: 1, incarnation: known.incarnation) == .postingForked)
        #expect(
            try tried(9, previous: hash, first: 2, incarnation: known.incarnation) == .postingGap)
        #expect(
            try tried(2, previous: hash, first: 1, incarnation: known.incarnation) == .postingGap)
        #expect(
            try tried(2, previous: hash.reversed(), first: 2, incarnation: known.incarnation)
                == .postingForked)
        #expect(try tried(2, previous: hash, first: 2, incarnation: 1) == .notEnrolled)
        #expect(try world.office.counts().sequence == before)
    }

    @Test func `a record for a scope that the laptop does not hold is kept, as a matter`() throws {
        let world = try World()
        let anna = try laptopWithEntry(world)
        try world.office.setScopes(of: "anna", to: [world.event])

        try anna.syncUntilQuiet()

        #expect(try stock(world) == 5)
        #expect(try world.office.counts().matters == 1)
        #expect(try !anna.book.hasUnanswered())
    }

    @Test(arguments: [4, 12, 999] as [UInt32])
    func `a birth under a held name is not recorded over it`(collection: UInt32) throws {
        let world = try World()
        let anna = try laptopWithEntry(world)
        try anna.syncUntilQuiet()
        let verdicts = try anna.post(
            [
                .birth(
                    Birth(
                        id: world.mug, collection: collection,
                        scope: try world.office.read { $0.organisation },
                        fields: [FieldValue(1, .text("stolen")), FieldValue(2, .text("x"))]))
            ], person: nil)

        #expect(verdicts.nameTaken == [2])
        #expect(
            try world.office.read { try $0.record(world.mug, in: "product")?[Product.key] } == "mug"
        )
    }

    @Test(arguments: ["1970-01-01T00:00Z", "2090-01-01T00:00Z", "1900-01-01T00:00Z"])
    func `a clock wrong by decades loses nothing and wins no argument`(wall: String) throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.south], seed: 4)
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        anna.clock.setWall(try #require(Moment(text: wall)))
        try anna.write {
            try $0.edit(world.mug, in: "product", field: "note", to: .text("A"), settling: false)
        }
        world.pass(seconds: 3_600, anna, ben)
        try anna.syncUntilQuiet()
        world.pass(seconds: 60, anna, ben)
        try ben.write {
            try $0.edit(world.mug, in: "product", field: "note", to: .text("B"), settling: false)
        }
        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()

        let held = try anna.book.read { try $0.record(world.mug, in: "product") }
        #expect(held?[Product.note] == "B")
        #expect(held?.disputes.count == 1)
        #expect(try anna.sync().differingScopes.isEmpty)
        let history = try world.office.read {
            try $0.provenance(of: $0.history(of: world.mug, field: Product.note.tag)[1].stamp)
        }
        #expect(history != nil)

        // Set right again, the laptop takes a new node when its stamps had run ahead.
        anna.clock.setWall(world.officeClock.reading().wall)
        try anna.syncUntilQuiet()
        try anna.syncUntilQuiet()
        let id = try anna.write {
            try Acts.move($0, store: world.north, product: world.mug, quantity: 1, kind: "receipt")
        }
        let ahead = id.moment.since(world.officeClock.reading().wall)
        #expect(ahead < 86_400_000)
        try anna.syncUntilQuiet()
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `a removal that did not see an edit keeps the record, as a matter`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 4)
        try anna.syncUntilQuiet()
        let count = try anna.write { writer in
            var draft = Draft(Count.self)
            draft[Count.store] = world.north
            return try writer.birth(draft)
        }
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        try anna.write { try $0.remove(count, in: "count") }
        try ben.write {
            try $0.edit(count, in: "count", field: "note", to: .text("still here"), settling: false)
        }
        #expect(try anna.book.read { try $0.record(count, in: "count") } == nil)

        try anna.syncUntilQuiet()
        #expect(try world.office.read { try $0.record(count, in: "count") } == nil)
        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()

        for read in [
            try anna.book.read { try $0.record(count, in: "count") },
            try ben.book.read { try $0.record(count, in: "count") },
        ] { #expect(read?[Count.note] == "still here") }
        #expect(try world.office.counts().matters == 1)
        #expect(try anna.sync().differingScopes.isEmpty)
        #expect(try ben.sync().differingScopes.isEmpty)
    }
}
