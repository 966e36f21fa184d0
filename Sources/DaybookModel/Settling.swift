/// What follows from a subject's facts: matters for people, and figures that the store keeps.
public struct Derived: Sendable {
    public struct Figure: Sendable {
        /// As a fold's.
        public let name: String
        public let keys: [Value?]
        public let figure: Int64

        public init(_ name: String, _ keys: [Value?], _ figure: Int64) {
            self.name = name
            self.keys = keys
            self.figure = figure
        }
    }

    public var matters: [Matter]
    public var figures: [Figure]

    public init(matters: [Matter] = [], figures: [Figure] = []) {
        self.matters = matters
        self.figures = figures
    }
}

/// How matters follow from facts: a pure function of a subject (the thing that facts may disagree about, such as one
/// product in one store) and a view. The store runs it for the subjects that a written record touches, so that what
/// stands open is always what a look at everything would find.
public struct MatterRule: Sendable {
    /// Keys of what facts may disagree about.
    public typealias Subject = [Value]

    public let name: String
    public let kinds: [MatterKind]
    /// Collections whose records may touch a subject; nil for every document.
    public let watches: Set<String>?
    /// The subjects that a record, just written or about to go, touches. It may leave out those that cannot have
    /// changed.
    public let subjects: @Sendable (Record, any BookView) throws -> [Subject]
    /// What is so now, whether settled or not.
    public let derive: @Sendable (Subject, any BookView) throws -> Derived

    public init(
        _ name: String, kinds: [MatterKind], watches: Set<String>?,
        subjects: @escaping @Sendable (Record, any BookView) throws -> [Subject],
        derive: @escaping @Sendable (Subject, any BookView) throws -> Derived
    ) {
        self.name = name
        self.kinds = kinds
        self.watches = watches
        self.subjects = subjects
        self.derive = derive
    }

    func watches(_ collection: CollectionDefinition) -> Bool {
        watches?.contains(collection.name) ?? (collection.kind == .document)
    }
}

/// That a matter was settled, as a fact says.
public struct Settled: Hashable, Sendable, Codable {
    /// The fact.
    public let id: Stamp
    public let choice: String
    public let chosen: Stamp?
    public let by: Stamp?
    public let at: Moment
    public let note: String?

    public init(
        id: Stamp, choice: String, chosen: Stamp?, by: Stamp?, at: Moment, note: String?
    ) {
        self.id = id
        self.choice = choice
        self.chosen = chosen
        self.by = by
        self.at = at
        self.note = note
    }
}

/// How a catalogue settles matters.
public struct Settling: Sendable {
    public let rules: [MatterRule]
    /// What a record says that it settles, or takes back.
    public let names: @Sendable (Record, any BookView) throws -> MatterKey?
    /// The settlements of a matter that nobody has undone, the earliest first: that one holds.
    public let settlements: @Sendable (MatterKey, any BookView) throws -> [Settled]
    /// Writes that a matter is settled so. Throws ``ChangeFault`` when the person may not.
    public let settle:
        @Sendable (any EntryWriter, Matter, MatterChoice, _ note: String?) throws -> Void
    /// Writes that a settlement does not hold. Throws ``ChangeFault`` when the person may not.
    public let undo: @Sendable (any EntryWriter, _ settlement: Stamp) throws -> Void

    public init(
        rules: [MatterRule],
        names: @escaping @Sendable (Record, any BookView) throws -> MatterKey?,
        settlements: @escaping @Sendable (MatterKey, any BookView) throws -> [Settled],
        settle: @escaping @Sendable (any EntryWriter, Matter, MatterChoice, String?) throws -> Void,
        undo: @escaping @Sendable (any EntryWriter, Stamp) throws -> Void
    ) {
        self.rules = rules
        self.names = names
        self.settlements = settlements
        self.settle = settle
        self.undo = undo
    }
}

/// What head office does of its own when a fact has come that asks for something; done once, inside the same
/// transaction, and served like everything else.
public struct Effect: Sendable {
    public enum Change: Sendable {
        case birth(Draft)
        case edit(record: Stamp, collection: String, field: String, value: Value?)
    }

    public struct Outcome: Sendable {
        /// Told to the writer; the fact stays (law 1).
        public let refused: RefusalReason?
        public let detail: String
        public let changes: [Change]

        public init(refused: RefusalReason? = nil, detail: String = "", changes: [Change] = []) {
            self.refused = refused
            self.detail = detail
            self.changes = changes
        }
    }

    /// Who asks.
    public struct Asking: Sendable {
        /// Whether the writer had the right to record it there.
        public let isAllowed: Bool
        /// The laptop's name; empty for head office itself.
        public let laptop: String

        public init(isAllowed: Bool, laptop: String) {
            self.isAllowed = isAllowed
            self.laptop = laptop
        }
    }

    /// - Parameter record: the fact, already recorded.
    public let decide: @Sendable (_ record: Record, Asking, any BookView) throws -> Outcome

    public init(
        decide: @escaping @Sendable (Record, Asking, any BookView) throws -> Outcome
    ) {
        self.decide = decide
    }
}
