import DaybookModel
import FoundationEssentials

/// A range of ids, both ends in it.
public struct StampRange: Hashable, Sendable {
    public let first: Stamp
    public let last: Stamp

    /// Nil when the ends are the wrong way round.
    public init?(first: Stamp, last: Stamp) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    private init() {
        first = Stamp(milliseconds: 0, node: 1)
        last = Stamp(milliseconds: Stamp.millisecondsMax, node: Stamp.nodeMax)
    }

    /// Every id.
    public static let all = StampRange()

    public func contains(_ stamp: Stamp) -> Bool { first <= stamp && stamp <= last }
}

/// The ranges of a scope of which a laptop wants the parts: those in which its digest is another.
public struct Compare: Hashable, Sendable {
    public let scope: Stamp
    public let ranges: [StampRange]

    public init(scope: Stamp, ranges: [StampRange]) {
        self.scope = scope
        self.ranges = ranges
    }
}

/// The parts of the ranges that a laptop asked for, as of the moment before it in the same answer.
public struct Compared: Hashable, Sendable {
    public let scope: Stamp
    public let ranges: [Part]
    /// Ranges that are small enough to be sent whole.
    public let leaves: [Leaf]

    public struct Part: Hashable, Sendable {
        public let range: StampRange
        public let digest: Digest

        public init(range: StampRange, digest: Digest) {
            self.range = range
            self.digest = digest
        }
    }

    public struct Leaf: Hashable, Sendable {
        public let range: StampRange
        /// Everything that head office has there; tombstones too, so that what is in neither was lost.
        public let page: FeedPage

        public init(range: StampRange, page: FeedPage) {
            self.range = range
            self.page = page
        }
    }

    public init(scope: Stamp, ranges: [Part], leaves: [Leaf]) {
        self.scope = scope
        self.ranges = ranges
        self.leaves = leaves
    }
}

extension StampRange {
    fileprivate init(_ wire: WireStampRange) throws(MalformedBytes) {
        guard
            let range = StampRange(first: try stamp(wire.first), last: try stamp(wire.last))
        else { throw .value("range") }
        self = range
    }

    fileprivate var wire: WireStampRange {
        var wire = WireStampRange()
        wire.first = UInt64(first.rawValue)
        wire.last = UInt64(last.rawValue)
        return wire
    }
}

extension Compare {
    init(_ wire: WireCompare) throws(MalformedBytes) {
        guard wire.ranges.count <= Limits.rangesMax else {
            throw .tooLarge(what: "ranges", limit: Limits.rangesMax)
        }
        var ranges: [StampRange] = []
        for range in wire.ranges { ranges.append(try StampRange(range)) }
        self.init(scope: try stamp(wire.scope), ranges: ranges)
    }

    var wire: WireCompare {
        var wire = WireCompare()
        wire.scope = UInt64(scope.rawValue)
        wire.ranges = ranges.map(\.wire)
        return wire
    }
}

extension Compared {
    init(_ wire: WireCompared) throws(MalformedBytes) {
        guard wire.ranges.count + wire.leaves.count <= Limits.partsMax else {
            throw .tooLarge(what: "parts", limit: Limits.partsMax)
        }
        var parts: [Part] = []
        for part in wire.ranges {
            guard
                let digest = Digest(bytes: [UInt8](part.digest), count: Int64(clamping: part.count))
            else { throw .value("digest") }
            parts.append(Part(range: try StampRange(part.range), digest: digest))
        }
        var leaves: [Leaf] = []
        // Leaves share one budget: together they are one message.
        var budget = DecodeBudget(rowsMax: Limits.feedRecordsMax)
        for leaf in wire.leaves {
            let range = try StampRange(leaf.range)
            var page = try leaf.states.page(budget: &budget)
            try page.take([UInt8](leaf.personal), hash: [UInt8](leaf.states.personalHash))
            guard page.scope == (try stamp(wire.scope)),
                page.served.allSatisfy({ range.contains($0.record.id) }),
                page.removed.allSatisfy({ range.contains($0.id) })
            else { throw .value("leaf") }
            leaves.append(Leaf(range: range, page: page))
        }
        self.init(scope: try stamp(wire.scope), ranges: parts, leaves: leaves)
    }

    var wire: WireCompared {
        var wire = WireCompared()
        wire.scope = UInt64(scope.rawValue)
        wire.ranges = ranges.map { part in
            var wire = WireRangeDigest()
            wire.range = part.range.wire
            wire.digest = Bytes(part.digest.bytes)
            wire.count = UInt64(part.digest.count)
            return wire
        }
        wire.leaves = leaves.map { leaf in
            var wire = WireLeaf()
            wire.personal = Bytes(leaf.page.personal)
            wire.range = leaf.range.wire
            wire.states = WireFeed(leaf.page)
            return wire
        }
        return wire
    }
}
