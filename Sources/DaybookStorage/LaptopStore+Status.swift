import DaybookModel
import DaybookProtocol
import GRDB

extension LaptopStore {
    /// How the book stands.
    public struct Status: Sendable {
        public let name: String
        public let office: String
        /// Entries that head office has not answered yet.
        public let unanswered: Int64
        /// The clocks when the oldest of them was written: its age is the laptop's health.
        public let oldestUnanswered: ClockReading?
        /// Sealed postings without verdicts: their bytes go out as they are.
        public let sealedPostings: Int64
        /// Refused edits that nobody has read.
        public let unreadRefusals: Int64
        /// Entries whose names are held by other content at head office.
        public let nameTaken: Int64
        /// Feed frames that a head office which has lost them is owed.
        public let framesOwed: Int64
        /// What is kept until head office's backup holds it: postings and frames.
        public let kept: Int64
        public let scopes: [ScopeStatus]
        public let shown: DaybookProtocol.Cursor?

        /// For how long the oldest entry has waited, in milliseconds; nil when none waits. Within one boot the
        /// monotonic clock tells, so that setting the wall clock makes no entry young.
        public func oldestUnansweredAge(now: ClockReading) -> Int64? {
            guard let oldest = oldestUnanswered else { return nil }
            guard oldest.boot == now.boot else { return max(0, now.wall.since(oldest.wall)) }
            return max(0, now.monotonicMilliseconds &- oldest.monotonicMilliseconds)
        }
    }

    public struct ScopeStatus: Sendable {
        public let scope: Stamp
        public let records: Int64
        public let digest: [UInt8]
        /// Whether the digest was another than head office's at the last moment.
        public let differs: Bool
        public let isLost: Bool
        /// False until the first whole moment with it.
        public let isShown: Bool
    }

    /// A refused edit.
    public struct Refused: Sendable {
        /// The edit's own.
        public let stamp: Stamp
        public let record: Stamp
        public let collection: UInt32
        /// 0 for a removal, and for a record that asked for what does not take effect.
        public let field: UInt32
        public let value: Value?
        public let reason: UInt32
        public let detail: String
        /// A record whose effect was refused; itself it stays.
        public var isOfEffect: Bool { stamp == record }
    }

    public func status() throws -> Status {
        try reading { db in
            let book = try Row.fetchOne(
                db, cached: "SELECT name, office, shown_run, shown_sequence FROM _book")
            // Also what was answered once by a head office that has lost it since.
            let waiting = """
                FROM _entry WHERE answered IS NULL AND name_taken = 0
                """
            let oldest = try Row.fetchOne(
                db, cached: "SELECT wall, monotonic, boot \(waiting) ORDER BY number LIMIT 1")
            let scopes = try Row.fetchAll(
                db,
                cached: """
                    SELECT scope, count, digest, differs, lost, shown FROM _scope ORDER BY scope
                    """)
            return Status(
                name: book?[0] ?? "", office: book?[1] ?? "",
                unanswered: try Int64.fetchOne(db, cached: "SELECT count(*) \(waiting)") ?? 0,
                oldestUnanswered: oldest.map { row in
                    ClockReading(
                        wall: Moment(milliseconds: row[0]), monotonicMilliseconds: row[1],
                        boot: UInt64(bitPattern: row[2] as Int64))
                },
                sealedPostings: try Int64.fetchOne(
                    db, cached: "SELECT count(*) FROM _posting WHERE answered IS NULL") ?? 0,
                unreadRefusals: try Int64.fetchOne(
                    db, cached: "SELECT count(*) FROM _inbox WHERE read = 0") ?? 0,
                nameTaken: try Int64.fetchOne(
                    db, cached: "SELECT count(*) FROM _entry WHERE name_taken = 1") ?? 0,
                framesOwed: try Int64.fetchOne(
                    db, cached: "SELECT count(*) FROM _kept WHERE owed = 1") ?? 0,
                kept: try Int64.fetchOne(
                    db,
                    cached: "SELECT (SELECT count(*) FROM _kept) + (SELECT count(*) FROM _posting)"
                ) ?? 0,
                scopes: scopes.compactMap { row in
                    row.stamp(0).map {
                        ScopeStatus(
                            scope: $0, records: row[1], digest: row.bytes(2) ?? [],
                            differs: row[3], isLost: row[4], isShown: row[5])
                    }
                },
                shown: (book?[2] as Int64?).map {
                    Cursor(
                        run: UInt64(bitPattern: $0), sequence: UInt64(book?[3] as Int64? ?? 0))
                })
        }
    }

    /// Refused edits, the latest last; they count as read from then on.
    public func readInbox() throws -> [Refused] {
        try transaction { db in
            let rows = try Row.fetchAll(
                db,
                cached: """
                    SELECT record, collection, field, value, reason, detail, stamp FROM _inbox
                    ORDER BY stamp
                    """)
            try db.run(cached: "UPDATE _inbox SET read = 1")
            return try rows.compactMap { row in
                guard let record = row.stamp(0), let stamp = row.stamp(6) else { return nil }
                return Refused(
                    stamp: stamp, record: record, collection: row[1], field: row[2],
                    value: try Canonical.value(row.bytes(3) ?? []), reason: row[4],
                    detail: row[5])
            }
        }
    }

    /// What a stamp of this book is called now: another, if its name was taken.
    public func currentName(of stamp: Stamp) throws -> Stamp {
        try reading { db in
            var name = stamp
            while let new = try Row.fetchOne(
                db, cached: "SELECT new FROM _renamed WHERE old = ?", arguments: [name.rawValue])?
                .stamp(0)
            { name = new }
            return name
        }
    }

    /// Whether an entry of this book wrote the stamp, as far as it still keeps its entries.
    public func wrote(_ stamp: Stamp) throws -> Bool {
        try reading { db in
            try Row.fetchOne(
                db,
                cached: "SELECT 1 FROM _entry WHERE node = ? AND first <= ? AND last >= ? LIMIT 1",
                arguments: [stamp.node, stamp.rawValue, stamp.rawValue]) != nil
        }
    }

    /// The stamps of the last entry that was written here, as far as its changes still wait.
    public func lastEntryStamps() throws -> [Stamp] {
        try reading { db in
            let row = try Row.fetchOne(
                db,
                cached: "SELECT \(EntryRange.columns) FROM _entry ORDER BY number DESC LIMIT 1")
            guard let row else { return [] }
            let range = try EntryRange(row)
            return (range.first.milliseconds...range.last.milliseconds).map {
                Stamp(milliseconds: $0, node: range.node)
            }
        }
    }
}
