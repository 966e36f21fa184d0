import FoundationEssentials

/// A laptop's secret as its requests say it: base64url without padding. Source: RFC 4648, section 5; `Protocol/SPEC.md`,
/// "An exchange".
public enum BearerSecret {
    private static let sizeBytes = 32
    private static let scheme = "Bearer "

    /// The value of `Authorization`.
    public static func header(_ secret: [UInt8]) -> String {
        let text = Data(secret).base64EncodedString()
        return scheme
            + String(
                text.compactMap { letter -> Character? in
                    switch letter {
                    case "+": "-"
                    case "/": "_"
                    case "=": nil
                    default: letter
                    }
                })
    }

    /// Nil for what is no secret.
    public static func secret(inHeader header: String) -> [UInt8]? {
        guard header.hasPrefix(scheme) else { return nil }
        var text = String(
            header.dropFirst(scheme.count).map { letter -> Character in
                switch letter {
                case "-": "+"
                case "_": "/"
                // Of the other alphabet: one way to say it only.
                case "+", "/", "=": "!"
                default: letter
                }
            })
        guard text.utf8.count == (sizeBytes * 8 + 5) / 6 else { return nil }
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: text), bytes.count == sizeBytes,
            self.header([UInt8](bytes)) == header
        else { return nil }
        return [UInt8](bytes)
    }
}
