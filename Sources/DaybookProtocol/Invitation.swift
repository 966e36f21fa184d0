import DaybookModel

/// What a person is given to enrol a laptop, short enough to be read over the telephone: where head office is, by
/// which certificate it is known, and a code that works once. Source: `Protocol/SPEC.md`, "Invitations".
///
/// `office.example.com:8475/7KQ2M-9X4TB-0CDEF-G1H2J-K3M4N`: 15 characters of the certificate's fingerprint, 10 of the
/// code. Without a fingerprint the certificate is a public one, or the line is not encrypted.
public struct Invitation: Hashable, Sendable, CustomStringConvertible {
    /// Characters of the fingerprint, five bits each: 75 bits that nobody finds another certificate for.
    private static let fingerprintLength = 15
    private static let codeLength = 10
    private static let groupLength = 5
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    /// `host:port`, with `http://` before it when the line is not encrypted.
    public let address: String
    /// Of the certificate that head office's are signed with; empty when there is none of its own.
    public let fingerprint: String
    public let code: String

    /// Where the laptop turns to.
    public var office: String {
        address.contains("://")
            ? address : (isOnLoopback && fingerprint.isEmpty ? "http" : "https") + "://\(address)"
    }

    public init(address: String, certificate: [UInt8]?, code: String) {
        self.address = address
        fingerprint = certificate.map(Self.fingerprint) ?? ""
        self.code = code
    }

    /// Reads what a person typed: lower case, spaces and hyphens anywhere, O for 0, I and L for 1. Nil for anything
    /// else. Without an address it is just a code.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let digits = parts.last.flatMap(Self.digits) ?? ""
        address = parts.dropLast().joined(separator: "/")
        switch digits.count {
        case Self.codeLength: (fingerprint, code) = ("", digits)
        case Self.fingerprintLength + Self.codeLength:
            fingerprint = String(digits.prefix(Self.fingerprintLength))
            code = String(digits.suffix(Self.codeLength))
        default: return nil
        }
        let host = address.split(separator: "://").last.map(String.init) ?? address
        guard address.isEmpty || !host.isEmpty && !host.contains(where: { " /?#@".contains($0) })
        else { return nil }
    }

    public var description: String {
        let digits = Array(fingerprint + code)
        let groups = stride(from: 0, to: digits.count, by: Self.groupLength).map {
            String(digits[$0..<min($0 + Self.groupLength, digits.count)])
        }
        return (address.isEmpty ? "" : address + "/") + groups.joined(separator: "-")
    }

    /// Whether a certificate is the one that the invitation names.
    public func names(_ certificate: [UInt8]) -> Bool {
        !fingerprint.isEmpty && Self.fingerprint(of: certificate) == fingerprint
    }

    private static func fingerprint(of certificate: [UInt8]) -> String {
        let bytes = sha256(certificate)
        var text = ""
        var (bits, held) = (0, UInt64(0))
        for byte in bytes where text.count < fingerprintLength {
            held = held << 8 | UInt64(byte)
            bits += 8
            while bits >= 5, text.count < fingerprintLength {
                text.append(alphabet[Int(held >> UInt64(bits - 5) & 31)])
                bits -= 5
            }
            held &= (1 << UInt64(bits)) - 1
        }
        return text
    }

    /// A code from random bytes, seven of them.
    public static func code(randomBytes: [UInt8]) -> String {
        var number = randomBytes.prefix(7).reduce(0) { $0 << 8 | UInt64($1) }
        var text = ""
        for _ in 0..<codeLength {
            text.append(alphabet[Int(number & 31)])
            number >>= 5
        }
        return text
    }

    /// The code that a person typed; nil for anything else.
    public static func code(typed text: String) -> String? {
        digits(text).flatMap { $0.count == codeLength ? $0 : nil }
    }

    /// As a person reads it.
    public static func grouped(_ code: String) -> String {
        "\(Invitation(address: "", certificate: nil, code: code))"
    }

    private static func digits(_ text: String) -> String? {
        var digits = ""
        for character in text.uppercased() where character != "-" && character != " " {
            let read: Character =
                switch character {
                case "O": "0"
                case "I", "L": "1"
                default: character
                }
            guard alphabet.contains(read) else { return nil }
            digits.append(read)
        }
        return digits
    }

    private var isOnLoopback: Bool { Self.isLoopback(host: Self.host(of: address)) }

    /// Whether what is sent to the host stays on this machine.
    public static func isLoopback(host: String) -> Bool {
        // Not by its beginning alone: 127.example.com is anybody's.
        host == "localhost" || host == "::1" || host == "[::1]"
            || host.hasPrefix("127.") && host.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
    }

    private static func host(of address: String) -> String {
        guard let colon = address.lastIndex(of: ":"), !address.hasSuffix("]") else {
            return address
        }
        return String(address[..<colon])
    }
}
