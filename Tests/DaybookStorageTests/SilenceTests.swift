import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// What is shown says which laptops it may lack something of.
@Suite struct SilenceTests {
    private static let halfAnHour: Int64 = 1_800

    @Test
    func `a laptop that nothing came from for half an hour is silent, and the others are told`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event, world.north])
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 8)
        let far = try world.laptop("far", person: "张敏", scopes: [world.south], seed: 9)
        for laptop in [anna, ben, far] { try laptop.syncUntilQuiet() }
        let heard = world.officeClock.reading().wall

        world.pass(seconds: Self.halfAnHour + 1, anna, ben, far)
        try anna.syncUntilQuiet()

        // Of what both hold only: the organisation's scope is everybody's, and says nothing.
        #expect(
            try anna.book.silentLaptops()
                == [SilentLaptop(name: "ben", since: heard, scopes: [world.event])])
        let now = world.officeClock.reading().wall
        #expect(try world.office.silentLaptops(at: now).map(\.name) == ["ben", "far"])

        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()

        #expect(try anna.book.silentLaptops().isEmpty)
        #expect(try world.office.silentLaptops(at: now).map(\.name) == ["far"])
    }

    @Test func `who only waits for news is not silent, and who is out of service is not either`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 8)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        world.pass(seconds: Self.halfAnHour + 1, anna, ben)
        let now = world.officeClock.reading().wall

        world.office.noteAlive(anna.laptopID, at: now)
        try world.office.revoke("ben")

        #expect(try world.office.silentLaptops(at: now).isEmpty)
    }

    @Test func `after a start of head office nobody is silent before it can know`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        let again = try OfficeStore.open(path: world.office.path, catalogue: world.catalogue)
        let heard = world.officeClock.reading().wall

        // The book is told of a laptop once an hour: until then it may have come.
        let early = heard.adding(milliseconds: 3_600_000 + OfficeStore.silentMilliseconds)
        #expect(try again.silentLaptops(at: early).isEmpty)
        #expect(try again.silentLaptops(at: early.adding(milliseconds: 1)).map(\.name) == ["anna"])
    }
}
