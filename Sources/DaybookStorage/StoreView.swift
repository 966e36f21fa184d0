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
        let held = try Int64.fetchOne(db, cached: "SELECT organisation FROM _book")
        guard let organisation = held.flatMap({ Stamp(rawValue: $0) }) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "no organisation")
        }
        self.organisation = organisation
    }

    func record(_ id: Stamp, in collection: String) throws -> Record? {
        try records.record(id, in: tables[collection])
    }

    func scope(of id: Stamp, in collection: String) throws -> Stamp? {
        try Prepared(db, tables[collection].scopeSQL).first([.integer(id.rawValue)]) {
            $0.stamp(0)
        } ?? nil
    }

    func records(in collection: String, where field: String, is value: Value) throws -> [Record] {
        try indexed(collection, field, value, "")
    }

    func records(
        in collection: String, where field: String, is value: Value, most: Int
    ) throws -> [Record] {
        try indexed(collection, field, value, " LIMIT \(most)")
    }

    func records(
        in collection: String, of scope: Stamp, where field: String, is value: Value
    ) throws -> [Record] {
        let table = tables[collection]
        return try records.records(
            in: table, "WHERE _scope = ? AND \(quoted(field)) = ? ORDER BY id",
            [.integer(scope.rawValue), cell(value, in: field, of: table)])
    }

    func records(in collection: String, of scope: Stamp) throws -> [Record] {
        let table = tables[collection]
        precondition(!table.definition.scopeIndexes.isEmpty, "\(collection) by scope")
        return try records.records(
            in: table, "WHERE _scope = ? ORDER BY id", [.integer(scope.rawValue)])
    }

    func count(
        in collection: String, of scope: Stamp, where field: String, is value: Value, most: Int
    ) throws -> Int {
        let table = tables[collection]
        var count = 0
        try Prepared(
            db, "SELECT 1 FROM \(quoted(collection)) WHERE _scope = ? AND \(quoted(field)) = ?"
        ).forEach([.integer(scope.rawValue), cell(value, in: field, of: table)]) { _ in
            count += 1
            return count < most
        }
        return count
    }

    private func indexed(
        _ collection: String, _ field: String, _ value: Value, _ limit: String
    ) throws -> [Record] {
        let table = tables[collection]
        precondition(
            table.definition.indexes.contains(field), "\(collection).\(field) has no index")
        let cell = Self.cell(table.definition.field(field)?.own(value) ?? value)
        let condition = "WHERE \(quoted(field)) = ? ORDER BY id\(limit)"
        return try records.records(in: table, condition, [cell])
    }

    private func cell(_ value: Value, in field: String, of table: RecordTable) -> Cell {
        let definition = table.definition
        precondition(
            definition.scopeIndexes.contains(field),
            "\(definition.name).\(field) has no index in its scope")
        return Self.cell(definition.field(field)?.own(value) ?? value)
    }

    private static func cell(_ value: Value) -> Cell {
        switch value {
        case .integer(let number): .integer(number)
        case .text(let text): .text(text)
        case .bytes(let bytes): .bytes(bytes)
        case .personal(let text): text.map { .text($0) } ?? .integer(1)
        case .amount: preconditionFailure("amounts are not looked up")
        }
    }

    func timeline(
        in collection: String, _ keys: [Value], _ body: (Record) throws -> Bool
    ) throws {
        let table = tables[collection]
        try Prepared(
            walking: db,
            table.selectSQL
                + "WHERE \(table.timelineCondition) ORDER BY \(RecordTable.momentSQL) DESC, id DESC"
        ).forEach(cells(keys, of: table)) { try body(table.record($0)) }
    }

    func uncertain(
        in collection: String, _ keys: [Value], beyond milliseconds: Int64
    ) throws -> [Record] {
        let table = tables[collection]
        return try records.records(
            in: table, "WHERE \(table.timelineCondition) AND _within > ? ORDER BY id",
            cells(keys, of: table) + [.integer(milliseconds)])
    }

    private func cells(_ keys: [Value], of table: RecordTable) -> [Cell] {
        precondition(
            keys.count == table.definition.timeline.count && !keys.isEmpty,
            "\(table.definition.name) has another timeline")
        return keys.map { key in
            guard case .integer(let number) = key else {
                preconditionFailure("timelines are followed by references")
            }
            return .integer(number)
        }
    }

    func forEach(in collection: String, _ body: (Record) throws -> Void) throws {
        let table = tables[collection]
        try Prepared(walking: db, table.selectSQL + "ORDER BY id").forEach { row in
            try body(table.record(row))
            return true
        }
    }

    func last(_ count: Int, in collection: String) throws -> [Record] {
        try records.records(
            in: tables[collection], "ORDER BY id DESC LIMIT ?", [.integer(Int64(count))]
        ).reversed()
    }

    func fold(_ name: String, _ keys: [Value?]) throws -> Int64 {
        try Prepared(db, "SELECT figure FROM _fold WHERE name = ? AND keys = ?")
            .first([.text(name), .bytes(keys.flatMap { Canonical.bytes(of: $0) })]) {
                $0.integer(0)
            } ?? 0
    }

    func foldRows(_ name: String) throws -> [FoldRow] {
        let sql = "SELECT keys, figure FROM _fold WHERE name = ? ORDER BY keys"
        return try Row.fetchAll(db, cached: sql, arguments: [name]).map { row in
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
