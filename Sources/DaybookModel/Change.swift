/// The writing of a new record.
public struct Birth: Hashable, Sendable {
    public let id: Stamp
    /// The collection's tag.
    public let collection: UInt32
    public let scope: Stamp
    /// Sorted by tag.
    public let fields: [FieldValue]

    public init(id: Stamp, collection: UInt32, scope: Stamp, fields: [FieldValue]) {
        self.id = id
        self.collection = collection
        self.scope = scope
        self.fields = fields.sorted { $0.tag < $1.tag }
    }
}

/// A new value of a field, naming the stamps that it replaces.
public struct Edit: Hashable, Sendable {
    public let stamp: Stamp
    public let record: Stamp
    /// The collection's tag.
    public let collection: UInt32
    /// The field's tag.
    public let field: UInt32
    /// Nil empties the field.
    public let value: Value?
    /// Sorted, without repetition; never empty in an edit that a book made.
    public let replaces: [Stamp]

    public init(
        stamp: Stamp, record: Stamp, collection: UInt32, field: UInt32, value: Value?,
        replaces: [Stamp]
    ) {
        self.stamp = stamp
        self.record = record
        self.collection = collection
        self.field = field
        self.value = value
        self.replaces = Set(replaces).sorted()
    }
}

/// The taking away of a document; it names every head that its writer saw.
public struct Removal: Hashable, Sendable {
    public let stamp: Stamp
    public let record: Stamp
    /// The collection's tag.
    public let collection: UInt32
    /// Sorted, without repetition.
    public let seen: [Stamp]

    public init(stamp: Stamp, record: Stamp, collection: UInt32, seen: [Stamp]) {
        self.stamp = stamp
        self.record = record
        self.collection = collection
        self.seen = Set(seen).sorted()
    }
}

/// One thing that an entry did.
public enum Change: Hashable, Sendable {
    case birth(Birth)
    case edit(Edit)
    case removal(Removal)

    /// The stamp that names this change.
    public var stamp: Stamp {
        switch self {
        case .birth(let birth): birth.id
        case .edit(let edit): edit.stamp
        case .removal(let removal): removal.stamp
        }
    }

    /// About what it costs, for limits.
    public var sizeBytes: Int {
        switch self {
        case .birth(let birth): birth.fields.reduce(24) { $0 + 3 + $1.value.sizeBytes }
        case .edit(let edit): 32 + (edit.value?.sizeBytes ?? 0) + 8 * edit.replaces.count
        case .removal(let removal): 24 + 8 * removal.seen.count
        }
    }
}

/// What one local transaction wrote.
public struct Entry: Hashable, Sendable {
    /// Most changes in one entry: a person's act, not a batch; imports write many entries.
    public static let changesMax = 1_000
    /// Largest size of one entry's changes.
    public static let sizeBytesMax = 512 * 1024

    /// Its number in its book, from 1, without gaps.
    public let number: Int64
    /// The person who wrote it; nil for the laptop or head office itself.
    public let person: Stamp?
    public let clock: ClockReading
    /// In order of their stamps.
    public let changes: [Change]
    /// Stands for what names persons in it, so that another text is another entry; empty when nothing does.
    public let personalHash: [UInt8]

    public init(
        number: Int64, person: Stamp?, clock: ClockReading, changes: [Change],
        personalHash: [UInt8] = []
    ) {
        self.personalHash = personalHash
        self.number = number
        self.person = person
        self.clock = clock
        self.changes = changes
    }
}
