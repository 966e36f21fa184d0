import DaybookModel
import DaybookOperations
import DaybookStorage
import GRDB
import Testing
import World

@Suite struct UpgradeSettlementTests {
    @Test func `a book of the release before is brought on, with what stood open in it`() throws {
        let world = try World()
        try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
            var event = Draft(Event.self)
            event[Event.name] = "已开始"
            event[Event.stage] = "running"
            _ = try writer.birth(event)
        }
        let path = world.folder.appendingPathComponent("old.daybook").path
        _ = try world.office.backUp(to: path)
        // As the release before kept matters: kind and record, noted as something arrived.
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(
                sql: """
                    DROP TABLE _matter; DROP TABLE _due;
                    CREATE TABLE _matter (
                      kind TEXT NOT NULL, record INTEGER NOT NULL, sequence INTEGER NOT NULL,
                      PRIMARY KEY (kind, record)
                    ) STRICT, WITHOUT ROWID;
                    INSERT INTO _matter VALUES ('notAllowed', \(world.mug.rawValue), 7);
                    PRAGMA user_version = 7;
                    """)
        }
        try queue.close()

        let office = try OfficeStore.open(path: path, catalogue: world.catalogue)

        let open = try office.matters(MatterFilter()).matters
        let noted = try #require(open.first { $0.matter.key.kind == "notAllowed" })
        #expect(noted.matter.key.about == [world.mug])
        #expect(noted.matter.choices.map(\.typed) == ["seen"])
        // What follows from the records was worked out on the way.
        #expect(open.contains { $0.matter.key.kind == "eventNotTold" })
    }
}
