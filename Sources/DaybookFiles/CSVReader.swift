/// What is wrong with a CSV text, and where.
public enum CSVFault: Error, Hashable, Sendable {
    case unclosedQuote(line: Int)
    case textAfterQuote(line: Int, column: Int)
    case quoteInField(line: Int, column: Int)
    case fieldTooLong(line: Int, column: Int, maxBytes: Int)
    case tooManyFields(line: Int, max: Int)
    case notText(line: Int)
}

/// A record of a CSV file.
public struct CSVRecord: Hashable, Sendable {
    /// The line that it begins on, from 1.
    public let line: Int
    public let fields: [String]
}

/// Reads CSV (RFC 4180) from bytes that arrive in any pieces: quoted line ends and commas, doubled quotes, LF,
/// CRLF or CR. It holds one record at a time.
public struct CSVReader {
    public static let fieldBytesMax = 1 << 20
    public static let fieldsMax = 1_024

    private enum Place { case fieldStart, plain, quoted, quoteInQuoted }

    private var place = Place.fieldStart
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var line = 1
    private var recordLine = 1
    private var column = 1
    private var isAfterCR = false
    private var isEmptyRecord = true

    public init() {}

    /// Takes bytes (UTF-8, without BOM) and gives whole records. Throws ``CSVFault`` or what `body` throws.
    public mutating func take(
        _ bytes: some Sequence<UInt8>, _ body: (CSVRecord) throws -> Void
    ) throws {
        for byte in bytes { try take(byte, body) }
    }

    /// The text is over: the last record may lack its line end.
    public mutating func finish(_ body: (CSVRecord) throws -> Void) throws {
        guard place != .quoted else { throw CSVFault.unclosedQuote(line: recordLine) }
        if !isEmptyRecord { try endRecord(body) }
    }

    private mutating func take(_ byte: UInt8, _ body: (CSVRecord) throws -> Void) throws {
        let isLF = byte == UInt8(ascii: "\n")
        if isLF, isAfterCR, place != .quoted {
            isAfterCR = false
            return
        }
        isAfterCR = byte == UInt8(ascii: "\r")
        let endsLine = (isLF || isAfterCR) && place != .quoted
        defer {
            if isLF || (isAfterCR && place != .quoted) {
                line += 1; column = 1
            } else {
                column += 1
            }
        }
        if endsLine {
            // An empty line is no record.
            if !isEmptyRecord { try endRecord(body) }
            recordLine = line + 1
            return
        }
        isEmptyRecord = false
        switch (place, byte) {
        case (.fieldStart, UInt8(ascii: "\"")): place = .quoted
        case (.fieldStart, UInt8(ascii: ",")), (.plain, UInt8(ascii: ",")),
            (.quoteInQuoted, UInt8(ascii: ",")):
            try endField()
        case (.plain, UInt8(ascii: "\"")):
            throw CSVFault.quoteInField(line: line, column: column)
        case (.fieldStart, _), (.plain, _):
            place = .plain
            try append(byte)
        case (.quoted, UInt8(ascii: "\"")): place = .quoteInQuoted
        case (.quoted, _): try append(byte)
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            place = .quoted
            try append(byte)
        case (.quoteInQuoted, _): throw CSVFault.textAfterQuote(line: line, column: column)
        }
    }

    private mutating func append(_ byte: UInt8) throws {
        guard field.count < Self.fieldBytesMax else {
            throw CSVFault.fieldTooLong(
                line: recordLine, column: fields.count + 1, maxBytes: Self.fieldBytesMax)
        }
        field.append(byte)
    }

    private mutating func endField() throws {
        guard fields.count < Self.fieldsMax else {
            throw CSVFault.tooManyFields(line: recordLine, max: Self.fieldsMax)
        }
        guard let text = String(validating: field, as: UTF8.self) else {
            throw CSVFault.notText(line: recordLine)
        }
        fields.append(text)
        field.removeAll(keepingCapacity: true)
        place = .fieldStart
    }

    private mutating func endRecord(_ body: (CSVRecord) throws -> Void) throws {
        try endField()
        let record = CSVRecord(line: recordLine, fields: fields)
        fields.removeAll(keepingCapacity: true)
        isEmptyRecord = true
        try body(record)
    }
}

/// Writes CSV (RFC 4180) with LF.
public enum CSVWriter {
    public static func line(_ fields: [String]) -> String {
        fields.map(quoted).joined(separator: ",") + "\n"
    }

    private static func quoted(_ field: String) -> String {
        let needs = field.utf8.contains { [34, 44, 10, 13].contains($0) }
        return needs ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }
}
