/// What somebody is here for, as the department names it: a unit's work, or a rank's.
public struct Duty: Hashable, Sendable {
    public let code: String

    public init(_ code: String) { self.code = code }
}

/// What one person is in one scope, worked out from the records that say so.
public enum Standing: Hashable, Sendable {
    /// Everything of the department, everywhere.
    case everything
    /// Works there, with these duties.
    case works(Set<Duty>)
    /// Has nothing to do there.
    case none
}

/// Who may do what with a collection's records. Declared beside its fields; the laptop says so early, head
/// office enforces it finally, and itself may do everything.
public struct Rights: Hashable, Sendable {
    public enum Holder: Hashable, Sendable {
        /// Whoever works in the record's scope.
        case everybody
        /// Whoever works in the record's scope with one of these duties.
        case duties(Set<Duty>)
        case headOffice

        public func includes(_ standing: Standing) -> Bool {
            switch (self, standing) {
            case (.headOffice, _), (_, .none): false
            case (_, .everything), (.everybody, _): true
            case (.duties(let wanted), .works(let held)): !wanted.isDisjoint(with: held)
            }
        }
    }

    public let record: Holder
    public let edit: Holder
    /// Fields whose editing is others' than ``edit``'s, by name.
    public let fields: [String: Holder]
    public let remove: Holder
    /// Who may read what names a person, beyond what they wrote themselves.
    public let personal: Holder

    public init(
        record: Holder = .everybody, edit: Holder = .everybody, fields: [String: Holder] = [:],
        remove: Holder = .everybody, personal: Holder = .headOffice
    ) {
        self.personal = personal
        self.record = record
        self.edit = edit
        self.fields = fields
        self.remove = remove
    }

    /// Everybody records, edits and removes.
    public static let field = Rights()
    public static let keptByHeadOffice = Rights(remove: .headOffice)
    public static let headOfficeOnly = Rights(
        record: .headOffice, edit: .headOffice, remove: .headOffice)
}

extension CollectionDefinition {
    /// Whether somebody of that standing in the record's scope may make such a change. A field that only a newer
    /// catalogue knows is edited by whoever edits the rest.
    public func allows(_ change: Change, _ standing: Standing) -> Bool {
        switch change {
        case .birth: return rights.record.includes(standing)
        case .edit(let edit):
            let name = field(tag: edit.field)?.name
            return (name.flatMap { rights.fields[$0] } ?? rights.edit).includes(standing)
        case .removal: return rights.remove.includes(standing)
        }
    }
}

/// Where a catalogue finds what a person is in a scope; of nobody known it says ``Standing/none``.
public typealias StandingRule =
    @Sendable (_ person: Stamp, _ scope: Stamp, any BookView) throws ->
    Standing

extension BookView {
    /// What a person is in a scope; everybody is everything where the catalogue does not say, and nobody nothing.
    public func standing(of person: Stamp?, in scope: Stamp) throws -> Standing {
        guard let rule = catalogue.standing else { return .everything }
        guard let person else { return .none }
        return try rule(person, scope, self)
    }
}
