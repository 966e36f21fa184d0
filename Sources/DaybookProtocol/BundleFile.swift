import Crypto

/// An exchange's frames as a file, for a line that is a USB stick. Source: `Protocol/SPEC.md`, "Bundles".
///
/// Nothing here holds more of it than a frame: a laptop's offline year may be larger than its memory.
public enum BundleFile {
    /// Hands out bytes in pieces, from the beginning each time that it is called.
    public typealias Pieces = (_ each: ([UInt8]) throws -> Void) throws -> Void

    /// What the first frame says of those after it, told when all of them are known.
    public struct Seal: Sendable {
        private var hash = SHA256()
        private var bytes: UInt64 = 0

        public init() {}

        public mutating func add(_ frame: [UInt8]) {
            hash.update(data: frame)
            bytes += UInt64(frame.count)
        }

        /// The bundle's first frame, encoded.
        ///
        /// - Parameter secretHash: SHA-256 of the laptop's secret, which both ends know.
        public func head(
            incarnation: UInt64, isAnswer: Bool, secretHash: [UInt8]
        ) throws(MalformedBytes) -> [UInt8] {
            let proof = BundleFile.proof(of: Array(hash.finalize()), secretHash)
            return try Message.bundle(
                Bundle(incarnation: incarnation, isAnswer: isAnswer, proof: proof, bytes: bytes)
            ).frame().encoded()
        }
    }

    /// A bundle that was read once, to its end.
    public struct Opened: Sendable {
        public let head: Bundle
        /// How many bytes the first frame has.
        fileprivate let headBytes: Int
        /// SHA-256 of what is behind it.
        fileprivate let hash: [UInt8]

        /// Whether the laptop of this secret, or head office for it, sealed the frames.
        public func isSealed(by secretHash: [UInt8]) -> Bool {
            BundleFile.proof(of: hash, secretHash) == head.proof
        }

        /// The frames, if they are those that the other end sealed. Throws ``MalformedBytes``, or what `each` throws.
        ///
        /// - Parameter pieces: the same bytes that were opened; nobody else may write them meanwhile.
        public func forEachFrame(
            of pieces: @escaping Pieces, secretHash: [UInt8], _ each: (Frame) throws -> Void
        ) throws {
            guard isSealed(by: secretHash) else { throw MalformedBytes.checksumWrong }
            var reader = FrameReader()
            var toSkip = headBytes
            try pieces { piece in
                let skipped = min(toSkip, piece.count)
                toSkip -= skipped
                reader.append(piece[skipped...])
                while let frame = try reader.next() { try each(frame) }
            }
            guard reader.leftOver == 0 else { throw MalformedBytes.truncated }
        }
    }

    /// Reads all of it once. Throws ``MalformedBytes`` for what is no bundle, or is cut or longer.
    public static func opened(_ pieces: @escaping Pieces) throws -> Opened {
        var reading = Reading()
        try pieces { try reading.take($0) }
        guard let head = reading.head, reading.bytes == head.bytes else {
            throw MalformedBytes.truncated
        }
        return Opened(
            head: head, headBytes: reading.headBytes, hash: Array(reading.hash.finalize()))
    }

    /// The first frame, and a hash of what comes after.
    private struct Reading {
        var head: Bundle?
        var headBytes = 0
        var hash = SHA256()
        var bytes: UInt64 = 0
        private var beginning: [UInt8] = []

        mutating func take(_ piece: [UInt8]) throws {
            guard head == nil else { return add(piece[...]) }
            beginning += piece
            // The first frame's own length says where the rest begins.
            guard let header = try Frame.Head(beginning[...]) else { return }
            headBytes = header.count + header.payloadCount
            guard beginning.count >= headBytes else { return }
            var reader = FrameReader()
            reader.append(beginning[..<headBytes])
            guard let frame = try reader.next(), case .bundle(let head) = try Message(frame) else {
                throw MalformedBytes.notAMessage("bundle")
            }
            self.head = head
            add(beginning[headBytes...])
            beginning = []
        }

        private mutating func add(_ rest: ArraySlice<UInt8>) {
            hash.update(data: rest)
            bytes += UInt64(rest.count)
        }
    }

    private static func proof(of hash: [UInt8], _ secretHash: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: hash, using: SymmetricKey(data: secretHash)))
    }
}
