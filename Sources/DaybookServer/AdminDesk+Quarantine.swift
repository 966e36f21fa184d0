import DaybookModel
import DaybookProtocol
import DaybookStorage

/// Something that a revoked laptop brought, not recorded.
public struct QuarantinedChange: Codable, Sendable {
    public enum Kind: String, Codable, Sendable { case birth, edit, removal }

    public let laptop: String
    public let posting: UInt64
    public let arrived: Moment
    /// By the laptop's own clock.
    public let written: Moment
    public let person: String?
    public let kind: Kind
    public let record: Stamp
    /// The collection's name; empty for one that this head office does not know.
    public let collection: String
    public let fields: [FieldValue]
}

extension AdminDesk {
    /// Most changes in one list.
    private static let quarantinedMax = 10_000

    func quarantined(of laptop: String?, last: Int) throws -> AdminAnswer {
        let most = min(max(last, 1), Self.quarantinedMax)
        let held = try store.quarantined(of: laptop)
        let count = held.reduce(0) { $0 + $1.posting.entries.reduce(0) { $0 + $1.changes.count } }
        let changes = try store.read { view in
            try held.flatMap { one in
                try one.posting.entries.flatMap { entry in
                    let person = try entry.person.map { try view.title(of: $0) }
                    return entry.changes.map { change in
                        Self.line(change, of: entry, person, one, store.catalogue)
                    }
                }
            }
        }
        return .quarantined(Array(changes.suffix(most)), of: count)
    }

    private static func line(
        _ change: Change, of entry: Entry, _ person: String?, _ one: OfficeStore.Quarantined,
        _ catalogue: Catalogue
    ) -> QuarantinedChange {
        let (kind, record, tag, fields): (QuarantinedChange.Kind, Stamp, UInt32, [FieldValue]) =
            switch change {
            case .birth(let birth): (.birth, birth.id, birth.collection, birth.fields)
            case .edit(let edit):
                (
                    .edit, edit.record, edit.collection,
                    edit.value.map { [FieldValue(edit.field, $0)] } ?? []
                )
            case .removal(let removal): (.removal, removal.record, removal.collection, [])
            }
        return QuarantinedChange(
            laptop: one.laptop, posting: one.posting.number, arrived: one.arrived,
            written: entry.clock.wall, person: person, kind: kind, record: record,
            collection: catalogue[tag: tag]?.name ?? "", fields: fields)
    }
}
