import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Names that are held already: by the same content, or by other.
extension Applying {
    /// What was said of the entry when it is here already, content and all: posted by a copy of its book, or
    /// again after head office had lost that book's chain.
    func recognised(_ entry: Entry) throws -> Outcome? {
        guard let first = entry.changes.first?.stamp else { return nil }
        let statement = try db.cachedStatement(
            sql: """
                SELECT hash, at, uncertainty, refused, reason, detail FROM _entry
                WHERE node = ? AND first = ?
                """)
        let row = try Row.fetchOne(statement, arguments: [first.node, first.rawValue])
        guard let row, row.bytes(0) == sha256(Canonical.bytes(of: entry)) else { return nil }
        let refused = row.stamp(3).map {
            Judgement.RefusedChange(
                stamp: $0, reason: RefusalReason(rawValue: row[4] ?? 0) ?? .againstRule,
                detail: row[5] ?? "")
        }
        return .recognised(
            Happening(at: Moment(milliseconds: row[1]), uncertaintyMilliseconds: row[2]),
            refused: refused)
    }

    /// Whether the entry names what an earlier one of its posting wrote and could not keep the name of: it means
    /// what its own book called so, and that is called otherwise from now on.
    func namesTaken(_ entry: Entry) -> Bool {
        guard !taken.isEmpty else { return false }
        return entry.changes.contains { change in
            switch change {
            case .birth(let birth):
                taken.contains(birth.scope)
                    || birth.fields.contains { !taken.isDisjoint(with: $0.value.references) }
            case .edit(let edit):
                taken.contains(edit.record) || !taken.isDisjoint(with: edit.replaces)
                    || !taken.isDisjoint(with: edit.value?.references ?? [])
            case .removal(let removal):
                taken.contains(removal.record) || !taken.isDisjoint(with: removal.seen)
            }
        }
    }

    func noteTaken(_ entry: Entry) { taken.formUnion(entry.changes.map(\.stamp)) }

    /// Whether an entry is known that wrote stamps among these.
    func isTaken(_ entry: Entry) throws -> Bool {
        guard let first = entry.changes.first?.stamp, let last = entry.changes.last?.stamp else {
            return false
        }
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM (
                  SELECT last FROM _entry WHERE node = :node AND first <= :last
                  ORDER BY first DESC LIMIT 1
                ) WHERE last >= :first
                """)
        return try Row.fetchOne(
            statement,
            arguments: ["node": first.node, "first": first.rawValue, "last": last.rawValue])
            != nil
    }

    /// Whether the change's name is held by what no entry here explains; a state that came back is explained by
    /// the entry that wrote it, when it fits.
    func isTaken(_ change: Change) throws -> Bool {
        switch change {
        case .birth(let birth):
            // Whatever its collection, and removed ones too: the feed has a row for every record.
            guard
                try Prepared(db, "SELECT 1 FROM _feed WHERE record = ?")
                    .finds([.integer(birth.id.rawValue)])
            else { return false }
            guard try regained(birth.id) != nil,
                let held = try view.held(birth.id, tag: birth.collection)
            else { return true }
            return try !held.fits(birth) && !isBareTombstone(held)
        case .edit(let edit):
            let statement = try db.cachedStatement(
                sql: """
                    SELECT 1 FROM _history
                    WHERE record = ? AND field = ? AND stamp = ? AND regained = 0
                    """)
            return try Row.fetchOne(
                statement,
                arguments: [edit.record.rawValue, Int64(edit.field), edit.stamp.rawValue]) != nil
        case .removal(let removal):
            return try Row.fetchOne(
                db, cached: "SELECT 1 FROM _removal WHERE record = ? AND stamp = ?",
                arguments: [removal.record.rawValue, removal.stamp.rawValue]) != nil
        }
    }
}

extension Value {
    /// The stamps that it may be.
    var references: [Stamp] {
        switch self {
        case .integer(let number): Stamp(rawValue: number).map { [$0] } ?? []
        case .text(let text): [Stamp](text: text) ?? []
        default: []
        }
    }
}

extension Record {
    /// Whether the record may have been born so: what was never edited since is as it was born.
    func fits(_ birth: Birth) -> Bool {
        guard collection == birth.collection, scope == birth.scope else { return false }
        let edited = Set(heads.map(\.tag))
        let tags = Set(fields.map(\.tag)).union(birth.fields.map(\.tag)).subtracting(edited)
        return tags.allSatisfy { tag in
            let (held, said) = (fields.value(tag), birth.fields.value(tag))
            // That there is a name is all that a state may say of it.
            return held == said || held?.isSealed ?? false && said?.storageClass == .personal
        }
    }
}
