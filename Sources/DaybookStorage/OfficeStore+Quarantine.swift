import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// What revoked laptops still bring: kept beside, signed as it is, until a person has looked at it (law 1).
extension OfficeStore {
    /// What one revoked laptop may leave here: the rest stays on it.
    public static let quarantineBytesMax: Int64 = 16 << 20

    /// One posting that was put aside.
    public struct Quarantined: Sendable {
        public let laptop: String
        public let posting: Posting
        public let hash: [UInt8]
        public let arrived: Moment
        public let sizeBytes: Int
    }

    /// What became of what was put aside.
    public struct Release: Hashable, Sendable, Codable {
        public var postings = 0
        public var entries = 0
        /// Of the first posting that could not be recorded: it and those after it stay where they are.
        public var refusal: UInt32?
        public var detail = ""
        /// Entries that stay where they are, since their names are taken by others.
        public var namesTaken = 0

        public init(postings: Int = 0, entries: Int = 0) {
            self.postings = postings
            self.entries = entries
        }
    }

    @discardableResult
    public func quarantine(_ posting: IncomingPosting) throws -> Bool {
        let received = posting.received
        let frame = try received.kept()
        return try transaction { db in
            // Whoever has the secret only, and not the key, leaves nothing.
            guard
                try Self.keys(db, of: posting.laptop.id).contains(where: {
                    $0.holds(received.signature, ofPosting: received.hash)
                })
            else {
                throw Refusal(
                    .signatureWrong, detail: "posting \(received.posting.number)")
            }
            let held = try Int64.fetchOne(
                db,
                cached: """
                    SELECT coalesce(sum(length(frame)), 0) FROM _quarantine WHERE laptop = ?
                    """,
                arguments: [posting.laptop.id])
            guard held ?? 0 < Self.quarantineBytesMax else { return false }
            try db.run(
                cached: """
                    INSERT OR IGNORE INTO _quarantine (laptop, hash, incarnation, number, frame,
                      wall, monotonic, boot, sent_at, arrived)
                    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    -- Not what was recorded before it was revoked.
                    WHERE NOT EXISTS (SELECT 1 FROM _posting WHERE book = ? AND hash = ?)
                    """,
                arguments: [
                    posting.laptop.id, blob(received.hash),
                    Int64(bitPattern: received.posting.incarnation),
                    Int64(clamping: received.posting.number), blob(frame),
                    posting.sent.wall.milliseconds, posting.sent.monotonicMilliseconds,
                    Int64(bitPattern: posting.sent.boot), posting.sentAt.milliseconds,
                    posting.arrived.milliseconds, posting.laptop.book, blob(received.hash),
                ])
            return true
        }
    }

    /// A laptop as of an incarnation, which begins here when nobody has heard of it.
    private func begun(_ id: Int64, incarnation: UInt64) throws -> KnownLaptop? {
        guard let known = try laptop(id, incarnation: incarnation), known.book == nil else {
            return try laptop(id, incarnation: incarnation)
        }
        try transaction { db in _ = try begin(db, incarnation, of: id) }
        return try laptop(id, incarnation: incarnation)
    }

    /// What was put aside, of all laptops or of one, in the order in which it was written.
    public func quarantined(of name: String? = nil) throws -> [Quarantined] {
        try reading { db in
            try Row.fetchAll(
                db,
                cached: """
                    SELECT l.name, q.frame, q.arrived FROM _quarantine q
                    JOIN _laptop l ON l.id = q.laptop WHERE l.name = ? OR ? IS NULL
                    ORDER BY l.name, q.incarnation, q.number, q.arrived
                    """,
                arguments: [name, name]
            ).map { row in
                let frame = row.bytes(1) ?? []
                let received = try ReceivedPosting(kept: frame)
                return Quarantined(
                    laptop: row[0], posting: received.posting, hash: received.hash,
                    arrived: Moment(milliseconds: row[2]), sizeBytes: frame.count)
            }
        }
    }

    /// Records what a person has looked at as if it had come before the laptop was revoked: at the laptop's scopes
    /// and with its people's rights, signed and judged as ever. Throws ``LaptopFault/unknown(_:)``.
    public func release(_ name: String) throws -> (release: Release, scopes: Set<Stamp>) {
        let rows = try reading { db in
            guard
                try Row.fetchOne(
                    db, cached: "SELECT 1 FROM _laptop WHERE name = ?", arguments: [name])
                    != nil
            else { throw LaptopFault.unknown(name) }
            return try Row.fetchAll(
                db,
                cached: """
                    SELECT q.laptop, q.hash, q.incarnation, q.frame, q.wall, q.monotonic, q.boot,
                      q.sent_at, q.arrived
                    FROM _quarantine q JOIN _laptop l ON l.id = q.laptop WHERE l.name = ?
                    ORDER BY q.incarnation, q.number, q.arrived
                    """,
                arguments: [name])
        }
        var release = Release()
        var scopes: Set<Stamp> = []
        /// What comes after a posting that cannot be recorded waits with it.
        var stuck: Set<UInt64> = []
        for row in rows {
            let incarnation = UInt64(bitPattern: row[2])
            guard !stuck.contains(incarnation),
                let laptop = try begun(row[0], incarnation: incarnation)
            else { continue }
            let received = try ReceivedPosting(kept: row.bytes(3) ?? [])
            var posting = IncomingPosting(
                laptop: laptop, received: received,
                sent: ClockReading(
                    wall: Moment(milliseconds: row[4]), monotonicMilliseconds: row[5],
                    boot: UInt64(bitPattern: row[6])),
                sentAt: Moment(milliseconds: row[7]), arrived: Moment(milliseconds: row[8]))
            posting.isReleased = true
            let (answers, touched) = try recordTelling([posting])
            guard case .success(let verdicts)? = answers.first else {
                if case .failure(let refusal)? = answers.first {
                    release.refusal = refusal.code?.rawValue
                    release.detail = refusal.detail
                }
                stuck.insert(incarnation)
                continue
            }
            release.namesTaken += verdicts.nameTaken.count
            // What could not be recorded under its names is nowhere else.
            guard verdicts.nameTaken.isEmpty else { continue }
            try transaction { db in
                try db.run(
                    cached: "DELETE FROM _quarantine WHERE laptop = ? AND hash = ?",
                    arguments: [laptop.id, blob(received.hash)])
            }
            release.postings += 1
            release.entries += received.posting.entries.count
            scopes.formUnion(touched)
        }
        return (release, scopes)
    }
}
