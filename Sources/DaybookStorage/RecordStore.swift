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
        let statement = try db.cachedStatement(sql: table.selectSQL + "WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue]).map(table.record)
    }

    /// A record of any collection, known or not.
    func record(_ id: Stamp, tag: UInt32) throws -> Record? {
        guard let table = tables[tag] else { return try parked(id) }
        return try record(id, in: table)
    }

    func parked(_ id: Stamp) throws -> Record? {
        let statement = try db.cachedStatement(sql: "SELECT state FROM _parked WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id.rawValue])
            .map { try Canonical.record($0.bytes(0) ?? []) }
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
        let statement = try db.cachedStatement(sql: table.insertSQL)
        let cells = [record.id.rawValue.databaseValue] + table.arguments(record)
        try statement.execute(arguments: StatementArguments(cells))
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
        let statement = try db.cachedStatement(sql: table.updateSQL)
        let cells = table.arguments(record) + [record.id.rawValue.databaseValue]
        try statement.execute(arguments: StatementArguments(cells))
        try due.touch(record)
    }

    /// Inserts or updates; the folds follow.
    func put(_ record: Record) throws {
        guard let old = try self.record(record.id, tag: record.collection) else {
            return try insert(record)
        }
        try due.touch(old)
        try update(record)
        guard let table = tables[record.collection], old.fields != record.fields else { return }
        try fold(old, table.definition, sign: -1)
        try fold(record, table.definition, sign: 1)
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
        in table: RecordTable, _ condition: String, _ arguments: StatementArguments = []
    ) throws -> [Record] {
        let statement = try db.cachedStatement(sql: table.selectSQL + condition)
        return try Row.fetchAll(statement, arguments: arguments).map(table.record)
    }

    /// All ids in a range of stamps of one node, in every collection that this catalogue knows.
    func born(from first: Stamp, to last: Stamp, node: Int64) throws -> [Record] {
        let condition = "WHERE id BETWEEN ? AND ? AND (id & \(Stamp.nodeMax)) = ?"
        let arguments: StatementArguments = [first.rawValue, last.rawValue, node]
        return try tables.all.flatMap {
            try records(in: $0, condition, arguments)
        }
    }

    // MARK: - Marks

    func mark(_ name: String) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT number FROM _mark WHERE name = ?", arguments: [name])
    }

    func setMark(_ name: String, _ number: Int64) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO _mark (name, number) VALUES (?, ?)",
            arguments: [name, number])
    }

    // MARK: - Folds

    /// Computes every fold again: a new catalogue may declare new ones.
    func foldAnew() throws {
        try db.execute(sql: "DELETE FROM _fold")
        for table in tables.all where !table.definition.folds.isEmpty {
            let rows = try Row.fetchCursor(db, sql: table.selectSQL)
            while let row = try rows.next() {
                try fold(table.record(row), table.definition, sign: 1)
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
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO _fold (name, keys, figure) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET figure = figure + excluded.figure
                    """)
            try statement.execute(arguments: [
                fold.name, blob(keys.flatMap { Canonical.bytes(of: $0) }), sign * figure,
            ])
        }
    }
}
