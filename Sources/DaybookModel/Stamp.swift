/// A 64-bit name, unique in the organisation and roughly in order of time.
///
/// 42 bits of milliseconds since 2025-01-01T00:00:00Z, then 21 bits of node; always positive, so that it
/// is SQLite's own integer key. Source: `Protocol/SPEC.md`, "Stamps".
public struct Stamp: Hashable, Sendable, Codable {
    /// The largest count of milliseconds since 2025 that a stamp can carry (the year 2164).
    public static let millisecondsMax: Int64 = (1 << 42) - 1
    /// The largest node.
    public static let nodeMax: Int64 = (1 << 21) - 1
    /// 2025-01-01T00:00:00Z in milliseconds since 1970.
    public static let epochMilliseconds: Int64 = 1_735_689_600_000

    public let rawValue: Int64

    /// Nil for zero and negative numbers, which name nothing.
    public init?(rawValue: Int64) {
        guard rawValue > 0 else { return nil }
        self.rawValue = rawValue
    }

    /// - Precondition: both parts are in range and not both zero.
    public init(milliseconds: Int64, node: Int64) {
        precondition((0...Self.millisecondsMax).contains(milliseconds), "milliseconds out of range")
        precondition((0...Self.nodeMax).contains(node), "node out of range")
        precondition(milliseconds > 0 || node > 0, "a stamp is never zero")
        rawValue = milliseconds << 21 | node
    }

    /// Milliseconds since 2025-01-01T00:00:00Z, 0…2^42−1.
    public var milliseconds: Int64 { rawValue >> 21 }

    /// Who drew it: one incarnation of one device key, or one start of head office.
    public var node: Int64 { rawValue & Self.nodeMax }

    /// When the drawing clock said that it was; what really happened is head office's to work out.
    public var moment: Moment { Moment(milliseconds: milliseconds + Self.epochMilliseconds) }
}

extension Stamp: Comparable {
    public static func < (left: Stamp, right: Stamp) -> Bool { left.rawValue < right.rawValue }
}

// MARK: - Text

extension Stamp: CustomStringConvertible {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// 14 characters of Crockford base 32, the last one a Luhn mod 32 check.
    public var description: String {
        var digits = [Int](repeating: 0, count: 13)
        var rest = rawValue
        for place in digits.indices.reversed() {
            digits[place] = Int(rest & 31)
            rest >>= 5
        }
        digits.append(Self.check(of: digits))
        return String(decoding: digits.map { Self.alphabet[$0] }, as: UTF8.self)
    }

    /// Reads the text form; lower case is taken, as are I and L for 1 and O for 0 (Crockford).
    /// Nil when the length, a character or the check is wrong.
    public init?(text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 14 else { return nil }
        var digits: [Int] = []
        for byte in bytes {
            guard let digit = Self.digit(of: byte) else { return nil }
            digits.append(digit)
        }
        let check = digits.removeLast()
        guard digits[0] < 8, Self.check(of: digits) == check else { return nil }
        self.init(rawValue: digits.reduce(0) { $0 << 5 | Int64($1) })
    }

    private static func digit(of byte: UInt8) -> Int? {
        let upper = (97...122).contains(byte) ? byte - 32 : byte
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return alphabet.firstIndex(of: upper)
        }
    }

    /// Luhn mod N with N = 32: finds every single wrong character and most swaps of neighbours.
    private static func check(of digits: [Int]) -> Int {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let product = index.isMultiple(of: 2) ? digit * 2 : digit
            sum += product / 32 + product % 32
        }
        return (32 - sum % 32) % 32
    }
}

extension [Stamp] {
    /// Ids separated by single spaces; nil when one of them is none.
    public init?(text: String) {
        var stamps: [Stamp] = []
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            guard let stamp = Stamp(text: part) else { return nil }
            stamps.append(stamp)
        }
        self = stamps
    }

    public var text: String { map(\.description).joined(separator: " ") }
}

// MARK: - Drawing

/// No stamp is left: the clock stands at the last millisecond that a stamp can carry.
public struct StampsExhausted: Error, Equatable {
    public init() {}
}

/// Draws stamps for one node: each is the later of the wall clock and one past the last.
///
/// Its state is stored by the book and read and written in the transaction that uses the stamps, so
/// that it never goes back, whatever the wall clock does and however often the program starts.
public struct StampClock: Sendable, Equatable {
    public let node: Int64
    /// Milliseconds since 2025 of the last stamp drawn; −1 before the first.
    public private(set) var last: Int64

    public init(node: Int64, last: Int64 = -1) {
        precondition((1...Stamp.nodeMax).contains(node), "node out of range")
        self.node = node
        self.last = last
    }

    /// Throws ``StampsExhausted`` when the last millisecond is used up; nothing is drawn then.
    public mutating func draw(wall: Moment) throws(StampsExhausted) -> Stamp {
        let now = wall.milliseconds.subtractingReportingOverflow(Stamp.epochMilliseconds)
        let clamped = min(
            max(now.overflow ? 0 : now.partialValue, 0), Stamp.millisecondsMax - clampRoom)
        let next = max(clamped, last + 1)
        guard next <= Stamp.millisecondsMax else { throw StampsExhausted() }
        last = next
        return Stamp(milliseconds: next, node: node)
    }

    /// A wall clock at the end of time leaves room for a year of stamps behind it.
    private var clampRoom: Int64 { 366 * 86_400_000 }
}
