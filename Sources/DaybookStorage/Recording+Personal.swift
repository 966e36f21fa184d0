import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// What a posting that is recorded says of persons.
extension Recording {
    func mayBeNameless() throws -> Bool {
        try Bool.fetchOne(
            db, cached: "SELECT nameless FROM _laptop WHERE id = ?", arguments: [incoming.laptop.id]
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
        let naming = try Prepared(
            db, "INSERT OR IGNORE INTO _named (record, hash, book, posting) VALUES (?, ?, ?, ?)")
        for entry in entries {
            for change in entry.changes where change.namesSomebody {
                try naming.run([
                    .integer(change.record.rawValue), .integer(entry.personalHashName),
                    .integer(book), .integer(number),
                ])
            }
        }
        guard try Prepared(db, "SELECT 1 FROM _erased LIMIT 1").finds([]) else { return }
        let erased = try Prepared(
            db,
            """
            SELECT e.record FROM _named n JOIN _erased e ON e.record = n.record WHERE n.hash = ?
            """)
        var gone: Set<Stamp> = []
        for hash in Set(entries.map(\.personalHashName)) {
            gone.formUnion(try erased.all([.integer(hash)]) { $0.stamp(0) }.compactMap { $0 })
        }
        if !gone.isEmpty { _ = try Stripping(db, key: key).strip(gone.sorted()) }
    }
}
