import DaybookModel
import Testing

/// A merge that keeps only a value and its losers: it forgets which edits were seen.
private struct ValueAndLosers: FieldMerge {
    private var all: [Head] = []
    init() {}
    mutating func take(_ head: Head, replacing: [Stamp]) {
        all.removeAll { replacing.contains($0.stamp) || $0.stamp == head.stamp }
        all.append(head)
        all.sort { $0.stamp < $1.stamp }
    }
    var heads: [Head] { all }
}

/// A merge that remembers replaced stamps only while their edits are here.
private struct ForgetsReplaced: FieldMerge {
    private var known: [Stamp: Head] = [:]
    private var replaced: Set<Stamp> = []
    init() {}
    mutating func take(_ head: Head, replacing: [Stamp]) {
        replaced.formUnion(replacing.filter { known[$0] != nil })
        known[head.stamp] = head
    }
    var heads: [Head] {
        known.values.filter { !replaced.contains($0.stamp) }.sorted { $0.stamp < $1.stamp }
    }
}

/// The last arrival wins.
private struct LastArrivalWins: FieldMerge {
    private(set) var heads: [Head] = []
    init() {}
    mutating func take(_ head: Head, replacing: [Stamp]) { heads = [head] }
}

@Suite struct HeadsTests {
    struct Past: Sendable {
        let head: Head
        let replacing: [Stamp]
    }

    /// SplitMix64, so that a failing seed replays.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// A history of three to five writers who each see some of what was written before.
    static func history(_ seed: UInt64, edits: Int) -> [Past] {
        var random = Seeded(state: seed)
        let writers = Int.random(in: 3...5, using: &random)
        let birth = Stamp(milliseconds: 1, node: 1)
        var past = [
            Past(
                head: Head(stamp: birth, value: .text("birth"), by: nil, time: birth.moment),
                replacing: [])
        ]
        var seen = [Set<Stamp>](repeating: [birth], count: writers)
        for number in 1...edits {
            let writer = Int.random(in: 0..<writers, using: &random)
            for one in past where Bool.random(using: &random) {
                seen[writer].insert(one.head.stamp)
            }
            let heads = seen[writer].filter { stamp in
                !past.contains {
                    seen[writer].contains($0.head.stamp) && $0.replacing.contains(stamp)
                }
            }
            let stamp = Stamp(
                milliseconds: Int64(number) * 10 + Int64.random(in: 0...30, using: &random),
                node: Int64(writer) + 2)
            guard !past.contains(where: { $0.head.stamp == stamp }) else { continue }
            past.append(
                Past(
                    head: Head(
                        stamp: stamp, value: .integer(Int64.random(in: 0...3, using: &random)),
                        by: nil,
                        time: stamp.moment),
                    replacing: heads.sorted()))
            seen[writer].insert(stamp)
        }
        return past
    }

    /// The law itself: heads are the edits that no edit names.
    static func law(_ past: [Past]) -> [Head] {
        let replaced = Set(past.flatMap(\.replacing))
        return past.map(\.head).filter { !replaced.contains($0.stamp) }.sorted {
            $0.stamp < $1.stamp
        }
    }

    /// The first order in which the merge breaks the law; nil when it holds in all orders tried.
    static func breach<Merge: FieldMerge>(of merge: Merge.Type, seed: UInt64) -> [Past]? {
        let past = history(seed, edits: 5)
        let wanted = law(past)
        for order in permutations(of: past) {
            var state = Merge()
            for one in order { state.take(one.head, replacing: one.replacing) }
            // Repetition, and a partition that arrives twice.
            for one in order.prefix(3) { state.take(one.head, replacing: one.replacing) }
            if state.heads != wanted { return order }
        }
        return nil
    }

    static func permutations<Element>(of elements: [Element]) -> [[Element]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(of: rest).map { [first] + $0 }
        }
    }

    @Test(arguments: [0, 1, 2, 3] as [UInt64])
    func `heads obey the law in every order of arrival`(block: UInt64) {
        for seed in block * 500..<(block + 1) * 500 {
            #expect(Self.breach(of: FieldState.self, seed: seed) == nil, "seed \(seed)")
        }
    }

    @Test func `longer histories obey it in many orders`() {
        for seed in 10_000..<12_000 as Range<UInt64> {
            let past = Self.history(seed, edits: 14)
            let wanted = Self.law(past)
            var random = Seeded(state: seed)
            for _ in 0..<5 {
                var state = FieldState()
                for one in past.shuffled(using: &random) {
                    state.take(one.head, replacing: one.replacing)
                }
                #expect(state.heads == wanted, "seed \(seed)")
                #expect(state.heads.isDisputed == wanted.isDisputed)
                #expect(state.heads.shown == wanted.shown)
            }
        }
    }

    @Test func `the wrong merges are caught`() {
        let seeds: Range<UInt64> = 0..<200
        #expect(seeds.contains { Self.breach(of: ValueAndLosers.self, seed: $0) != nil })
        #expect(seeds.contains { Self.breach(of: ForgetsReplaced.self, seed: $0) != nil })
        #expect(seeds.contains { Self.breach(of: LastArrivalWins.self, seed: $0) != nil })
    }

    @Test func `equal values are no dispute, and equal times are parted by stamp`() {
        let time = Moment(milliseconds: 5)
        let one = Head(
            stamp: Stamp(milliseconds: 1, node: 1), value: .text("é"), by: nil, time: time)
        let two = Head(
            stamp: Stamp(milliseconds: 1, node: 2), value: .text("é"), by: nil, time: time)
        let other = Head(
            stamp: Stamp(milliseconds: 1, node: 3), value: .text("e\u{301}"), by: nil, time: time)

        #expect(![one, two].isDisputed)
        // Text is compared by its bytes: Swift's own == takes these for the same.
        #expect([one, other].isDisputed)
        #expect([two, one].shown == two)
    }

    @Test func `a removal takes effect only when it saw every head`() {
        let (a, b) = (Stamp(milliseconds: 1, node: 1), Stamp(milliseconds: 2, node: 2))

        #expect(Presence(heads: [a], removals: []) == .live)
        #expect(Presence(heads: [a, b], removals: [[a]]) == .keptByUnseenEdit)
        #expect(Presence(heads: [a, b], removals: [[a], [a, b]]) == .removed)
    }
}
