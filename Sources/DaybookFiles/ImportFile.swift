import Crypto
import DaybookModel
import Foundation

/// A file to import, read in two passes: checked whole before anything is written, then written entry by entry.
public struct ImportFile {
    /// Faults kept for the report; the rest are counted.
    public static let faultsKeptMax = 100

    private let file: TextFile
    private let importer: Importer

    /// What the check found.
    public struct Check {
        public var rows = 0
        public var faults: [ImportFault] = []
        public var faultCount = 0
        /// Names the file's content: what an import goes on by.
        public var mark = ""
    }

    public init(path: String, encoding: TextEncoding?, importer: Importer) throws {
        file = try TextFile(path: path, encoding: encoding)
        self.importer = importer
    }

    /// Reads everything and writes nothing. Throws ``CSVFault`` or ``TextFileFault`` for what is no CSV.
    ///
    /// - Parameter onFault: each bad row with its cells, as it is met.
    public func check(onFault: (ImportRow, [ImportFault]) throws -> Void) throws -> Check {
        var check = Check()
        var digest = SHA256()
        var rows = try Rows(file, importer.fixedColumns) { digest.update(data: $0) }
        while let piece = try rows.next() {
            for row in piece {
                check.rows += 1
                let faults = importer.faults(of: row)
                guard !faults.isEmpty else { continue }
                check.faultCount += 1
                check.faults += faults.prefix(max(0, Self.faultsKeptMax - check.faults.count))
                try onFault(row, faults)
            }
        }
        check.mark =
            "import:\(importer.name):"
            + digest.finalize().map { String($0, radix: 16) }.joined()
        return check
    }

    /// Gives the good rows in batches of one entry each; reads on only when a batch is done with.
    public func batches(
        of size: Int, _ body: ([ImportRow]) async throws -> Void
    ) async throws {
        var batch: [ImportRow] = []
        var rows = try Rows(file, importer.fixedColumns) { _ in }
        while let piece = try rows.next() {
            for row in piece where importer.faults(of: row).isEmpty {
                batch.append(row)
                guard batch.count == size else { continue }
                try await body(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        if !batch.isEmpty { try await body(batch) }
    }
}

/// The rows of a file, those of one piece at a time.
private struct Rows {
    private var pieces: TextFile.Pieces
    private var reader = CSVReader()
    private var header: [String]?
    private let isOpen: Bool
    private let seen: ([UInt8]) -> Void
    private var isOver = false

    init(_ file: TextFile, _ fixed: [String]?, seen: @escaping ([UInt8]) -> Void) throws {
        pieces = try file.pieces()
        header = fixed
        isOpen = fixed != nil
        self.seen = seen
    }

    /// Nil at the end.
    mutating func next() throws -> [ImportRow]? {
        guard !isOver else { return nil }
        var records: [CSVRecord] = []
        if let piece = try pieces.next() {
            seen(piece)
            try reader.take(piece) { records.append($0) }
        } else {
            isOver = true
            try reader.finish { records.append($0) }
        }
        if header == nil, !records.isEmpty { header = records.removeFirst().fields }
        return records.map { Self.row($0, header ?? [], isOpen: isOpen) }
    }

    /// Cells past the header go by number (`+1`, `+2`, …); a file without a header is open at its end.
    private static func row(_ record: CSVRecord, _ names: [String], isOpen: Bool) -> ImportRow {
        var cells: [String: String] = [:]
        for (place, cell) in record.fields.enumerated() {
            let name = place < names.count && !isOpen ? names[place] : "+\(place + 1)"
            if !cell.isEmpty { cells[name] = cell }
        }
        return ImportRow(line: record.line, cells: cells)
    }
}
