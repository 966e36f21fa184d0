import DaybookModel
import DaybookProtocol
import GRDB

extension LaptopStore {
    /// Stamps entries of a posting anew, whose names head office holds with other content, and puts them at
    /// the head of what waits to be sealed.
    func rename(
        _ db: Database, _ numbers: Set<Int64>, of posting: Int64, clock: ClockReading
    ) throws {
        // The node is shared with a copy: another makes this the last time.
        try db.execute(sql: "UPDATE _book SET wants_node = 1")
        for entry in try entries(db, in: posting) where numbers.contains(entry.number) {
            let isDone = try Bool.fetchOne(
                db, sql: "SELECT name_taken FROM _entry WHERE number = ? AND posting = ?",
                arguments: [entry.number, posting])
            guard isDone == false else { continue }
            try Renaming(db, tables, clock: clock).rename(entry)
        }
    }
}

/// Gives one entry new names, inside its transaction.
private struct Renaming {
    private let db: Database
    private let records: RecordStore
    private let overlaid: OverlaidRecords
    private let clock: ClockReading

    init(_ db: Database, _ tables: RecordTables, clock: ClockReading) {
        self.db = db
        self.clock = clock
        records = RecordStore(db, tables)
        overlaid = OverlaidRecords(records)
    }

    func rename(_ entry: Entry) throws {
        let row = try Row.fetchOne(db, sql: "SELECT node, clock_last, next_entry FROM _book")
        guard let row, let node: Int64 = row[0] else { return }
        var stamps = StampClock(node: node, last: row[1])
        for change in entry.changes {
            try db.execute(
                sql: "INSERT OR REPLACE INTO _renamed (old, new) VALUES (?, ?)",
                arguments: [
                    change.stamp.rawValue, try stamps.draw(wall: clock.wall).rawValue,
                ])
        }
        let number = try makeRoom(next: row[2])
        for change in entry.changes { try apply(change, of: entry, number: number) }
        try renameInUnsealed()
        let names = try entry.changes.map { try renamed($0.stamp) }
        guard let first = names.first, let last = names.last else { return }
        try db.execute(
            sql: "UPDATE _entry SET name_taken = 1, shown = 1 WHERE number = ?",
            arguments: [entry.number])
        // When it was written stays what it was; only its names are new.
        try db.execute(
            sql: """
                INSERT INTO _entry
                  (number, node, first, last, changes, person, wall, monotonic, boot)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, node, first.rawValue, last.rawValue, entry.changes.count,
                entry.person?.rawValue, entry.clock.wall.milliseconds,
                entry.clock.monotonicMilliseconds, Int64(bitPattern: entry.clock.boot),
            ])
        try db.execute(sql: "UPDATE _book SET clock_last = ?", arguments: [stamps.last])
    }

    // MARK: - Parts

    private func renamed(_ stamp: Stamp) throws -> Stamp {
        let statement = try db.cachedStatement(sql: "SELECT new FROM _renamed WHERE old = ?")
        guard let new = try Row.fetchOne(statement, arguments: [stamp.rawValue])?.stamp(0) else {
            return stamp
        }
        // It may have been taken again.
        return try renamed(new)
    }

    private func renamed(_ value: Value) throws -> Value {
        guard let reference = value.reference else { return value }
        return .integer(try renamed(reference).rawValue)
    }

    private func renamed(_ fields: [FieldValue]) throws -> [FieldValue] {
        try fields.map { FieldValue($0.tag, try renamed($0.value)) }
    }

    /// Moves the numbers of what waits by one; the entry comes before all of it, which may name what it wrote.
    private func makeRoom(next: Int64) throws -> Int64 {
        let first =
            try Int64.fetchOne(db, sql: "SELECT min(number) FROM _entry WHERE posting IS NULL")
            ?? next
        try db.execute(
            sql: """
                UPDATE _entry SET number = -(number + 1) WHERE number >= :first;
                UPDATE _entry SET number = -number WHERE number < 0;
                UPDATE _pending SET entry = entry + 1 WHERE entry >= :first;
                UPDATE _book SET next_entry = next_entry + 1
                """,
            arguments: ["first": first])
        return first
    }

    private func apply(_ change: Change, of entry: Entry, number: Int64) throws {
        let new = try renamed(change.stamp)
        switch change {
        case .birth(let birth):
            try move(birth, to: new, of: entry)
        case .edit, .removal:
            try db.execute(
                sql: "UPDATE _pending SET stamp = ?, entry = ? WHERE stamp = ?",
                arguments: [new.rawValue, number, change.stamp.rawValue])
            guard db.changesCount == 0 else { return try renamePending(new) }
            // What it was laid over has gone in the meantime; it is still to be posted.
            try insertPending(change, new: new, number: number)
        }
    }

    private func move(_ birth: Birth, to new: Stamp, of entry: Entry) throws {
        let isEarly =
            try Row.fetchOne(
                db, sql: "SELECT 1 FROM _early WHERE id = ?", arguments: [birth.id.rawValue]) != nil
        let shown = try records.record(birth.id, tag: birth.collection)
        let record = Record(
            id: new, collection: birth.collection,
            scope: try birth.scope == birth.id ? new : renamed(birth.scope), by: entry.person,
            at: entry.clock.wall, fields: try renamed(birth.fields))
        let pending = try Row.fetchAll(
            db, sql: "SELECT stamp FROM _pending WHERE record = ?", arguments: [birth.id.rawValue])
        try db.execute(
            sql: "UPDATE _pending SET record = ? WHERE record = ?",
            arguments: [new.rawValue, birth.id.rawValue])
        for row in pending { if let stamp = row.stamp(0) { try renamePending(stamp) } }
        if isEarly {
            // The row of that name is another record by now, which head office serves.
            try db.execute(sql: "DELETE FROM _early WHERE id = ?", arguments: [birth.id.rawValue])
            if let shown, try isInAnother(birth) { try records.delete(shown) }
            try overlaid.overlay(birth.id, tag: birth.collection)
        } else {
            if let shown { try records.delete(shown) }
            try db.execute(sql: "DELETE FROM _served WHERE id = ?", arguments: [birth.id.rawValue])
        }
        try records.insert(record)
        if !pending.isEmpty {
            try overlaid.keep(record)
            try overlaid.overlay(new, tag: record.collection)
        }
    }

    /// Whether the other record of that name is of another collection, so that both have a row.
    private func isInAnother(_ birth: Birth) throws -> Bool {
        try records.tables.all.contains { table in
            try table.definition.tag != birth.collection
                && records.record(birth.id, in: table) != nil
        } || records.parked(birth.id) != nil
    }

    /// Names inside one pending edit.
    private func renamePending(_ stamp: Stamp) throws {
        let row = try Row.fetchOne(
            db, sql: "SELECT record, value, replaces FROM _pending WHERE stamp = ?",
            arguments: [stamp.rawValue])
        guard let row, let record = row.stamp(0) else { return }
        let value = try Canonical.value(row.bytes(1) ?? []).map(renamed)
        let named = try Canonical.stamps(row.bytes(2) ?? []).map(renamed)
        try db.execute(
            sql: "UPDATE _pending SET record = ?, value = ?, replaces = ? WHERE stamp = ?",
            arguments: [
                try renamed(record).rawValue, blob(Canonical.bytes(of: value)),
                blob(Set(named).sorted()), stamp.rawValue,
            ])
    }

    private func insertPending(_ change: Change, new: Stamp, number: Int64) throws {
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
        try db.execute(
            sql: """
                INSERT INTO _pending (entry, stamp, record, collection, field, value, replaces)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, new.rawValue, try renamed(record).rawValue, Int64(tag), field,
                blob(Canonical.bytes(of: try value.map(renamed))),
                blob(try Set(named.map(renamed)).sorted()),
            ])
        if try overlaid.served(record) == nil, let held = try records.record(record, tag: tag) {
            try overlaid.keep(held)
        }
        try overlaid.overlay(record, tag: tag)
    }

    /// What waits unsealed and was never sealed is read from the tables when it is: it names things as they are
    /// called now.
    private func renameInUnsealed() throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT \(EntryRange.columns) FROM _entry
                WHERE posting IS NULL AND source IS NULL ORDER BY number
                """)
        for row in rows {
            let range = try EntryRange(row)
            for born in try records.born(from: range.first, to: range.last, node: range.node) {
                var record = born
                record.fields = try renamed(born.fields)
                if record.fields != born.fields { try records.update(record) }
            }
            let pending = try Row.fetchAll(
                db,
                sql: """
                    SELECT stamp FROM _pending WHERE stamp BETWEEN ? AND ?
                      AND (stamp & \(Stamp.nodeMax)) = ?
                    """,
                arguments: [range.first.rawValue, range.last.rawValue, range.node])
            for row in pending { if let stamp = row.stamp(0) { try renamePending(stamp) } }
        }
    }
}
