import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// What a posting that is recorded says of persons.
extension Recording {
    func mayBeNameless() throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT nameless FROM _laptop WHERE id = ?", arguments: [incoming.laptop.id]
        ) ?? false
    }

    func namesNobodyInClear(_ entry: Entry) -> Bool {
        let catalogue = applying.view.catalogue
        return entry.changes.allSatisfy { change in
            let (collection, fields): (UInt32, [FieldValue]) =
                switch change {
                case .birth(let birth): (birth.collection, birth.fields)
                case .edit(let edit):
                    (edit.collection, edit.value.map { [FieldValue(edit.field, $0)] } ?? [])
                case .removal: (0, [])
                }
            return fields.allSatisfy { held in
                catalogue[tag: collection]?.field(tag: held.tag)?.isPersonal != true
                    || held.value.storageClass == .personal
            }
        }
    }

    /// Where an erasure finds it; of who was erased before it comes, nothing is kept.
    func noteNamed(_ entries: [Entry]) throws {
        let number = Int64(posting.number)
        guard !posting.personalHash.isEmpty else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO _named (record, hash, book, posting) VALUES (?, ?, ?, ?)
                """)
        for entry in entries {
            for change in entry.changes where change.namesSomebody {
                try statement.execute(arguments: [
                    change.record.rawValue, entry.personalHashName, book, number,
                ])
            }
        }
        let gone = try Int64.fetchAll(
            db,
            sql: """
                SELECT DISTINCT e.record FROM _named n JOIN _named o ON o.hash = n.hash
                JOIN _erased e ON e.record = o.record WHERE n.book = ? AND n.posting = ?
                """,
            arguments: [book, number]
        ).compactMap { Stamp(rawValue: $0) }
        if !gone.isEmpty { _ = try Stripping(db, key: key).strip(gone) }
    }
}
