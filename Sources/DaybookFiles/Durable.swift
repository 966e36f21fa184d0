import Foundation

/// Small files that are whole or not there, and on the disk when the call returns. Throws ``FileFault``.
public enum Durable {
    /// Moves a file over another's name; both the file and the name are synced.
    public static func move(_ from: String, to: String) throws {
        try sync(from)
        guard rename(from, to) == 0 else { throw FileFault(to) }
        try sync(URL(fileURLWithPath: to).deletingLastPathComponent().path)
    }

    /// Writes a new file, piece by piece, beside its place and moves it there when it is whole. Throws when something
    /// is there already.
    public static func write(
        to path: String, _ body: (_ emit: ([UInt8]) throws -> Void) throws -> Void
    ) throws {
        guard access(path, F_OK) != 0 else { throw FileFault(path, code: EEXIST) }
        let part = path + ".part"
        unlink(part)
        let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileFault(path) }
        do {
            defer { close(file) }
            try body { bytes in
                try bytes.withUnsafeBytes { try ScratchFile.write($0, to: file, path) }
            }
            guard fsync(file) == 0 else { throw FileFault(path) }
            try name(part, path)
        } catch {
            unlink(part)
            throw error
        }
        unlink(part)
        try sync(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// A link never takes another's place, as a renaming does; on a stick's file system there are none.
    private static func name(_ part: String, _ path: String) throws {
        if link(part, path) == 0 { return }
        guard [EPERM, ENOTSUP, ENOSYS].contains(errno), access(path, F_OK) != 0,
            rename(part, path) == 0
        else { throw FileFault(path) }
    }

    private static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileFault(path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw FileFault(path) }
    }
}
