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
        let condition = "WHERE \(quoted(field)) = ? ORDER BY id"
        return try records.records(in: table, condition, [cell])
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

    func history(of id: Stamp, field: UInt32) throws -> [PastEdit] { [] }
}
