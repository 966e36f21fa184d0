import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Laptops' keys, and the postings that they signed.
extension OfficeStore {
    public func learn(_ changes: [KeyChange], of laptop: KnownLaptop) throws {
        try transaction { db in
            var keys = try Self.keys(db, of: laptop.id)
            for change in changes where !keys.contains(change.key) {
                guard keys.contains(where: { $0.holds(change) }) else { continue }
                try Self.add(db, change.key, of: laptop.id)
                keys.append(change.key)
            }
        }
    }

    /// A laptop's keys, the first one first.
    static func keys(_ db: Database, of laptop: Int64) throws -> [PublicKey] {
        try Row.fetchAll(
            db, sql: "SELECT key FROM _laptop_key WHERE laptop = ? ORDER BY id",
            arguments: [laptop]
        ).map { try PublicKey($0.bytes(0) ?? []) }
    }

    static func add(_ db: Database, _ key: PublicKey, of laptop: Int64) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO _laptop_key (laptop, key) VALUES (?, ?)",
            arguments: [laptop, blob(key.bytes)])
    }

    /// What shows that a laptop's person wrote one change: the posting that it came in.
    public struct Proof: Codable, Sendable {
        public let stamp: Stamp
        public let laptop: String
        public let incarnation: UInt64
        public let posting: UInt64
        public let hash: [UInt8]
        public let arrived: Moment
        public let person: Stamp?
        /// ``PublicKey/name`` of the key that signed it; nil when none of the laptop's did.
        public let signedBy: [UInt8]?
        /// Whether the posting's bytes have that hash, and the change is in them as it was recorded.
        public let holdsChange: Bool
        /// How many postings before it are chained to it by their hashes, down to the first; nil when the chain has a
        /// gap.
        public let chain: UInt64?

        public var isProven: Bool { signedBy != nil && holdsChange && chain != nil }
    }

    /// Proofs of a record's birth, then of its edits in order of their stamps. What head office wrote itself,
    /// and what came back without its entry, has none.
    public func proofs(of record: Stamp) throws -> [Proof] {
        try reading { db in
            let edits = try Int64.fetchAll(
                db, sql: "SELECT DISTINCT stamp FROM _history WHERE record = ? AND stamp <> ?",
                arguments: [record.rawValue, record.rawValue])
            let removals = try Int64.fetchAll(
                db, sql: "SELECT stamp FROM _removal WHERE record = ? AND stamp > 0",
                arguments: [record.rawValue])
            return try ([record.rawValue] + (edits + removals).sorted())
                .compactMap { Stamp(rawValue: $0) }.compactMap { try Self.proof(db, of: $0) }
        }
    }

    private static func proof(_ db: Database, of stamp: Stamp) throws -> Proof? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT e.last, e.book, e.posting, e.hash, e.arrived, e.person, l.id, l.name,
                  i.incarnation, p.hash, p.frame
                FROM _entry e JOIN _incarnation i ON i.id = e.book
                JOIN _laptop l ON l.id = i.laptop
                JOIN _posting p ON p.book = e.book AND p.number = e.posting
                WHERE e.node = ? AND e.first <= ? ORDER BY e.first DESC LIMIT 1
                """,
            arguments: [stamp.node, stamp.rawValue])
        guard let row, (row[0] as Int64) >= stamp.rawValue else { return nil }
        let kept = try ReceivedPosting(kept: row.bytes(10) ?? [])
        let entry = kept.posting.entries.first { $0.changes.contains { $0.stamp == stamp } }
        let isWhole =
            kept.hash == row.bytes(9)
            && entry.map { sha256(Canonical.bytes(of: $0)) } == row.bytes(3)
        let signer = try keys(db, of: row[6])
            .first { $0.holds(kept.signature, ofPosting: kept.hash) }
        return Proof(
            stamp: stamp, laptop: row[7], incarnation: UInt64(bitPattern: row[8]),
            posting: UInt64(row[2] as Int64), hash: kept.hash,
            arrived: Moment(milliseconds: row[4]), person: row.stamp(5), signedBy: signer?.name,
            holdsChange: isWhole, chain: try chain(db, to: kept, book: row[1]))
    }

    /// Walks back by the hashes that each posting names.
    private static func chain(
        _ db: Database, to posting: ReceivedPosting, book: Int64
    ) throws -> UInt64? {
        var wanted = posting.posting.previousHash
        var number = Int64(clamping: posting.posting.number) - 1
        while number > 0 {
            let row = try Row.fetchOne(
                db, sql: "SELECT frame FROM _posting WHERE book = ? AND number = ?",
                arguments: [book, number])
            guard let kept = try row.map({ try ReceivedPosting(kept: $0.bytes(0) ?? []) }),
                kept.hash == wanted
            else { return nil }
            wanted = kept.posting.previousHash
            number -= 1
        }
        return wanted.isEmpty ? posting.posting.number - 1 : nil
    }
}
