import DaybookCommands
import DaybookProtocol
import DaybookWords
import Foundation

/// What a person unlocked by logging in, in the machine's memory: never on a disk, gone with a restart.
struct SessionKeys {
    private let folder: String
    private let path: String

    /// No memory to keep them in that is this user's alone.
    struct NoMemory: Error {
        let path: String
    }

    /// - Parameter book: the book's path; each has its own.
    init(book: String) {
        let environment = ProcessInfo.processInfo.environment
        let own = environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 + "/daybook" }
        folder = own ?? "/dev/shm/daybook-\(getuid())"
        let whole = URL(fileURLWithPath: book).resolvingSymlinksInPath().path
        path = folder + "/" + hexadecimal(Array(sha256(Array(whole.utf8)).prefix(16)))
    }

    /// Nil when nobody unlocked anything since the machine was started.
    func keys() throws -> PersonalKeys? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        try check(folder)
        guard let bytes = FileManager.default.contents(atPath: path),
            bytes.count == PersonalKeys.sizeBytes
        else { return nil }
        return try PersonalKeys(bytes: [UInt8](bytes))
    }

    /// Keeps them for the commands that follow; nil forgets.
    func keep(_ keys: PersonalKeys?) throws {
        guard let keys else {
            guard unlink(path) == 0 || errno == ENOENT else { throw NoMemory(path: path) }
            return
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw NoMemory(path: folder) }
        try check(folder)
        _ = unlink(path)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw NoMemory(path: path) }
        defer { close(file) }
        guard
            keys.bytes.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) })
                == PersonalKeys.sizeBytes
        else { throw NoMemory(path: path) }
    }

    /// The folder is this user's alone, and no other's trap.
    private func check(_ folder: String) throws {
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
            status.st_uid == getuid(), status.st_mode & 0o077 == 0
        else { throw NoMemory(path: folder) }
    }
}

extension SessionKeys.NoMemory: Explained {
    var words: String { Word.sessionNoMemory.text(path) }
    var exitCode: Int32 { ExitCodes.disk }
}
