import Foundation
import GRDB

/// Where books lie: the file system, or in the simulator a disk that forgets what was not synced.
public protocol BookDisk: Sendable {
    func exists(_ path: String) -> Bool
    func isWritable(_ path: String) -> Bool
    /// Removes the book with the files that SQLite keeps beside it.
    func remove(_ path: String)
    /// Opens a connection, or a pool of them, that writes.
    func writer(_ path: String, _ configuration: Configuration) throws -> any DatabaseWriter
    /// Opens a connection that only reads.
    func reader(_ path: String, _ configuration: Configuration) throws -> any DatabaseReader
}

/// The file system, with one writing connection and several that read.
public struct SystemDisk: BookDisk {
    public init() {}

    public func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    public func isWritable(_ path: String) -> Bool {
        FileManager.default.isWritableFile(atPath: path)
    }

    public func remove(_ path: String) {
        for end in ["", "-wal", "-shm"] { unlink(path + end) }
    }

    public func writer(
        _ path: String, _ configuration: Configuration
    ) throws -> any DatabaseWriter {
        try DatabasePool(path: path, configuration: configuration)
    }

    public func reader(
        _ path: String, _ configuration: Configuration
    ) throws -> any DatabaseReader {
        try DatabaseQueue(path: path, configuration: configuration)
    }
}
