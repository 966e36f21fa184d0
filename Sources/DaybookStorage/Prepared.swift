import DaybookModel
import GRDB
import GRDBSQLite

/// What a statement is given.
enum Cell {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    static func stamp(_ stamp: Stamp?) -> Cell { stamp.map { .integer($0.rawValue) } ?? .null }
    static func optional(_ number: Int64?) -> Cell { number.map { .integer($0) } ?? .null }
    static func optional(_ text: String?) -> Cell { text.map { .text($0) } ?? .null }
}

/// A statement with nothing between it and SQLite: for what is done for each record of a sync, where GRDB's copies
/// of arguments and rows cost several times what SQLite does. GRDB prepares and keeps it.
struct Prepared {
    private let statement: Statement
    private let handle: OpaquePointer

    /// One that the connection keeps. It must not run again before it has ended.
    init(_ db: Database, _ sql: String) throws {
        self.init(try db.cachedStatement(sql: sql))
    }

    /// For rows that are walked while others are asked for: one of its own when the one that is kept is being walked.
    init(walking db: Database, _ sql: String) throws {
        let kept = try db.cachedStatement(sql: sql)
        self.init(
            sqlite3_stmt_busy(kept.sqliteStatement) == 0 ? kept : try db.makeStatement(sql: sql))
    }

    private init(_ statement: Statement) {
        self.statement = statement
        handle = statement.sqliteStatement
    }

    /// Writes.
    func run(_ cells: [Cell]) throws {
        defer { sqlite3_reset(handle) }
        try bind(cells)
        while try step() {}
    }

    /// The first row, if there is one.
    func first<Result>(_ cells: [Cell], _ body: (Columns) throws -> Result) throws -> Result? {
        defer { sqlite3_reset(handle) }
        try bind(cells)
        return try step() ? body(Columns(handle: handle)) : nil
    }

    /// Whether there is a row.
    func finds(_ cells: [Cell]) throws -> Bool { try first(cells) { _ in } != nil }

    func all<Result>(_ cells: [Cell], _ body: (Columns) throws -> Result) throws -> [Result] {
        var found: [Result] = []
        try forEach(cells) {
            found.append(try body($0)); return true
        }
        return found
    }

    /// Row by row, until the body says false.
    func forEach(_ cells: [Cell] = [], _ body: (Columns) throws -> Bool) throws {
        defer { sqlite3_reset(handle) }
        try bind(cells)
        while try step() {
            guard try body(Columns(handle: handle)) else { return }
        }
    }

    private func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw fault(code)
        }
    }

    private func bind(_ cells: [Cell]) throws {
        precondition(cells.count == sqlite3_bind_parameter_count(handle), statement.sql)
        var place: Int32 = 0
        for cell in cells {
            place += 1
            let code: Int32
            switch cell {
            case .null: code = sqlite3_bind_null(handle, place)
            case .integer(let number): code = sqlite3_bind_int64(handle, place, number)
            case .text(var text):
                code = text.withUTF8 { utf8 in
                    utf8.withMemoryRebound(to: CChar.self) {
                        // Of no text an address would be missing, and it would be NULL.
                        sqlite3_bind_text(
                            handle, place, $0.baseAddress ?? UnsafePointer(Self.nothing),
                            Int32($0.count), Self.copied)
                    }
                }
            case .bytes(let bytes):
                code =
                    bytes.isEmpty
                    ? sqlite3_bind_zeroblob(handle, place, 0)
                    : bytes.withUnsafeBytes {
                        sqlite3_bind_blob(
                            handle, place, $0.baseAddress, Int32($0.count), Self.copied)
                    }
            }
            guard code == SQLITE_OK else { throw fault(code) }
        }
    }

    // Because: SQLite's SQLITE_TRANSIENT is the address -1; what is bound so is copied before it returns.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    nonisolated(unsafe) private static let nothing: UnsafeMutablePointer<CChar> = {
        // Because: it is written once, here, and only its address is used.
        let empty = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        empty.initialize(to: 0)
        return empty
    }()

    private func fault(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqlite3_errmsg(sqlite3_db_handle(handle)).map { String(cString: $0) },
            sql: statement.sql)
    }
}

/// A row, for as long as its statement stands on it.
struct Columns {
    fileprivate let handle: OpaquePointer

    func isNull(_ index: Int) -> Bool {
        sqlite3_column_type(handle, Int32(index)) == SQLITE_NULL
    }

    /// 0 for NULL.
    func integer(_ index: Int) -> Int64 { sqlite3_column_int64(handle, Int32(index)) }

    func optionalInteger(_ index: Int) -> Int64? { isNull(index) ? nil : integer(index) }

    func text(_ index: Int) -> String? {
        guard let start = sqlite3_column_text(handle, Int32(index)) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, Int32(index)))
        return String(
            decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A blob's bytes; none for NULL.
    func bytes(_ index: Int) -> [UInt8]? {
        guard !isNull(index) else { return nil }
        let start = sqlite3_column_blob(handle, Int32(index))
        let count = Int(sqlite3_column_bytes(handle, Int32(index)))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    func stamp(_ index: Int) -> Stamp? {
        isNull(index) ? nil : Stamp(rawValue: integer(index))
    }

    func isText(_ index: Int) -> Bool {
        sqlite3_column_type(handle, Int32(index)) == SQLITE_TEXT
    }
}
