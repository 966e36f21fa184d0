import DaybookFiles
import DaybookModel
import DaybookWords

/// `FIELD=VALUE` as typed.
public struct Assignment: Sendable {
    public let field: FieldDefinition
    /// Nil empties the field.
    public let value: Value?

    /// - Parameter find: the record that a text names in a collection.
    public static func parse(
        _ texts: [String], _ definition: CollectionDefinition, currency: Currency?,
        find: (String, String) throws -> Stamp
    ) throws -> [Assignment] {
        try texts.map { text in
            guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
                throw UsageFault(Word.usageAssignment.text(text))
            }
            let name = String(text[..<sign])
            let typed = String(text[text.index(after: sign)...])
            guard let field = definition.field(name) else {
                let names = definition.fields.map(\.name).joined(separator: ", ")
                throw UsageFault(Word.usageUnknownField.text(name, names))
            }
            guard !typed.isEmpty else { return Assignment(field: field, value: nil) }
            if case .reference(let target) = field.type {
                return Assignment(field: field, value: try find(target, typed).value)
            }
            return Assignment(
                field: field, value: try field.typed(typed, currency: currency))
        }
    }
}

extension FieldDefinition {
    /// The value of a typed text. Throws a readable fault.
    public func typed(_ text: String, currency: Currency?) throws -> Value {
        switch parse(text, currency: currency) {
        case .success(let value): return value
        case .failure(let reason):
            throw UsageFault(Word.faultField.text(label.text(), reason.words))
        }
    }
}

extension Catalogue {
    /// Throws a readable fault for a collection that is not there.
    public func named(_ name: String) throws -> CollectionDefinition {
        guard let definition = self[name] else {
            let names = collections.map(\.name).joined(separator: ", ")
            throw UsageFault(Word.usageUnknownCollection.text(name, names))
        }
        return definition
    }
}

/// The one record of those found. Throws a readable fault for none and for several.
public func only(
    _ records: [Record], named text: String, of definition: CollectionDefinition
) throws -> Record {
    guard let first = records.first else {
        throw UsageFault(Word.usageUnknownRecord.text(definition.label.text(), text))
    }
    guard records.count == 1 else { throw UsageFault(Word.usageAmbiguous.text(text)) }
    return first
}
