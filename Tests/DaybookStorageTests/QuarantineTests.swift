import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// Law 1: what a revoked laptop still brings is neither recorded nor lost.
@Suite struct QuarantineTests {
    private func move(_ laptop: Laptop, _ world: World, _ quantity: Int64) throws {
        try laptop.write {
            try Acts.move(
                $0, store: world.north, product: world.mug, quantity: quantity, kind: "receipt")
        }
    }

    private func onHand(_ world: World) throws -> Int64 {
        try world.office.read {
            try $0.fold("stockOnHand", [world.north.value, world.mug.value])
        }
    }

    /// What a whole exchange of the laptop comes to.
    private func ask(_ laptop: Laptop, _ world: World) throws -> Refusal? {
        let exchange = try LaptopExchange(book: laptop.book, clock: laptop.clock.reading())
        let answer = try world.answer(to: exchange.request(), laptop: laptop.laptopID)
        guard answer.count == 1, case .refusal(let refusal) = try Message(answer[0]) else {
            return nil
        }
        return refusal
    }

    @Test func `what a revoked laptop brings is kept aside until a person says so`() throws {
        let world = try World()
        let laptop = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try laptop.syncUntilQuiet()
        try move(laptop, world, 5)
        try laptop.syncUntilQuiet()
        try move(laptop, world, 7)
        try world.office.revoke("anna")

        #expect(try ask(laptop, world)?.code == .revoked)
        #expect(try ask(laptop, world)?.code == .revoked)

        #expect(try onHand(world) == 5)
        let held = try world.office.quarantined()
        #expect(held.map(\.laptop) == ["anna"])
        #expect(held.map(\.posting.entries.count) == [1])

        let (release, scopes) = try world.office.release("anna")

        #expect(release == OfficeStore.Release(postings: 1, entries: 1))
        #expect(scopes == [world.north])
        #expect(try onHand(world) == 12)
        #expect(try world.office.quarantined().isEmpty)
        // What was recorded is not put aside again, and is recorded once.
        #expect(try ask(laptop, world)?.code == .revoked)
        #expect(try world.office.quarantined().isEmpty)
        #expect(try world.office.release("anna").release == OfficeStore.Release())
        #expect(try onHand(world) == 12)
    }

    @Test func `all that a revoked laptop has to say is kept, sixteen postings at a time`() throws {
        let world = try World()
        let laptop = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try laptop.syncUntilQuiet()
        for _ in 0..<20 {
            try move(laptop, world, 1)
            // Each is sealed by itself.
            _ = try laptop.book.postingsToSend(most: Limits.exchangePostingsMax + 4)
        }
        try world.office.revoke("anna")
        var kept: [UInt64] = []
        for _ in 0..<3 {
            let exchange = try LaptopExchange(
                book: laptop.book, clock: laptop.clock.reading(), after: kept.last ?? 0)
            let answer = try world.answer(to: exchange.request(), laptop: laptop.laptopID)
            guard case .refusal(let refusal)? = try answer.last.map(Message.init) else { return }
            kept.append(refusal.keptPosting)
        }

        #expect(kept == [kept[0], kept[0] + 4, 0])
        #expect(try world.office.release("anna").release.postings == 20)
        #expect(try onHand(world) == 20)
    }

    @Test func `who has the secret and not the key leaves nothing`() throws {
        let world = try World()
        let laptop = try world.laptop("anna", person: "李娜", scopes: [world.north])
        let other = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 8)
        for one in [laptop, other] { try one.syncUntilQuiet() }
        try move(other, world, 7)
        try world.office.revoke("anna")
        let known = try #require(
            try world.office.laptop(
                laptop.laptopID, incarnation: laptop.book.identity().incarnation))
        let exchange = try LaptopExchange(book: other.book, clock: other.clock.reading())
        var reader = FrameReader()
        for bytes in try exchange.request() { reader.append(bytes) }
        var stolen: [ReceivedPosting] = []
        while let frame = try reader.next() {
            if case .posting(let received) = try Message(frame) { stolen.append(received) }
        }
        let posting = IncomingPosting(
            laptop: known, received: try #require(stolen.first), sent: other.clock.reading(),
            arrived: world.officeClock.reading().wall)

        #expect(throws: Refusal.self) { try world.office.quarantine(posting) }

        #expect(try world.office.quarantined().isEmpty)
    }

    @Test func `a chain that was begun elsewhere stays aside with its reason`() throws {
        let world = try World()
        let laptop = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try laptop.syncUntilQuiet()
        let thief = try laptop.copy("stolen")
        try move(laptop, world, 5)
        try laptop.syncUntilQuiet()
        try move(thief, world, 1_000)
        try world.office.revoke("anna")
        #expect(try ask(thief, world)?.code == .revoked)

        let release = try world.office.release("anna").release

        #expect(release.postings == 0)
        #expect(release.refusal == RefusalCode.postingForked.rawValue)
        #expect(try world.office.quarantined().count == 1)
        #expect(try onHand(world) == 5)
    }
}
