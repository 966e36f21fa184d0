import DaybookModel
import DaybookOperations
import DaybookStorage
import Foundation
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
                    DROP TABLE _matter; DROP TABLE _due; DROP TABLE _unjudged;
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

    /// The department without decisions, as a release knew it that came before them.
    private static let narrow = Catalogue(
        version: 1,
        collections: Department.catalogue.collections.filter {
            !["decision", "outcome"].contains($0.name)
        })

    @Test func `a decision that an older head office kept unread counts after its upgrade`() throws
    {
        let world = try World(catalogue: Self.narrow)
        let event = try world.office.write(person: nil, clock: world.officeClock.reading()) {
            var event = Draft(Event.self)
            event[Event.name] = "六一活动"
            event[Event.stage] = "plan"
            let id = try $0.birth(event)
            var step = Draft(Step.self)
            step[Step.kind] = "event.approved"
            step[Step.order] = 0
            step[Step.rank] = "director"
            _ = try $0.birth(step)
            return id
        }
        let person = try world.staff("吴总监", rank: "director")
        let director = try world.laptop(
            "wu", people: [person], scopes: [event], seed: 22, catalogue: Department.catalogue)
        try director.syncUntilQuiet()
        let decision = try director.write {
            try Decisions.decide($0, about: event, asks: "approved", agrees: true, why: nil)
        }
        try director.syncUntilQuiet()
        #expect(try world.office.read { try $0.record(event, in: "event")?[Event.stage] } == "plan")
        let path = world.folder.appendingPathComponent("upgraded.daybook").path
        _ = try world.office.backUp(to: path)

        // One whose entry is not here is nobody's, and so not head office's either.
        let orphan = world.folder.appendingPathComponent("orphan.daybook").path
        try FileManager.default.copyItem(atPath: path, toPath: orphan)
        let queue = try DatabaseQueue(path: orphan)
        try queue.write { db in
            try db.execute(
                sql: "DELETE FROM _entry WHERE node = ? AND first <= ? AND last >= ?",
                arguments: [decision.node, decision.rawValue, decision.rawValue])
        }
        try queue.close()
        let office = try OfficeStore.open(path: orphan, catalogue: Department.catalogue)
        try office.beginRun(world.officeClock)
        #expect(try office.read { try $0.record(event, in: "event")?[Event.stage] } == "plan")

        for _ in 0..<2 {
            let office = try OfficeStore.open(path: path, catalogue: Department.catalogue)
            try office.beginRun(world.officeClock)

            let (stage, result, outcomes) = try office.read { view in
                var outcomes = 0
                try view.forEach(in: "outcome") { _ in outcomes += 1 }
                return (
                    try view.record(event, in: "event")?[Event.stage],
                    try Decisions.result(of: decision, view), outcomes
                )
            }
            #expect(stage == "approved")
            #expect(result == "moved")
            // Decided once, however often it starts.
            #expect(outcomes == 1)
        }
    }
}
