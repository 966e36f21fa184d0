import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Applies entries to head office's state inside one transaction: records, feed, digests, heads, matters.
///
/// The sequence and the digests are written by ``flush()``, the last act before the commit, so that nothing
/// is ever skipped.
final class Applying {
    let db: Database
    let records: RecordStore
    let view: OfficeView
    private(set) var sequence: Int64
    private var digests: [Stamp: Digest] = [:]

    init(_ db: Database, _ tables: RecordTables) throws {
        self.db = db
        records = RecordStore(db, tables)
        view = try OfficeView(db, tables)
        sequence = try Int64.fetchOne(db, sql: "SELECT sequence FROM _book") ?? 0
    }

    /// What a failed posting must give back.
    struct Mark {
        fileprivate let sequence: Int64
        fileprivate let digests: [Stamp: Digest]
    }

    var mark: Mark { Mark(sequence: sequence, digests: digests) }

    func goBack(to mark: Mark) {
        sequence = mark.sequence
        digests = mark.digests
    }

    func flush() throws {
        for (scope, digest) in digests {
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO _digest (scope, digest, count) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET digest = excluded.digest, count = excluded.count
                    """)
            try statement.execute(arguments: [scope.rawValue, blob(digest.bytes), digest.count])
        }
        try db.execute(sql: "UPDATE _book SET sequence = ?", arguments: [sequence])
    }

    /// Where an entry came from.
    struct Source {
        /// 0 for head office itself.
        let laptop: Int64
        let posting: UInt64
        /// Nil for head office, which may write everywhere.
        let scopes: Set<Stamp>?
        let happening: Happening
        let arrived: Moment
    }

    enum Outcome {
        case recorded(refused: Judgement.RefusedChange?)
        case nameTaken
    }

    func apply(_ entry: Entry, from source: Source) throws -> Outcome {
        if try isTaken(entry) { return .nameTaken }
        for change in entry.changes where try isTaken(change) { return .nameTaken }
        // Births are never refused, and the rules for the rest may look at them.
        for case .birth(let birth) in entry.changes { try apply(birth, entry, source) }
        let judgement = try Judge(view: view, scopes: source.scopes) { [view] id, tag in
            try view.held(id, tag: tag)
        }.judge(entry)
        if judgement.refused == nil {
            for change in entry.changes {
                switch change {
                case .birth: continue
                case .edit(let edit): try apply(edit, source)
                case .removal(let removal): try apply(removal)
                }
            }
        }
        for matter in judgement.matters { try note(matter) }
        try keep(entry, source)
        return .recorded(refused: judgement.refused)
    }

    /// The organisation's own record: its id is its scope.
    func foundOrganisation(_ draft: Draft, id: Stamp, clock: ClockReading) throws {
        let table = records.tables[draft.collection]
        let birth = Birth(
            id: id, collection: table.definition.tag, scope: id, fields: draft.fields)
        let entry = Entry(number: 1, person: nil, clock: clock, changes: [.birth(birth)])
        _ = try apply(
            entry,
            from: Source(
                laptop: 0, posting: 0, scopes: nil,
                happening: Happening(at: clock.wall, uncertaintyMilliseconds: 0),
                arrived: clock.wall))
        try db.execute(sql: "UPDATE _book SET next_entry = 2")
    }

    // MARK: - Changes

    /// Whether an entry is known that wrote stamps among these.
    private func isTaken(_ entry: Entry) throws -> Bool {
        guard let first = entry.changes.first?.stamp, let last = entry.changes.last?.stamp else {
            return false
        }
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM (
                  SELECT last FROM _entry WHERE node = :node AND first <= :last
                  ORDER BY first DESC LIMIT 1
                ) WHERE last >= :first
                """)
        return try Row.fetchOne(
            statement,
            arguments: ["node": first.node, "first": first.rawValue, "last": last.rawValue])
            != nil
    }

    private func isTaken(_ change: Change) throws -> Bool {
        switch change {
        case .birth(let birth):
            // Whatever its collection, and removed ones too: the feed has a row for every record.
            let statement = try db.cachedStatement(sql: "SELECT 1 FROM _feed WHERE record = ?")
            return try Row.fetchOne(statement, arguments: [birth.id.rawValue]) != nil
        case .edit(let edit):
            return try Row.fetchOne(
                db,
                sql: "SELECT 1 FROM _history WHERE record = ? AND field = ? AND stamp = ?",
                arguments: [edit.record.rawValue, Int64(edit.field), edit.stamp.rawValue]) != nil
        case .removal(let removal):
            return try Row.fetchOne(
                db, sql: "SELECT 1 FROM _removal WHERE record = ? AND stamp = ?",
                arguments: [removal.record.rawValue, removal.stamp.rawValue]) != nil
        }
    }

    private func apply(_ birth: Birth, _ entry: Entry, _ source: Source) throws {
        let record = Record(
            id: birth.id, collection: birth.collection, scope: birth.scope, by: entry.person,
            at: source.happening.at, fields: birth.fields)
        try records.insert(record)
        try change(birth.scope) { $0.add(record) }
        try feed(record, origin: source.laptop)
    }

    private func apply(_ edit: Edit, _ source: Source) throws {
        guard let old = try view.held(edit.record, tag: edit.collection) else { return }
        let heads = FieldHistory(db, record: old, field: edit.field)
        let merged = try heads.take(edit, time: min(edit.stamp.moment, source.arrived))
        var new = old
        new.fields.set(edit.field, merged.shown?.value)
        new.heads.removeAll { $0.tag == edit.field }
        if let shown = merged.shown, merged.map(\.stamp) != [old.id] {
            new.heads.append(
                FieldHeads(
                    tag: edit.field, shown: shown.stamp,
                    others: merged.filter { $0.stamp != shown.stamp }
                        .map { FieldHeads.Other(stamp: $0.stamp, value: $0.value) }))
            new.heads.sort { $0.tag < $1.tag }
        }
        try show(new, over: old)
    }

    private func apply(_ removal: Removal) throws {
        guard let old = try view.held(removal.record, tag: removal.collection) else { return }
        try db.execute(
            sql: "INSERT INTO _removal (record, stamp, seen) VALUES (?, ?, ?)",
            arguments: [removal.record.rawValue, removal.stamp.rawValue, blob(removal.seen)])
        try show(old, over: old)
    }

    /// Writes the new present state: live, or a tombstone when a removal saw every head.
    private func show(_ new: Record, over old: Record) throws {
        let removals = try Row.fetchAll(
            db, sql: "SELECT seen FROM _removal WHERE record = ?", arguments: [new.id.rawValue]
        ).map { stamps($0.bytes(0) ?? []) }
        let presence = Presence(heads: new.allHeads, removals: removals)
        if let live = try records.record(old.id, tag: old.collection) {
            try change(old.scope) { $0.remove(live) }
        }
        if presence == .removed {
            try records.delete(old)
            try db.execute(
                sql: "INSERT OR REPLACE INTO _tombstone (id, collection, state) VALUES (?, ?, ?)",
                arguments: [
                    new.id.rawValue, Int64(new.collection), blob(Canonical.bytes(of: new)),
                ])
        } else {
            try db.execute(
                sql: "DELETE FROM _tombstone WHERE id = ?", arguments: [new.id.rawValue])
            try records.put(new)
            try change(new.scope) { $0.add(new) }
        }
        if presence == .keptByUnseenEdit {
            try note(Judgement.Matter(kind: "removedButEdited", record: new.id))
        }
        try feed(new, origin: 0)
    }

    // MARK: - What is kept beside

    private func keep(_ entry: Entry, _ source: Source) throws {
        guard let first = entry.changes.first?.stamp, let last = entry.changes.last?.stamp else {
            return
        }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO _entry (node, first, last, laptop, number, posting, person, wall,
                  monotonic, boot, at, uncertainty, arrived, sequence, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            first.node, first.rawValue, last.rawValue, source.laptop, entry.number,
            Int64(source.posting), entry.person?.rawValue, entry.clock.wall.milliseconds,
            entry.clock.monotonicMilliseconds, Int64(bitPattern: entry.clock.boot),
            source.happening.at.milliseconds, source.happening.uncertaintyMilliseconds,
            source.arrived.milliseconds, sequence, blob(sha256(Canonical.bytes(of: entry))),
        ])
    }

    private func note(_ matter: Judgement.Matter) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO _matter (kind, record, sequence) VALUES (?, ?, ?)",
            arguments: [matter.kind, matter.record.rawValue, sequence])
    }

    private func feed(_ record: Record, origin: Int64) throws {
        sequence += 1
        let delete = try db.cachedStatement(sql: "DELETE FROM _feed WHERE record = ?")
        try delete.execute(arguments: [record.id.rawValue])
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO _feed (scope, sequence, record, collection, origin)
                VALUES (?, ?, ?, ?, ?)
                """)
        try insert.execute(arguments: [
            record.scope.rawValue, sequence, record.id.rawValue, Int64(record.collection), origin,
        ])
    }

    private func change(_ scope: Stamp, _ body: (inout Digest) -> Void) throws {
        if digests[scope] == nil {
            let row = try Row.fetchOne(
                db, sql: "SELECT digest, count FROM _digest WHERE scope = ?",
                arguments: [scope.rawValue])
            digests[scope] =
                row.flatMap { Digest(bytes: $0.bytes(0) ?? [], count: $0[1]) } ?? Digest()
        }
        body(&digests[scope, default: Digest()])
    }
}

/// The known edits of one field of one record, kept by head office for people and for heads.
private struct FieldHistory {
    private let db: Database
    private let record: Record
    private let field: UInt32

    init(_ db: Database, record: Record, field: UInt32) {
        self.db = db
        self.record = record
        self.field = field
    }

    /// Takes one more edit; returns the field's heads after it.
    func take(_ edit: Edit, time: Moment) throws -> [Head] {
        let isReplaced =
            try Row.fetchOne(
                db, sql: "SELECT 1 FROM _replaced WHERE record = ? AND field = ? AND stamp = ?",
                arguments: key + [edit.stamp.rawValue]) != nil
        let head = Head(stamp: edit.stamp, value: edit.value, time: time)
        let merged = FieldState.merged(
            try heads(), with: head, replacing: edit.replaces, isReplaced: isReplaced)
        try insert(head, isHead: false)
        try db.execute(
            sql: "UPDATE _history SET head = 0 WHERE record = ? AND field = ?", arguments: key)
        for head in merged {
            try db.execute(
                sql: """
                    UPDATE _history SET head = 1 WHERE record = ? AND field = ? AND stamp = ?
                    """,
                arguments: key + [head.stamp.rawValue])
        }
        for stamp in edit.replaces {
            try db.execute(
                sql: "INSERT OR IGNORE INTO _replaced (record, field, stamp) VALUES (?, ?, ?)",
                arguments: key + [stamp.rawValue])
        }
        return merged
    }

    private var key: StatementArguments { [record.id.rawValue, Int64(field)] }

    /// The heads so far; before the first edit the birth, whose value is kept from now on.
    private func heads() throws -> [Head] {
        let known = try Row.fetchAll(
            db,
            sql: "SELECT stamp, value, time, head FROM _history WHERE record = ? AND field = ?",
            arguments: key)
        guard known.isEmpty else {
            return try known.compactMap { row in
                guard row[3], let stamp = row.stamp(0) else { return nil }
                return Head(
                    stamp: stamp, value: try Canonical.value(row.bytes(1) ?? []),
                    time: Moment(milliseconds: row[2]))
            }
        }
        let birth = Head(
            stamp: record.id, value: record.fields.value(field),
            time: min(record.id.moment, record.at))
        try insert(birth, isHead: true)
        return [birth]
    }

    private func insert(_ head: Head, isHead: Bool) throws {
        try db.execute(
            sql: """
                INSERT INTO _history (record, field, stamp, value, time, head)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: key + [
                head.stamp.rawValue, blob(Canonical.bytes(of: head.value)),
                head.time.milliseconds, isHead,
            ])
    }
}
