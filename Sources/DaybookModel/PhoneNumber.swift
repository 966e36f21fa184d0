/// A telephone number that exists in one form only: `13800138000` for mainland mobiles, else `+` and digits,
/// or the bare digits of a local line.
public struct PhoneNumber: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// Takes spaces, hyphens, brackets, full-width digits, `+86` and `0086`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var digits = ""
        var international = false
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x30...0x39: digits.unicodeScalars.append(scalar)
            case 0xFF10...0xFF19:
                digits.append(String(scalar.value - 0xFF10))
            case 0x2B, 0xFF0B:
                guard digits.isEmpty, !international else { return nil }
                international = true
            case 0x20, 0x2D, 0x28, 0x29, 0x2E, 0x3000, 0xA0, 0xFF08, 0xFF09, 0x2010...0x2014:
                continue
            default: return nil
            }
        }
        if !international, digits.hasPrefix("00") {
            digits.removeFirst(2)
            international = true
        }
        // What would read as an international number without its country stays with it.
        if international, digits.hasPrefix("86"), digits.utf8.count == 13,
            !digits.dropFirst(2).hasPrefix("00")
        {
            digits.removeFirst(2)
            international = false
        }
        guard (5...15).contains(digits.utf8.count) else { return nil }
        description = international ? "+" + digits : digits
    }
}
