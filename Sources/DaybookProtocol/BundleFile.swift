import Crypto

/// An exchange's frames as a file, for a line that is a USB stick. Source: `Protocol/SPEC.md`, "Bundles".
public enum BundleFile {
    /// Largest file that is read: a laptop's whole history of offline years is less.
    public static let sizeBytesMax = 1 << 30

    /// The file: its first frame, then the frames.
    ///
    /// - Parameter secretHash: SHA-256 of the laptop's secret, which both ends know.
    public static func sealed(
        _ frames: [[UInt8]], incarnation: UInt64, isAnswer: Bool, secretHash: [UInt8]
    ) throws(MalformedBytes) -> [UInt8] {
        let body = frames.flatMap { $0 }
        let head = Bundle(
            incarnation: incarnation, isAnswer: isAnswer, proof: proof(of: body, secretHash),
            bytes: UInt64(body.count))
        return try Message.bundle(head).frame().encoded() + body
    }

    /// A bundle whose first frame was read.
    public struct Opened: Sendable {
        public let head: Bundle
        fileprivate let body: [UInt8]

        /// Whether the laptop of this secret, or head office for it, sealed the frames.
        public func isSealed(by secretHash: [UInt8]) -> Bool {
            proof(of: body, secretHash) == head.proof
        }

        /// The frames, if they are those that the other end sealed. Throws ``MalformedBytes``.
        public func frames(secretHash: [UInt8]) throws(MalformedBytes) -> [Frame] {
            guard isSealed(by: secretHash) else { throw .checksumWrong }
            var reader = FrameReader()
            reader.append(body)
            var frames: [Frame] = []
            while let frame = try reader.next() { frames.append(frame) }
            guard reader.leftOver == 0 else { throw .truncated }
            return frames
        }
    }

    /// Reads the first frame. Throws ``MalformedBytes`` for what is no bundle, or is cut or longer.
    public static func opened(_ bytes: [UInt8]) throws(MalformedBytes) -> Opened {
        guard bytes.count <= sizeBytesMax else {
            throw .tooLarge(what: "bundle", limit: sizeBytesMax)
        }
        // The first frame's own length says where the rest begins.
        guard bytes.count >= Frame.headerBytes else { throw .truncated }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) } + Frame.headerBytes
        guard bytes.count >= length else { throw .truncated }
        var reader = FrameReader()
        reader.append(bytes[..<length])
        guard let frame = try reader.next(), case .bundle(let head) = try Message(frame) else {
            throw .notAMessage("bundle")
        }
        let body = Array(bytes[length...])
        guard UInt64(body.count) == head.bytes else { throw .truncated }
        return Opened(head: head, body: body)
    }

    private static func proof(of body: [UInt8], _ secretHash: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: secretHash)))
    }
}
