/// A row of a file being imported: its line, and its cells by the names of their columns.
public struct ImportRow: Hashable, Sendable, Codable {
    /// Counted from 1, where the row begins.
    public let line: Int
    public var cells: [String: String]

    public init(line: Int, cells: [String: String]) {
        self.line = line
        self.cells = cells
    }
}

/// What is wrong with a row.
public struct ImportFault: Hashable, Sendable, Codable, Error {
    public let line: Int
    /// The column's name; nil for the whole row.
    public let column: String?
    public let reason: Reason

    public enum Reason: Hashable, Sendable, Codable {
        case missing
        case notANumber
        case notAnAmount
        case notAMoment
        case notADay
        case notAFlag
        case notAPhoneNumber
        case notAStamp
        case tooLong(maxBytes: Int)
        case holdsNul
        case unknownChoice(allowed: [String])
        case unknownColumn
        case emptyRow
    }

    public init(line: Int, column: String?, reason: Reason) {
        self.line = line
        self.column = column
        self.reason = reason
    }
}

/// What an import did.
public struct ImportTally: Hashable, Sendable, Codable {
    public var rows = 0
    public var added = 0
    /// Already there, by natural key or by an earlier run on the same file.
    public var known = 0
    /// Products that no catalogue had, made at a price stated as made up.
    public var madeUp = 0

    public init() {}

    public static func += (left: inout ImportTally, right: ImportTally) {
        left.rows += right.rows
        left.added += right.added
        left.known += right.known
        left.madeUp += right.madeUp
    }
}

/// Turns rows of one kind of file into entries: pure functions, given to the engine by name.
public struct Importer: Sendable {
    public let name: String
    /// The columns' names when the file has no header line of its own.
    public let fixedColumns: [String]?
    /// Rows in one entry, so that it keeps within an entry's limits.
    public let rowsPerEntry: Int
    /// All that is wrong with a row, before anything is written.
    private let check: @Sendable (ImportRow) -> [ImportFault]
    private let writeRows:
        @Sendable (any EntryWriter, [ImportRow], [String: String]) throws -> ImportTally

    public init(
        _ name: String, fixedColumns: [String]? = nil, rowsPerEntry: Int,
        check: @escaping @Sendable (ImportRow) -> [ImportFault],
        write:
            @escaping @Sendable (any EntryWriter, [ImportRow], [String: String]) throws ->
            ImportTally
    ) {
        self.name = name
        self.fixedColumns = fixedColumns
        self.rowsPerEntry = rowsPerEntry
        self.check = check
        writeRows = write
    }

    public func faults(of row: ImportRow) -> [ImportFault] { check(row) }

    /// Writes rows that the mark of the file has not passed; the mark moves with them, so that a run that was
    /// killed goes on where it was and a second run adds nothing.
    public func write(
        _ writer: any EntryWriter, rows: [ImportRow], options: [String: String], file: String
    ) throws -> ImportTally {
        let done = try writer.mark(file) ?? 0
        let fresh = rows.filter { Int64($0.line) > done }
        var tally = ImportTally()
        tally.known = rows.count - fresh.count
        tally.rows = tally.known
        if !fresh.isEmpty { tally += try writeRows(writer, fresh, options) }
        if let last = rows.last, Int64(last.line) > done {
            try writer.setMark(file, Int64(last.line))
        }
        return tally
    }
}
