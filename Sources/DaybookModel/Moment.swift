/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
public struct Moment: Hashable, Comparable, Sendable, Codable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (left: Moment, right: Moment) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Later by so many milliseconds; saturates at the ends, since clocks on the wire may say anything.
    public func adding(milliseconds other: Int64) -> Moment {
        let (sum, overflow) = milliseconds.addingReportingOverflow(other)
        return Moment(milliseconds: overflow ? (other > 0 ? .max : .min) : sum)
    }

    /// Milliseconds from `earlier` to this; saturates.
    public func since(_ earlier: Moment) -> Int64 {
        let (gap, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return overflow ? (milliseconds > earlier.milliseconds ? .max : .min) : gap
    }

    /// The day in UTC.
    public var day: Day {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        return Day(number: rest < 0 ? days - 1 : days)
    }
}

extension Moment: CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds, `2026-05-01T09:30:00.000Z`.
    public var description: String {
        let rest = milliseconds % 86_400_000
        let inDay = rest < 0 ? rest + 86_400_000 : rest
        let (hour, minute) = (inDay / 3_600_000, inDay / 60_000 % 60)
        let (second, fraction) = (inDay / 1_000 % 60, inDay % 1_000)
        return "\(day)T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
            + ".\(padded(fraction, 3))Z"
    }

    /// Reads ISO 8601: `YYYY-MM-DDTHH:MM[:SS[.mmm]]` with `Z` or `±HH:MM`. Nil for anything else.
    public init?(text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 17, let day = Day(text: String(decoding: bytes[..<10], as: UTF8.self)),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ")
        else { return nil }
        guard let zoneStart = bytes[11...].firstIndex(where: { "Z+-".utf8.contains($0) }),
            let offset = Self.offset(of: bytes[zoneStart...]),
            let inDay = Self.timeOfDay(bytes[11..<zoneStart])
        else { return nil }
        milliseconds = day.number * 86_400_000 + inDay - offset
    }

    private static func timeOfDay(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hour = digits(parts[0], count: 2), hour < 24,
            let minute = digits(parts[1], count: 2), minute < 60
        else { return nil }
        guard parts.count == 3 else { return hour * 3_600_000 + minute * 60_000 }
        let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard let second = digits(seconds[0], count: 2), second < 60 else { return nil }
        let fraction = seconds.count == 2 ? digits(seconds[1], count: 3) : 0
        guard seconds.count <= 2, let fraction else { return nil }
        return hour * 3_600_000 + minute * 60_000 + second * 1_000 + fraction
    }

    private static func offset(of bytes: ArraySlice<UInt8>) -> Int64? {
        if bytes.elementsEqual("Z".utf8) { return 0 }
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hours = digits(parts[0], count: 2), hours < 15,
            let minutes = digits(parts[1], count: 2), minutes < 60
        else { return nil }
        let size = hours * 3_600_000 + minutes * 60_000
        return bytes.first == UInt8(ascii: "-") ? -size : size
    }
}

/// A calendar day, counted from 1970-01-01 (proleptic Gregorian).
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: Int64

    /// Further days than this no calendar needs, either way.
    public static let numberMax: Int64 = 10_000_000

    public init(number: Int64) { self.number = number }

    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

    /// Days from civil, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    public init?(year: Int64, month: Int64, day: Int64) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
            return nil
        }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
        guard civil == (year, month, day) else { return nil }
    }

    /// `YYYY-MM-DD`; nil for a day that no calendar has.
    public init?(text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = digits(parts[0], count: 4),
            let month = digits(parts[1], count: 2),
            let day = digits(parts[2], count: 2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    private var civil: (Int64, Int64, Int64) {
        // Anybody may have sent any number.
        let shifted = min(max(number, -Self.numberMax), Self.numberMax) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    public var description: String {
        let (year, month, day) = civil
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

private func digits(_ text: some StringProtocol, count: Int) -> Int64? {
    guard text.utf8.count == count, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
        return nil
    }
    return Int64(text)
}
