import DaybookModel
import DaybookProtocol
import GRDB

/// The records of a book inside one transaction: collection tables, what is parked, and the folds, which
/// every way in and out keeps.
struct RecordStore {
    let db: Database
    let tables: RecordTables
    let due: DueSubjects

    init(_ db: Database, _ tables: RecordTables) {
        self.db = db
        self.tables = tables
        due = DueSubjects(db, tables)
    }

    func record(_ id: Stamp, in table: RecordTable) throws -> Record? {
        try Prepared(db, table.selectOneSQL).first([.integer(id.rawValue)], table.record)
    }

    /// A record of any collection, known or not.
    func record(_ id: Stamp, tag: UInt32) throws -> Record? {
        guard let table = tables[tag] else { return try parked(id) }
        return try record(id, in: table)
    }

    func parked(_ id: Stamp) throws -> Record? {
        try Prepared(db, "SELECT state FROM _parked WHERE id = ?")
            .first([.integer(id.rawValue)]) { try Canonical.record($0.bytes(0) ?? []) }
    }

    /// The collection that holds the id, when only the id is known.
    func find(_ id: Stamp) throws -> Record? {
        for table in tables.all {
            if let record = try record(id, in: table) { return record }
        }
        return try parked(id)
    }

    func insert(_ record: Record) throws {
        guard let table = tables[record.collection] else {
            let statement = try db.cachedStatement(
                sql: "INSERT INTO _parked (id, collection, scope, state) VALUES (?, ?, ?, ?)")
            try statement.execute(arguments: [
                record.id.rawValue, Int64(record.collection), record.scope.rawValue,
                blob(Canonical.bytes(of: record)),
            ])
            return
        }
        try Prepared(db, table.insertSQL).run([.integer(record.id.rawValue)] + table.cells(record))
        try fold(record, table.definition, sign: 1)
        try due.touch(record)
    }

    /// Writes a document's present state over its row: documents are in no fold.
    func update(_ record: Record) throws {
        guard let table = tables[record.collection] else {
            let statement = try db.cachedStatement(
                sql: "UPDATE _parked SET collection = ?, scope = ?, state = ? WHERE id = ?")
            try statement.execute(arguments: [
                Int64(record.collection), record.scope.rawValue,
                blob(Canonical.bytes(of: record)), record.id.rawValue,
            ])
            return
        }
        try Prepared(db, table.updateSQL).run(table.cells(record) + [.integer(record.id.rawValue)])
        try due.touch(record)
    }

    /// Inserts or updates; the folds follow.
    func put(_ record: Record) throws {
        guard let old = try self.record(record.id, tag: record.collection) else {
            return try insert(record)
        }
        try put(record, over: old)
    }

    /// - Parameter old: the record as it is held.
    func put(_ record: Record, over old: Record) throws {
        try due.touch(old)
        var retimed = old
        (retimed.at, retimed.uncertaintyMilliseconds) = (
            record.at, record.uncertaintyMilliseconds
        )
        // Most often head office only says when it happened.
        if retimed == record, let table = tables[record.collection] {
            return try retime(record, in: table)
        }
        try update(record)
        guard let table = tables[record.collection], old.fields != record.fields else { return }
        try fold(old, table.definition, sign: -1)
        try fold(record, table.definition, sign: 1)
    }

    private func retime(_ record: Record, in table: RecordTable) throws {
        let cells = Array(table.cells(record)[2...3])
        try Prepared(db, table.retimeSQL).run(cells + [.integer(record.id.rawValue)])
        try due.touch(record)
    }

    func delete(_ record: Record) throws {
        let table = tables[record.collection]
        try due.touch(record)
        let statement = try db.cachedStatement(
            sql: table?.deleteSQL ?? "DELETE FROM _parked WHERE id = ?")
        try statement.execute(arguments: [record.id.rawValue])
        if let table { try fold(record, table.definition, sign: -1) }
    }

    /// Records of one collection by a condition on its table, in the order of their ids.
    func records(
        in table: RecordTable, _ condition: String, _ cells: [Cell] = []
    ) throws -> [Record] {
        try Prepared(db, table.selectSQL + condition).all(cells, table.record)
    }

    /// All ids in a range of stamps of one node, in every collection that this catalogue knows.
    func born(from first: Stamp, to last: Stamp, node: Int64) throws -> [Record] {
        let condition = "WHERE id BETWEEN ? AND ? AND (id & \(Stamp.nodeMax)) = ?"
        let cells: [Cell] = [
            .integer(first.rawValue), .integer(last.rawValue), .integer(node),
        ]
        return try tables.all.flatMap { try records(in: $0, condition, cells) }
    }

    // MARK: - Marks

    func mark(_ name: String) throws -> Int64? {
        try Int64.fetchOne(db, cached: "SELECT number FROM _mark WHERE name = ?", arguments: [name])
    }

    func setMark(_ name: String, _ number: Int64) throws {
        try db.run(
            cached: "INSERT OR REPLACE INTO _mark (name, number) VALUES (?, ?)",
            arguments: [name, number])
    }

    // MARK: - Folds

    /// Computes every fold again: a new catalogue may declare new ones.
    func foldAnew() throws {
        try db.run(cached: "DELETE FROM _fold")
        for table in tables.all where !table.definition.folds.isEmpty {
            try Prepared(walking: db, table.selectSQL).forEach { row in
                try fold(table.record(row), table.definition, sign: 1)
                return true
            }
        }
        // Figures that follow from more than a sum stood there too.
        try deriveAnew()
    }

    private func fold(_ record: Record, _ collection: CollectionDefinition, sign: Int64) throws {
        for fold in collection.folds {
            let keys = fold.keys.map { name in
                collection.field(name).flatMap { record.fields.value($0.tag) }
            }
            let figure: Int64
            switch fold.measure {
            case .count: figure = 1
            case .sum(let name):
                // A quantity that nobody can have counted is kept, as a matter, and summed nowhere.
                guard let field = collection.field(name),
                    case .integer(let number)? = record.fields.value(field.tag),
                    field.fault(of: .integer(number)) == nil
                else { continue }
                figure = number
            }
            try Prepared(
                db,
                """
                INSERT INTO _fold (name, keys, figure) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET figure = figure + excluded.figure
                """
            ).run([
                .text(fold.name), .bytes(keys.flatMap { Canonical.bytes(of: $0) }),
                .integer(sign * figure),
            ])
        }
    }
}
