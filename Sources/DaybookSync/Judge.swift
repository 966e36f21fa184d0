import DaybookModel
import DaybookProtocol

/// What head office decides of an entry, its births already written: a pure function of the entry and a view.
public struct Judgement: Hashable, Sendable {
    /// Set when the entry's edits and removals are refused, all together; its births stay (law 1).
    public var refused: RefusedChange?
    /// Breaches that a person must settle: kind and record.
    public var matters: [Matter] = []

    /// Nothing is wrong.
    public init() {}

    public struct RefusedChange: Hashable, Sendable {
        public let stamp: Stamp
        public let reason: RefusalReason
        public let detail: String

        public init(stamp: Stamp, reason: RefusalReason, detail: String) {
            self.stamp = stamp
            self.reason = reason
            self.detail = detail
        }
    }

    public struct Matter: Hashable, Sendable {
        public let kind: String
        public let record: Stamp

        public init(kind: String, record: Stamp) {
            self.kind = kind
            self.record = record
        }
    }
}

/// Who wrote an entry: the scopes that the laptop may hold, and what the person is in a scope.
public struct Writer {
    let scopes: Set<Stamp>
    let standing: (Stamp) throws -> Standing

    public init(scopes: Set<Stamp>, standing: @escaping (Stamp) throws -> Standing) {
        self.scopes = scopes
        self.standing = standing
    }
}

/// Judges entries by the laptop's scopes, the person's rights, the catalogue's limits and the collections' rules.
public struct Judge {
    private let view: any BookView
    /// Nil for head office itself, which may write everywhere.
    private let writer: Writer?
    private let held: (Stamp, UInt32) throws -> Record?

    /// - Parameter held: the record of that id and collection, removed ones too (an edit may not have seen
    ///   the removal), and those of collections that the catalogue does not know.
    public init(
        view: any BookView, writer: Writer?, held: @escaping (Stamp, UInt32) throws -> Record?
    ) {
        self.view = view
        self.writer = writer
        self.held = held
    }

    public func judge(_ entry: Entry) throws -> Judgement {
        var judgement = Judgement()
        for change in entry.changes {
            if case .birth(let birth) = change {
                judgement.matters += try matters(of: birth)
            } else if judgement.refused == nil, let refused = try refusal(of: change) {
                judgement.refused = refused
            }
        }
        return judgement
    }

    private func matters(of birth: Birth) throws -> [Judgement.Matter] {
        var kinds: [String] = []
        // A root of one's own making is nobody's scope yet.
        if let writer, birth.scope != birth.id, !writer.scopes.contains(birth.scope) {
            kinds.append("outOfScope")
        }
        if let collection = view.catalogue[tag: birth.collection] {
            if let writer {
                let scope = try scope(of: birth, collection)
                // Where it belongs is said by what it is about, not by who wrote it.
                if scope != birth.scope { kinds.append("wrongScope") }
                if !collection.allows(.birth(birth), try writer.standing(scope)) {
                    kinds.append("notAllowed")
                }
            }
            if collection.fault(ofBirth: birth.fields) != nil { kinds.append("invalidValue") }
            for rule in collection.rules {
                if case .matter(let kind) = try rule.judge(.birth(birth), nil, view) {
                    kinds.append(kind)
                }
            }
        }
        return kinds.map { Judgement.Matter(kind: $0, record: birth.id) }
    }

    /// The scope that the catalogue gives it; its own word where what it belongs to is not here yet.
    private func scope(of birth: Birth, _ collection: CollectionDefinition) throws -> Stamp {
        do {
            return try view.scope(of: birth.fields, in: collection) ?? birth.id
        } catch is ChangeFault {
            return birth.scope
        }
    }

    private func refusal(of change: Change) throws -> Judgement.RefusedChange? {
        let (record, tag) =
            switch change {
            case .edit(let edit): (edit.record, edit.collection)
            case .removal(let removal): (removal.record, removal.collection)
            case .birth(let birth): (birth.id, birth.collection)
            }
        func refused(_ reason: RefusalReason, _ detail: String = "") -> Judgement.RefusedChange {
            Judgement.RefusedChange(stamp: change.stamp, reason: reason, detail: detail)
        }
        guard let held = try held(record, tag) else { return refused(.recordUnknown) }
        if let writer, !writer.scopes.contains(held.scope) { return refused(.notInScope) }
        if case .edit(let edit) = change, grows(held, by: edit) {
            return refused(.invalidValue, "\(Record.sizeBytesMax)")
        }
        // What this head office does not know (a newer laptop) it keeps untouched.
        guard let collection = view.catalogue[tag: tag] else { return nil }
        guard collection.kind == .document else { return refused(.factIsNeverEdited) }
        if let writer, !collection.allows(change, try writer.standing(held.scope)) {
            return refused(.notAllowed, collection.name)
        }
        if case .edit(let edit) = change, let field = collection.field(tag: edit.field) {
            if field.isStage, writer != nil { return refused(.stageMovesByDecision, field.name) }
            if edit.value == nil, field.isRequired { return refused(.invalidValue, field.name) }
            if let value = edit.value, field.fault(of: value) != nil {
                return refused(.invalidValue, field.name)
            }
        }
        for rule in collection.rules {
            if case .refused(let reason) = try rule.judge(change, held, view) {
                return refused(reason, rule.name)
            }
        }
        return nil
    }

    /// Whether the edit would make the record larger than a record may be, its heads counted: nobody could be
    /// served it any more.
    private func grows(_ record: Record, by edit: Edit) -> Bool {
        let others = record.heads.first { $0.tag == edit.field }?.others.count ?? 0
        let isUnseen = !edit.replaces.contains(record.shownHead(of: edit.field))
        guard !isUnseen || others < Record.headsMax else { return true }
        let isNew = record.fields.value(edit.field) == nil
        guard !isNew || record.fields.count < Record.fieldsMax else { return true }
        let held = record.fields.reduce(24) { $0 + 3 + $1.value.sizeBytes } + record.headsSizeBytes
        let old = isUnseen ? 0 : record.fields.value(edit.field)?.sizeBytes ?? 0
        let added = 40 + (edit.value?.sizeBytes ?? 0) - old
        return added > 40 && held + added > Record.sizeBytesMax
    }
}
