/// All randomness of a simulation, from one seed (SplitMix64).
public struct Chance: Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private var state: UInt64

    /// The seed is mixed first: else the stream of the next seed were this one's, a step later.
    public init(seed: UInt64) {
        state = Self.mix(Self.mix(seed &+ Self.step) ^ 0x1234_5678_9ABC_DEF1)
    }

    public mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mix(state)
    }

    public mutating func below(_ end: Int) -> Int { Int(next() % UInt64(max(end, 1))) }

    /// True so many times in a thousand.
    public mutating func happens(_ perMille: Int) -> Bool { below(1_000) < perMille }

    public mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    private static func mix(_ bits: UInt64) -> UInt64 {
        var mixed = bits
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
