import CSQLiteLibrary

/// The floor of every write: the plain C API on the same SQLite, the same columns, one cached statement.
final class FloorBook {
    /// What was to be done, and SQLite's word on it.
    struct Fault: Error {
        let what: String
        let message: String
    }

    private var db: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]

    /// A book in WAL mode that syncs every commit, as Daybook's do.
    init(path: String) throws {
        try check(sqlite3_open(path, &db), "open")
        try execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close(db)
    }

    func execute(_ sql: String) throws { try check(sqlite3_exec(db, sql, nil, nil, nil), sql) }

    /// A sign-up, a movement or another row of integers and texts.
    enum Cell {
        case integer(Int64)
        case text(String)
        case null
    }

    func run(_ sql: String, _ cells: [Cell]) throws {
        let statement = try prepared(sql)
        for (place, cell) in cells.enumerated() {
            let index = Int32(place + 1)
            switch cell {
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .text(let text):
                // Because: SQLite copies what is bound as transient (-1) before it returns.
                let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), transient)
            case .null: sqlite3_bind_null(statement, index)
            }
        }
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { try check(code, sql); return }
    }

    /// Each row's columns as text, as they stand until the next.
    func forEachRow(
        _ sql: String, columns: Int32, _ body: ([UnsafeBufferPointer<UInt8>]) throws -> Void
    ) throws {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v2(db, sql, -1, &statement, nil), sql)
        defer { sqlite3_finalize(statement) }
        while sqlite3_step(statement) == SQLITE_ROW {
            try body(
                (0..<columns).map { column in
                    UnsafeBufferPointer(
                        start: sqlite3_column_text(statement, column),
                        count: Int(sqlite3_column_bytes(statement, column)))
                })
        }
    }

    private func prepared(_ sql: String) throws -> OpaquePointer? {
        if let held = statements[sql] { return held }
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v2(db, sql, -1, &statement, nil), sql)
        statements[sql] = statement
        return statement
    }

    private func check(_ code: Int32, _ what: String) throws {
        guard code != SQLITE_OK else { return }
        throw Fault(what: what, message: String(cString: sqlite3_errmsg(db)))
    }
}

extension FloorBook {
    /// The columns of a sign-up, who wrote it and when.
    static let signups = """
        CREATE TABLE signup (
          id INTEGER PRIMARY KEY, event INTEGER NOT NULL, booth TEXT, name TEXT NOT NULL,
          phone TEXT, note TEXT, by INTEGER, at INTEGER NOT NULL
        ) STRICT
        """
    /// The look-ups that any such book needs.
    static let signupIndexes = """
        CREATE INDEX signup_event ON signup (event); CREATE INDEX signup_phone ON signup (phone)
        """

    static let insertSQL =
        "INSERT INTO signup (id, event, booth, name, phone, note, by, at) VALUES (?,?,?,?,?,?,?,?)"

    func insert(_ visitor: Input.Visitor, id: Int64, at: Int64) throws {
        try run(
            Self.insertSQL,
            [
                .integer(id), .integer(Int64(visitor.event)), .null, .text(visitor.name),
                .text(visitor.phone),
                visitor.note.map { .text($0) } ?? .null, .integer(7), .integer(at),
            ])
    }
}
