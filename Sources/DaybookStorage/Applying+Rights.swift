import DaybookModel
import DaybookSync
import GRDB

/// Who writes, and what of it a person has to look at.
extension Applying {
    /// Nil for head office itself.
    func writer(of entry: Entry, _ source: Source) -> Writer? {
        guard let rights = source.rights else { return nil }
        let person = entry.person.flatMap { rights.people.contains($0) ? $0 : nil }
        return Writer(scopes: rights.scopes) { [self] scope in
            let place = Place(person: person, scope: scope)
            if let known = standings[place] { return known }
            let standing = try view.standing(of: person, in: scope)
            standings[place] = standing
            return standing
        }
    }

    /// What a person has to look at of a laptop's.
    func count(
        _ matters: [Judgement.Matter], of entry: Entry, in laptop: Int64
    ) throws {
        guard !matters.isEmpty else { return }
        let records = Set(matters.map(\.record))
        let bytes = entry.changes.filter { records.contains($0.stamp) }
            .reduce(0) { $0 + $1.sizeBytes }
        try db.run(
            cached: "UPDATE _laptop SET matter_bytes = matter_bytes + ? WHERE id = ?",
            arguments: [bytes, laptop])
    }
}
