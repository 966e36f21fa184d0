/// A record as a book holds it.
public struct Record: Hashable, Sendable, Codable {
    /// Largest canonical size of a record, in bytes.
    public static let sizeBytesMax = 64 * 1024

    /// Most heads of one field beside the shown one.
    public static let headsMax = 100
    /// Most fields of a record.
    public static let fieldsMax = 256

    /// The stamp of its birth.
    public let id: Stamp
    /// The collection's tag; it may be one that this catalogue does not know.
    public let collection: UInt32
    public let scope: Stamp
    /// The person who recorded it; nil for head office itself.
    public var by: Stamp?
    /// When it really happened, as far as this book knows.
    public var at: Moment
    /// It happened within so many milliseconds to either side of ``at``; 0 for what is still to be posted.
    public var uncertaintyMilliseconds: Int64
    /// Shown values, sorted by tag, unknown fields among them.
    public var fields: [FieldValue]
    /// Fields whose heads are not just the birth, sorted by tag.
    public var heads: [FieldHeads]

    public init(
        id: Stamp, collection: UInt32, scope: Stamp, by: Stamp?, at: Moment,
        uncertaintyMilliseconds: Int64 = 0, fields: [FieldValue], heads: [FieldHeads] = []
    ) {
        self.uncertaintyMilliseconds = uncertaintyMilliseconds
        self.id = id
        self.collection = collection
        self.scope = scope
        self.by = by
        self.at = at
        self.fields = fields
        self.heads = heads
    }

    /// The stamps that an edit of the field names when it replaces what is shown.
    public func shownHead(of tag: UInt32) -> Stamp {
        heads.first { $0.tag == tag }?.shown ?? id
    }

    /// Every head of the field, the shown one first: what settling a dispute names.
    public func allHeads(of tag: UInt32) -> [Stamp] {
        guard let held = heads.first(where: { $0.tag == tag }) else { return [id] }
        return [held.shown] + held.others.map(\.stamp)
    }

    /// Every head of every field: what a removal names.
    public var allHeads: [Stamp] {
        Set(heads.flatMap { [$0.shown] + $0.others.map(\.stamp) } + [id]).sorted()
    }

    /// About what the heads cost, for limits.
    public var headsSizeBytes: Int {
        heads.reduce(0) { sum, held in
            held.others.reduce(sum + 24) { $0 + 16 + ($1.value?.sizeBytes ?? 0) }
        }
    }

    /// Fields with heads of different values.
    public var disputes: [FieldHeads] {
        heads.filter { held in
            held.others.contains { $0.value != fields.value(held.tag) }
        }
    }
}

/// The heads of one field as head office serves them.
public struct FieldHeads: Hashable, Sendable, Codable {
    public let tag: UInt32
    /// The head whose value the record shows.
    public let shown: Stamp
    /// When the shown head counts: its stamp's moment, or its acceptance when that was earlier. Head office
    /// says it with each state, so that a state that comes back to it can be merged as it was; a laptop's
    /// own rows do not keep it.
    public let shownTime: Moment
    /// The person who made the shown head; nil for head office itself.
    public let shownBy: Stamp?
    /// The other heads with their values, by stamp.
    public let others: [Other]

    public struct Other: Hashable, Sendable, Codable {
        public let stamp: Stamp
        public let value: Value?
        public let time: Moment
        /// The person who made it; nil for head office itself.
        public let by: Stamp?

        public init(stamp: Stamp, value: Value?, by: Stamp?, time: Moment? = nil) {
            self.stamp = stamp
            self.by = by
            self.value = value
            self.time = time ?? stamp.moment
        }
    }

    public init(
        tag: UInt32, shown: Stamp, by: Stamp?, others: [Other], shownTime: Moment? = nil
    ) {
        self.tag = tag
        shownBy = by
        self.shown = shown
        self.shownTime = shownTime ?? shown.moment
        self.others = others.sorted { $0.stamp < $1.stamp }
    }
}
