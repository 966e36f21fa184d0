import DaybookModel
import DaybookProtocol
import GRDB

/// The known edits of one field of one record, kept by head office for people and for heads.
struct FieldHistory {
    private let db: Database
    private let record: Record
    private let field: UInt32

    init(_ db: Database, record: Record, field: UInt32) {
        self.db = db
        self.record = record
        self.field = field
    }

    /// Takes one more edit; returns the field's heads after it.
    ///
    /// - Parameter isForgotten: a state that came back knew it, and it was no head any more.
    func take(
        _ edit: Edit, by person: Stamp?, time: Moment, sequence: Int64, isForgotten: Bool
    ) throws -> [Head] {
        let isReplaced = try isForgotten || isReplaced(edit.stamp)
        let time = min(time, try self.time(of: edit.stamp) ?? time)
        let head = Head(stamp: edit.stamp, value: edit.value, by: person, time: time)
        let merged = FieldState.merged(
            try heads(), with: head, replacing: edit.replaces, isReplaced: isReplaced)
        try insert(head, sequence: sequence)
        try mark(merged)
        for stamp in edit.replaces {
            try db.run(
                cached: "INSERT OR IGNORE INTO _replaced (record, field, stamp) VALUES (?, ?, ?)",
                arguments: key + [stamp.rawValue])
        }
        return merged
    }

    func isReplaced(_ stamp: Stamp) throws -> Bool {
        try Row.fetchOne(
            db, cached: "SELECT 1 FROM _replaced WHERE record = ? AND field = ? AND stamp = ?",
            arguments: key + [stamp.rawValue]) != nil
    }

    /// Makes these, which are all known, the field's heads.
    func mark(_ heads: [Head]) throws {
        try db.run(
            cached: "UPDATE _history SET head = 0 WHERE record = ? AND field = ?", arguments: key)
        for head in heads {
            try db.run(
                cached: """
                    UPDATE _history SET head = 1 WHERE record = ? AND field = ? AND stamp = ?
                    """,
                arguments: key + [head.stamp.rawValue])
        }
    }

    /// The sequence at which an edit is known here; the birth's is 0.
    func sequence(of stamp: Stamp) throws -> Int64 {
        try Int64.fetchOne(
            db,
            cached: "SELECT sequence FROM _history WHERE record = ? AND field = ? AND stamp = ?",
            arguments: key + [stamp.rawValue]) ?? 0
    }

    /// An edit's time is fixed once: that of a state which came back stands, though its entry is accepted later.
    private func time(of stamp: Stamp) throws -> Moment? {
        try Int64.fetchOne(
            db, cached: "SELECT time FROM _history WHERE record = ? AND field = ? AND stamp = ?",
            arguments: key + [stamp.rawValue]
        ).map(Moment.init(milliseconds:))
    }

    /// A head with what is known of it here, when its value names a person and is not said.
    func read(_ head: Head) throws -> Head {
        guard head.value?.isSealed ?? false else { return head }
        let row = try Row.fetchOne(
            db, cached: "SELECT value FROM _history WHERE record = ? AND field = ? AND stamp = ?",
            arguments: key + [head.stamp.rawValue])
        let value = try row.map { try Canonical.value($0.bytes(0) ?? []) } ?? head.value
        return Head(stamp: head.stamp, value: value, by: head.by, time: head.time)
    }

    private var key: StatementArguments { [record.id.rawValue, Int64(field)] }

    /// The heads so far; before the first edit the birth, whose value is kept from now on.
    func heads() throws -> [Head] {
        let known = try Row.fetchAll(
            db,
            cached:
                "SELECT stamp, value, time, head, by FROM _history WHERE record = ? AND field = ?",
            arguments: key)
        guard known.isEmpty else {
            return try known.compactMap { row in
                guard row[3], let stamp = row.stamp(0) else { return nil }
                return Head(
                    stamp: stamp, value: try Canonical.value(row.bytes(1) ?? []), by: row.stamp(4),
                    time: Moment(milliseconds: row[2]))
            }
        }
        let birth = Head(
            stamp: record.id, value: record.fields.value(field), by: record.by,
            time: min(record.id.moment, record.at))
        try insert(birth, sequence: 0)
        try mark([birth])
        return [birth]
    }

    /// Keeps an edit, or what is known of it; what an entry says stands over what a state said.
    func insert(_ head: Head, sequence: Int64, isRegained: Bool = false) throws {
        try db.run(
            cached: """
                INSERT INTO _history
                  (record, field, stamp, value, by, time, head, sequence, regained)
                VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)
                ON CONFLICT DO UPDATE SET time = min(time, excluded.time),
                  value = iif(regained, excluded.value, value),
                  by = iif(regained, excluded.by, by),
                  sequence = iif(regained, excluded.sequence, sequence),
                  regained = iif(regained, excluded.regained, 0)
                """,
            arguments: key + [
                head.stamp.rawValue, blob(Canonical.bytes(of: head.value)),
                head.by?.rawValue, head.time.milliseconds, sequence, isRegained,
            ])
    }
}
