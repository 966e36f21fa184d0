import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// What one laptop brings must not make a page that no other can read.
@Suite struct HostileFeedTests {
    private static func births(
        _ count: Int, from first: Int64, in scope: Stamp, collection: (Int) -> UInt32,
        fields: (Int) -> [FieldValue]
    ) -> [Change] {
        (0..<count).map { index in
            .birth(
                Birth(
                    id: Stamp(milliseconds: 92_000_000_000 + first + Int64(index), node: 66),
                    collection: collection(index), scope: scope, fields: fields(index)))
        }
    }

    @Test func `many collections that nobody knows are told in pages that can be read`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 8)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }

        for part in 0..<2 {
            _ = try anna.post(
                Self.births(
                    600, from: Int64(part) * 1_000, in: world.north,
                    collection: { UInt32(20_000 + part * 600 + $0) },
                    fields: { _ in [FieldValue(1, .integer(1))] }), person: anna.person)
        }
        try ben.syncUntilQuiet()

        #expect(
            try ben.book.servedRecords().values.filter { $0.collection >= 20_000 }.count == 1_200)
    }

    @Test func `a record of many fields after many of few is told in a page that can be read`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 8)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }

        for part in 0..<2 {
            _ = try anna.post(
                Self.births(
                    950, from: Int64(part) * 1_000, in: world.north, collection: { _ in 20_000 },
                    fields: { _ in (1...5).map { FieldValue($0, .integer(1)) } }),
                person: anna.person)
        }
        _ = try anna.post(
            Self.births(
                1, from: 5_000, in: world.north, collection: { _ in 20_000 },
                fields: { _ in (100...355).map { FieldValue($0, .integer(1)) } }),
            person: anna.person)
        try ben.syncUntilQuiet()

        #expect(
            try ben.book.servedRecords().values.filter { $0.collection == 20_000 }.count == 1_901)
    }
}
