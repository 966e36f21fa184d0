import DaybookFiles
import DaybookModel
import DaybookOperations
import Foundation
import Testing

@Suite struct CSVTests {
    /// The records of a text that arrives in pieces of so many bytes.
    func records(_ text: String, pieces: Int = 1_000) throws -> [CSVRecord] {
        var reader = CSVReader()
        var found: [CSVRecord] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try reader.take(bytes[start..<min(start + pieces, bytes.count)]) { found.append($0) }
        }
        try reader.finish { found.append($0) }
        return found
    }

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func `quotes, commas and line ends in fields are kept, whatever the pieces`(pieces: Int) throws
    {
        let text = "a,b\r\n\"x, \"\"y\"\"\nz\",中文\n\n,\"\"\rlast"
        let found = try records(text, pieces: pieces)
        #expect(found.map(\.fields) == [["a", "b"], ["x, \"y\"\nz", "中文"], ["", ""], ["last"]])
        #expect(found.map(\.line) == [1, 2, 5, 6])
    }

    @Test func `what is no CSV says where`() {
        #expect(throws: CSVFault.unclosedQuote(line: 2)) { try records("a\n\"b\nc") }
        #expect(throws: CSVFault.textAfterQuote(line: 1, column: 4)) { try records("\"a\"b") }
        #expect(throws: CSVFault.quoteInField(line: 1, column: 2)) { try records("a\"b") }
    }

    @Test func `a field of ten megabytes is refused without being held`() {
        #expect(
            throws: CSVFault.fieldTooLong(line: 1, column: 2, maxBytes: CSVReader.fieldBytesMax)
        ) { try records("a," + String(repeating: "x", count: 10 << 20), pieces: 65_536) }
    }

    @Test func `what is written reads back`() throws {
        let fields = ["plain", "with, comma", "with \"quote\"", "two\nlines", "中文 🎁", ""]
        #expect(try records(CSVWriter.line(fields)).map(\.fields) == [fields])
    }
}

@Suite struct TextFileTests {
    /// A file with these bytes, gone after the test.
    func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/daybook-text-\(UUID())"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    func text(_ path: String, _ encoding: TextEncoding? = nil) throws -> String {
        var pieces = try TextFile(path: path, encoding: encoding).pieces()
        var bytes: [UInt8] = []
        while let piece = try pieces.next() { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a byte order mark is no text`() throws {
        try withFile([0xEF, 0xBB, 0xBF] + Array("名称".utf8)) { path in
            let read = try text(path)
            #expect(read == "名称")
        }
    }

    @Test func `GB18030 is found out and read, across the ends of pieces`() throws {
        // 名称 in GB18030, then enough to cross a piece's end inside a character.
        let word: [UInt8] = [0xC3, 0xFB, 0xB3, 0xC6]
        let bytes: [UInt8] = [0x61] + [[UInt8]](repeating: word, count: 100_000).joined()
        try withFile(bytes) { path in
            let encoding = try TextFile(path: path, encoding: nil).encoding
            let read = try text(path)
            #expect(encoding == .gb18030)
            #expect(read == "a" + String(repeating: "名称", count: 100_000))
        }
    }

    @Test func `what is neither says at which byte`() throws {
        try withFile([0x61, 0xFF, 0xFF, 0x62]) { path in
            #expect(throws: TextFileFault.wrongEncoding(offset: 1)) { try text(path) }
        }
    }

    @Test func `a row's faults are told with line and column, before anything is written`() throws {
        let csv = "key,title,price\na,A,1.00\nb,,x\n,C,2\n"
        try withFile(Array(csv.utf8)) { path in
            let importer = Importer.collection(Product.definition, currency: Currency("CNY"))
            let file = try ImportFile(path: path, encoding: nil, importer: importer)
            let check = try file.check { _, _ in }
            #expect(check.rows == 3)
            #expect(check.faultCount == 2)
            #expect(
                check.faults == [
                    ImportFault(line: 3, column: "title", reason: .missing),
                    ImportFault(line: 3, column: "price", reason: .notAnAmount),
                    ImportFault(line: 4, column: "key", reason: .missing),
                ])
        }
    }
}
