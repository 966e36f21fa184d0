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
        /// The header's columns, or the importer's own.
        public var columns: [String] = []
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
        try forEachRow(columns: { check.columns = $0 }, bytes: { digest.update(data: $0) }) { row in
            check.rows += 1
            let faults = importer.faults(of: row)
            guard !faults.isEmpty else { return }
            check.faultCount += 1
            check.faults += faults.prefix(max(0, Self.faultsKeptMax - check.faults.count))
            try onFault(row, faults)
        }
        check.mark = "import:\(importer.name):"
            + digest.finalize().map { String($0, radix: 16) }.joined()
        return check
    }

    /// Gives the good rows in batches of one entry each.
    public func batches(_ body: ([ImportRow]) throws -> Void) throws {
        var batch: [ImportRow] = []
        try forEachRow(columns: { _ in }, bytes: { _ in }) { row in
            guard importer.faults(of: row).isEmpty else { return }
            batch.append(row)
            guard batch.count == importer.rowsPerEntry else { return }
            try body(batch)
            batch.removeAll(keepingCapacity: true)
        }
        if !batch.isEmpty { try body(batch) }
    }

    private func forEachRow(
        columns: ([String]) -> Void, bytes: (Data) -> Void, _ body: (ImportRow) throws -> Void
    ) throws {
        var reader = CSVReader()
        var header = importer.fixedColumns
        if let header { columns(header) }
        func take(_ record: CSVRecord) throws {
            guard let names = header else {
                header = record.fields
                columns(record.fields)
                return
            }
            try body(Self.row(record, names, isOpen: importer.fixedColumns != nil))
        }
        try file.read { piece in
            bytes(Data(piece))
            try reader.take(piece, take)
        }
        try reader.finish(take)
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
