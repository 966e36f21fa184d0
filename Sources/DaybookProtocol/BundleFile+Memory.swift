/// Small bundles that are held whole.
extension BundleFile {
    package static func sealed(
        _ frames: [[UInt8]], incarnation: UInt64, isAnswer: Bool, secretHash: [UInt8]
    ) throws(MalformedBytes) -> [UInt8] {
        var seal = Seal()
        for frame in frames { seal.add(frame) }
        return try seal.head(
            incarnation: incarnation, isAnswer: isAnswer, secretHash: secretHash)
            + frames.flatMap { $0 }
    }

    /// A bundle with its bytes.
    package struct Held {
        package let opened: Opened
        let bytes: [UInt8]

        package func forEachFrame(
            secretHash: [UInt8], _ each: (Frame) throws -> Void
        ) throws {
            try opened.forEachFrame(of: { try $0(bytes) }, secretHash: secretHash, each)
        }
    }

    package static func opened(_ bytes: [UInt8]) throws -> Held {
        Held(opened: try opened { try $0(bytes) }, bytes: bytes)
    }
}
