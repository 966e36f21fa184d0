import DaybookModel
import DaybookProtocol
import GRDB

extension LaptopStore {
    /// Stamps entries of a posting anew, whose names head office holds with other content, and puts them before
    /// all that waits. Head office takes no later posting of that chain: what was sealed since waits again.
    func rename(
        _ db: Database, _ numbers: Set<Int64>, of posting: Int64
    ) throws {
        // The node is shared with a copy: another makes this the last time.
        try db.run(cached: "UPDATE _book SET wants_node = 1, wants_incarnation = 1")
        try unseal(db)
        let sealed = try self.posting(db, posting)
        let renaming = try Renaming(db, tables, posting: posting, sealed.personal)
        for entry in sealed.posting.entries where numbers.contains(entry.number) {
            try renaming.rename(entry)
        }
        try renaming.renameInWaiting()
    }

    /// What head office has not answered waits to be sealed anew, in another chain. Entries that have other
    /// names since are gone from it, and leave no gap in its numbers.
    func unseal(_ db: Database) throws {
        let gone = try Int64.fetchAll(
            db,
            cached: """
                SELECT number FROM _entry WHERE name_taken = 1
                  AND posting IN (SELECT id FROM _posting WHERE answered IS NULL)
                ORDER BY number DESC
                """)
        for number in gone {
            try db.execute(
                sql: """
                    DELETE FROM _entry WHERE number = :number;
                    UPDATE _entry SET number = -(number - 1) WHERE number > :number;
                    UPDATE _entry SET number = -number WHERE number < 0;
                    UPDATE _pending SET entry = entry - 1 WHERE entry > :number;
                    UPDATE _book SET next_entry = next_entry - 1
                    """,
                arguments: ["number": number])
        }
        try db.execute(
            sql: """
                UPDATE _entry SET source = posting, posting = NULL, answered = NULL
                  WHERE posting IN (SELECT id FROM _posting WHERE answered IS NULL);
                UPDATE _posting SET answered = 0 WHERE answered IS NULL
                """)
    }
}

/// Gives entries of one posting new names, inside one transaction.
private final class Renaming {
    private let db: Database
    private let records: RecordStore
    private let overlaid: OverlaidRecords
    private let posting: Int64
    private let personal: PersonalPart?
    private let names: Names
    /// The last posting that was sealed before this.
    private let sealed: Int64
    /// Where the next renamed entry is put.
    private var next: Int64
    /// What was renamed just now.
    private var renamed: [Stamp: Stamp] = [:]
    private var placed: Set<Int64> = []

    init(
        _ db: Database, _ tables: RecordTables, posting: Int64, _ personal: PersonalPart?
    ) throws {
        self.db = db
        self.personal = personal
        self.posting = posting
        records = RecordStore(db, tables)
        overlaid = OverlaidRecords(records)
        names = Names(db, sealedIn: posting)
        sealed = try Int64.fetchOne(db, cached: "SELECT max(id) FROM _posting") ?? posting
        next =
            try Int64.fetchOne(
                db,
                cached: """
                    SELECT coalesce((SELECT min(number) FROM _entry WHERE answered IS NULL AND posting IS NULL), next_entry)
                    FROM _book
                    """) ?? 1
    }

    func rename(_ entry: Entry) throws {
        let isDone = try Bool.fetchOne(
            db, cached: "SELECT name_taken FROM _entry WHERE number = ? AND posting = ?",
            arguments: [entry.number, posting])
        guard isDone == false else { return }
        // It only names what is called otherwise now: its own names may be free.
        let isOnlyNaming = try entry.changes.contains { try $0.renamed(names.now) != $0 }
        try makeRoom()
        if isOnlyNaming { try putBack(entry) } else { try nameAnew(entry) }
        next += 1
    }

    private func putBack(_ entry: Entry) throws {
        try db.execute(
            sql: """
                UPDATE _entry SET number = :next, source = posting, posting = NULL, answered = NULL,
                  correction = 0, uncertainty = 0 WHERE number = :number AND posting = :posting;
                UPDATE _pending SET entry = :next WHERE entry = :number
                """,
            arguments: ["next": next, "number": entry.number, "posting": posting])
    }

    private func nameAnew(_ entry: Entry) throws {
        let seal = try entry.changes.first.flatMap { change in
            try KeptSeal.of(db, change.stamp) { personal?.sealed(counter: UInt64($0)) }
        }
        let entry = Entry(
            number: entry.number, person: entry.person, clock: entry.clock,
            changes: entry.changes, personalHash: seal?.sealed.hash ?? [])
        let node = entry.newNode
        for change in entry.changes {
            let new = Stamp(milliseconds: change.stamp.milliseconds, node: node)
            renamed[change.stamp] = new
            try db.run(
                cached: "INSERT OR REPLACE INTO _renamed (old, new, sealed) VALUES (?, ?, ?)",
                arguments: [change.stamp.rawValue, new.rawValue, sealed])
        }
        let changes = try entry.changes.map { (old: $0.stamp, new: try $0.renamed(names.now)) }
        for change in changes { try apply(change.new, was: change.old, of: entry) }
        for change in entry.changes { try uncover(change) }
        if let first = entry.changes.first?.stamp, let last = entry.changes.last?.stamp {
            try overlaid.showEarly(from: first, to: last, node: first.node)
        }
        try db.run(
            cached: "UPDATE _entry SET name_taken = 1, shown = 1 WHERE number = ? AND posting = ?",
            arguments: [entry.number, posting])
        try insert(entry, node: node)
        if let seal { try moveSeal(seal, of: entry) }
        placed.insert(next)
    }

    /// What waits names things as they are called now. What was sealed once is read from its posting, and named
    /// so when it is sealed again; here only what is shown of it changes.
    func renameInWaiting() throws {
        func name(_ stamp: Stamp, for own: Stamp) -> Stamp {
            stamp == own ? stamp : renamed[stamp] ?? stamp
        }
        let rows = try Row.fetchAll(
            db,
            cached: """
                SELECT \(EntryRange.columns) FROM _entry WHERE answered IS NULL AND posting IS NULL ORDER BY number
                """)
        for range in try rows.map(EntryRange.init) where !placed.contains(range.number) {
            for born in try overlaid.born(from: range.first, to: range.last, node: range.node) {
                let record = Record(
                    id: born.id, collection: born.collection, scope: name(born.scope, for: born.id),
                    by: born.by, at: born.at,
                    uncertaintyMilliseconds: born.uncertaintyMilliseconds,
                    fields: born.fields.renamed { name($0, for: born.id) },
                    heads: born.heads)
                if record != born { try overlaid.replace(record) }
            }
            let pending = try Row.fetchAll(
                db,
                cached: """
                    SELECT stamp, record, value, replaces, collection FROM _pending
                    WHERE stamp BETWEEN ? AND ? AND (stamp & \(Stamp.nodeMax)) = ?
                    """,
                arguments: [range.first.rawValue, range.last.rawValue, range.node])
            for row in pending {
                guard let own = row.stamp(0) else { continue }
                try renamePending(row) { name($0, for: own) }
            }
        }
    }

    // MARK: - Parts

    /// Moves the numbers of what waits by one; the entry comes before all of it, which may name what it wrote.
    private func makeRoom() throws {
        try db.execute(
            sql: """
                UPDATE _entry SET number = -(number + 1) WHERE number >= :first;
                UPDATE _entry SET number = -number WHERE number < 0;
                UPDATE _pending SET entry = entry + 1 WHERE entry >= :first;
                UPDATE _book SET next_entry = next_entry + 1
                """,
            arguments: ["first": next])
    }

    /// When it was written stays what it was; only its names are new.
    private func insert(_ entry: Entry, node: Int64) throws {
        let stamps = entry.changes.compactMap { renamed[$0.stamp] }
        try db.run(
            cached: """
                INSERT INTO _entry
                  (number, node, first, last, changes, person, wall, monotonic, boot)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                next, node, stamps.first?.rawValue, stamps.last?.rawValue, entry.changes.count,
                entry.person?.rawValue, entry.clock.wall.milliseconds,
                entry.clock.monotonicMilliseconds, Int64(bitPattern: entry.clock.boot),
            ])
    }

    /// What names persons in it is the same by whatever name; by the old one it is known again if it has to be named
    /// anew once more.
    private func moveSeal(_ seal: KeptSeal, of entry: Entry) throws {
        guard let old = entry.changes.first?.stamp else { return }
        let stamps = entry.changes.compactMap { renamed[$0.stamp] }
        try db.run(
            cached: """
                INSERT OR REPLACE INTO _sealed
                  (node, first, last, lock, counter, scope, hash, box, size)
                SELECT ?, ?, ?, lock, counter, scope, hash, ?, size FROM _sealed
                WHERE node = ? AND first = ?
                """,
            arguments: [
                stamps.first?.node, stamps.first?.rawValue, stamps.last?.rawValue,
                blob(seal.sealed.box), old.node, old.rawValue,
            ])
    }

    private func apply(_ change: Change, was old: Stamp, of entry: Entry) throws {
        switch change {
        case .birth(let birth): try move(birth, by: entry)
        case .edit, .removal: try lay(change, was: old)
        }
    }

    /// What it was laid over under the old name shows again as it was served.
    private func uncover(_ change: Change) throws {
        switch change {
        case .birth: return
        case .edit(let edit): try overlaid.overlay(edit.record, tag: edit.collection)
        case .removal(let removal): try overlaid.overlay(removal.record, tag: removal.collection)
        }
    }

    /// Lays an edit or removal on under its new name; what it was laid over may have gone in the meantime.
    private func lay(_ change: Change, was old: Stamp) throws {
        try db.run(cached: "DELETE FROM _pending WHERE stamp = ?", arguments: [old.rawValue])
        let (record, tag, field, value, named): (Stamp, UInt32, Int64, Value?, [Stamp])
        switch change {
        case .birth: return
        case .edit(let edit):
            (record, tag, field, value, named) = (
                edit.record, edit.collection, Int64(edit.field), edit.value, edit.replaces
            )
        case .removal(let removal):
            (record, tag, field, value, named) = (
                removal.record, removal.collection, 0, nil, removal.seen
            )
        }
        try db.run(
            cached: """
                INSERT INTO _pending (entry, stamp, record, collection, field, value, replaces)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                next, renamed[old]?.rawValue, record.rawValue, Int64(tag), field,
                blob(Canonical.bytes(of: value)), blob(named),
            ])
        if try overlaid.served(record) == nil, let held = try records.record(record, tag: tag) {
            try overlaid.keep(held)
        }
        try overlaid.overlay(record, tag: tag)
    }

    private func move(_ birth: Birth, by entry: Entry) throws {
        guard let new = renamed[birth.id] else { return }
        let shown = try records.record(birth.id, tag: birth.collection)
        let record = Record(
            id: new, collection: birth.collection,
            scope: birth.scope == birth.id ? new : birth.scope, by: entry.person,
            at: entry.clock.wall, fields: birth.fields)
        try db.run(
            cached: "UPDATE _pending SET record = ? WHERE record = ?",
            arguments: [new.rawValue, birth.id.rawValue])
        let pending = try Int.fetchOne(
            db, cached: "SELECT count(*) FROM _pending WHERE record = ?", arguments: [new.rawValue])
        if let shown { try records.delete(shown) }
        try db.run(cached: "DELETE FROM _served WHERE id = ?", arguments: [birth.id.rawValue])
        try setAside(new, tag: birth.collection)
        try records.insert(record)
        // Of a scope that was lost meanwhile, and of which nothing seemed to be left.
        try db.run(
            cached: "INSERT OR IGNORE INTO _scope (scope, lost) VALUES (?, 1)",
            arguments: [record.scope.rawValue])
        if pending ?? 0 > 0 {
            try overlaid.keep(record)
            try overlaid.overlay(new, tag: record.collection)
        }
    }

    /// A copy of this book has posted it by this name already: what is served of it waits for the verdict.
    private func setAside(_ id: Stamp, tag: UInt32) throws {
        guard let served = try overlaid.servedState(id, tag: tag) else { return }
        try overlaid.setEarly(served, id: id, tag: tag, in: served.scope)
        try db.run(cached: "DELETE FROM _served WHERE id = ?", arguments: [id.rawValue])
        if let shown = try records.record(id, tag: tag) { try records.delete(shown) }
    }

    /// Names inside one edit that waits: columns stamp, record, value, replaces, collection.
    private func renamePending(_ row: Row, _ name: (Stamp) -> Stamp) throws {
        guard let stamp = row.stamp(0), let record = row.stamp(1) else { return }
        let value = try Canonical.value(row.bytes(2) ?? [])
        let named = try Canonical.stamps(row.bytes(3) ?? [])
        let newValue = value.map { $0.renamed(name) }
        let newNamed = Set(named.map(name)).sorted()
        guard name(record) != record || newValue != value || newNamed != named else { return }
        try db.run(
            cached: "UPDATE _pending SET record = ?, value = ?, replaces = ? WHERE stamp = ?",
            arguments: [
                name(record).rawValue, blob(Canonical.bytes(of: newValue)), blob(newNamed),
                stamp.rawValue,
            ])
        try overlaid.overlay(name(record), tag: row[4])
        // What it was laid over shows again as it was served.
        if name(record) != record { try overlaid.overlay(record, tag: row[4]) }
    }
}
