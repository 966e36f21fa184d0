import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension OfficeStore {
    public func backupMark() throws -> UInt64 {
        try reading { db in
            UInt64(try Int64.fetchOne(db, cached: "SELECT backup_mark FROM _book") ?? 0)
        }
    }

    public func regressed(to base: UInt64, seenBy laptop: KnownLaptop) throws {
        let noticed = surroundings.reading().wall
        try transaction { db in
            try db.run(
                cached: """
                    INSERT INTO _regression (run, base, laptop, noticed) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET base = min(base, excluded.base)
                    """,
                arguments: [
                    Int64(bitPattern: run.run), Int64(clamping: base), laptop.id,
                    noticed.milliseconds,
                ])
        }
    }

    public func regain(_ page: ReturnedPage, from laptop: KnownLaptop) throws -> UInt64 {
        let isProven = page.proven.holds(key)
        // What it was served for its people to read; of what was meant for another's only that it is there.
        let keys = try key.personalKeys(ofSecret: laptop.secretHash)
        let read = isProven ? (try? page.page.opened(by: keys)) ?? page.page : page.page
        return try transaction { db in
            let applying = try Applying(db, tables)
            if isProven || laptop.scopes.contains(page.page.scope) {
                let end = isProven ? try knownEnd(db, page.page.run) : 0
                for one in read.served where one.sequence > end || !isProven {
                    try applying.regain(
                        Applying.ComingBack(
                            id: one.record.id, tag: one.record.collection,
                            scope: page.page.scope, state: one.record,
                            sequence: Int64(clamping: one.sequence), isProven: isProven))
                }
                // What is gone needs head office's own word.
                for one in page.page.removed where one.sequence > end && isProven {
                    try applying.regain(
                        Applying.ComingBack(
                            id: one.id, tag: one.collection, scope: page.page.scope, state: nil,
                            sequence: Int64(clamping: one.sequence), isProven: true))
                }
            }
            try applying.flush()
            try db.run(
                cached:
                    "UPDATE _laptop SET changed = max(changed, ?), wipeable = NULL WHERE id = ?",
                arguments: [applying.sequence, laptop.id])
            return UInt64(applying.sequence)
        }
    }

    /// Up to which sequence this book remembers what that run served; 0 for a run that it never had.
    private func knownEnd(_ db: Database, _ run: UInt64) throws -> UInt64 {
        let row = try Row.fetchOne(
            db, cached: "SELECT ended FROM _run WHERE run = ?", arguments: [Int64(bitPattern: run)])
        guard let row else { return 0 }
        return (row[0] as Int64?).map { UInt64($0) } ?? .max
    }

    /// What is known of what head office lost and got back.
    public struct Recovery: Sendable {
        /// The last sequence that is certainly here from before; nil when nothing was ever lost.
        public let base: UInt64?
        /// Laptops that brought something back, and those that have not been heard from since.
        public let returned: [String]
        public let awaited: [String]
        /// Records that are here by states that came back, and of them those whose entries have not come.
        public let regained: Int64
        public let withoutEntry: Int64
        /// Records whose person's name did not come back with them.
        public let nameless: Int64
        /// Records that were born anew, since their names were taken.
        public let renamed: [Stamp]
        /// Entries that a laptop numbered and that did not come: laptop, first, last.
        public let missing: [(laptop: String, first: Int64, last: Int64)]
    }

    private func nameless(_ db: Database) throws -> Int64 {
        try tables.all.reduce(0) { sum, table in
            let sealed = table.definition.fields.filter(\.isPersonal)
                .map { "typeof(\(quoted($0.name))) = 'integer'" }
            guard !sealed.isEmpty else { return sum }
            let count = try Int64.fetchOne(
                db,
                cached: """
                    SELECT count(*) FROM \(quoted(table.definition.name))
                    WHERE \(sealed.joined(separator: " OR "))
                    """)
            return sum + (count ?? 0)
        }
    }

    /// Laptops that have not been heard from since head office lost something, by name.
    static func awaited(_ db: Database) throws -> [String] {
        guard let noticed = try Int64.fetchOne(db, cached: "SELECT min(noticed) FROM _regression")
        else { return [] }
        return try String.fetchAll(
            db,
            cached: """
                SELECT name FROM _laptop WHERE coalesce(heard, 0) < ? AND enrolled IS NOT NULL
                  AND revoked = 0 AND id NOT IN (SELECT laptop FROM _regression) ORDER BY 1
                """,
            arguments: [noticed])
    }

    public func recovery() throws -> Recovery {
        try reading { db in
            let base = try Int64.fetchOne(db, cached: "SELECT min(base) FROM _regression")
            let returned = try String.fetchAll(
                db,
                cached: """
                    SELECT DISTINCT l.name FROM _regression r JOIN _laptop l ON l.id = r.laptop
                    ORDER BY 1
                    """)
            let without = """
                SELECT count(*) FROM _regained g WHERE removed = 0 AND NOT EXISTS (
                  SELECT 1 FROM _entry e WHERE e.node = (g.record & \(Stamp.nodeMax))
                    AND e.first <= g.record AND e.last >= g.record)
                """
            let missing = try Row.fetchAll(
                db,
                cached: """
                    SELECT l.name, m.first, m.last FROM _missing m
                    JOIN _laptop l ON l.id = m.laptop
                    -- A copy of the book may have brought them since.
                    WHERE (SELECT count(DISTINCT e.number) FROM _entry e WHERE e.laptop = m.laptop
                      AND e.number BETWEEN m.first AND m.last) <= m.last - m.first
                    ORDER BY 1, 2
                    """)
            return Recovery(
                base: base.map { UInt64($0) }, returned: returned,
                awaited: try Self.awaited(db),
                regained: try Int64.fetchOne(db, cached: "SELECT count(*) FROM _regained") ?? 0,
                withoutEntry: try Int64.fetchOne(db, cached: without) ?? 0,
                nameless: try nameless(db),
                renamed: try Row.fetchAll(db, cached: "SELECT record FROM _reborn ORDER BY 1")
                    .compactMap { $0.stamp(0) },
                missing: missing.map { ($0[0], $0[1], $0[2]) })
        }
    }
}
