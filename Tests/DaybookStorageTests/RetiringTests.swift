import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

@Suite struct RetiringTests {
    private func signUp(_ laptop: Laptop, _ name: String) throws {
        try laptop.write {
            try Acts.signUp($0, event: laptop.world.event, booth: nil, name: name, phone: nil)
        }
    }

    private func backUp(_ world: World, _ name: String) throws {
        _ = try world.office.backUp(to: world.folder.appendingPathComponent(name).path)
    }

    private func laptop(_ world: World) throws -> Laptop {
        let laptop = try world.laptop("L", person: "李娜", scopes: [world.event])
        try laptop.syncUntilQuiet()
        return laptop
    }

    @Test func `a laptop is safe to wipe only when head office and its backup hold everything`()
        throws
    {
        let world = try World()
        let laptop = try laptop(world)
        try signUp(laptop, "王")
        try world.office.retire("L", undo: false)
        // It hears of it while it posts; what was written offline is not lost by it.
        try laptop.syncUntilQuiet()
        #expect(try laptop.book.isRetiring())
        #expect(try world.office.counts().records["signup"] == 1)
        #expect(throws: BookRetiring.self) { try signUp(laptop, "too late") }
        try laptop.sync()
        #expect(try laptop.book.wipeReceipt() == nil)

        try backUp(world, "one")
        try laptop.sync()

        let receipt = try #require(try laptop.book.wipeReceipt())
        #expect(receipt.lastPosting == 1)
        #expect(try world.office.laptops().first?.wipeable != nil)
    }

    @Test func `what others write meanwhile does not put it off for ever`() throws {
        let world = try World()
        let laptop = try laptop(world)
        let other = try world.laptop("O", person: "王伟", scopes: [world.event], seed: 9)
        try other.syncUntilQuiet()
        try world.office.retire("L", undo: false)
        try laptop.syncUntilQuiet()
        try backUp(world, "one")
        try signUp(other, "陈")
        try other.syncUntilQuiet()
        try laptop.sync()

        #expect(try laptop.book.wipeReceipt() != nil)
    }

    @Test func `what is taken back is in service again, and the word is void`() throws {
        let world = try World()
        let laptop = try laptop(world)
        try world.office.retire("L", undo: false)
        try laptop.syncUntilQuiet()
        try backUp(world, "one")
        try laptop.sync()
        #expect(try laptop.book.wipeReceipt() != nil)

        try world.office.retire("L", undo: true)
        try laptop.syncUntilQuiet()
        #expect(try laptop.book.wipeReceipt() == nil)
        try signUp(laptop, "王")
        try laptop.syncUntilQuiet()
        #expect(try world.office.counts().records["signup"] == 1)
    }

    @Test func `the word does not outlive what it was given for`() throws {
        let world = try World()
        let laptop = try laptop(world)
        try world.office.retire("L", undo: false)
        try backUp(world, "before")
        try signUp(laptop, "王")
        try laptop.syncUntilQuiet()
        try backUp(world, "after")
        try laptop.sync()
        #expect(try laptop.book.wipeReceipt() != nil)

        // Head office loses its disk, and the later backup with it: the laptop has the only copy.
        let restored = try OfficeStore.open(
            path: world.folder.appendingPathComponent("before").path, catalogue: world.catalogue)
        try restored.beginRun(world.officeClock)
        var exchange = try LaptopExchange(book: laptop.book, clock: laptop.clock.reading())
        for frame in try world.answer(
            to: exchange.request(), laptop: laptop.laptopID, by: restored)
        where !exchange.isDone { try exchange.receive(frame) }
        #expect(try laptop.book.wipeReceipt() == nil)

        for _ in 0..<3 { try laptop.sync(with: restored) }
        #expect(try restored.counts().records["signup"] == 1)
        #expect(try laptop.book.wipeReceipt() == nil)
        _ = try restored.backUp(to: world.folder.appendingPathComponent("again").path)
        try laptop.sync(with: restored)
        // What it shows came back; the signed posting went with the lost backup, and that is not everything.
        #expect(try laptop.book.wipeReceipt() == nil)
    }

    @Test func `an older copy of the book is not told that it may be wiped`() throws {
        let world = try World()
        let laptop = try laptop(world)
        let copy = try laptop.copy("copy")
        let third = try laptop.copy("third")
        try signUp(laptop, "王")
        try laptop.syncUntilQuiet()
        try signUp(copy, "only here")
        try world.office.retire("L", undo: false)
        try backUp(world, "one")
        // It becomes a book of its own first, and posts what only it has.
        try copy.sync()
        #expect(try copy.book.wipeReceipt() == nil)
        try copy.syncUntilQuiet()
        #expect(try copy.book.wipeReceipt() == nil)
        try backUp(world, "two")
        try copy.sync()
        #expect(try copy.book.wipeReceipt() != nil)
        #expect(try world.office.laptops().first?.wipeable != nil)
        #expect(try world.office.counts().records["signup"] == 2)

        // Another copy brings more: head office does not go on saying that the laptop may be wiped.
        try signUp(third, "here too")
        try third.syncUntilQuiet()
        #expect(try world.office.laptops().first?.wipeable == nil)
    }

    @Test func `only head office's own signature counts, and only for the book as it is`() throws {
        let world = try World()
        let laptop = try laptop(world)
        try world.office.retire("L", undo: false)
        try laptop.syncUntilQuiet()
        let identity = try laptop.book.identity()
        for (key, last) in [(OfficeKey(bytes: [1]), UInt64(0)), (world.office.key, 7)] {
            var welcome = Welcome(
                catalogue: 1, officeTime: World.start, run: world.office.run.run,
                acknowledgedPosting: 0,
                terms: Terms(
                    scopes: try world.office.scopes(ofLaptop: laptop.laptopID), isRetiring: true))
            welcome.safeToWipe = try key.signed(
                WipeReceipt(
                    organisation: identity.organisation, incarnation: identity.incarnation,
                    lastPosting: last, hash: [], time: World.start)
            ).signature
            _ = try laptop.book.take(welcome, clock: laptop.clock.reading(), isOfFile: false)
            #expect(try laptop.book.wipeReceipt() == nil)
        }
    }
}
