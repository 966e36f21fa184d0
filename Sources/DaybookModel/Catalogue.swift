/// A word for people, in both languages.
public struct Label: Hashable, Sendable, Codable {
    public let english: String
    public let chinese: String

    public init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }
}

/// One of the values that a choice or a stage can have.
public struct Choice: Hashable, Sendable {
    /// What is stored and sent; never changes.
    public let code: String
    public let label: Label

    public init(_ code: String, _ english: String, _ chinese: String) {
        self.code = code
        label = Label(english, chinese)
    }
}

/// What a field holds, for people and checks.
public enum FieldType: Hashable, Sendable {
    case text(maxBytes: Int)
    case integer
    /// A count of things, which may be negative in a movement.
    case quantity
    case amount
    case moment
    case day
    case phone
    case flag
    case bytes(maxBytes: Int)
    case choice([Choice])
    /// The id of a record of that collection.
    case reference(String)
    /// The id of a record of whatever collection.
    case record
    /// Ids of records of whatever collections, in their text form, separated by spaces.
    case records(maxBytes: Int)
    /// What the book itself works out of a personal field of the record, by name: enough to say that two may be the
    /// same, too little to say what they are.
    case hint(of: String)

    var storage: StorageClass {
        switch self {
        case .text, .phone, .choice, .records: .text
        case .integer, .quantity, .moment, .day, .flag, .reference, .record, .hint: .integer
        case .amount: .amount
        case .bytes: .bytes
        }
    }
}

/// One field of a collection, as declared.
public struct FieldDefinition: Hashable, Sendable {
    /// The largest tag; a field's tag belongs to it for ever.
    public static let tagMax: UInt32 = 1 << 16

    public let name: String
    public let tag: UInt32
    public let type: FieldType
    /// Moved only by decisions that took effect.
    public let isStage: Bool
    /// Names a person: withheld, sealed and erased apart from the rest.
    public let isPersonal: Bool
    public let isRequired: Bool
    public let label: Label

    /// For books to find by, not for people to read.
    public var isHint: Bool {
        if case .hint = type { true } else { false }
    }

    /// How its values are kept and sent.
    public var storage: StorageClass { isPersonal ? .personal : type.storage }

    /// A value of this field's: text that names a person is told from other text.
    public func own(_ value: Value) -> Value {
        if isPersonal, case .text(let text) = value { .personal(text) } else { value }
    }

    public init(
        _ name: String, _ tag: UInt32, _ type: FieldType, _ english: String, _ chinese: String,
        isStage: Bool = false, isPersonal: Bool = false, isRequired: Bool = false
    ) {
        precondition((1...Self.tagMax).contains(tag), "tag out of range")
        precondition(!isPersonal || type.storage == .text, "only text names a person")
        self.name = name
        self.tag = tag
        self.type = type
        self.isStage = isStage
        self.isPersonal = isPersonal
        self.isRequired = isRequired
        label = Label(english, chinese)
    }
}

/// Where a record belongs, decided at its birth for ever.
public enum ScopeRule: Hashable, Sendable {
    /// A root: its scope is itself.
    case itself
    case organisation
    /// The scope of the record that this field refers to.
    case of(String)
    /// That field names the root itself; the organisation when it is empty.
    case root(String)
}

/// One kind of thing, declared once; everything generic comes from it.
public struct CollectionDefinition: Sendable {
    public enum Kind: Sendable { case fact, document }

    public let name: String
    public let tag: UInt32
    public let kind: Kind
    public let scope: ScopeRule
    public let label: Label
    /// Sorted by tag.
    public let fields: [FieldDefinition]
    /// Fields that records are looked up by.
    public let indexes: [String]
    /// Fields that records are looked up by within one scope: hints, and what only means something beside its like.
    public let scopeIndexes: [String]
    /// The field that makes a record made twice the same thing (a product's key).
    public let naturalKey: String?
    /// Keys by which its records are followed in time; `_scope` stands for the scope.
    public let timeline: [String]
    /// What head office does when such a fact has come.
    public let effect: Effect?
    /// Of a root: the field that says for how many days those whose duty it is may read on laptops what names persons
    /// in its scope. Without it, and where it is empty, not once head office has it.
    public let personalDays: String?
    public let rights: Rights
    public let rules: [Rule]
    public let folds: [FoldDefinition]

    public init(
        _ name: String, _ tag: UInt32, _ kind: Kind, scope: ScopeRule, _ english: String,
        _ chinese: String, fields: [FieldDefinition], indexes: [String] = [],
        scopeIndexes: [String] = [], naturalKey: String? = nil, timeline: [String] = [],
        personalDays: String? = nil,
        rights: Rights = .field, rules: [Rule] = [], folds: [FoldDefinition] = [],
        effect: Effect? = nil
    ) {
        self.timeline = timeline
        self.effect = effect
        self.name = name
        self.tag = tag
        self.kind = kind
        self.scope = scope
        label = Label(english, chinese)
        self.fields = fields.sorted { $0.tag < $1.tag }
        self.naturalKey = naturalKey
        self.personalDays = personalDays
        self.indexes = indexes + (naturalKey.map { [$0] } ?? [])
        self.scopeIndexes = scopeIndexes
        self.rights = rights
        self.rules = rules
        self.folds = folds
    }

    public func field(_ name: String) -> FieldDefinition? { fields.first { $0.name == name } }

    public func field(tag: UInt32) -> FieldDefinition? { fields.first { $0.tag == tag } }

    /// Values as this collection keeps them; what somebody typed as a hint is none.
    public func own(_ values: [FieldValue]) -> [FieldValue] {
        values.compactMap { held in
            guard let field = field(tag: held.tag) else { return held }
            return field.isHint ? nil : FieldValue(held.tag, field.own(held.value))
        }
    }

    /// Values with the hints that follow from them.
    public func hinted(
        _ values: [FieldValue], by hint: (String) throws -> Int64
    ) rethrows -> [FieldValue] {
        var values = values
        for field in fields {
            guard case .hint(let name) = field.type, let source = self.field(name)?.tag else {
                continue
            }
            let text = values.value(source).flatMap { String($0) }
            values.set(field.tag, try text.map { .integer(try hint($0)) })
        }
        return values
    }

    /// The hint that a personal field is looked up by where it cannot be read.
    public func hint(of field: FieldDefinition) -> FieldDefinition? {
        fields.first { $0.type == .hint(of: field.name) }
    }
}

/// The schema: versioned apart from the protocol, and catalogues only add.
public struct Catalogue: Sendable {
    public let version: UInt32
    public let collections: [CollectionDefinition]
    public let reports: [Report]
    /// Nil when everybody may do whatever a laptop may.
    public let standing: StandingRule?
    /// Nil when nothing but disputes follows from its records.
    public let settling: Settling?
    private let rulesByTag: [UInt32: [MatterRule]]
    private let rulesByName: [String: MatterRule]
    private let kindsByCode: [String: MatterKind]
    private let byName: [String: Int]
    private let byTag: [UInt32: Int]

    /// - Precondition: names and tags are unique, names are identifiers, and references, scopes, indexes and
    ///   folds name what exists: a catalogue is code, and a fault in it is a programmer's.
    public init(
        version: UInt32, collections: [CollectionDefinition], reports: [Report] = [],
        standing: StandingRule? = nil, settling: Settling? = nil
    ) {
        self.settling = settling
        let rules = [.disputes] + (settling?.rules ?? [])
        rulesByName = Dictionary(uniqueKeysWithValues: rules.map { ($0.name, $0) })
        rulesByTag = Dictionary(
            uniqueKeysWithValues: collections.map { collection in
                (collection.tag, rules.filter { $0.watches(collection) })
            })
        kindsByCode = Dictionary(
            uniqueKeysWithValues: (MatterKind.noted + rules.flatMap(\.kinds)).map {
                ($0.code, $0)
            })
        self.version = version
        self.collections = collections
        self.reports = reports
        self.standing = standing
        byName = Dictionary(uniqueKeysWithValues: collections.enumerated().map { ($1.name, $0) })
        byTag = Dictionary(uniqueKeysWithValues: collections.enumerated().map { ($1.tag, $0) })
        for collection in collections { check(collection) }
    }

    public subscript(name: String) -> CollectionDefinition? {
        byName[name].map { collections[$0] }
    }

    public subscript(tag tag: UInt32) -> CollectionDefinition? {
        byTag[tag].map { collections[$0] }
    }

    /// The rules by which matters may follow from a record of the collection.
    public func matterRules(of tag: UInt32) -> [MatterRule] { rulesByTag[tag] ?? [] }

    public func matterRule(named name: String) -> MatterRule? { rulesByName[name] }

    public func matterKind(_ code: String) -> MatterKind? { kindsByCode[code] }

    /// Every kind of matter, by code.
    public var matterKinds: [MatterKind] {
        kindsByCode.values.sorted { $0.code < $1.code }
    }

    private func check(_ collection: CollectionDefinition) {
        precondition(isIdentifier(collection.name), "\(collection.name): not an identifier")
        precondition(Set(collection.fields.map(\.tag)).count == collection.fields.count)
        precondition(Set(collection.fields.map(\.name)).count == collection.fields.count)
        for field in collection.fields {
            precondition(isIdentifier(field.name), "\(field.name): not an identifier")
            if case .reference(let target) = field.type {
                precondition(byName[target] != nil, "\(collection.name) refers to \(target)")
            }
            if case .hint(let name) = field.type {
                precondition(collection.field(name)?.isPersonal ?? false, "hint of \(name)")
            }
        }
        switch collection.scope {
        case .of(let field), .root(let field):
            precondition(collection.field(field) != nil, "\(collection.name): scope of \(field)")
        case .itself, .organisation: break
        }
        precondition(
            collection.timeline.allSatisfy { $0 == "_scope" || collection.field($0) != nil })
        for index in collection.indexes {
            precondition(collection.field(index)?.isHint == false, "index \(index)")
        }
        for index in collection.scopeIndexes { precondition(collection.field(index) != nil) }
        precondition(collection.rights.fields.keys.allSatisfy { collection.field($0) != nil })
        for fold in collection.folds {
            precondition(fold.keys.allSatisfy { collection.field($0) != nil }, fold.name)
        }
    }
}

private func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, (97...122).contains(first) else { return false }
    return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
}
