/// A synchronous, read-only look into a book, implemented by each store inside its transaction.
public protocol BookView {
    var catalogue: Catalogue { get }
    /// The organisation's record, which is its scope too.
    var organisation: Stamp { get }

    func record(_ id: Stamp, in collection: String) throws -> Record?
    /// The scope of ``record(_:in:)``, for who needs no more of it.
    func scope(of id: Stamp, in collection: String) throws -> Stamp?
    /// Records whose indexed field has the value, by id.
    ///
    /// - Precondition: the catalogue declares an index on the field.
    func records(in collection: String, where field: String, is value: Value) throws -> [Record]
    /// As ``records(in:where:is:)``, the first so many of them: whoever only asks whether there are several does not
    /// pay for all.
    func records(
        in collection: String, where field: String, is value: Value, most: Int
    ) throws -> [Record]
    /// As ``records(in:where:is:)``, those of one scope: what is a hint of something is looked up so, since a hint says
    /// nothing outside its scope.
    func records(
        in collection: String, of scope: Stamp, where field: String, is value: Value
    ) throws -> [Record]
    /// All records of a collection in one scope, by id.
    ///
    /// - Precondition: the catalogue declares an index in scopes on the collection.
    func records(in collection: String, of scope: Stamp) throws -> [Record]
    /// How many ``records(in:of:where:is:)`` are, counted no farther than so many.
    func count(
        in collection: String, of scope: Stamp, where field: String, is value: Value, most: Int
    ) throws -> Int
    /// Records of a collection with a timeline, under these keys, the latest first: by when they happened, then by id.
    ///
    /// - Parameter body: whether to go on.
    func timeline(
        in collection: String, _ keys: [Value], _ body: (Record) throws -> Bool
    ) throws
    /// Those of a timeline whose moment is less sure than so many milliseconds, by id.
    func uncertain(
        in collection: String, _ keys: [Value], beyond milliseconds: Int64
    ) throws -> [Record]
    /// All records of the collection, by id, one at a time: memory stays flat.
    func forEach(in collection: String, _ body: (Record) throws -> Void) throws
    /// The last so many records of the collection, in the order of their ids.
    func last(_ count: Int, in collection: String) throws -> [Record]
    /// The fold's figure under these keys; 0 where nothing happened.
    func fold(_ name: String, _ keys: [Value?]) throws -> Int64
    /// Every row of the fold, in the order of its keys.
    func foldRows(_ name: String) throws -> [FoldRow]
    /// Where a record came from and when it arrived; nil where this book does not know.
    func provenance(of id: Stamp) throws -> Provenance?
    /// Whether head office wrote the record itself, as far as this book knows. What only head office may write is
    /// recorded from a laptop too (law 1), and gives nobody a right.
    func isOfHeadOffice(_ id: Stamp) throws -> Bool
    /// Laptops that hold a scope, by name; only head office knows.
    func laptops(in scope: Stamp) throws -> [KnownHolder]
    /// Heads of one field with their values and times; only head office keeps them all.
    func history(of id: Stamp, field: UInt32) throws -> [PastEdit]
}

extension BookView {
    public func scope(of id: Stamp, in collection: String) throws -> Stamp? {
        try record(id, in: collection)?.scope
    }

    public func records(
        in collection: String, where field: String, is value: Value, most: Int
    ) throws -> [Record] {
        Array(try records(in: collection, where: field, is: value).prefix(most))
    }

    public func records(
        in collection: String, of scope: Stamp, where field: String, is value: Value
    ) throws -> [Record] {
        try records(in: collection, where: field, is: value).filter { $0.scope == scope }
    }

    public func records(in collection: String, of scope: Stamp) throws -> [Record] {
        var found: [Record] = []
        try forEach(in: collection) { if $0.scope == scope { found.append($0) } }
        return found
    }

    public func count(
        in collection: String, of scope: Stamp, where field: String, is value: Value, most: Int
    ) throws -> Int {
        min(most, try records(in: collection, of: scope, where: field, is: value).count)
    }
}

/// A laptop that holds a scope, as head office knows it.
public struct KnownHolder: Hashable, Sendable {
    public let name: String
    /// When something last came from it, to the hour.
    public let heard: Moment?
    /// Head office has lost something since it was heard, which this laptop may hold.
    public let isAwaited: Bool

    public init(name: String, heard: Moment?, isAwaited: Bool) {
        self.name = name
        self.heard = heard
        self.isAwaited = isAwaited
    }
}

/// One row of a fold: its keys and its figure.
public struct FoldRow: Hashable, Sendable {
    public let keys: [Value?]
    public let figure: Int64

    public init(keys: [Value?], figure: Int64) {
        self.keys = keys
        self.figure = figure
    }
}

/// Who recorded something where, when it happened and when it arrived.
public struct Provenance: Hashable, Sendable, Codable {
    public let laptop: String
    public let person: Stamp?
    public let recorded: Moment
    public let happening: Happening
    public let arrived: Moment

    public init(
        laptop: String, person: Stamp?, recorded: Moment, happening: Happening, arrived: Moment
    ) {
        self.laptop = laptop
        self.person = person
        self.recorded = recorded
        self.happening = happening
        self.arrived = arrived
    }
}

/// An edit in a record's history.
public struct PastEdit: Hashable, Sendable {
    public let stamp: Stamp
    public let value: Value?
    public let time: Moment
    public let person: Stamp?
    public let laptop: String

    public init(stamp: Stamp, value: Value?, time: Moment, person: Stamp?, laptop: String) {
        self.stamp = stamp
        self.value = value
        self.time = time
        self.person = person
        self.laptop = laptop
    }
}

/// A figure that the store keeps as facts arrive, so that reading it does not cost the history.
public struct FoldDefinition: Hashable, Sendable {
    public enum Measure: Hashable, Sendable {
        case count
        /// The sum of an integer or quantity field.
        case sum(String)
    }

    public let name: String
    public let keys: [String]
    public let measure: Measure

    public init(_ name: String, keys: [String], _ measure: Measure) {
        self.name = name
        self.keys = keys
        self.measure = measure
    }
}

/// A figures page: a pure function of a book.
public struct Report: Sendable {
    public let name: String
    public let label: Label
    /// Names of what may be asked for more narrowly.
    public let options: [String]
    /// - Parameter options: texts by the names of ``options``; others are passed over.
    public let make: @Sendable (any BookView, [String: String]) throws -> [ReportTable]

    public init(
        _ name: String, _ english: String, _ chinese: String, options: [String],
        make: @escaping @Sendable (any BookView, [String: String]) throws -> [ReportTable]
    ) {
        self.name = name
        self.options = options
        label = Label(english, chinese)
        self.make = make
    }

    public init(
        _ name: String, _ english: String, _ chinese: String,
        make: @escaping @Sendable (any BookView) throws -> [ReportTable]
    ) {
        self.init(name, english, chinese, options: []) { view, _ in try make(view) }
    }
}

/// A table of figures; the edge words and aligns it.
public struct ReportTable: Sendable, Codable {
    public let name: String
    public let label: Label
    public let columns: [Column]
    public var rows: [[Cell]]

    public struct Column: Sendable, Codable {
        /// For scripts.
        public let name: String
        public let label: Label

        public init(_ name: String, _ english: String, _ chinese: String) {
            self.name = name
            label = Label(english, chinese)
        }
    }

    public enum Cell: Hashable, Sendable, Codable {
        case text(String)
        case number(Int64)
        case moment(Moment)
        case word(Label)
        /// Of a field, to be worded as that.
        case value(Value?, collection: String, field: String)
        case none
    }

    public init(
        _ name: String, _ english: String, _ chinese: String, columns: [Column],
        rows: [[Cell]] = []
    ) {
        self.name = name
        label = Label(english, chinese)
        self.columns = columns
        self.rows = rows
    }
}
