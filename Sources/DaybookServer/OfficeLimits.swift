import NIOConcurrencyHelpers

/// What head office takes from one laptop, one address and all together. Each limit only delays (law 1), is named in
/// the metrics, and has its reason beside it. Those of the protocol itself are in ``Limits``.
public struct OfficeLimits: Sendable {
    /// Exchanges at the same time: each holds at most two frames, so this bounds memory.
    public var exchangesMax = 64
    /// Of one laptop: the agent's, a command beside it, and copies of its book.
    public var exchangesOfLaptopMax = 4
    /// Notices that one laptop waits for at the same time.
    public var noticesOfLaptopMax = 4
    /// A push of a million records is some seventy requests; a day's work a few hundred.
    public var laptopRequests = Rate(burst: 300, perSecond: 5)
    /// A branch's laptops share an address.
    public var addressRequests = Rate(burst: 2_000, perSecond: 100)
    /// Secrets that nobody holds, from one address.
    public var unknownSecrets = Rate(burst: 30, perSecond: 0.5)
    /// Codes from one address: a person mistypes a few.
    public var enrolments = Rate(burst: 10, perSecond: 1.0 / 60)
    /// Codes from everywhere: of 2^50 codes nobody finds one of a few at this rate.
    public var enrolmentsOfAll = Rate(burst: 200, perSecond: 2)
    /// A body comes at least this fast, once it has had its time to begin: a laptop gives an exchange ten minutes, in
    /// which one posting comes through at this rate.
    public var bodyBytesPerSecondMin = 100
    public var bodyGrace = Duration.seconds(60)
    /// A connection that says nothing whole for so long is closed; a notice waits 50 s.
    public var idleTime = Duration.seconds(75)
    /// An enrolment is one small frame.
    public var enrolBytesMax = 4_096
    /// Connections: each costs some 50 KiB.
    public var connectionsMax = 15_000

    public init() {}

    /// So many at once, and so many a second from then on.
    public struct Rate: Hashable, Sendable {
        public var burst: Double
        public var perSecond: Double

        public init(burst: Double, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }
}

/// Lets requests through at a rate, for each key apart.
final class RateLimit<Key: Hashable & Sendable>: Sendable {
    /// Keys that are remembered: some 100 bytes each. Past them, those that have had their rest are forgotten.
    private static var keysMax: Int { 50_000 }

    private struct Bucket {
        var tokens: Double
        var at: ContinuousClock.Instant
    }

    private let rate: OfficeLimits.Rate
    private let now: @Sendable () -> ContinuousClock.Instant
    private let buckets = NIOLockedValueBox<[Key: Bucket]>([:])

    init(
        _ rate: OfficeLimits.Rate,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.rate = rate
        self.now = now
    }

    /// Nil when it is let through; else how long to wait.
    func wait(_ key: Key) -> Duration? {
        let now = now()
        return buckets.withLockedValue { buckets in
            if buckets.count >= Self.keysMax, buckets[key] == nil { forget(&buckets, now) }
            let held = buckets[key] ?? Bucket(tokens: rate.burst, at: now)
            var bucket = Bucket(tokens: filled(held, now), at: now)
            defer { buckets[key] = bucket }
            guard bucket.tokens < 1 else {
                bucket.tokens -= 1
                return nil
            }
            return .seconds((1 - bucket.tokens) / rate.perSecond)
        }
    }

    private func filled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        let passed = (now - bucket.at) / Duration.seconds(1)
        return min(rate.burst, bucket.tokens + max(0, passed) * rate.perSecond)
    }

    private func forget(_ buckets: inout [Key: Bucket], _ now: ContinuousClock.Instant) {
        buckets = buckets.filter { filled($0.value, now) < rate.burst }
        // So many at once are an attack from everywhere: memory comes first.
        if buckets.count >= Self.keysMax { buckets = [:] }
    }
}

/// Lets so many in at a time: in all, and with each key.
final class Gate<Key: Hashable & Sendable>: Sendable {
    /// A place inside, given back when nobody holds it any more, however the exchange ended.
    final class Place: Sendable {
        private let gate: Gate
        private let key: Key
        private let isGivenBack = NIOLockedValueBox(false)

        fileprivate init(_ gate: Gate, _ key: Key) {
            self.gate = gate
            self.key = key
        }

        deinit { leave() }

        /// Gives it back before; once is enough.
        func leave() {
            let isFirst = isGivenBack.withLockedValue { isGivenBack in
                defer { isGivenBack = true }
                return !isGivenBack
            }
            if isFirst { gate.leave(key) }
        }
    }

    enum Entry {
        case inside(Place)
        /// Too many with this key.
        case keyFull
        case full
    }

    private struct Inside {
        var all = 0
        var keys: [Key: Int] = [:]
    }

    private let most: Int
    private let mostOfKey: Int
    private let inside = NIOLockedValueBox(Inside())

    init(most: Int, ofKey mostOfKey: Int) {
        self.most = most
        self.mostOfKey = mostOfKey
    }

    /// How many are inside.
    var count: Int { inside.withLockedValue { $0.all } }

    func enter(_ key: Key) -> Entry {
        let refused = inside.withLockedValue { inside -> Entry? in
            guard inside.keys[key, default: 0] < mostOfKey else { return .keyFull }
            guard inside.all < most else { return .full }
            inside.all += 1
            inside.keys[key, default: 0] += 1
            return nil
        }
        return refused ?? .inside(Place(self, key))
    }

    private func leave(_ key: Key) {
        inside.withLockedValue { inside in
            inside.all -= 1
            let left = inside.keys[key, default: 1] - 1
            inside.keys[key] = left == 0 ? nil : left
        }
    }
}
