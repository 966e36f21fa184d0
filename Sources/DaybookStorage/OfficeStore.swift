import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB
import Synchronization

/// Head office's store of one organisation in an SQLite file: present state with its feed, history apart.
///
/// One process writes it at a time (the executable holds a lock); each start begins a run and takes a node.
public final class OfficeStore: Sendable {
    public let path: String
    let pool: DatabasePool
    let tables: RecordTables
    /// The run that this start began; sequence 0 of run 0 before ``beginRun(_:)``.
    private let begun = Mutex(Begun(run: Cursor(run: 0, sequence: 0), node: 0))
    public var catalogue: Catalogue { tables.catalogue }

    struct Begun {
        let run: Cursor
        let node: Int64
    }

    private init(path: String, catalogue: Catalogue, create: Bool) throws {
        self.path = path
        tables = RecordTables(catalogue)
        pool = try BookFile.open(path: path, role: .headOffice, tables: tables, create: create)
    }

    /// Opens the store. Throws ``BookFault``.
    public static func open(path: String, catalogue: Catalogue) throws -> OfficeStore {
        try OfficeStore(path: path, catalogue: catalogue, create: false)
    }

    /// Makes the store of a new organisation, whose record is the draft's first. Throws ``BookFault``.
    public static func create(
        path: String, catalogue: Catalogue, organisation: Draft, surroundings: any Surroundings
    ) throws -> OfficeStore {
        try BookFile.making(path: path) {
            let store = try OfficeStore(path: path, catalogue: catalogue, create: true)
            let reading = surroundings.reading()
            // The organisation's record is its own scope, so its name is needed before it is written.
            try store.transaction { db in
                var clock = StampClock(node: 1)
                let stamp = try clock.draw(wall: reading.wall)
                try db.execute(
                    sql:
                        "UPDATE _book SET organisation = ?, name = ?, next_node = 2, clock_last = ?",
                    arguments: [stamp.rawValue, organisation.collection, clock.last])
                let applying = try Applying(db, store.tables)
                try applying.foundOrganisation(organisation, id: stamp, clock: reading)
                try applying.flush()
            }
            return store
        }
    }

    /// Begins a run: a random id and the first sequence, beside where the run before ended.
    public func beginRun(_ surroundings: any Surroundings) throws {
        let random = surroundings.randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
        let begun = try transaction { db in
            let row = try Row.fetchOne(db, sql: "SELECT sequence, next_node FROM _book")
            guard let row else { throw BookFault.damaged(path: path, detail: "no book in it") }
            let (sequence, node): (Int64, Int64) = (row[0], row[1])
            guard node <= Stamp.nodeMax else { throw StampsExhausted() }
            try db.execute(
                sql: "UPDATE _run SET ended = ? WHERE ended IS NULL", arguments: [sequence])
            try db.execute(
                sql: "INSERT INTO _run (first, run) VALUES (?, ?)",
                arguments: [sequence + 1, Int64(bitPattern: random)])
            try db.execute(
                sql: "UPDATE _book SET run = ?, node = ?, next_node = ?, clock_last = -1",
                arguments: [Int64(bitPattern: random), node, node + 1])
            return Begun(run: Cursor(run: random, sequence: UInt64(sequence + 1)), node: node)
        }
        self.begun.withLock { $0 = begun }
    }

    public var run: DaybookProtocol.Cursor { begun.withLock { $0.run } }
    var node: Int64 { begun.withLock { $0.node } }

    public func read<Result>(_ body: (any BookView) throws -> Result) throws -> Result {
        try reading { db in try body(try OfficeView(db, tables)) }
    }

    /// SQLite's own check of the whole file; what it found, or nothing.
    public func integrityFaults() throws -> [String] { try BookFile.integrityFaults(pool) }

    func transaction<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try pool.write { db in try body(db) }
        } catch {
            throw BookFault.of(error, path: path) ?? error
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
