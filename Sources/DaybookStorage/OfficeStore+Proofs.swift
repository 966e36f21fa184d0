import DaybookModel
import DaybookProtocol
import GRDB

/// What shows that a laptop wrote what the book says.
extension OfficeStore {
    /// One change of a record, with the signed posting that it came in.
    public struct Proof: Codable, Sendable {
        public let stamp: Stamp
        /// Empty when its entry is not here.
        public let laptop: String
        public let incarnation: UInt64
        public let posting: UInt64
        public let hash: [UInt8]
        public let arrived: Moment
        public let person: Stamp?
        /// ``PublicKey/name`` of the key that signed it; nil when none of the laptop's did.
        public let signedBy: [UInt8]?
        /// Whether the posting's bytes have that hash, and say what the book says.
        public let holdsChange: Bool
        /// How many postings before it are chained to it by their hashes, down to the first; nil when the chain has a
        /// gap.
        public let chain: UInt64?

        public var isProven: Bool { signedBy != nil && holdsChange && chain != nil }
    }

    /// Proofs of a record's birth, then of its edits in order of their stamps. What head office wrote itself has none;
    /// what came back without its entry is not proven.
    public func proofs(of record: Stamp) throws -> [Proof] {
        try reading { db in
            let edits = try Int64.fetchAll(
                db, cached: "SELECT DISTINCT stamp FROM _history WHERE record = ? AND stamp <> ?",
                arguments: [record.rawValue, record.rawValue])
            let removals = try Int64.fetchAll(
                db, cached: "SELECT stamp FROM _removal WHERE record = ? AND stamp > 0",
                arguments: [record.rawValue])
            let proving = Proving(db, try OfficeView(db, tables), key: key)
            return try ([record.rawValue] + (edits + removals).sorted())
                .compactMap { Stamp(rawValue: $0) }.compactMap { try proving.proof(of: $0) }
        }
    }

    /// Whether head office has, or had, the record.
    public func knows(_ record: Stamp) throws -> Bool {
        try reading { db in
            try Bool.fetchOne(
                db, cached: "SELECT EXISTS (SELECT 1 FROM _feed WHERE record = ?)",
                arguments: [record.rawValue]) ?? false
        }
    }
}

private final class Proving {
    private let db: Database
    private let view: OfficeView
    private let key: OfficeKey
    /// Of each book the last posting whose chain was walked to its beginning.
    private var walked: [Int64: (number: Int64, hash: [UInt8])] = [:]

    init(_ db: Database, _ view: OfficeView, key: OfficeKey) {
        self.db = db
        self.key = key
        self.view = view
    }

    /// Nil for what head office wrote itself.
    func proof(of stamp: Stamp) throws -> OfficeStore.Proof? {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT e.last, e.book, e.posting, e.hash, e.arrived, e.person, l.id, l.name,
                  i.incarnation, p.hash, p.frame, e.laptop
                FROM _entry e LEFT JOIN _incarnation i ON i.id = e.book
                LEFT JOIN _laptop l ON l.id = i.laptop
                LEFT JOIN _posting p ON p.book = e.book AND p.number = e.posting
                WHERE e.node = ? AND e.first <= ? ORDER BY e.first DESC LIMIT 1
                """,
            arguments: [stamp.node, stamp.rawValue])
        guard let row, (row[0] as Int64) >= stamp.rawValue else { return unproven(stamp) }
        if (row[11] as Int64) == 0 { return nil }
        guard let frame = row.bytes(10), let laptop: Int64 = row[6] else { return unproven(stamp) }
        let kept = try ReceivedPosting(kept: frame)
        let entry = try? kept.opened(by: key).first { $0.changes.contains { $0.stamp == stamp } }
        let change = entry?.changes.first { $0.stamp == stamp }
        let isWhole =
            kept.hash == row.bytes(9)
            && entry.map { sha256(Canonical.bytes(of: $0)) } == row.bytes(3)
        let signer = try OfficeStore.chainedKeys(db, of: laptop)
            .first { $0.holds(kept.signature, ofPosting: kept.hash) }
        return OfficeStore.Proof(
            stamp: stamp, laptop: row[7], incarnation: UInt64(bitPattern: row[8]),
            posting: UInt64(row[2] as Int64), hash: kept.hash,
            arrived: Moment(milliseconds: row[4]), person: row.stamp(5), signedBy: signer?.name,
            holdsChange: try isWhole && change.map { try isSaid($0) } ?? false,
            chain: try chain(to: kept, book: row[1]))
    }

    private func unproven(_ stamp: Stamp) -> OfficeStore.Proof {
        OfficeStore.Proof(
            stamp: stamp, laptop: "", incarnation: 0, posting: 0, hash: [], arrived: stamp.moment,
            person: nil, signedBy: nil, holdsChange: false, chain: nil)
    }

    /// Whether the book says what the change says.
    private func isSaid(_ change: Change) throws -> Bool {
        switch change {
        case .birth(let birth):
            guard let held = try view.held(birth.id, tag: birth.collection),
                held.scope == birth.scope
            else { return false }
            return try Set(held.fields.map(\.tag) + birth.fields.map(\.tag)).allSatisfy { tag in
                let said = birth.fields.value(tag)
                let isEdited = held.heads.contains { $0.tag == tag }
                guard isEdited else { return held.fields.value(tag) == said }
                return try kept(birth.id, tag, birth.id).map { $0 == said } ?? true
            }
        case .edit(let edit):
            guard let kept = try kept(edit.record, edit.field, edit.stamp), kept == edit.value,
                let held = try view.held(edit.record, tag: edit.collection)
            else { return false }
            return held.shownHead(of: edit.field) != edit.stamp
                || held.fields.value(edit.field) == edit.value
        case .removal(let removal):
            let row = try Row.fetchOne(
                db, cached: "SELECT seen FROM _removal WHERE record = ? AND stamp = ?",
                arguments: [removal.record.rawValue, removal.stamp.rawValue])
            return try row.map { try Canonical.stamps($0.bytes(0) ?? []) } == removal.seen
        }
    }

    /// The value that the book keeps of an edit or a birth; nil when it keeps none.
    private func kept(_ record: Stamp, _ field: UInt32, _ stamp: Stamp) throws -> Value?? {
        try Row.fetchOne(
            db, cached: "SELECT value FROM _history WHERE record = ? AND field = ? AND stamp = ?",
            arguments: [record.rawValue, Int64(field), stamp.rawValue]
        ).map { try Canonical.value($0.bytes(0) ?? []) }
    }

    /// Walks back by the hashes that each posting names.
    private func chain(to posting: ReceivedPosting, book: Int64) throws -> UInt64? {
        var wanted = posting.posting.previousHash
        var number = Int64(clamping: posting.posting.number) - 1
        while number > 0 {
            if let known = walked[book], known.number == number {
                guard known.hash == wanted else { return nil }
                break
            }
            let row = try Row.fetchOne(
                db, cached: "SELECT frame FROM _posting WHERE book = ? AND number = ?",
                arguments: [book, number])
            guard let kept = try row.map({ try ReceivedPosting(kept: $0.bytes(0) ?? []) }),
                kept.hash == wanted
            else { return nil }
            wanted = kept.posting.previousHash
            number -= 1
        }
        guard number > 0 || wanted.isEmpty else { return nil }
        walked[book] = (Int64(clamping: posting.posting.number), posting.hash)
        return posting.posting.number - 1
    }
}
