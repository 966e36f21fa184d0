import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB
import Synchronization

/// A laptop's book: what head office last served, with the laptop's own unanswered entries laid on top.
///
/// Its methods are the transactions that keep the book's invariants; each is durable when it returns.
public final class LaptopStore: Sendable {
    public let path: String
    package let pool: any DatabaseWriter
    let tables: RecordTables
    public var catalogue: Catalogue { tables.catalogue }
    /// What somebody who works here has unlocked, as the machine's memory has it.
    private let keysAtHand = Mutex<(@Sendable () -> PersonalKeys?)?>(nil)

    private init(
        path: String, catalogue: Catalogue, create: Bool, disk: any BookDisk
    ) throws {
        self.path = path
        tables = RecordTables(catalogue)
        pool = try BookFile.open(
            path: path, role: .laptop, tables: tables, create: create,
            disk: disk)
    }

    /// From now on postings are packed closer when they are sent, as long as there are keys at hand.
    public func pack(with keys: @escaping @Sendable () -> PersonalKeys?) {
        keysAtHand.withLock { $0 = keys }
    }

    /// What is unlocked now.
    var unlocked: PersonalKeys? { keysAtHand.withLock { $0 }?() }

    /// Opens the book. Throws ``BookFault``.
    public static func open(
        path: String, catalogue: Catalogue, disk: any BookDisk = SystemDisk()
    ) throws -> LaptopStore {
        try LaptopStore(path: path, catalogue: catalogue, create: false, disk: disk)
    }

    /// Makes the book of a laptop that head office has enrolled with this key. Throws ``BookFault``.
    public static func create(
        path: String, catalogue: Catalogue, enrolled: Enrolled, key: DeviceKey, office: String,
        officeCertificate: [UInt8]? = nil, disk: any BookDisk = SystemDisk()
    ) throws -> LaptopStore {
        try BookFile.making(path: path, disk: disk) {
            let store = try LaptopStore(path: path, catalogue: catalogue, create: true, disk: disk)
            try store.keep(enrolled, key: key, office: office, officeCertificate)
            return store
        }
    }

    private func keep(
        _ enrolled: Enrolled, key: DeviceKey, office: String, _ officeCertificate: [UInt8]?
    ) throws {
        try transaction { db in
            try db.run(
                cached: """
                    UPDATE _book SET organisation = ?, incarnation = ?, node = ?, name = ?,
                      office = ?, secret = ?, certificate = ?, signing_key = ?,
                      office_key = ?, sealing_key = ?, office_certificate = ?
                    """,
                arguments: [
                    enrolled.organisation.rawValue, Int64(bitPattern: enrolled.incarnation),
                    enrolled.node, enrolled.laptop, office, blob(enrolled.secret),
                    blob(enrolled.certificate),
                    blob(key.bytes), blob(enrolled.officeKey.bytes),
                    blob(enrolled.sealingKey.bytes),
                    officeCertificate.map { blob($0) },
                ])
            try db.run(
                cached: "INSERT INTO _key_change (key, signature) VALUES (?, x'')",
                arguments: [blob(try key.publicKey.bytes)])
        }
    }

    /// Who this laptop is to head office.
    public struct Identity: Sendable {
        public let name: String
        public let office: String
        /// DER of the authority that head office's certificates are signed by; nil for a public one.
        public let officeCertificate: [UInt8]?
        public let secret: [UInt8]
        public let incarnation: UInt64
        public let organisation: Stamp
        /// Head office's own statement of the enrolment.
        public let certificate: [UInt8]
    }

    /// What is wrong with a book whose making was killed half-way.
    public static let noIdentity = "no identity"

    public func identity() throws -> Identity {
        try reading { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT name, office, secret, incarnation, organisation, certificate,
                      office_certificate FROM _book
                    """)
            guard let row, let organisation = row.stamp(4), let incarnation: Int64 = row[3] else {
                throw BookFault.damaged(path: path, detail: Self.noIdentity)
            }
            return Identity(
                name: row[0], office: row[1], officeCertificate: row.bytes(6),
                secret: row.bytes(2) ?? [],
                incarnation: UInt64(bitPattern: incarnation), organisation: organisation,
                certificate: row.bytes(5) ?? [])
        }
    }

    /// A consistent look into the book, held for as long as the closure runs.
    ///
    /// - Parameters:
    ///   - person: who looks; nil for nobody.
    ///   - keys: what that person unlocked; nil leaves what names persons sealed.
    public func read<Result>(
        person: Stamp? = nil, keys: PersonalKeys? = nil, _ body: (any BookView) throws -> Result
    ) throws -> Result {
        try reading { db in
            try body(try LaptopView(db, tables, person: person, keys: keys))
        }
    }

    /// Copies the book while it is in use. Throws ``BookFault``.
    public func copy(to path: String, disk: any BookDisk = SystemDisk()) throws {
        guard !disk.exists(path) else { throw BookFault.exists(path: path) }
        do {
            let target = try disk.writer(path, BookFile.configuration)
            try pool.backup(to: target)
            try target.close()
        } catch {
            throw BookFault.of(error, path: path) ?? error
        }
    }

    /// SQLite's own check of the whole file; what it found, or nothing.
    public func integrityFaults() throws -> [String] { try BookFile.integrityFaults(pool) }

    /// Changes with every commit of any process: what the agent watches.
    public func changeCounter() throws -> Int64 {
        do {
            return try pool.writeWithoutTransaction { db in
                try Int64.fetchOne(db, cached: "PRAGMA data_version") ?? 0
            }
        } catch {
            throw BookFault.of(error, path: path) ?? error
        }
    }

    func transaction<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try pool.write { db in
                try checkNotUpgraded(db)
                let result = try body(db)
                try Deriving.run(db, tables) { try StoreView(db, tables) }
                return result
            }
        } catch {
            throw BookFault.of(error, path: path) ?? error
        }
    }

    /// Another process of a newer release may have brought the book on while this one ran.
    private func checkNotUpgraded(_ db: Database) throws {
        let statement = try db.cachedStatement(sql: "SELECT catalogue FROM _book")
        guard try Int64.fetchOne(statement) ?? 0 <= Int64(catalogue.version) else {
            throw BookFault.newer(path: path)
        }
    }

    func reading<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try pool.read { db in try body(db) }
        } catch {
            throw BookFault.of(error, path: path) ?? error
        }
    }
}
