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
    case still = 16
    case quiet = 17
}

/// One message on the wire: a checksummed, perhaps compressed payload with its length.
///
/// Layout: kind and 32 times the encoding (1), payload length (varint), raw length unless it is plain (varint), CRC-32
/// (4, big-endian) over what is before it and the payload, payload.
public struct Frame: Hashable, Sendable {
    /// What stands before a payload, without its checksum.
    struct Head {
        /// With the checksum.
        static let bytesMax = 15

        let kind: UInt8
        let encoding: UInt8
        let payloadCount: Int
        let rawCount: Int
        /// How many bytes it takes, with the checksum.
        let count: Int
        let sum: UInt32

        /// Nil when more bytes are needed. Throws ``MalformedBytes`` for lengths that no frame has.
        init?(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
            var reader = ByteReader(bytes)
            guard reader.remaining > 1 else { return nil }
            let first = try reader.byte()
            (kind, encoding) = (first & 31, first >> 5)
            guard let payload = try Self.length(&reader) else { return nil }
            guard payload <= Limits.framePayloadBytesMax else {
                throw .tooLarge(what: "payload", limit: Limits.framePayloadBytesMax)
            }
            payloadCount = payload
            if encoding == Encoding.plain.rawValue {
                rawCount = payload
            } else {
                guard let raw = try Self.length(&reader) else { return nil }
                rawCount = raw
            }
            guard rawCount <= Limits.frameRawBytesMax else {
                throw .tooLarge(what: "raw payload", limit: Limits.frameRawBytesMax)
            }
            guard reader.remaining >= 4 else { return nil }
            sum = try reader.bigEndian32()
            count = bytes.count - reader.remaining
        }

        /// In as few bytes as hold it; nil when it does not end here.
        private static func length(_ reader: inout ByteReader) throws(MalformedBytes) -> Int? {
            var number = 0
            for place in 0..<5 {
                guard reader.remaining > 0 else { return nil }
                let byte = try reader.byte()
                number |= Int(byte & 127) << (7 * place)
                guard byte >= 128 else {
                    guard byte > 0 || place == 0 else { throw .value("length") }
                    return number
                }
            }
            throw .tooLarge(what: "payload", limit: Limits.framePayloadBytesMax)
        }
    }

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
        var bytes = [kind | encoding << 5]
        bytes.reserveCapacity(Head.bytesMax + payload.count)
        bytes.appendVarint(UInt64(payload.count))
        if encoding != Encoding.plain.rawValue { bytes.appendVarint(UInt64(rawCount)) }
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
        guard let head = try Frame.Head(buffer[start...]) else { return nil }
        guard let kind = FrameKind(rawValue: head.kind) else { throw .unknownFrameKind(head.kind) }
        guard let encoding = Frame.Encoding(rawValue: head.encoding) else {
            throw .unknownEncoding(head.encoding)
        }
        guard leftOver >= head.count + head.payloadCount else { return nil }
        let place = start + head.count
        let payload = buffer[place..<place + head.payloadCount]
        guard checksum(Array(buffer[start..<place - 4]), Array(payload)) == head.sum else {
            throw .checksumWrong
        }
        start = place + head.payloadCount
        return Frame(kind: kind, raw: try Self.inflated(payload, encoding, size: head.rawCount))
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
