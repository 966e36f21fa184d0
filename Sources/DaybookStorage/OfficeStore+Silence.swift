import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Which laptops have not been heard from: whatever is shown may lack what they have not posted.
extension OfficeStore {
    /// A laptop that waits for news is heard from each minute; one that is not for so long is silent.
    public static let silentMilliseconds: Int64 = 1_800_000
    /// The book is told that a laptop lives once in so long: an idle exchange writes nothing.
    static let heardMilliseconds: Int64 = 3_600_000

    /// Something came from a laptop, a mere question for news too.
    public func noteAlive(_ laptop: Int64, at moment: Moment) {
        lastHeard.withLock { $0[laptop] = max($0[laptop] ?? moment, moment) }
    }

    /// All laptops in the field that are silent now, the longest silent first.
    public func silentLaptops(at now: Moment) throws -> [SilentLaptop] {
        try reading { db in try silent(db, at: now, sharing: nil) }
    }

    /// Silent laptops; those of the scopes of another only, with what they share but for the organisation's scope,
    /// which all hold.
    func silent(
        _ db: Database, at now: Moment, sharing other: KnownLaptop?
    ) throws -> [SilentLaptop] {
        let alive = lastHeard.withLock { $0 }
        let rows = try Row.fetchAll(
            db,
            cached: """
                SELECT id, name, heard FROM _laptop
                WHERE heard IS NOT NULL AND revoked = 0 AND wipeable IS NULL AND heard < ?
                ORDER BY name
                """,
            arguments: [now.milliseconds - Self.silentMilliseconds])
        let organisation = try OfficeView(db, tables).organisation
        let shared = other.map { Set($0.scopes) }
        var silent: [SilentLaptop] = []
        for row in rows {
            let id: Int64 = row[0]
            // Since this start nothing came: before it something may have, up to when the book would have been told.
            let since =
                alive[id]
                ?? Moment(milliseconds: row[2]).adding(milliseconds: Self.heardMilliseconds)
            guard id != other?.id, now.since(since) > Self.silentMilliseconds else { continue }
            let scopes = try Self.stamps(
                db, "SELECT scope FROM _laptop_scope WHERE laptop = ? ORDER BY scope", id
            ).filter { $0 != organisation && shared?.contains($0) ?? true }
            guard other == nil || !scopes.isEmpty else { continue }
            silent.append(SilentLaptop(name: row[1], since: since, scopes: scopes))
        }
        // The longest silent ones, as many as can be told.
        var room = Limits.silentScopesMax
        return silent.sorted { $0.since < $1.since }.prefix(Limits.silentMax)
            .prefix { laptop in
                room -= laptop.scopes.count
                return other == nil || room >= 0
            }
    }
}
