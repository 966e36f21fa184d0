import DaybookModel

/// What somebody typed is no way to settle one of the matters; what is.
public struct ChoiceUnknown: Error, Sendable {
    public let typed: String
    /// Empty for what nobody can settle: it closes itself.
    public let known: [String]
    /// The matter's.
    public let code: String

    public init(typed: String, known: [String], code: String) {
        self.typed = typed
        self.known = known
        self.code = code
    }
}

extension Settling {
    /// Matters settled in one entry.
    private static let entryMax = 200

    /// Settles each of them in one way. That all can be settled so is found out before the first is written.
    ///
    /// - Parameter write: writes one entry.
    public func settle(
        _ found: [ListedMatter], as typed: String, note: String?,
        write: ((any EntryWriter) throws -> Void) throws -> Void
    ) throws {
        let chosen = try found.map { one in
            let choices = one.matter.choices
            guard let choice = choices.first(where: { $0.typed == typed }) else {
                throw ChoiceUnknown(typed: typed, known: choices.map(\.typed), code: one.code)
            }
            return (one.matter, choice)
        }
        for start in stride(from: 0, to: chosen.count, by: Self.entryMax) {
            try write { writer in
                for (matter, choice) in chosen[start..<min(start + Self.entryMax, chosen.count)] {
                    try settle(writer, matter, choice, note)
                }
            }
        }
    }
}
