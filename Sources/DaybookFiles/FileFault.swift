import Foundation

/// A file that could not be read or written, as the system said it.
public struct FileFault: Error, Hashable, Sendable {
    public enum Kind: Sendable { case missing, exists, readOnly, full, other }

    public let path: String
    /// `errno`.
    public let code: Int32

    /// What the system said last.
    public init(_ path: String, code: Int32 = errno) {
        self.path = path
        self.code = code
    }

    public var kind: Kind {
        switch code {
        case ENOENT: .missing
        case EEXIST: .exists
        case EACCES, EPERM, EROFS: .readOnly
        case ENOSPC, EDQUOT: .full
        default: .other
        }
    }

    /// The system's own words.
    public var detail: String { String(cString: strerror(code)) }
}
