import DaybookProtocol
import Foundation
import GRDB

/// What is wrong with a book's file, told apart so that each gets its own words and exit code.
public enum BookFault: Error, Hashable, Sendable {
    case missing(path: String)
    case exists(path: String)
    /// Not a Daybook file, or one of the other role.
    case foreign(path: String)
    /// Written by a newer release.
    case newer(path: String)
    case readOnly(path: String)
    case damaged(path: String, detail: String)
    case diskFull(path: String)
    case busy(path: String)
    case io(path: String, detail: String)
    /// SQLite did not take `synchronous=FULL`, so nothing could be acknowledged.
    case notDurable(path: String)

    /// Whether it goes away by itself or by a person's help while the program runs.
    public var passes: Bool {
        switch self {
        case .busy, .diskFull, .io: true
        case .missing, .exists, .foreign, .newer, .readOnly, .damaged, .notDurable: false
        }
    }

    /// The fault behind a database error; nil for one that is a programmer's.
    public static func of(_ error: any Error, path: String) -> BookFault? {
        if let fault = error as? BookFault { return fault }
        // A cell that the book itself wrote does not read back.
        if let malformed = error as? MalformedBytes {
            return .damaged(path: path, detail: "\(malformed)")
        }
        guard let error = error as? DatabaseError else { return nil }
        switch error.resultCode {
        case .SQLITE_CORRUPT: return .damaged(path: path, detail: error.message ?? "")
        case .SQLITE_NOTADB: return .foreign(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: return .readOnly(path: path)
        case .SQLITE_FULL: return .diskFull(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy(path: path)
        case .SQLITE_CANTOPEN, .SQLITE_IOERR:
            // SQLite names a full disk only where it writes rows; its other files just fail.
            guard !isDiskFull(at: path) else { return .diskFull(path: path) }
            return .io(path: path, detail: error.message ?? "input/output error")
        default: return nil
        }
    }

    private static func isDiskFull(at path: String) -> Bool {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value == 0
    }
}
