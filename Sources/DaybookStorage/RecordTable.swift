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
    let selectOneSQL: String
    let scopeSQL: String
    /// Writes when it happened, and how sure that is.
    let retimeSQL: String

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
        scopeSQL = "SELECT _scope FROM \(name) WHERE id = ?"
        retimeSQL = "UPDATE \(name) SET _at = ?, _within = ? WHERE id = ?"
        deleteSQL = "DELETE FROM \(name) WHERE id = ?"
        selectSQL = "SELECT id, \(list) FROM \(name) "
        selectOneSQL = selectSQL + "WHERE id = ?"
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
        let wanted =
            definition.indexes.map { ($0, "") }
            + definition.scopeIndexes.map { ($0, "_scope, ") }
        return timelineCreation
            + wanted.filter { field, _ in
                !isLaptop || definition.field(field)?.isPersonal != true
            }.map { field, scope in
                let name = "\(definition.name)_\(field)"
                // What may be empty mostly is.
                let isRequired = definition.field(field)?.isRequired ?? true
                return "CREATE INDEX IF NOT EXISTS \(quoted(name)) "
                    + "ON \(quoted(definition.name)) (\(scope)\(quoted(field)))"
                    + (isRequired || !scope.isEmpty ? "" : " WHERE \(quoted(field)) IS NOT NULL")
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
    func cells(_ record: Record) -> [Cell] {
        var cells: [Cell] = []
        cells.reserveCapacity(fieldColumns.count + 7)
        cells.append(.integer(record.scope.rawValue))
        cells.append(.stamp(record.by))
        cells.append(
            .integer(record.at.milliseconds &- record.id.moment.milliseconds))
        cells.append(
            record.uncertaintyMilliseconds == 0
                ? .null : .integer(record.uncertaintyMilliseconds))
        cells.append(
            record.heads.isEmpty
                ? .null : .bytes(Canonical.bytes(of: record.heads, id: record.id)))
        // What this catalogue does not know stays beside.
        let more = cells.count
        cells.append(.null)
        var fitting = 0
        for field in definition.fields {
            let value = record.fields.value(field.tag)
            let fits = value?.storageClass == field.storage
            if fits { fitting += 1 }
            switch fits ? value : nil {
            case .integer(let number): cells.append(.integer(number))
            case .text(let text): cells.append(.text(text))
            case .bytes(let bytes): cells.append(.bytes(bytes))
            case .personal(let text): cells.append(text.map { .text($0) } ?? .integer(1))
            case .amount(let amount):
                cells.append(.integer(amount.minor))
                cells.append(.text(amount.currency.code))
            case nil:
                cells.append(.null)
                if field.storage == .amount { cells.append(.null) }
            }
        }
        if fitting < record.fields.count {
            let rest = record.fields.filter {
                definition.field(tag: $0.tag)?.storage != $0.value.storageClass
            }
            if !rest.isEmpty { cells[more] = .bytes(Canonical.bytes(of: rest)) }
        }
        return cells
    }

    func record(_ row: Columns) throws -> Record {
        guard let id = row.stamp(0), let scope = row.stamp(1) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row without a name")
        }
        var fields: [FieldValue] = []
        fields.reserveCapacity(fieldColumns.count)
        var place = 7
        for field in definition.fields {
            let own = place
            place += field.storage == .amount ? 2 : 1
            guard !row.isNull(own) else { continue }
            let value: Value? =
                switch field.storage {
                case .personal: .personal(row.isText(own) ? row.text(own) : nil)
                case .integer: .integer(row.integer(own))
                case .text: row.text(own).map { .text($0) }
                case .bytes: row.bytes(own).map { .bytes($0) }
                case .amount:
                    Currency(row.text(own + 1) ?? "").map {
                        .amount(Amount(minor: row.integer(own), currency: $0))
                    }
                }
            if let value { fields.append(FieldValue(field.tag, value)) }
        }
        if let more = row.bytes(6) {
            for field in try Canonical.fields(more) { fields.set(field.tag, field.value) }
        }
        return Record(
            id: id, collection: definition.tag, scope: scope, by: row.stamp(2),
            at: Moment(milliseconds: id.moment.milliseconds &+ row.integer(3)),
            uncertaintyMilliseconds: row.integer(4), fields: fields,
            heads: try row.bytes(5).map { try Canonical.record($0).heads } ?? [])
    }
}
