/// What a typed field gives and takes.
public protocol FieldContent: Sendable {
    init?(_ value: Value)
    var value: Value { get }
}

extension String: FieldContent {
    public init?(_ value: Value) {
        switch value {
        case .text(let text), .personal(let text?): self = text
        default: return nil
        }
    }
    public var value: Value { .text(self) }
}

extension Int64: FieldContent {
    public init?(_ value: Value) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }
    public var value: Value { .integer(self) }
}

extension Bool: FieldContent {
    public init?(_ value: Value) {
        guard case .integer(let number) = value else { return nil }
        self = number != 0
    }
    public var value: Value { .integer(self ? 1 : 0) }
}

extension Stamp: FieldContent {
    public init?(_ value: Value) {
        guard case .integer(let number) = value else { return nil }
        self.init(rawValue: number)
    }
    public var value: Value { .integer(rawValue) }
}

extension Moment: FieldContent {
    public init?(_ value: Value) {
        guard case .integer(let number) = value else { return nil }
        self.init(milliseconds: number)
    }
    public var value: Value { .integer(milliseconds) }
}

extension Day: FieldContent {
    public init?(_ value: Value) {
        guard case .integer(let number) = value else { return nil }
        self.init(number: number)
    }
    public var value: Value { .integer(number) }
}

extension Amount: FieldContent {
    public init?(_ value: Value) {
        guard case .amount(let amount) = value else { return nil }
        self = amount
    }
    public var value: Value { .amount(self) }
}

extension PhoneNumber: FieldContent {
    public init?(_ value: Value) {
        guard let text = String(value) else { return nil }
        self.init(text)
    }
    public var value: Value { .text(description) }
}

/// A field as the code that knows its type uses it.
public struct Field<Content: FieldContent>: Sendable {
    public let definition: FieldDefinition

    public init(_ definition: FieldDefinition) { self.definition = definition }

    public var name: String { definition.name }
    public var tag: UInt32 { definition.tag }
}

/// A collection declared as a Swift type; the type itself is only a name for its fields.
public protocol RecordType {
    static var definition: CollectionDefinition { get }
}

/// A record that is about to be born: values without an id.
public struct Draft: Hashable, Sendable, Codable {
    public let collection: String
    public private(set) var fields: [FieldValue] = []

    public init(collection: String, fields: [FieldValue] = []) {
        self.collection = collection
        self.fields = fields.sorted { $0.tag < $1.tag }
    }

    public init<Kind: RecordType>(_ kind: Kind.Type) {
        self.init(collection: kind.definition.name)
    }

    public subscript<Content>(_ field: Field<Content>) -> Content? {
        get { fields.value(field.tag).flatMap { Content($0) } }
        set { fields.set(field.tag, newValue?.value) }
    }
}

extension Record {
    public subscript<Content>(_ field: Field<Content>) -> Content? {
        fields.value(field.tag).flatMap { Content($0) }
    }
}
