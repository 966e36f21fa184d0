import Foundation

/// An advisory lock on a file, held while the value lives and gone with the process, however it ends.
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Nil when another process holds it.
    public init?(path: String) throws {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw FileFault(path)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
