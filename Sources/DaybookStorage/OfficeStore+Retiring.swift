import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// How laptops go out of service.
extension OfficeStore {
    /// Asks a laptop for a last sync, or takes that back.
    public func retire(_ name: String, undo: Bool) throws {
        try transaction { db in
            try db.run(
                cached: "UPDATE _laptop SET retiring = ?, wipeable = NULL WHERE name = ?",
                arguments: [!undo, name])
            guard db.changesCount == 1 else { throw LaptopFault.unknown(name) }
        }
    }

    /// What a laptop was given.
    public struct Holdings: Sendable {
        public let enrolled: Moment?
        public let keys: Int64
        public let incarnations: Int64
        public let lastArrived: Moment?
        /// Of entries that made matters, since somebody looked.
        public let matterBytes: Int64
        public let records: [(scope: Stamp, count: Int64)]
        public let personal: [(collection: String, count: Int64)]
    }

    public func holdings(of name: String) throws -> Holdings {
        try reading { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT id, enrolled,
                      (SELECT count(*) FROM _laptop_key WHERE laptop = _laptop.id),
                      (SELECT count(*) FROM _incarnation WHERE laptop = _laptop.id),
                      (SELECT max(arrived) FROM _posting p JOIN _incarnation i ON i.id = p.book
                       WHERE i.laptop = _laptop.id), matter_bytes
                    FROM _laptop WHERE name = ?
                    """,
                arguments: [name])
            guard let row else { throw LaptopFault.unknown(name) }
            let id: Int64 = row[0]
            let records = try Row.fetchAll(
                db,
                cached: """
                    SELECT s.scope, coalesce(d.count, 0) FROM _laptop_scope s
                    LEFT JOIN _digest d ON d.scope = s.scope WHERE s.laptop = ? ORDER BY s.scope
                    """,
                arguments: [id]
            ).compactMap { row in row.stamp(0).map { (scope: $0, count: row[1] as Int64) } }
            let personal = try catalogue.collections
                .filter { $0.fields.contains(where: \.isPersonal) }
                .map { collection in
                    let count = try Int64.fetchOne(
                        db,
                        cached: """
                            SELECT count(*) FROM \(quoted(collection.name)) WHERE _scope IN
                              (SELECT scope FROM _laptop_scope WHERE laptop = ?)
                            """,
                        arguments: [id])
                    return (collection: collection.name, count: count ?? 0)
                }
            return Holdings(
                enrolled: (row[1] as Int64?).map(Moment.init(milliseconds:)), keys: row[2],
                incarnations: row[3],
                lastArrived: (row[4] as Int64?).map(Moment.init(milliseconds:)),
                matterBytes: row[5], records: records, personal: personal)
        }
    }

    public func safeToWipe(
        _ hello: Hello, of laptop: KnownLaptop, at now: Moment
    ) throws -> WipeReceipt? {
        guard hello.lastPosting == laptop.acknowledgedPosting,
            hello.lastPostingName == Array(laptop.acknowledgedHash.prefix(Terms.nameBytes)),
            laptop.book != nil
        else { return nil }
        return try transaction { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT organisation, backup_mark,
                      (SELECT changed FROM _laptop WHERE id = ?) FROM _book
                    """,
                arguments: [laptop.id])
            guard let row, let organisation = row.stamp(0) else { return nil }
            let mark: Int64 = row[1]
            guard mark >= row[2] else { return nil }
            try db.run(
                cached: "UPDATE _laptop SET wipeable = ? WHERE id = ? AND wipeable IS NULL",
                arguments: [now.milliseconds, laptop.id])
            return try key.signed(
                WipeReceipt(
                    organisation: organisation, incarnation: hello.incarnation,
                    lastPosting: hello.lastPosting, hash: laptop.acknowledgedHash,
                    time: now))
        }
    }
}
