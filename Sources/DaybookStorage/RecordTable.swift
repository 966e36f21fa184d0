import DaybookModel
import DaybookProtocol
import GRDB

/// The tables of a catalogue, their SQL written once.
struct RecordTables: Sendable {
    let catalogue: Catalogue
    let all: [RecordTable]
    private let byTag: [UInt32: Int]

    init(_ catalogue: Catalogue) {
        self.catalogue = catalogue
        all = catalogue.collections.map(RecordTable.init)
        byTag = Dictionary(
            uniqueKeysWithValues: catalogue.collections.enumerated().map { ($1.tag, $0) })
    }

    subscript(tag: UInt32) -> RecordTable? { byTag[tag].map { all[$0] } }

    /// - Precondition: the catalogue has the collection.
    subscript(name: String) -> RecordTable {
        guard let tag = catalogue[name]?.tag, let table = self[tag] else {
            preconditionFailure("no collection \(name)")
        }
        return table
    }
}

/// One collection's table: its columns, its statements, and rows turned into records and back.
struct RecordTable: Sendable {
    struct FieldColumn: Sendable {
        let name: String
        let declaration: String
    }

    let definition: CollectionDefinition
    /// `_scope`, `_by`, `_at` (when it happened less the moment in the id), `_within` (how sure that is, in
    /// milliseconds; empty for 0), `_heads`, `_more` (what this catalogue does not know, or values that break a
    /// field's type).
    private static let engineColumns = ["_scope", "_by", "_at", "_within", "_heads", "_more"]

    let fieldColumns: [FieldColumn]
    let insertSQL: String
    let updateSQL: String
    let deleteSQL: String
    /// `SELECT` with the id and all columns, to be followed by a condition.
    let selectSQL: String

    init(_ definition: CollectionDefinition) {
        self.definition = definition
        fieldColumns = Self.columns(of: definition)
        let name = quoted(definition.name)
        let columns = Self.engineColumns + fieldColumns.map { quoted($0.name) }
        let places = repeatElement("?", count: columns.count + 1).joined(separator: ", ")
        let list = columns.joined(separator: ", ")
        insertSQL = "INSERT INTO \(name) (id, \(list)) VALUES (\(places))"
        let assignments = columns.map { "\($0) = ?" }.joined(separator: ", ")
        updateSQL = "UPDATE \(name) SET \(assignments) WHERE id = ?"
        deleteSQL = "DELETE FROM \(name) WHERE id = ?"
        selectSQL = "SELECT id, \(list) FROM \(name) "
    }

    private static func columns(of definition: CollectionDefinition) -> [FieldColumn] {
        definition.fields.flatMap { field -> [FieldColumn] in
            let name = quoted(field.name)
            switch field.storage {
            // Text, or the number 1 where there is some that this book does not read.
            case .personal: return [FieldColumn(name: field.name, declaration: "\(name) ANY")]
            case .integer: return [FieldColumn(name: field.name, declaration: "\(name) INTEGER")]
            case .text: return [FieldColumn(name: field.name, declaration: "\(name) TEXT")]
            case .bytes: return [FieldColumn(name: field.name, declaration: "\(name) BLOB")]
            case .amount:
                let currency = field.name + "_currency"
                return [
                    FieldColumn(name: field.name, declaration: "\(name) INTEGER"),
                    FieldColumn(name: currency, declaration: "\(quoted(currency)) TEXT"),
                ]
            }
        }
    }

    /// The table, with the guards that keep other writers out: `CHECK` for inserts, which costs nothing since
    /// an id is never zero and the function is never called; triggers for the rest.
    func creation(guardName: String) -> [String] {
        let name = quoted(definition.name)
        let guardCall = "\(quoted(guardName))()"
        let columns =
            [
                "id INTEGER PRIMARY KEY CHECK (id <> 0 OR \(guardCall))",
                "_scope INTEGER NOT NULL", "_by INTEGER", "_at INTEGER NOT NULL DEFAULT 0",
                "_within INTEGER", "_heads BLOB", "_more BLOB",
            ] + fieldColumns.map(\.declaration)
        let triggers = ["UPDATE", "DELETE"].map { event in
            """
            CREATE TRIGGER \(quoted("_\(definition.name)_\(event)")) BEFORE \(event) ON \(name)
            WHEN old.id = 0 AND \(guardCall) BEGIN SELECT RAISE(ABORT, 'guarded'); END
            """
        }
        return ["CREATE TABLE \(name) (\(columns.joined(separator: ", "))) STRICT"] + triggers
    }

    /// Laptops look persons up by their hints.
    func indexCreation(isLaptop: Bool) -> [String] {
        timelineCreation
            + definition.indexes.filter {
                !isLaptop || definition.field($0)?.isPersonal != true
            }.map { field in
                let name = "\(definition.name)_\(field)"
                // What may be empty mostly is.
                let isRequired = definition.field(field)?.isRequired ?? true
                return "CREATE INDEX IF NOT EXISTS \(quoted(name)) "
                    + "ON \(quoted(definition.name)) (\(quoted(field)))"
                    + (isRequired ? "" : " WHERE \(quoted(field)) IS NOT NULL")
            }
    }

    /// When it happened, in milliseconds since 2025, as the indexes of timelines have it.
    static let momentSQL = "((id >> 21) + _at)"

    var timelineCondition: String {
        definition.timeline.map { "\(quoted($0)) = ?" }.joined(separator: " AND ")
    }

    /// One in the order of time, and one of the few that are not sure of it.
    var timelineCreation: [String] {
        guard !definition.timeline.isEmpty else { return [] }
        let keys = definition.timeline.map(quoted).joined(separator: ", ")
        let (name, table) = (definition.name, quoted(definition.name))
        return [
            "CREATE INDEX IF NOT EXISTS \(quoted("\(name)_time")) "
                + "ON \(table) (\(keys), \(Self.momentSQL), id)",
            "CREATE INDEX IF NOT EXISTS \(quoted("\(name)_unsure")) "
                + "ON \(table) (\(keys)) WHERE _within IS NOT NULL",
        ]
    }

    // MARK: - Rows

    /// The columns after the id.
    func arguments(_ record: Record) -> [DatabaseValue] {
        var more = record.fields
        var cells: [DatabaseValue] = []
        for field in definition.fields {
            let value = record.fields.value(field.tag)
            let fits = value?.storageClass == field.storage
            if fits { more.set(field.tag, nil) }
            switch fits ? value : nil {
            case .integer(let number): cells.append(number.databaseValue)
            case .text(let text): cells.append(text.databaseValue)
            case .bytes(let bytes): cells.append(blob(bytes))
            case .personal(let text):
                cells.append(text?.databaseValue ?? 1.databaseValue)
            case .amount(let amount):
                cells.append(amount.minor.databaseValue)
                cells.append(amount.currency.code.databaseValue)
            case nil:
                cells.append(.null)
                if field.storage == .amount { cells.append(.null) }
            }
        }
        return [
            record.scope.rawValue.databaseValue,
            record.by?.rawValue.databaseValue ?? .null,
            (record.at.milliseconds &- record.id.moment.milliseconds).databaseValue,
            record.uncertaintyMilliseconds == 0
                ? .null : record.uncertaintyMilliseconds.databaseValue,
            record.heads.isEmpty ? .null : blob(Canonical.bytes(of: record.heads, id: record.id)),
            more.isEmpty ? .null : blob(Canonical.bytes(of: more)),
        ] + cells
    }

    func record(_ row: Row) throws -> Record {
        guard let id = Stamp(rawValue: row[0]), let scope = Stamp(rawValue: row[1]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row without a name")
        }
        var fields: [FieldValue] = []
        var place = 7
        for field in definition.fields {
            let cell: DatabaseValue = row[place]
            place += field.storage == .amount ? 2 : 1
            guard !cell.isNull else { continue }
            let value: Value? =
                switch field.storage {
                case .personal: .personal(String.fromDatabaseValue(cell))
                case .integer: Int64.fromDatabaseValue(cell).map { .integer($0) }
                case .text: String.fromDatabaseValue(cell).map { .text($0) }
                case .bytes: row.bytes(place - 1).map { .bytes($0) }
                case .amount:
                    Currency(row[place - 1] as String? ?? "").map {
                        .amount(Amount(minor: row[place - 2], currency: $0))
                    }
                }
            if let value { fields.append(FieldValue(field.tag, value)) }
        }
        if let more = row.bytes(6) {
            for field in try Canonical.fields(more) { fields.set(field.tag, field.value) }
        }
        let heads = try row.bytes(5).map { try Canonical.record($0).heads } ?? []
        let offset: Int64 = row[3]
        return Record(
            id: id, collection: definition.tag, scope: scope,
            by: (row[2] as Int64?).flatMap { Stamp(rawValue: $0) },
            at: Moment(milliseconds: id.moment.milliseconds &+ offset),
            uncertaintyMilliseconds: row[4] as Int64? ?? 0, fields: fields, heads: heads)
    }
}
