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
    package let pool: any DatabaseWriter
    let tables: RecordTables
    /// The run that this start began; sequence 0 of run 0 before ``beginRun(_:)``.
    private let begun = Mutex(Begun(run: Cursor(run: 0, sequence: 0), node: 0))
    /// When each laptop was last heard from since this start: the book is told once an hour only.
    let lastHeard = Mutex<[Int64: Moment]>([:])
    public var catalogue: Catalogue { tables.catalogue }

    struct Begun {
        let run: Cursor
        let node: Int64
        var key = OfficeKey(bytes: [])
        var surroundings: (any Surroundings)?
    }

    private init(
        path: String, catalogue: Catalogue, create: Bool, disk: any BookDisk
    ) throws {
        self.path = path
        tables = RecordTables(catalogue)
        pool = try BookFile.open(
            path: path, role: .headOffice, tables: tables, create: create,
            disk: disk)
    }

    /// Opens the store. Throws ``BookFault``.
    public static func open(
        path: String, catalogue: Catalogue, disk: any BookDisk = SystemDisk()
    ) throws -> OfficeStore {
        try OfficeStore(path: path, catalogue: catalogue, create: false, disk: disk)
    }

    /// Makes the store of a new organisation, whose record is the draft's first. Throws ``BookFault``.
    public static func create(
        path: String, catalogue: Catalogue, organisation: Draft, surroundings: any Surroundings,
        disk: any BookDisk = SystemDisk()
    ) throws -> OfficeStore {
        try BookFile.making(path: path, disk: disk) {
            let store = try OfficeStore(path: path, catalogue: catalogue, create: true, disk: disk)
            let reading = surroundings.reading()
            // The organisation's record is its own scope, so its name is needed before it is written.
            try store.transaction { db in
                var clock = StampClock(node: try Self.takeNode(db, surroundings))
                let stamp = try clock.draw(wall: reading.wall)
                try db.run(
                    cached: "UPDATE _book SET organisation = ?, name = ?, clock_last = ?, key = ?",
                    arguments: [
                        stamp.rawValue, organisation.collection, clock.last,
                        blob(surroundings.randomBytes(OfficeKey.sizeBytes)),
                    ])
                let applying = try Applying(db, store.tables)
                try applying.foundOrganisation(organisation, id: stamp, clock: reading)
                try applying.flush()
            }
            return store
        }
    }

    /// Begins a run: a random id and the first sequence, beside where the run before ended.
    ///
    /// The first sequence is that of the time, if the time is past the last one: so a run that begins after
    /// another has larger sequences than it, even when this book has forgotten the other.
    public func beginRun(_ surroundings: any Surroundings) throws {
        let random = surroundings.randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
        let sinceEpoch = surroundings.reading().wall.since(
            Moment(milliseconds: Stamp.epochMilliseconds))
        let begun = try transaction { db in
            let row = try Row.fetchOne(db, cached: "SELECT sequence, key FROM _book")
            guard let row, let key = row.bytes(1) else {
                throw BookFault.damaged(path: path, detail: "no book in it")
            }
            let sequence: Int64 = row[0]
            let ofTime = min(max(sinceEpoch, 0), Stamp.millisecondsMax) << Self.sequenceBits
            let first = max(sequence + 1, ofTime)
            let node = try Self.takeNode(db, surroundings)
            try db.run(
                cached: "UPDATE _run SET ended = ? WHERE ended IS NULL", arguments: [sequence])
            try db.run(
                cached: "INSERT INTO _run (first, run) VALUES (?, ?)",
                arguments: [first, Int64(bitPattern: random)])
            try db.run(
                cached: "UPDATE _book SET run = ?, node = ?, clock_last = -1, sequence = ?",
                arguments: [Int64(bitPattern: random), node, first - 1])
            let applying = try Applying(db, tables)
            try applying.decideLate(at: surroundings.reading().wall)
            try applying.flush()
            return Begun(
                run: Cursor(run: random, sequence: UInt64(first)), node: node,
                key: OfficeKey(bytes: key), surroundings: surroundings)
        }
        self.begun.withLock { $0 = begun }
    }

    /// A thousand changes in each millisecond, for ever, before a run's sequences pass those of the time.
    private static let sequenceBits: Int64 = 10

    /// A node that was never taken: drawn at random, so that a book which has forgotten whom it gave nodes to
    /// hardly gives one again; and if it does, the names that clash are found.
    static func takeNode(_ db: Database, _ surroundings: any Surroundings) throws -> Int64 {
        for _ in 0..<64 {
            let random = surroundings.randomBytes(4).reduce(0) { $0 << 8 | Int64($1) }
            let node = random & Stamp.nodeMax
            guard node > 0 else { continue }
            try db.run(
                cached: "INSERT OR IGNORE INTO _node (node) VALUES (?)", arguments: [node])
            if db.changesCount == 1 { return node }
        }
        throw StampsExhausted()
    }

    public var run: DaybookProtocol.Cursor { begun.withLock { $0.run } }
    var node: Int64 { begun.withLock { $0.node } }
    /// Proves what this head office says.
    public var key: OfficeKey { begun.withLock { $0.key } }

    /// - Precondition: a run was begun.
    var surroundings: any Surroundings {
        guard let surroundings = begun.withLock({ $0.surroundings }) else {
            preconditionFailure("a run is begun before laptops come")
        }
        return surroundings
    }

    public func read<Result>(_ body: (any BookView) throws -> Result) throws -> Result {
        try reading { db in try body(try OfficeView(db, tables)) }
    }

    /// SQLite's own check of the whole file; what it found, or nothing.
    public func integrityFaults() throws -> [String] { try BookFile.integrityFaults(pool) }

    func transaction<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try pool.write { db in
                let result = try body(db)
                try Deriving.run(db, tables) { try OfficeView(db, tables) }
                return result
            }
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
