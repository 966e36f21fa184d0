import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension OfficeStore {
    /// How long an enrolment code holds.
    private static let codeMilliseconds: Int64 = 7 * 86_400_000

    /// What head office shows of a laptop.
    public struct LaptopLine: Sendable {
        public let id: Int64
        public let name: String
        public let isEnrolled: Bool
        public let isRevoked: Bool
        public let heard: Moment?
        /// How far its wall clock was ahead of head office's when it was last heard from.
        public let clockErrorMilliseconds: Int64?
        public let postings: Int64
        public let scopes: [Stamp]
        public let people: [Stamp]
        public let isRetiring: Bool
        /// When it was signed that it may be wiped.
        public let wipeable: Moment?
    }

    /// What is wrong with a laptop that a person asks for.
    public enum LaptopFault: Error, Hashable, Sendable {
        case nameHeld(String)
        case notAScope(Stamp)
        case unknown(String)
        case tooManyScopes
        case tooManyPeople
    }

    /// Assigns a laptop; it enrols with the code that this returns. The organisation's scope is always its own.
    public func addLaptop(
        name: String, people: [Stamp], scopes: [Stamp], code: String, now: Moment
    ) throws {
        try transaction { db in
            let view = try OfficeView(db, tables)
            for scope in scopes {
                guard let record = try view.records.find(scope), record.scope == scope else {
                    throw LaptopFault.notAScope(scope)
                }
            }
            guard scopes.count < Limits.scopesMax else { throw LaptopFault.tooManyScopes }
            guard people.count <= Limits.peopleMax else { throw LaptopFault.tooManyPeople }
            let held = try Row.fetchOne(
                db, cached: "SELECT 1 FROM _laptop WHERE name = ?", arguments: [name])
            guard held == nil else { throw LaptopFault.nameHeld(name) }
            try db.run(
                cached: "INSERT INTO _laptop (name, code_hash, code_expires) VALUES (?, ?, ?)",
                arguments: [
                    name, blob(sha256(Array(code.utf8))),
                    now.milliseconds + Self.codeMilliseconds,
                ])
            let id = db.lastInsertedRowID
            for scope in Set(scopes).union([view.organisation]) {
                try db.run(
                    cached: "INSERT INTO _laptop_scope VALUES (?, ?)",
                    arguments: [id, scope.rawValue])
            }
            for person in Set(people) {
                try db.run(
                    cached: "INSERT INTO _laptop_person VALUES (?, ?)",
                    arguments: [id, person.rawValue])
            }
        }
    }

    /// Gives or takes scopes of a laptop; it hears of it at its next exchange.
    public func setScopes(of name: String, to scopes: [Stamp]) throws {
        try transaction { db in
            let id = try Int64.fetchOne(
                db, cached: "SELECT id FROM _laptop WHERE name = ?", arguments: [name])
            guard let id else { throw LaptopFault.unknown(name) }
            guard scopes.count < Limits.scopesMax else { throw LaptopFault.tooManyScopes }
            let view = try OfficeView(db, tables)
            try db.run(cached: "DELETE FROM _laptop_scope WHERE laptop = ?", arguments: [id])
            for scope in Set(scopes).union([view.organisation]) {
                guard let record = try view.records.find(scope), record.scope == scope else {
                    throw LaptopFault.notAScope(scope)
                }
                try db.run(
                    cached: "INSERT INTO _laptop_scope VALUES (?, ?)",
                    arguments: [id, scope.rawValue])
            }
        }
    }

    /// Gives a laptop that was never heard from another code; the one before, and a key that used it, are good for
    /// nothing any more.
    public func renewCode(of name: String, code: String, now: Moment) throws {
        try transaction { db in
            try db.run(
                cached: """
                    UPDATE _laptop SET code_hash = ?, code_expires = ?, secret_hash = NULL
                    WHERE name = ? AND heard IS NULL AND revoked = 0
                    """,
                arguments: [
                    blob(sha256(Array(code.utf8))), now.milliseconds + Self.codeMilliseconds, name,
                ])
            guard db.changesCount == 1 else { throw LaptopFault.unknown(name) }
            try db.run(
                cached: """
                    UPDATE _laptop_key SET dead = 1
                    WHERE laptop = (SELECT id FROM _laptop WHERE name = ?)
                    """,
                arguments: [name])
        }
    }

    /// Takes a laptop out of service: its next exchange is refused.
    public func revoke(_ name: String) throws {
        try transaction { db in
            try db.run(cached: "UPDATE _laptop SET revoked = 1 WHERE name = ?", arguments: [name])
            guard db.changesCount == 1 else { throw LaptopFault.unknown(name) }
        }
    }

    func begin(_ db: Database, _ incarnation: UInt64, of laptop: Int64) throws -> Int64 {
        let node = try Self.takeNode(db, surroundings)
        try db.run(
            cached: "INSERT INTO _incarnation (laptop, incarnation, node) VALUES (?, ?, ?)",
            arguments: [laptop, Int64(bitPattern: incarnation), node])
        return node
    }

    /// Whether the laptop was taken out by force.
    public func isRevoked(_ id: Int64) throws -> Bool {
        try reading { db in
            try Bool.fetchOne(
                db, cached: "SELECT revoked FROM _laptop WHERE id = ?", arguments: [id]) ?? true
        }
    }

    /// The laptop that holds the secret.
    public func laptopID(secret: [UInt8]) throws -> Int64? {
        try reading { db in
            try Int64.fetchOne(
                db, cached: "SELECT id FROM _laptop WHERE secret_hash = ?",
                arguments: [blob(sha256(secret))])
        }
    }

    public func laptop(_ id: Int64, incarnation: UInt64) throws -> KnownLaptop? {
        try reading { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT l.name, l.revoked, i.id, i.last_posting, i.last_posting_hash,
                      i.renews_node, l.clock_error, l.retiring, l.secret_hash
                    FROM _laptop l LEFT JOIN _incarnation i
                      ON i.laptop = l.id AND i.incarnation = ?
                    WHERE l.id = ?
                    """,
                arguments: [Int64(bitPattern: incarnation), id])
            guard let row else { return nil }
            let scopes = try Self.stamps(
                db, "SELECT scope FROM _laptop_scope WHERE laptop = ? ORDER BY scope", id)
            let people = try Self.stamps(
                db, "SELECT person FROM _laptop_person WHERE laptop = ? ORDER BY person", id)
            return KnownLaptop(
                id: id, book: row[2], name: row[0], incarnation: incarnation, scopes: scopes,
                people: people, isRevoked: row[1], isRetiring: row[7],
                acknowledgedPosting: UInt64(row[3] as Int64? ?? 0),
                acknowledgedHash: row.bytes(4) ?? [], renewsNode: row[5] as Bool? ?? false,
                clockErrorMilliseconds: row[6] as Int64? ?? 0,
                keyName: try Self.keys(db, of: id).last?.name ?? [], secretHash: row.bytes(8) ?? [],
                personal: try OfficeView(db, tables).personalReading(of: people, in: scopes))
        }
    }

    public func laptops() throws -> [LaptopLine] {
        let alive = lastHeard.withLock { $0 }
        return try reading { db in
            let rows = try Row.fetchAll(
                db,
                cached: """
                    SELECT id, name, enrolled, revoked, heard, clock_error, (
                      SELECT coalesce(sum(last_posting), 0) FROM _incarnation
                      WHERE laptop = _laptop.id), retiring, wipeable
                    FROM _laptop ORDER BY name
                    """)
            return try rows.map { row in
                LaptopLine(
                    id: row[0], name: row[1], isEnrolled: (row[2] as Int64?) != nil,
                    isRevoked: row[3],
                    heard: (row[4] as Int64?).map {
                        max(Moment(milliseconds: $0), alive[row[0]] ?? Moment(milliseconds: $0))
                    },
                    clockErrorMilliseconds: row[5], postings: row[6],
                    scopes: try Self.stamps(
                        db, "SELECT scope FROM _laptop_scope WHERE laptop = ? ORDER BY scope",
                        row[0]),
                    people: try Self.stamps(
                        db, "SELECT person FROM _laptop_person WHERE laptop = ? ORDER BY person",
                        row[0]), isRetiring: row[7],
                    wipeable: (row[8] as Int64?).map(Moment.init(milliseconds:)))
            }
        }
    }

    public func newNode(for laptop: KnownLaptop) throws -> Int64 {
        try transaction { db in
            let node = try Self.takeNode(db, surroundings)
            try db.run(
                cached: "UPDATE _incarnation SET node = ?, renews_node = 0 WHERE id = ?",
                arguments: [node, laptop.book])
            return node
        }
    }

    public func newIncarnation(
        for laptop: KnownLaptop
    ) throws -> (incarnation: UInt64, node: Int64) {
        let incarnation = surroundings.randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) } | 1
        return try transaction { db in
            // Both draw stamps from the same node until they hear of it.
            try db.run(
                cached: "UPDATE _incarnation SET renews_node = 1 WHERE id = ?",
                arguments: [laptop.book])
            return (incarnation, try begin(db, incarnation, of: laptop.id))
        }
    }

    /// The book hears of it once an hour, and after something was lost: then it is told who has come since.
    public func heard(
        from laptop: Int64, at moment: Moment, clockErrorMilliseconds: Int64
    ) throws {
        noteAlive(laptop, at: moment)
        let isKnown = try reading { db in
            try Bool.fetchOne(
                db,
                cached: """
                    SELECT ? - heard < ? AND heard >= coalesce(
                      (SELECT max(noticed) FROM _regression), heard)
                    FROM _laptop WHERE id = ? AND heard NOT NULL
                    """,
                arguments: [moment.milliseconds, Self.heardMilliseconds, laptop]) ?? false
        }
        guard !isKnown else { return }
        try transaction { db in
            try db.run(
                cached:
                    "UPDATE _laptop SET heard = ?, clock_error = ?, code_hash = NULL WHERE id = ?",
                arguments: [moment.milliseconds, clockErrorMilliseconds, laptop])
        }
    }

    static func stamps(_ db: Database, _ sql: String, _ id: Int64) throws -> [Stamp] {
        try Row.fetchAll(db, cached: sql, arguments: [id]).compactMap { $0.stamp(0) }
    }
}

extension OfficeStore {
    /// The scopes that a laptop may hold; none for one that is not known.
    public func scopes(of name: String) throws -> [Stamp] {
        try reading { db in
            try Row.fetchAll(
                db,
                cached: """
                    SELECT s.scope FROM _laptop_scope s JOIN _laptop l ON l.id = s.laptop
                    WHERE l.name = ? ORDER BY 1
                    """,
                arguments: [name]
            ).compactMap { $0.stamp(0) }
        }
    }

    public func scopes(ofLaptop id: Int64) throws -> [Stamp] {
        try reading { db in
            try Self.stamps(
                db, "SELECT scope FROM _laptop_scope WHERE laptop = ? ORDER BY scope", id)
        }
    }

    /// The laptop that sealed a bundle, and the hash of its secret; nil for a bundle of nobody known here. A head
    /// office that was restored may not know the incarnation, but the laptop.
    public func laptop(thatSealed bundle: BundleFile.Opened) throws -> (
        id: Int64, secretHash: [UInt8]
    )? {
        let rows = try reading { db in
            try Row.fetchAll(
                db,
                cached: """
                    SELECT l.id, l.secret_hash FROM _laptop l LEFT JOIN _incarnation i
                      ON i.laptop = l.id AND i.incarnation = ?
                    WHERE l.secret_hash IS NOT NULL ORDER BY i.id IS NULL
                    """,
                arguments: [Int64(bitPattern: bundle.head.incarnation)])
        }
        for row in rows {
            let hash = row.bytes(1) ?? []
            if bundle.isSealed(by: hash) { return (row[0], hash) }
        }
        return nil
    }
}
