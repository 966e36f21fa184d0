import DaybookModel
import DaybookProtocol

/// Looks into scopes whose digest differs, by ranges: k differing records of n cost O(k log n) on the wire.
///
/// A value that the shell keeps from one exchange to the next; losing it costs only a new beginning.
public struct Repair: Sendable {
    /// Rounds of one repair: 16 parts a round reach one id in 16; more is a fault that asking does not mend.
    private static let roundsMax = 40

    private var wanted: [Stamp: [StampRange]] = [:]
    private var rounds = 0
    /// Scopes that a whole repair did not mend: they are not asked about again until their digests agree.
    public private(set) var unmended: Set<Stamp> = []
    public private(set) var mended = 0
    public private(set) var removed = 0
    public private(set) var handedBack = 0

    public init() {}

    /// What to ask in the next exchange; empty when nothing is left to ask.
    public var comparing: [Compare] {
        wanted.sorted { $0.key < $1.key }.map { scope, ranges in
            Compare(scope: scope, ranges: Array(ranges.prefix(Limits.rangesMax)))
        }
    }

    /// Takes what an exchange found. Returns whether another exchange is worth while.
    public mutating func take(
        _ outcome: ExchangeOutcome, recount: (Stamp) throws -> Void
    ) rethrows -> Bool {
        for (scope, comparison) in outcome.comparisons {
            mended += comparison.mended
            removed += comparison.removed
            handedBack += comparison.handedBack
            let rest = (wanted[scope] ?? []).dropFirst(Limits.rangesMax) + comparison.differing
            wanted[scope] = rest.isEmpty ? nil : Array(rest)
            // Everything was asked, and nothing found: asking again would find the same.
            if rest.isEmpty, comparison.isIdle { unmended.insert(scope) }
        }
        // Without a moment (the laptop had to return something first) the digests say nothing.
        guard outcome.ending == .complete, outcome.sawMoment else { return !wanted.isEmpty }
        let differing = Set(outcome.differingScopes)
        unmended.formIntersection(differing)
        for scope in differing where wanted[scope] == nil {
            try recount(scope)
            // Rows that were compared agree, or cannot be made to: it is the sum that may have moved since.
            if !unmended.contains(scope) { wanted[scope] = [.all] }
        }
        for scope in wanted.keys where !differing.contains(scope) { wanted[scope] = nil }
        rounds = wanted.isEmpty ? 0 : rounds + 1
        guard rounds <= Self.roundsMax else {
            unmended.formUnion(wanted.keys)
            wanted = [:]
            return false
        }
        return !wanted.isEmpty
    }
}

extension Comparison {
    fileprivate var isIdle: Bool { mended + removed + handedBack == 0 }
}
