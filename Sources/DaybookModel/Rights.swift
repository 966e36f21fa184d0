/// Who may do what with a collection's records. Declared beside its fields; the laptop says so early, head
/// office enforces it finally. Ranks and duties of people join with "Trust".
public struct Rights: Hashable, Sendable {
    public enum Holder: Hashable, Sendable {
        /// Whoever holds the record's scope.
        case everybody
        case headOffice
    }

    public let record: Holder
    public let edit: Holder
    public let remove: Holder

    public init(
        record: Holder = .everybody, edit: Holder = .everybody, remove: Holder = .everybody
    ) {
        self.record = record
        self.edit = edit
        self.remove = remove
    }

    /// Everybody records and edits; only head office takes away what others refer to.
    public static let field = Rights()
    public static let keptByHeadOffice = Rights(remove: .headOffice)
    public static let headOfficeOnly = Rights(
        record: .headOffice, edit: .headOffice, remove: .headOffice)

    /// Whether a laptop may make such a change.
    public func allowsLaptop(_ change: Change) -> Bool {
        switch change {
        case .birth: record == .everybody
        case .edit: edit == .everybody
        case .removal: remove == .everybody
        }
    }
}
