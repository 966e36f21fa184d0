import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookWords
import Foundation

/// Records for people and for scripts, by catalogue.
public enum Listing {
    /// - Parameter title: what people call a record that another refers to.
    public static func table(
        _ records: [Record], _ definition: CollectionDefinition, title: (Stamp) -> String
    ) -> TextTable {
        let fields = definition.fields.filter { field in
            !field.isHint && records.contains { $0.fields.value(field.tag) != nil }
        }
        var table = TextTable(
            header: [Word.headId.text()] + fields.map { $0.label.text() }
                + [Word.headBy.text(), Word.headAt.text()])
        for record in records {
            let cells = fields.map { field -> TextTable.Cell in
                guard let value = record.fields.value(field.tag) else { return .init("") }
                let isDisputed = record.disputes.contains { $0.tag == field.tag }
                return .init(
                    text(value, field, title) + (isDisputed ? " ⚠" : ""),
                    isNumber: [.integer, .quantity, .amount].contains(field.type))
            }
            table.add(
                [.init("\(record.id)")] + cells
                    + [.init(record.by.map(title) ?? ""), .init(local(record.at))])
        }
        return table
    }

    /// A value as people read it: choices by their labels, references by their names.
    public static func text(
        _ value: Value, _ field: FieldDefinition, _ title: (Stamp) -> String
    ) -> String {
        switch (field.type, value) {
        case (_, .personal(nil)): return "•••"
        case (.choice(let choices), .text(let code)):
            return choices.first { $0.code == code }?.label.text() ?? code
        case (.reference, .integer(let number)), (.record, .integer(let number)):
            return Stamp(rawValue: number).map(title) ?? ""
        case (.moment, .integer(let number)): return local(Moment(milliseconds: number))
        case (.flag, .integer(let number)): return (number != 0 ? Word.yes : .no).text()
        default: return field.format(value)
        }
    }

    /// A field's value as people read it, wherever it stands.
    static func cell(
        _ value: Value, _ collection: String, _ field: String, _ titles: (Stamp) -> String
    ) -> String {
        guard let field = Department.catalogue[collection]?.field(field) else { return "" }
        return text(value, field, titles)
    }

    /// For scripts: the same in every language.
    static func plain(
        _ value: Value, _ collection: String, _ field: String, _ titles: (Stamp) -> String
    ) -> String {
        guard let field = Department.catalogue[collection]?.field(field) else { return "" }
        switch field.type {
        case .reference, .record: return Stamp(value).map(titles) ?? ""
        default: return field.format(value)
        }
    }

    public static func json(_ record: Record, _ definition: CollectionDefinition) -> [String: Any] {
        var fields: [String: Any] = [:]
        var sealed: [String] = []
        for value in record.fields {
            guard let field = definition.field(tag: value.tag) else { continue }
            if value.value.isSealed {
                sealed.append(field.name)
            } else if case .integer(let number) = value.value,
                [.integer, .quantity].contains(field.type)
            {
                fields[field.name] = number
            } else {
                fields[field.name] = field.format(value.value)
            }
        }
        var object: [String: Any] = [
            "id": "\(record.id)", "collection": definition.name, "scope": "\(record.scope)",
            "at": "\(record.at)", "fields": fields,
        ]
        // There is something, for others to read.
        if !sealed.isEmpty { object["sealed"] = sealed }
        object["by"] = record.by.map { "\($0)" }
        let disputes = record.disputes.compactMap { held in
            definition.field(tag: held.tag).map { field in
                [
                    "field": field.name,
                    "others": held.others.map { $0.value.map(field.format) ?? "" },
                ] as [String: Any]
            }
        }
        if !disputes.isEmpty { object["disputes"] = disputes }
        return object
    }

    /// In the machine's own time zone.
    public static func local(_ moment: Moment) -> String {
        let offset = TimeZone.current.secondsFromGMT(
            for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1_000))
        let shifted = moment.adding(milliseconds: Int64(offset) * 1_000)
        return String("\(shifted)".dropLast(5)).replacing("T", with: " ")
    }
}

extension OutputOptions {
    /// Tables of figures.
    ///
    /// - Parameter silent: laptops that what is shown may lack something of.
    public func show(_ tables: [ReportTable], silent: [(name: String, since: Moment)] = []) {
        guard !json else {
            var object: [String: Any] = [:]
            if !silent.isEmpty { object["silent"] = Self.json(silent: silent) }
            for table in tables {
                object[table.name] = table.rows.map { row in
                    var cells: [String: Any] = [:]
                    for (column, cell) in zip(table.columns, row) {
                        cells[column.name] = Self.json(cell)
                    }
                    return cells
                }
            }
            return emit(object)
        }
        for table in tables {
            print("\n\(table.label.text())")
            guard !table.rows.isEmpty else {
                print(Word.listEmpty.text())
                continue
            }
            var text = TextTable(header: table.columns.map { $0.label.text() })
            for row in table.rows { text.add(row.map { Self.cell($0) }) }
            self.table(text)
        }
        noteSilent(silent)
    }

    static func json(
        _ cell: ReportTable.Cell, titles: (Stamp) -> String = { "\($0)" }
    ) -> Any {
        switch cell {
        case .value(let value, let collection, let field):
            value.map { Listing.plain($0, collection, field, titles) } ?? NSNull()
        case .text(let text): text
        case .number(let number): number
        case .moment(let moment): "\(moment)"
        case .word(let label): label.english
        case .none: NSNull()
        }
    }

    static func cell(
        _ cell: ReportTable.Cell, titles: (Stamp) -> String = { "\($0)" }
    ) -> TextTable.Cell {
        switch cell {
        case .value(let value, let collection, let field):
            .init(value.map { Listing.cell($0, collection, field, titles) } ?? "—")
        case .text(let text): .init(text)
        case .number(let number): .init("\(number)", isNumber: true)
        case .moment(let moment): .init(Listing.local(moment))
        case .word(let label): .init(label.text())
        case .none: .init("")
        }
    }
}
