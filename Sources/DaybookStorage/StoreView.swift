import DaybookModel
import DaybookProtocol
import GRDB

/// A book as rules and figures see it, inside one transaction.
class StoreView: BookView {
    let db: Database
    let tables: RecordTables
    var catalogue: Catalogue { tables.catalogue }
    let organisation: Stamp
    let records: RecordStore

    init(_ db: Database, _ tables: RecordTables) throws {
        self.db = db
        self.tables = tables
        records = RecordStore(db, tables)
        let held = try Int64.fetchOne(db, sql: "SELECT organisation FROM _book")
        guard let organisation = held.flatMap({ Stamp(rawValue: $0) }) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "no organisation")
        }
        self.organisation = organisation
    }

    func record(_ id: Stamp, in collection: String) throws -> Record? {
        try records.record(id, in: tables[collection])
    }

    func records(in collection: String, where field: String, is value: Value) throws -> [Record] {
        try indexed(collection, field, value, "")
    }

    func records(
        in collection: String, where field: String, is value: Value, most: Int
    ) throws -> [Record] {
        try indexed(collection, field, value, " LIMIT \(most)")
    }

    private func indexed(
        _ collection: String, _ field: String, _ value: Value, _ limit: String
    ) throws -> [Record] {
        let table = tables[collection]
        precondition(
            table.definition.indexes.contains(field), "\(collection).\(field) has no index")
        let cell: DatabaseValue
        switch table.definition.field(field)?.own(value) ?? value {
        case .integer(let number): cell = number.databaseValue
        case .text(let text): cell = text.databaseValue
        case .bytes(let bytes): cell = blob(bytes)
        case .personal(let text): cell = text?.databaseValue ?? 1.databaseValue
        case .amount: preconditionFailure("amounts are not looked up")
        }
        let condition = "WHERE \(quoted(field)) = ? ORDER BY id\(limit)"
        return try records.records(in: table, condition, [cell])
    }

    func timeline(
        in collection: String, _ keys: [Value], _ body: (Record) throws -> Bool
    ) throws {
        let table = tables[collection]
        let statement = try db.makeStatement(
            sql: table.selectSQL
                + "WHERE \(table.timelineCondition) ORDER BY \(RecordTable.momentSQL) DESC, id DESC"
        )
        let rows = try Row.fetchCursor(statement, arguments: try cells(keys, of: table))
        while let row = try rows.next() {
            guard try body(table.record(row)) else { return }
        }
    }

    func uncertain(
        in collection: String, _ keys: [Value], beyond milliseconds: Int64
    ) throws -> [Record] {
        let table = tables[collection]
        return try records.records(
            in: table, "WHERE \(table.timelineCondition) AND _within > ? ORDER BY id",
            cells(keys, of: table) + [milliseconds])
    }

    private func cells(_ keys: [Value], of table: RecordTable) throws -> StatementArguments {
        precondition(
            keys.count == table.definition.timeline.count && !keys.isEmpty,
            "\(table.definition.name) has another timeline")
        return StatementArguments(
            keys.map { key -> DatabaseValue in
                guard case .integer(let number) = key else {
                    preconditionFailure("timelines are followed by references")
                }
                return number.databaseValue
            })
    }

    func forEach(in collection: String, _ body: (Record) throws -> Void) throws {
        let table = tables[collection]
        let statement = try db.makeStatement(sql: table.selectSQL + "ORDER BY id")
        let rows = try Row.fetchCursor(statement)
        while let row = try rows.next() { try body(table.record(row)) }
    }

    func fold(_ name: String, _ keys: [Value?]) throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: "SELECT figure FROM _fold WHERE name = ? AND keys = ?")
        let bytes = keys.flatMap { Canonical.bytes(of: $0) }
        return try Int64.fetchOne(statement, arguments: [name, blob(bytes)]) ?? 0
    }

    func foldRows(_ name: String) throws -> [FoldRow] {
        let sql = "SELECT keys, figure FROM _fold WHERE name = ? ORDER BY keys"
        return try Row.fetchAll(db, sql: sql, arguments: [name]).map { row in
            FoldRow(keys: try Canonical.values(row.bytes(0) ?? []), figure: row[1])
        }
    }

    /// A laptop knows only what its own entries say.
    func provenance(of id: Stamp) throws -> Provenance? { nil }

    /// What head office serves was for it to judge.
    func isOfHeadOffice(_ id: Stamp) throws -> Bool { true }

    func laptops(in scope: Stamp) throws -> [KnownHolder] { [] }

    func history(of id: Stamp, field: UInt32) throws -> [PastEdit] { [] }
}
