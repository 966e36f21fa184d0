import Foundation

/// Small files that are whole or not there, and on the disk when the call returns.
public enum Durable {
    /// Moves a file over another's name; both the file and the name are synced.
    public static func move(_ from: String, to: String) throws {
        try sync(from)
        guard rename(from, to) == 0 else { throw failure(to) }
        try sync(URL(fileURLWithPath: to).deletingLastPathComponent().path)
    }

    /// Writes a new file beside its place and moves it there. Throws when something is there already.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw CocoaError(.fileWriteFileExists, userInfo: [NSFilePathErrorKey: path])
        }
        let part = path + ".part"
        guard
            FileManager.default.createFile(
                atPath: part, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw failure(path) }
        try move(part, to: path)
    }

    public static func bytes(of path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> CocoaError {
        CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
    }
}
