/// Writes one entry into a book: everything that it does becomes durable together, or not at all.
///
/// What a person's command does is a pure function of a writer, so that the same code serves the laptop,
/// head office and the tests.
public protocol EntryWriter: BookView {
    /// The person who writes; nil for the laptop or head office itself.
    var person: Stamp? { get }

    /// The laptop's name; nil for head office itself.
    var laptop: String? { get }
    /// By this book's own clock, which may be wrong.
    var now: Moment { get }

    /// Writes a new record; its id is the stamp drawn for it. Throws ``ChangeFault``.
    func birth(_ draft: Draft) throws -> Stamp
    /// Gives a field a new value, replacing what is shown; with `settling`, all of its heads.
    /// Throws ``ChangeFault``.
    func edit(
        _ id: Stamp, in collection: String, field: String, to value: Value?, settling: Bool
    ) throws
    /// Takes a document away, naming every head seen. Throws ``ChangeFault``.
    func remove(_ id: Stamp, in collection: String) throws

    /// A number that this book keeps for itself (how far an import has come); nil when it was never set.
    func mark(_ name: String) throws -> Int64?
    /// Becomes durable with the entry.
    func setMark(_ name: String, _ number: Int64) throws
}

extension BookView {
    /// The scope of a record about to be born: its root's.
    ///
    /// Throws ``ChangeFault`` when the record that it belongs to is not given or not known.
    public func scope(of draft: [FieldValue], in collection: CollectionDefinition) throws -> Stamp?
    {
        switch collection.scope {
        case .itself: return nil
        case .organisation: return organisation
        case .root(let name):
            return collection.field(name).flatMap { draft.value($0.tag) }.flatMap { Stamp($0) }
                ?? organisation
        case .of(let name):
            guard let field = collection.field(name),
                case .reference(let target) = field.type,
                let value = draft.value(field.tag), let parent = Stamp(value)
            else { throw ChangeFault.missing(name) }
            guard let scope = try scope(of: parent, in: target) else {
                throw ChangeFault.refused(.recordUnknown)
            }
            return scope
        }
    }
}
