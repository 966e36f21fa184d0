import DaybookModel
import GRDB

/// What a laptop's own things are called now, for what was sealed under their old names.
struct Names {
    private let db: Database
    private let posting: Int64

    /// - Parameter posting: the posting that names them; of a later one the old name is somebody else's.
    init(_ db: Database, sealedIn posting: Int64) {
        self.db = db
        self.posting = posting
    }

    func now(_ stamp: Stamp) throws -> Stamp {
        var name = stamp
        // It may have been taken again.
        while let next = try renamed(name) { name = next }
        return name
    }

    private func renamed(_ stamp: Stamp) throws -> Stamp? {
        let statement = try db.cachedStatement(
            sql: "SELECT new FROM _renamed WHERE old = ? AND sealed >= ?")
        return try Row.fetchOne(statement, arguments: [stamp.rawValue, posting])?.stamp(0)
    }
}

extension Change {
    /// The change with what it names called otherwise; its own stamp stays.
    func renamed(_ anew: (Stamp) throws -> Stamp) rethrows -> Change {
        func name(_ other: Stamp) throws -> Stamp {
            // No change names itself: what has its stamp, too, is another's.
            other == stamp ? other : try anew(other)
        }
        switch self {
        case .birth(let birth):
            return .birth(
                Birth(
                    id: birth.id, collection: birth.collection,
                    scope: birth.scope == birth.id ? birth.id : try name(birth.scope),
                    fields: try birth.fields.renamed(name)))
        case .edit(let edit):
            return .edit(
                Edit(
                    stamp: edit.stamp, record: try name(edit.record), collection: edit.collection,
                    field: edit.field, value: try edit.value.map { try $0.renamed(name) },
                    replaces: try edit.replaces.map(name)))
        case .removal(let removal):
            return .removal(
                Removal(
                    stamp: removal.stamp, record: try name(removal.record),
                    collection: removal.collection, seen: try removal.seen.map(name)))
        }
    }
}

extension [FieldValue] {
    func renamed(_ name: (Stamp) throws -> Stamp) rethrows -> [FieldValue] {
        try map { FieldValue($0.tag, try $0.value.renamed(name)) }
    }
}

extension Value {
    /// Any integer may be a reference, also in a collection that this catalogue does not know; a text that holds ids
    /// and nothing else is a list of them.
    func renamed(_ name: (Stamp) throws -> Stamp) rethrows -> Value {
        switch self {
        case .integer(let number):
            guard let stamp = Stamp(rawValue: number) else { return self }
            return .integer(try name(stamp).rawValue)
        case .text(let text):
            guard let stamps = [Stamp](text: text) else { return self }
            let now = try stamps.map(name)
            // What only looks like ids stays as it was written.
            return now == stamps ? self : .text(now.text)
        default: return self
        }
    }
}
