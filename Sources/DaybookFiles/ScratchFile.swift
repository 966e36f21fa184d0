import Foundation

/// Bytes that are too many for the memory, beside a file that is read or written; gone with the object.
public final class ScratchFile {
    private static let pieceBytes = 1 << 18

    private let file: Int32
    private let path: String

    /// - Parameter path: the file beside which it is; another cannot reach it by any name.
    public init(beside path: String) throws {
        self.path = path
        let own = "\(path).scratch-\(UUID().uuidString)"
        file = open(own, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileFault(path) }
        unlink(own)
    }

    deinit { close(file) }

    public func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try Self.write($0, to: file, path) }
    }

    /// Takes all of a file over: what is done with it afterwards cannot change meanwhile.
    public convenience init(copying path: String, beside own: String) throws {
        try self.init(beside: own)
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw FileFault(path) }
        defer { close(source) }
        try Self.forEachPiece(of: source, path) { try append($0) }
    }

    /// All of it from the beginning.
    public func forEachPiece(_ each: ([UInt8]) throws -> Void) throws {
        guard lseek(file, 0, SEEK_SET) == 0 else { throw FileFault(path) }
        try Self.forEachPiece(of: file, path, each)
    }

    private static func forEachPiece(
        of file: Int32, _ path: String, _ each: ([UInt8]) throws -> Void
    ) throws {
        while true {
            let piece = try [UInt8](unsafeUninitializedCapacity: pieceBytes) { buffer, count in
                count = 0
                let taken = read(file, buffer.baseAddress, buffer.count)
                guard taken >= 0 else { throw FileFault(path) }
                count = taken
            }
            guard !piece.isEmpty else { return }
            try each(piece)
        }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress
            let written = Glibc.write(file, base, rest.count)
            guard written >= 0 || errno == EINTR else { throw FileFault(path) }
            rest = rest.dropFirst(max(0, written))
        }
    }
}
