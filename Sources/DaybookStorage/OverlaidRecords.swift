import DaybookModel
import DaybookProtocol
import GRDB

/// A laptop's records: the served state, and what its own unanswered edits lay on top of it.
struct OverlaidRecords {
    let records: RecordStore
    private var db: Database { records.db }

    init(_ records: RecordStore) { self.records = records }

    /// The served state that is kept beside a record with pending edits.
    func served(_ id: Stamp) throws -> Record? {
        try Prepared(db, "SELECT state FROM _served WHERE id = ?")
            .first([.integer(id.rawValue)]) { try Canonical.record($0.bytes(0) ?? []) }
    }

    /// Keeps the served state beside the record from now on.
    func keep(_ record: Record) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO _served (id, state) VALUES (?, ?)")
        try statement.execute(arguments: [
            record.id.rawValue, blob(Canonical.bytes(of: record)),
        ])
    }

    /// For each field (0 for the record itself) the last edit that waits here, with the served heads that the
    /// first one of them replaced.
    func lastPending(_ id: Stamp) throws -> [UInt32: (stamp: Stamp, seen: [Stamp])] {
        let rows = try Prepared(
            db, "SELECT field, stamp, replaces FROM _pending WHERE record = ? ORDER BY entry, stamp"
        ).all([.integer(id.rawValue)]) {
            (UInt32($0.integer(0)), $0.stamp(1), try Canonical.stamps($0.bytes(2) ?? []))
        }
        guard !rows.isEmpty else { return [:] }
        let own = Set(rows.compactMap(\.1))
        var last: [UInt32: (stamp: Stamp, seen: [Stamp])] = [:]
        for (field, stamp, replaces) in rows {
            if let stamp { last[field] = (stamp, replaces.filter { !own.contains($0) }) }
        }
        return last
    }

    /// The served states of what was born in a range of stamps, also of what was removed here since.
    func born(from first: Stamp, to last: Stamp, node: Int64) throws -> [Record] {
        let rows = try records.born(from: first, to: last, node: node)
        let present = Set(rows.map(\.id))
        var states = try rows.map { try served($0.id) ?? $0 }
        for row in try Row.fetchAll(
            db,
            cached:
                "SELECT state FROM _served WHERE id BETWEEN ? AND ? AND (id & \(Stamp.nodeMax)) = ?",
            arguments: [first.rawValue, last.rawValue, node])
        {
            let record = try Canonical.record(row.bytes(0) ?? [])
            if !present.contains(record.id) { states.append(record) }
        }
        return states
    }

    /// The state as served: the one kept beside, else the row itself.
    func servedState(_ id: Stamp, tag: UInt32) throws -> Record? {
        try state(id, tag: tag).served
    }

    /// Takes a newly served state; nil for a tombstone. Pending edits stay on top.
    func serve(_ record: Record?, id: Stamp, tag: UInt32) throws {
        try serve(record, over: state(id, tag: tag), id: id, tag: tag)
    }

    /// A record's served state, and whether it is kept beside the row.
    enum State {
        case beside(Record)
        case row(Record?)

        var served: Record? {
            switch self {
            case .beside(let record): record
            case .row(let record): record
            }
        }
    }

    func state(_ id: Stamp, tag: UInt32) throws -> State {
        if let kept = try served(id) { return .beside(kept) }
        return .row(try records.record(id, tag: tag))
    }

    /// - Parameter old: ``state(_:tag:)`` as it is now.
    func serve(_ record: Record?, over old: State, id: Stamp, tag: UInt32) throws {
        if case .row(let held) = old {
            if let record, try !lastPending(id).isEmpty {
                // It was gone for a while; the laptop's own edits have waited.
                try keep(record)
                try overlay(id, tag: tag)
            } else if let record, let held {
                try records.put(record, over: held)
            } else if let record {
                try records.insert(record)
            } else if let held {
                try records.delete(held)
            }
            return
        }
        guard let record else {
            try db.run(cached: "DELETE FROM _served WHERE id = ?", arguments: [id.rawValue])
            if let held = try records.record(id, tag: tag) { try records.delete(held) }
            return
        }
        try db.run(
            cached: "UPDATE _served SET state = ? WHERE id = ?",
            arguments: [blob(Canonical.bytes(of: record)), id.rawValue])
        try overlay(id, tag: tag)
    }

    /// Writes an own birth over, what it refers to being called otherwise; edits stay on top.
    func replace(_ record: Record) throws {
        if try served(record.id) != nil {
            try db.run(
                cached: "UPDATE _served SET state = ? WHERE id = ?",
                arguments: [blob(Canonical.bytes(of: record)), record.id.rawValue])
            try overlay(record.id, tag: record.collection)
        } else {
            try records.put(record)
        }
    }

    /// Computes what the record shows anew: the served state with what is still pending.
    func overlay(_ id: Stamp, tag: UInt32) throws {
        guard var record = try served(id) else { return }
        let pending = try Row.fetchAll(
            db, cached: "SELECT field, value FROM _pending WHERE record = ? ORDER BY entry, stamp",
            arguments: [id.rawValue])
        var isRemoved = false
        for row in pending {
            let field: Int64 = row[0]
            if field == 0 {
                isRemoved = true
            } else {
                let value = try Canonical.value(row.bytes(1) ?? [])
                record.fields.set(UInt32(field), value)
                isRemoved = false
            }
        }
        if pending.isEmpty {
            try db.run(cached: "DELETE FROM _served WHERE id = ?", arguments: [id.rawValue])
        }
        if isRemoved {
            if let held = try records.record(id, tag: tag) { try records.delete(held) }
        } else {
            try records.put(record)
        }
    }

    /// Takes an entry's edits and removals off, and shows what is left.
    func settlePending(from first: Stamp, to last: Stamp, node: Int64) throws {
        let range: StatementArguments = [first.rawValue, last.rawValue, node]
        let condition = "WHERE stamp BETWEEN ? AND ? AND (stamp & \(Stamp.nodeMax)) = ?"
        let rows = try Row.fetchAll(
            db, cached: "SELECT DISTINCT record, collection FROM _pending \(condition)",
            arguments: range)
        guard !rows.isEmpty else { return }
        try db.run(cached: "DELETE FROM _pending \(condition)", arguments: range)
        for row in rows {
            if let id = row.stamp(0) { try overlay(id, tag: row[1]) }
        }
    }

    // MARK: - What is this book's own

    /// Whether an own entry wrote it that head office has not answered, or whose answer is not shown yet.
    func isOwnUnshown(_ id: Stamp) throws -> Bool {
        try Prepared(
            db,
            """
            SELECT last, shown FROM _entry WHERE node = ? AND first <= ?
            ORDER BY first DESC LIMIT 1
            """
        ).first([.integer(id.node), .integer(id.rawValue)]) {
            $0.integer(0) >= id.rawValue && $0.integer(1) == 0
        } ?? false
    }

    /// What is served under the name of an own entry that has no verdict yet.
    func early(_ id: Stamp) throws -> Record? {
        let statement = try db.cachedStatement(sql: "SELECT state FROM _early WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue])?.bytes(0)
            .map { try Canonical.record($0) }
    }

    /// Whether something is known of it: a state, or that it was removed.
    func isEarly(_ id: Stamp) throws -> Bool {
        try Prepared(db, "SELECT 1 FROM _early WHERE id = ?").finds([.integer(id.rawValue)])
    }

    func early(of scope: Stamp) throws -> [Record] {
        try Row.fetchAll(
            db, cached: "SELECT state FROM _early WHERE scope = ? AND state NOT NULL ORDER BY id",
            arguments: [scope.rawValue]
        ).map { try Canonical.record($0.bytes(0) ?? []) }
    }

    /// Keeps it beside until the verdict comes; nil when it was removed.
    func setEarly(_ record: Record?, id: Stamp, tag: UInt32, in scope: Stamp) throws {
        try db.run(
            cached:
                "INSERT OR REPLACE INTO _early (id, scope, collection, state) VALUES (?, ?, ?, ?)",
            arguments: [
                id.rawValue, scope.rawValue, Int64(tag),
                record.map { blob(Canonical.bytes(of: $0)) },
            ])
    }

    /// The entry of these stamps has its verdict: what was served meanwhile under its names is shown.
    func showEarly(from first: Stamp, to last: Stamp, node: Int64) throws {
        let waiting = try Row.fetchAll(
            db,
            cached: """
                SELECT id, collection, state FROM _early
                WHERE id BETWEEN ? AND ? AND (id & \(Stamp.nodeMax)) = ? ORDER BY id
                """,
            arguments: [first.rawValue, last.rawValue, node])
        for row in waiting {
            guard let id = row.stamp(0) else { continue }
            let state = try row.bytes(2).map { try Canonical.record($0) }
            try db.run(cached: "DELETE FROM _early WHERE id = ?", arguments: [id.rawValue])
            try serve(state, id: id, tag: row[1])
        }
    }
}
