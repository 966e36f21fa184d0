import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Testing
import World

/// Books that are copies, were put back, or differ: each heals, and only what is missing travels.
@Suite struct HealingTests {
    @Test func `three differing records of two thousand cost a few of them, not all`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        for batch: UInt8 in 0..<4 {
            _ = try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
                for number in 0..<500 {
                    try Acts.signUp(
                        writer, event: world.event, booth: "B", name: "王", phone: nil,
                        note: hexadecimal(
                            sha256([batch, UInt8(number % 250), UInt8(number / 250)])))
                }
            }
        }
        let whole = try anna.heal().bytes
        try anna.book.pool.write { db in
            let ids = try Int64.fetchAll(db, sql: "SELECT id FROM signup ORDER BY id")
            try db.execute(sql: "DELETE FROM signup WHERE id = ?", arguments: [ids[100]])
            try db.execute(
                sql: "UPDATE signup SET note = 'rotten' WHERE id IN (?, ?)",
                arguments: [ids[900], ids[1_700]])
        }
        try anna.book.recount(world.event)

        let (repair, bytes) = try anna.heal()

        #expect(repair.mended == 3)
        #expect(repair.unmended.isEmpty)
        #expect(bytes < whole / 10, "\(bytes) of \(whole)")
        #expect(try anna.sync().differingScopes.isEmpty)
        #expect(
            try anna.book.recomputedDigests()[world.event]
                == world.office.recomputedDigests()[world.event])
    }

    @Test func `what a laptop has and head office lost without a trace is handed back`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        let signup = try world.office.write(person: nil, clock: world.officeClock.reading()) {
            try Acts.signUp($0, event: world.event, booth: "kept", name: "王", phone: nil)
        }
        try anna.syncUntilQuiet()
        try world.office.pool.write { db in
            for sql in [
                "DELETE FROM signup WHERE id = ?", "DELETE FROM _feed WHERE record = ?",
                "DELETE FROM _entry WHERE first = ?",
            ] { try db.execute(sql: sql, arguments: [signup.rawValue]) }
        }
        try anna.book.recount(world.event)
        let digest = try #require(try world.office.recomputedDigests()[world.event])
        try world.office.pool.write { db in
            try db.execute(
                sql: "UPDATE _digest SET digest = ?, count = ? WHERE scope = ?",
                arguments: [
                    Data(digest.bytes), digest.count, world.event.rawValue,
                ])
        }

        let repair = try anna.heal().repair
        try anna.syncUntilQuiet()

        #expect(repair.handedBack == 1)
        let back = try world.office.read { try $0.record(signup, in: "signup") }
        #expect(back?[SignUp.booth] == "kept")
        // Its name was for head office alone: that is told.
        #expect(back?.fields.value(SignUp.name.tag)?.isSealed == true)
        #expect(try world.office.recovery().nameless == 1)
        #expect(try world.office.recovery().regained == 1)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `postings and frames are kept until a backup holds them`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        _ = try anna.signUp("one")
        try anna.syncUntilQuiet()
        #expect(try anna.book.status().kept > 1)

        let backup = try world.office.backUp(to: world.folder.path + "/backup")
        try anna.syncUntilQuiet()

        #expect(try anna.book.status().kept == 0)
        #expect(backup.records > 0)
        let again = try OfficeStore.verify(
            path: world.folder.path + "/backup", catalogue: world.catalogue)
        #expect(again == backup)
    }

    /// The newest backup is unreadable, and an older one takes its place: what only the newest had is gone.
    @Test func `what a restored head office cannot get back is told`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        let old = world.folder.path + "/old.daybook"
        _ = try world.office.backUp(to: old)
        for name in ["one", "two", "three"] { _ = try anna.signUp(name) }
        try anna.syncUntilQuiet()
        _ = try world.office.backUp(to: world.folder.path + "/unreadable.daybook")
        try anna.syncUntilQuiet()
        _ = try anna.signUp("four")
        try anna.syncUntilQuiet()

        let restored = try OfficeStore.open(path: old, catalogue: world.catalogue)
        world.pass(seconds: 60, anna)
        try restored.beginRun(world.officeClock)
        _ = try anna.signUp("five")
        for _ in 0..<6 {
            #expect(try anna.book.status().unanswered <= 2)
            try anna.sync(with: restored)
        }

        let recovery = try restored.recovery()
        #expect(recovery.base != nil)
        #expect(recovery.missing.map(\.first) == [1])
        #expect(recovery.missing.map(\.last) == [3])
        #expect(try anna.book.status().unanswered == 0)
        let held = try restored.read { view in
            var names: [String] = []
            try view.forEach(in: "signup") { names.append($0[SignUp.name] ?? "") }
            return names.sorted()
        }
        // The entries are gone; the laptop still had the records, and handed them back, without the names that it did
        // not keep for itself.
        #expect(held == ["", "", "", "five", "four"])
        #expect(recovery.nameless == 3)
        #expect(recovery.withoutEntry == 3)
    }

    @Test func `who has come since a restore is not waited for, though nothing was to be returned`()
        throws
    {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 9)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        let path = world.folder.path + "/old.daybook"
        let backup = try world.office.backUp(to: path)
        world.pass(seconds: 60, anna, ben)
        try OfficeStore.noteRestored(
            backup, path: path, catalogue: world.catalogue, at: world.officeClock.reading().wall)
        let restored = try OfficeStore.open(path: path, catalogue: world.catalogue)
        try restored.beginRun(world.officeClock)
        #expect(try restored.recovery().awaited == ["anna", "ben"])

        try anna.sync(with: restored)

        #expect(try restored.recovery().awaited == ["ben"])
    }

    /// Last night's backup, and a day's work of two laptops since: entries, an edit, a dispute, a removal.
    @Test func `a head office restored from a backup has everything again`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 4)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        func count(_ laptop: Laptop) throws -> Stamp {
            try laptop.write { writer in
                var draft = Draft(Count.self)
                draft[Count.store] = world.north
                return try writer.birth(draft)
            }
        }
        let old = try count(anna)
        for laptop in [anna, ben, anna] { try laptop.syncUntilQuiet() }
        let backup = world.folder.path + "/backup"
        _ = try world.office.backUp(to: backup)
        let new = try count(ben)
        try anna.write { try $0.remove(old, in: "count") }
        for (laptop, text) in [(anna, "A"), (ben, "B")] {
            laptop.clock.pass(milliseconds: 300)
            try laptop.write {
                try $0.edit(
                    world.mug, in: "product", field: "note", to: .text(text), settling: false)
            }
        }
        for laptop in [anna, ben, anna] { try laptop.syncUntilQuiet() }
        let before = try anna.book.servedRecords().mapValues { Canonical.bytes(of: $0) }

        let restored = try OfficeStore.open(path: backup, catalogue: world.catalogue)
        world.pass(seconds: 60, anna, ben)
        try restored.beginRun(world.officeClock)
        for laptop in [anna, ben, anna, ben] { try laptop.sync(with: restored) }

        for laptop in [anna, ben] {
            #expect(
                try laptop.book.servedRecords().mapValues { Canonical.bytes(of: $0) } == before)
        }
        let (held, gone, note) = try restored.read { view in
            (
                try view.record(new, in: "count"), try view.record(old, in: "count"),
                try view.record(world.mug, in: "product")
            )
        }
        #expect(held != nil)
        #expect(gone == nil)
        #expect(note?.disputes.count == 1)
        #expect(try restored.read { try $0.provenance(of: new)?.laptop } == "ben")
        #expect(try restored.recovery().missing.isEmpty)
    }

    @Test func `a laptop whose enrolment is lost is taken back by its certificate`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        _ = try anna.signUp("one")
        let identity = try anna.book.identity()
        try world.office.pool.write { db in
            for table in [
                "_laptop_scope", "_laptop_person", "_laptop_key", "_incarnation", "_laptop",
            ] {
                try db.execute(sql: "DELETE FROM \(table) WHERE 1")
            }
        }
        #expect(throws: Refusal.self) {
            try world.office.readmit(
                Enrol(certificate: identity.certificate, catalogue: 1),
                secret: [UInt8](repeating: 1, count: 32))
        }

        try world.office.readmit(
            Enrol(certificate: identity.certificate, catalogue: 1),
            secret: identity.secret)
        let id = try #require(try world.office.laptopID(secret: identity.secret))
        #expect(try world.office.scopes(of: "anna").contains(world.event))
        #expect(id > 0)
    }
}
