import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Which stamps an entry wrote, and with what clocks.
struct EntryRange {
    let number: Int64
    let node: Int64
    let first: Stamp
    let last: Stamp
    let changes: Int
    let person: Stamp?
    let clock: ClockReading

    static let columns = "number, node, first, last, changes, person, wall, monotonic, boot"

    init(_ row: Row) throws {
        guard let first = row.stamp(2), let last = row.stamp(3) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an entry without stamps")
        }
        number = row[0]
        node = row[1]
        self.first = first
        self.last = last
        changes = row[4]
        person = row.stamp(5)
        clock = ClockReading(
            wall: Moment(milliseconds: row[6]), monotonicMilliseconds: row[7],
            boot: UInt64(bitPattern: row[8] as Int64))
    }
}

extension LaptopStore {
    public func postingsToSend(most: Int) throws -> [SealedPosting] {
        try transaction { db in
            var held = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM _posting WHERE answered IS NULL")
            while let count = held, count < most, try sealNext(db) { held = count + 1 }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT number, hash, frame FROM _posting WHERE answered IS NULL
                    ORDER BY number LIMIT ?
                    """,
                arguments: [most]
            ).map { row in
                SealedPosting(
                    number: UInt64(row[0] as Int64), hash: row.bytes(1) ?? [],
                    frame: row.bytes(2) ?? [])
            }
        }
    }

    public func hasUnanswered() throws -> Bool {
        try reading { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM _entry WHERE posting IS NULL)
                      OR EXISTS (SELECT 1 FROM _posting WHERE answered IS NULL)
                    """) ?? false
        }
    }

    /// Seals one posting of the oldest entries; false when none waits.
    private func sealNext(_ db: Database) throws -> Bool {
        let entries = try entriesToSeal(db)
        guard let first = entries.first, let last = entries.last else { return false }
        let book = try Row.fetchOne(
            db, sql: "SELECT incarnation, last_posting, last_posting_hash FROM _book")
        guard let book, let incarnation: Int64 = book[0] else {
            throw BookFault.damaged(path: path, detail: "no incarnation")
        }
        let number = (book[1] as Int64) + 1
        let sealed = try SealedPosting(
            Posting(
                incarnation: UInt64(bitPattern: incarnation), number: UInt64(number),
                previousHash: book.bytes(2) ?? [], catalogue: catalogue.version,
                entries: entries))
        try db.execute(
            sql: """
                INSERT INTO _posting (number, hash, frame, first_entry, last_entry)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                number, blob(sealed.hash), blob(sealed.frame), first.number, last.number,
            ])
        try db.execute(
            sql: "UPDATE _entry SET posting = ? WHERE number BETWEEN ? AND ?",
            arguments: [number, first.number, last.number])
        try db.execute(
            sql: "UPDATE _book SET last_posting = ?, last_posting_hash = ?",
            arguments: [number, blob(sealed.hash)])
        return true
    }

    /// The oldest unsealed entries of one node, as many as one posting should hold.
    private func entriesToSeal(_ db: Database) throws -> [Entry] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT \(EntryRange.columns) FROM _entry WHERE posting IS NULL
                ORDER BY number LIMIT ?
                """,
            arguments: [Limits.postingEntriesMax])
        let ranges = try rows.map(EntryRange.init)
        guard let node = ranges.first?.node else { return [] }
        var room = Limits.postingChangesMax
        let fitting = ranges.prefix { range in
            room -= range.changes
            return range.node == node && room >= 0
        }
        guard let first = fitting.first?.first, let last = fitting.last?.last else { return [] }
        let changes = try changes(db, from: first, to: last, node: node)
        var entries: [Entry] = []
        var size = 0
        var next = changes.startIndex
        for range in fitting {
            let end = changes[next...].firstIndex { $0.stamp > range.last } ?? changes.endIndex
            let own = Array(changes[next..<end])
            next = end
            guard own.count == range.changes else {
                throw BookFault.damaged(
                    path: path,
                    detail: "entry \(range.number) wrote \(range.changes), \(own.count) left")
            }
            size += own.reduce(0) { $0 + $1.sizeBytes }
            if !entries.isEmpty, size > Limits.postingBytesAim { break }
            entries.append(
                Entry(
                    number: range.number, person: range.person, clock: range.clock, changes: own))
        }
        return entries
    }

    /// What was written in a range of stamps, as it was written: births without their later edits.
    private func changes(
        _ db: Database, from first: Stamp, to last: Stamp, node: Int64
    ) throws -> [Change] {
        let records = RecordStore(db, tables)
        let overlaid = OverlaidRecords(records)
        let range: StatementArguments = [first.rawValue, last.rawValue, node]
        var changes: [Change] = try overlaid.born(from: first, to: last, node: node).map { state in
            .birth(
                Birth(
                    id: state.id, collection: state.collection, scope: state.scope,
                    fields: state.fields))
        }
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT stamp, record, collection, field, value, replaces FROM _pending
                WHERE stamp BETWEEN ? AND ? AND (stamp & \(Stamp.nodeMax)) = ?
                """,
            arguments: range)
        {
            changes.append(try pendingChange(row))
        }
        return changes.sorted { $0.stamp < $1.stamp }
    }

    private func pendingChange(_ row: Row) throws -> Change {
        guard let stamp = row.stamp(0), let record = row.stamp(1) else {
            throw BookFault.damaged(path: path, detail: "a pending edit without a name")
        }
        let field: Int64 = row[3]
        let named = stamps(row.bytes(5) ?? [])
        guard field != 0 else {
            return .removal(
                Removal(stamp: stamp, record: record, collection: row[2], seen: named))
        }
        return .edit(
            Edit(
                stamp: stamp, record: record, collection: row[2], field: UInt32(field),
                value: try Canonical.value(row.bytes(4) ?? []), replaces: named))
    }
}
