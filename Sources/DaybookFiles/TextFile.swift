import CIconv
import Foundation

/// How a text file is written.
public enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case gb18030 = "gb18030"
}

/// A file that cannot be read as text.
public enum TextFileFault: Error, Hashable, Sendable {
    case unreadable(path: String)
    /// Neither valid UTF-8 nor, where asked for, valid GB18030.
    case wrongEncoding(offset: Int)
}

/// Reads a text file of any size in pieces, as UTF-8 without BOM, whatever it is written in.
public struct TextFile {
    fileprivate static let pieceBytes = 64 * 1_024

    public let path: String
    public let encoding: TextEncoding

    /// Finds the encoding out by reading the file once when none is given: UTF-8 if all of it is valid, else
    /// GB18030.
    public init(path: String, encoding: TextEncoding?) throws {
        self.path = path
        if let encoding {
            self.encoding = encoding
            return
        }
        var check = UTF8Check()
        var pieces = try Pieces(path: path, encoding: .utf8)
        while let piece = try pieces.next() { check.take(piece) }
        self.encoding = check.isValid ? .utf8 : .gb18030
    }

    /// The text's UTF-8 in pieces that may end inside a character.
    public func pieces() throws -> Pieces { try Pieces(path: path, encoding: encoding) }

    /// Reads on as it is asked: one piece at a time is in memory.
    public struct Pieces {
        private let file: OpenFile
        private let converter: Converter?
        private var isFirst = true

        fileprivate init(path: String, encoding: TextEncoding) throws {
            file = try OpenFile(path: path)
            converter = encoding == .gb18030 ? try Converter() : nil
        }

        /// Nil at the end.
        public mutating func next() throws -> [UInt8]? {
            let piece = try file.read(TextFile.pieceBytes)
            guard !piece.isEmpty else {
                try converter?.finish()
                return nil
            }
            var bytes = try converter?.convert(piece) ?? piece
            if isFirst, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            isFirst = false
            return bytes
        }
    }
}

/// A file read by the system's own call: nothing is pooled, so that memory is the same for any size.
private final class OpenFile {
    private let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TextFileFault.unreadable(path: path) }
    }

    deinit { close(descriptor) }

    /// At most so many bytes; none at the end.
    func read(_ most: Int) throws -> [UInt8] {
        var failed = false
        let piece = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            let taken = Foundation.read(descriptor, buffer.baseAddress, most)
            failed = taken < 0
            count = max(0, taken)
        }
        guard !failed else { throw TextFileFault.unreadable(path: path) }
        return piece
    }
}

/// Whether a stream of bytes is valid UTF-8 (Unicode 15, table 3-7), without holding it.
private struct UTF8Check {
    private var continuations = 0
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF
    private var failed = false
    var isValid: Bool { !failed && continuations == 0 }

    mutating func take(_ bytes: [UInt8]) {
        guard !failed else { return }
        for byte in bytes {
            if continuations > 0 {
                guard (low...high).contains(byte) else { return failed = true }
                (low, high) = (0x80, 0xBF)
                continuations -= 1
                continue
            }
            switch byte {
            case 0x00...0x7F: continue
            case 0xC2...0xDF: continuations = 1
            case 0xE0: (continuations, low) = (2, 0xA0)
            case 0xE1...0xEC, 0xEE...0xEF: continuations = 2
            case 0xED: (continuations, high) = (2, 0x9F)
            case 0xF0: (continuations, low) = (3, 0x90)
            case 0xF1...0xF3: continuations = 3
            case 0xF4: (continuations, high) = (3, 0x8F)
            default: return failed = true
            }
        }
    }
}

/// GB18030 to UTF-8 in pieces, by glibc's iconv.
private final class Converter {
    private let descriptor: iconv_t
    private var rest: [UInt8] = []
    private var offset = 0

    init() throws {
        descriptor = iconv_open("UTF-8", "GB18030")
        // iconv_open says no by (iconv_t)-1.
        guard Int(bitPattern: descriptor) != -1 else {
            throw TextFileFault.wrongEncoding(offset: 0)
        }
    }

    deinit { iconv_close(descriptor) }

    func convert(_ piece: [UInt8]) throws -> [UInt8] {
        var input = rest.map { CChar(bitPattern: $0) } + piece.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 2 + 16)
        var (inputLeft, outputLeft) = (input.count, output.count)
        let failed = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var (from, to) = (source.baseAddress, target.baseAddress)
                let result = iconv(descriptor, &from, &inputLeft, &to, &outputLeft)
                // A character that the piece's end cuts waits for the next piece.
                return result == -1 && errno != EINVAL
            }
        }
        let taken = input.count - inputLeft
        guard !failed, inputLeft < 4 else {
            throw TextFileFault.wrongEncoding(offset: offset + taken)
        }
        offset += taken
        rest = input.suffix(inputLeft).map { UInt8(bitPattern: $0) }
        return output.prefix(output.count - outputLeft).map { UInt8(bitPattern: $0) }
    }

    func finish() throws {
        guard rest.isEmpty else { throw TextFileFault.wrongEncoding(offset: offset) }
    }
}
