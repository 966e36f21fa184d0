/// What a person types to be known on a laptop: long enough that trying all of them takes long.
/// `SECURITY.md` says how long.
public struct Pin: Hashable, Sendable {
    public static let lengthMin = 8
    public static let lengthMax = 64

    /// Why something is no PIN.
    public enum Fault: Error, Hashable, Sendable {
        case tooShort(lengthMin: Int)
        case tooLong(lengthMax: Int)
        /// One character again and again, or a run such as 12345678.
        case tooSimple
    }

    public let text: String

    /// A PIN to be chosen.
    public init(chosen text: String) throws(Fault) {
        self.init(typed: text)
        guard self.text.count >= Self.lengthMin else {
            throw .tooShort(lengthMin: Self.lengthMin)
        }
        guard self.text.count <= Self.lengthMax else { throw .tooLong(lengthMax: Self.lengthMax) }
        let scalars = self.text.unicodeScalars.map { Int($0.value) }
        let steps = Set(zip(scalars, scalars.dropFirst()).map { $1 - $0 })
        guard steps.count > 1 else { throw .tooSimple }
    }

    /// What was typed for one that is chosen already: full-width digits are digits, blanks around it nothing.
    public init(typed text: String) {
        let scalars = text.unicodeScalars.map { scalar -> Character in
            guard (0xFF01...0xFF5E).contains(scalar.value),
                let narrow = Unicode.Scalar(scalar.value - 0xFEE0)
            else { return Character(scalar) }
            return Character(narrow)
        }
        let blank: (Character) -> Bool = { $0.isWhitespace }
        let start = scalars.drop(while: blank)
        self.text = String(start.reversed().drop(while: blank).reversed())
    }
}
