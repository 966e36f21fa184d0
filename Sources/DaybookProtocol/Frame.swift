/// What a frame carries. The numbers are the wire's. Source: `Protocol/SPEC.md`, "Frames".
public enum FrameKind: UInt8, Sendable, CaseIterable {
    case hello = 1
    case posting = 2
    case welcome = 3
    case verdicts = 4
    case feed = 5
    case moment = 6
    case refusal = 7
    case done = 8
    case enrol = 9
    case enrolled = 10
    case returned = 11
    case taken = 12
    case compare = 13
    case compared = 14
    case bundle = 15
}

/// One message on the wire: a length-prefixed, checksummed, perhaps compressed payload.
///
/// Layout, big-endian: payload length (4), raw length (4), kind (1), encoding (1), CRC-32 (4) over the ten
/// bytes before it and the payload, payload.
public struct Frame: Hashable, Sendable {
    public static let headerBytes = 14

    public enum Encoding: UInt8, Sendable {
        case plain = 0
        case zlib = 1
        case zlibWithDictionary1 = 2
    }

    public let kind: FrameKind
    /// The message's protobuf bytes.
    public let raw: [UInt8]

    public init(kind: FrameKind, raw: [UInt8]) {
        precondition(raw.count <= Limits.frameRawBytesMax, "a frame is never this large")
        self.kind = kind
        self.raw = raw
    }

    /// The frame's bytes: the shortest of plain, zlib and zlib with the preset dictionary.
    public func encoded() -> [UInt8] {
        var encoding = Encoding.plain
        var payload = raw
        // Under 40 bytes zlib's own ends cost more than it saves; over 32 KiB the dictionary is out of its window.
        if raw.count >= 40 {
            let withDictionary = raw.count < 32 * 1_024
            let packed = Compression.deflate(
                raw, dictionary: withDictionary ? PresetDictionary.version1 : nil)
            let fits = raw.count <= packed.count * Limits.inflationRatioMax
            if packed.count < raw.count, fits {
                payload = packed
                encoding = withDictionary ? .zlibWithDictionary1 : .zlib
            }
        }
        return Self.header(
            kind: kind.rawValue, encoding: encoding.rawValue, rawCount: raw.count, payload: payload)
            + payload
    }

    /// The bytes before a payload; the fuzzer puts right ones before wrong payloads.
    package static func header(
        kind: UInt8, encoding: UInt8, rawCount: Int, payload: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerBytes + payload.count)
        bytes.appendBigEndian(UInt32(payload.count))
        bytes.appendBigEndian(UInt32(rawCount))
        bytes.append(kind)
        bytes.append(encoding)
        bytes.appendBigEndian(checksum(bytes, payload))
        return bytes
    }
}

/// Cuts a stream of bytes, arriving in any pieces, into frames.
public struct FrameReader: Sendable {
    private var buffer: [UInt8] = []
    private var start = 0

    public init() {}

    /// Bytes that are not yet a whole frame: more than none at the end of a body means that it was cut.
    public var leftOver: Int { buffer.count - start }

    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if start > 0, start == buffer.count || start > 1 << 18 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame; nil when more bytes are needed. Throws before it holds more than a frame may have.
    public mutating func next() throws(MalformedBytes) -> Frame? {
        guard leftOver >= Frame.headerBytes else { return nil }
        var reader = ByteReader(buffer[start...])
        let payloadCount = Int(try reader.bigEndian32())
        let rawCount = Int(try reader.bigEndian32())
        guard payloadCount <= Limits.framePayloadBytesMax else {
            throw .tooLarge(what: "payload", limit: Limits.framePayloadBytesMax)
        }
        guard rawCount <= Limits.frameRawBytesMax else {
            throw .tooLarge(what: "raw payload", limit: Limits.frameRawBytesMax)
        }
        let (kindByte, encodingByte) = (try reader.byte(), try reader.byte())
        guard let kind = FrameKind(rawValue: kindByte) else { throw .unknownFrameKind(kindByte) }
        guard let encoding = Frame.Encoding(rawValue: encodingByte) else {
            throw .unknownEncoding(encodingByte)
        }
        let sum = try reader.bigEndian32()
        guard leftOver >= Frame.headerBytes + payloadCount else { return nil }
        let payload = try reader.take(payloadCount)
        guard checksum(Array(buffer[start..<start + 10]), Array(payload)) == sum else {
            throw .checksumWrong
        }
        start = reader.position
        return Frame(kind: kind, raw: try Self.inflated(payload, encoding, size: rawCount))
    }

    private static func inflated(
        _ payload: ArraySlice<UInt8>, _ encoding: Frame.Encoding, size: Int
    ) throws(MalformedBytes) -> [UInt8] {
        guard encoding != .plain else {
            guard payload.count == size else { throw .inflationFailed }
            return Array(payload)
        }
        guard size <= payload.count * Limits.inflationRatioMax else { throw .inflatesTooMuch }
        let dictionary = encoding == .zlib ? nil : PresetDictionary.version1
        return try Compression.inflate(payload, size: size, dictionary: dictionary)
    }
}
