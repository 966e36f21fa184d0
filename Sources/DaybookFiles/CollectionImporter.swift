import DaybookModel

extension Importer {
    /// Takes files whose header names the fields of a collection, as ``Export`` writes them.
    public static func collection(
        _ definition: CollectionDefinition, currency: Currency?
    ) -> Importer {
        Importer(
            definition.name, rowsPerEntry: 200,
            check: { row in
                switch draft(of: row, definition, currency) {
                case .success: []
                case .failure(let faults): faults.list
                }
            },
            write: { writer, rows, options in
                var tally = ImportTally()
                // A server is given its importers before it knows the organisation: the command says it.
                let currency = options["currency"].flatMap { Currency($0) } ?? currency
                for row in rows {
                    tally.rows += 1
                    guard case .success(let draft) = draft(of: row, definition, currency) else {
                        continue
                    }
                    if let name = definition.naturalKey, let field = definition.field(name),
                        let key = draft.fields.value(field.tag),
                        try !writer.records(in: definition.name, where: name, is: key).isEmpty
                    {
                        tally.known += 1
                        continue
                    }
                    _ = try writer.birth(draft)
                    tally.added += 1
                }
                return tally
            })
    }

    private struct Faults: Error {
        let list: [ImportFault]
    }

    /// Columns that an export adds and an import does not take.
    static let readOnlyColumns: Set<String> = ["id", "by", "at"]

    private static func draft(
        of row: ImportRow, _ definition: CollectionDefinition, _ currency: Currency?
    ) -> Result<Draft, Faults> {
        var fields: [FieldValue] = []
        var faults: [ImportFault] = []
        for name in row.cells.keys.sorted()
        where definition.field(name) == nil && !readOnlyColumns.contains(name) {
            faults.append(ImportFault(line: row.line, column: name, reason: .unknownColumn))
        }
        for field in definition.fields {
            guard let text = row.cells[field.name] else {
                if field.isRequired {
                    faults.append(
                        ImportFault(line: row.line, column: field.name, reason: .missing))
                }
                continue
            }
            switch field.parse(text, currency: currency) {
            case .success(let value): fields.append(FieldValue(field.tag, value))
            case .failure(let reason):
                faults.append(ImportFault(line: row.line, column: field.name, reason: reason))
            }
        }
        return faults.isEmpty
            ? .success(Draft(collection: definition.name, fields: fields))
            : .failure(Faults(list: faults))
    }
}

/// Records as CSV, by catalogue.
public enum Export {
    public static func header(_ definition: CollectionDefinition) -> String {
        CSVWriter.line(["id", "by", "at"] + definition.fields.map(\.name))
    }

    public static func line(_ record: Record, _ definition: CollectionDefinition) -> String {
        CSVWriter.line(
            ["\(record.id)", record.by.map { "\($0)" } ?? "", "\(record.at)"]
                + definition.fields.map { field in
                    record.fields.value(field.tag).map(field.format) ?? ""
                })
    }
}
