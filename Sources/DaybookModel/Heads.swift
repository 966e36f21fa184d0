/// An edit (or the birth) of a field that no known edit replaces.
public struct Head: Hashable, Sendable {
    public let stamp: Stamp
    public let value: Value?
    /// The earlier of its stamp and its acceptance, fixed once by head office; decides what is shown.
    public let time: Moment
    /// The person who made it; nil for head office itself.
    public let by: Stamp?

    public init(stamp: Stamp, value: Value?, by: Stamp?, time: Moment) {
        self.stamp = stamp
        self.by = by
        self.value = value
        self.time = time
    }
}

/// What a merge of edits must offer; the laws of heads are tested against this, mutants included.
public protocol FieldMerge: Sendable {
    init()
    mutating func take(_ head: Head, replacing: [Stamp])
    var heads: [Head] { get }
}

/// The edits of one field, merged: order, repetition and partition of arrival change nothing (laws 2 and 3).
///
/// A stamp once named as replaced stays replaced, even when its edit arrives later: an edit is a head
/// exactly while no known edit names it.
public struct FieldState: FieldMerge {
    /// Sorted by stamp.
    public private(set) var heads: [Head] = []
    private var replaced: Set<Stamp> = []

    public init() {}

    public mutating func take(_ head: Head, replacing: [Stamp]) {
        heads = Self.merged(
            heads, with: head, replacing: replacing, isReplaced: replaced.contains(head.stamp))
        replaced.formUnion(replacing)
    }

    /// The heads after one more edit. `isReplaced` says whether any known edit already names its stamp.
    public static func merged(
        _ heads: [Head], with head: Head, replacing: [Stamp], isReplaced: Bool
    ) -> [Head] {
        var rest = heads.filter { !replacing.contains($0.stamp) && $0.stamp != head.stamp }
        if !isReplaced { rest.append(head) }
        return rest.sorted { $0.stamp < $1.stamp }
    }
}

extension Array where Element == Head {
    /// The one with the latest time; stamps part equal times, so that every book shows the same.
    public var shown: Head? {
        self.max { ($0.time, $0.stamp) < ($1.time, $1.stamp) }
    }

    /// Heads of different values. Equal values are no dispute.
    public var isDisputed: Bool { Set(map(\.value)).count > 1 }
}

/// Whether a document is gone.
public enum Presence: Hashable, Sendable {
    case live
    /// A removal named every head that there is.
    case removed
    /// A removal did not see some head, which keeps the record, as a matter.
    case keptByUnseenEdit

    /// - Parameters:
    ///   - heads: the stamps of all heads of all fields.
    ///   - removals: the stamps that each known removal named.
    public init(heads: [Stamp], removals: [[Stamp]]) {
        if removals.isEmpty {
            self = .live
        } else {
            let covered = removals.contains { seen in heads.allSatisfy(seen.contains) }
            self = covered ? .removed : .keptByUnseenEdit
        }
    }
}
