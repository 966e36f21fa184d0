import Crypto
import DaybookModel

/// The bytes that hashes and digests are taken of, independent of columns and compression.
/// Source: `Protocol/SPEC.md`, "Canonical bytes".
public enum Canonical {
    /// A record as everybody holds it: what digests compare.
    public static func told(_ record: Record) -> [UInt8] { bytes(of: record.told) }

    /// A record as this book holds it; of one that can be read by all it is ``told(_:)``.
    public static func bytes(of record: Record) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96)
        bytes.appendVarint(UInt64(record.collection))
        bytes.append(record.id)
        bytes.append(record.scope)
        bytes.append(person: record.by)
        bytes.appendBigEndian(UInt64(bitPattern: record.at.milliseconds))
        bytes.appendVarint(UInt64(clamping: record.uncertaintyMilliseconds))
        bytes.append(record.fields)
        bytes.appendVarint(UInt64(record.heads.count))
        for held in record.heads {
            bytes.appendVarint(UInt64(held.tag))
            bytes.append(held.shown)
            bytes.append(person: held.shownBy)
            bytes.appendVarint(UInt64(held.others.count))
            for other in held.others {
                bytes.append(other.stamp)
                bytes.append(person: other.by)
                bytes.append(other.value)
            }
        }
        return bytes
    }

    /// An entry's content: person, clocks and changes. Its number is its place in a book, which a renaming moves.
    public static func bytes(of entry: Entry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(person: entry.person)
        bytes.appendBigEndian(UInt64(bitPattern: entry.clock.wall.milliseconds))
        bytes.appendBigEndian(UInt64(bitPattern: entry.clock.monotonicMilliseconds))
        bytes.appendBigEndian(entry.clock.boot)
        bytes.appendVarint(UInt64(entry.changes.count))
        for change in entry.changes { bytes.append(change.told) }
        bytes += entry.personalHash
        return bytes
    }
}

extension Record {
    /// Without what names persons.
    public var told: Record {
        guard
            fields.contains(where: { $0.value.isReadablePersonal })
                || heads.contains(where: {
                    $0.others.contains { $0.value?.isReadablePersonal ?? false }
                })
        else { return self }
        var record = self
        record.fields = fields.map { FieldValue($0.tag, $0.value.told) }
        record.heads = heads.map { held in
            FieldHeads(
                tag: held.tag, shown: held.shown, by: held.shownBy,
                others: held.others.map {
                    .init(stamp: $0.stamp, value: $0.value?.told, by: $0.by, time: $0.time)
                }, shownTime: held.shownTime)
        }
        return record
    }
}

extension Value {
    fileprivate var isReadablePersonal: Bool {
        if case .personal(.some) = self { true } else { false }
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func append(_ stamp: Stamp) {
        appendBigEndian(UInt64(bitPattern: stamp.rawValue))
    }

    fileprivate mutating func append(person: Stamp?) {
        appendBigEndian(UInt64(bitPattern: person?.rawValue ?? 0))
    }

    fileprivate mutating func append(_ fields: [FieldValue]) {
        appendVarint(UInt64(fields.count))
        for field in fields {
            appendVarint(UInt64(field.tag))
            append(field.value)
        }
    }

    /// The storage class's number, 0 for no value; then the value.
    fileprivate mutating func append(_ value: Value?) {
        guard let value else { return append(0) }
        if case .personal(let text?) = value {
            // In books only.
            append(Canonical.personalWithText)
            appendVarint(UInt64(text.utf8.count))
            return append(contentsOf: text.utf8)
        }
        append(value.storageClass.rawValue)
        switch value {
        case .personal: break
        case .integer(let number): appendBigEndian(UInt64(bitPattern: number))
        case .text(let text):
            appendVarint(UInt64(text.utf8.count))
            append(contentsOf: text.utf8)
        case .bytes(let content):
            appendVarint(UInt64(content.count))
            append(contentsOf: content)
        case .amount(let amount):
            appendBigEndian(UInt64(bitPattern: amount.minor))
            append(contentsOf: amount.currency.code.utf8)
        }
    }

    fileprivate mutating func append(_ change: Change) {
        switch change {
        case .birth(let birth):
            append(1)
            appendVarint(UInt64(birth.collection))
            append(birth.id)
            append(birth.scope)
            append(birth.fields)
        case .edit(let edit):
            append(2)
            appendVarint(UInt64(edit.collection))
            append(edit.stamp)
            append(edit.record)
            appendVarint(UInt64(edit.field))
            append(edit.value)
            appendVarint(UInt64(edit.replaces.count))
            for stamp in edit.replaces { append(stamp) }
        case .removal(let removal):
            append(3)
            appendVarint(UInt64(removal.collection))
            append(removal.stamp)
            append(removal.record)
            appendVarint(UInt64(removal.seen.count))
            for stamp in removal.seen { append(stamp) }
        }
    }
}

/// An order-free fingerprint of a set of records: the sum modulo 2^128 of the first 16 bytes of each
/// record's SHA-256. Records come and go by adding and taking away.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    public private(set) var sum: UInt128
    public private(set) var count: Int64

    public init() {
        sum = 0
        count = 0
    }

    /// Nil when the bytes are not 16 or the count is negative.
    public init?(bytes: [UInt8], count: Int64) {
        guard bytes.count == 16, count >= 0 else { return nil }
        sum = bytes.reduce(0) { $0 << 8 | UInt128($1) }
        self.count = count
    }

    public mutating func add(_ record: Record) {
        sum &+= Self.share(of: record)
        count += 1
    }

    public mutating func remove(_ record: Record) {
        sum &-= Self.share(of: record)
        count -= 1
    }

    /// 16 bytes, the most significant first.
    public var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: sum >> UInt128(120 - 8 * $0)) }
    }

    public var description: String { hexadecimal(bytes) + " (\(count))" }

    private static func share(of record: Record) -> UInt128 {
        sha256(Canonical.told(record)).prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    }
}

/// SHA-256, 32 bytes.
public func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

/// Lower-case hexadecimal.
public func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

// MARK: - Reading back

extension Canonical {
    /// The class's number for a personal value with its text.
    fileprivate static let personalWithText: UInt8 = 6

    /// Reads a record that ``bytes(of:)-(Record)`` wrote; throws for anything else.
    public static func record(_ bytes: [UInt8]) throws(MalformedBytes) -> Record {
        var reader = ByteReader(bytes)
        let collection = try reader.tag()
        let id = try reader.stamp()
        let scope = try reader.stamp()
        let by = try optionalStamp(try reader.bigEndian64())
        let at = Moment(milliseconds: try reader.bigEndian64())
        let uncertainty = Int64(clamping: try reader.varint())
        let fields = try reader.fields()
        var heads: [FieldHeads] = []
        for _ in 0..<(try reader.count()) {
            let tag = try reader.tag()
            let shown = try reader.stamp()
            let shownBy = try optionalStamp(try reader.bigEndian64())
            var others: [FieldHeads.Other] = []
            for _ in 0..<(try reader.count()) {
                let stamp = try reader.stamp()
                let by = try optionalStamp(try reader.bigEndian64())
                others.append(FieldHeads.Other(stamp: stamp, value: try reader.value(), by: by))
            }
            heads.append(FieldHeads(tag: tag, shown: shown, by: shownBy, others: others))
        }
        guard reader.isAtEnd else { throw .value("bytes left over") }
        return Record(
            id: id, collection: collection, scope: scope, by: by, at: at,
            uncertaintyMilliseconds: uncertainty, fields: fields, heads: heads)
    }

    /// One value, or none; the form that books keep beside an edit.
    public static func bytes(of value: Value?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(value)
        return bytes
    }

    public static func value(_ bytes: [UInt8]) throws(MalformedBytes) -> Value? {
        let values = try values(bytes)
        guard values.count == 1 else { throw .value("not one value") }
        return values[0]
    }

    /// Several values one after the other: the keys of a fold.
    public static func values(_ bytes: [UInt8]) throws(MalformedBytes) -> [Value?] {
        var reader = ByteReader(bytes)
        var values: [Value?] = []
        while !reader.isAtEnd { values.append(try reader.value()) }
        return values
    }

    /// Unknown fields of a record, kept untouched.
    public static func bytes(of fields: [FieldValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(fields)
        return bytes
    }

    public static func fields(_ bytes: [UInt8]) throws(MalformedBytes) -> [FieldValue] {
        var reader = ByteReader(bytes)
        let fields = try reader.fields()
        guard reader.isAtEnd else { throw .value("bytes left over") }
        return fields
    }

    /// Stamps that an edit replaces or a removal saw, as a book keeps them: eight bytes each, big-endian.
    public static func bytes(of stamps: [Stamp]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(stamps.count * 8)
        for stamp in stamps { bytes.append(stamp) }
        return bytes
    }

    /// Reads what ``bytes(of:)-([Stamp])`` wrote; throws for anything else.
    public static func stamps(_ bytes: [UInt8]) throws(MalformedBytes) -> [Stamp] {
        var reader = ByteReader(bytes)
        var stamps: [Stamp] = []
        while !reader.isAtEnd { stamps.append(try reader.stamp()) }
        return stamps
    }

    /// Heads as a book keeps them in a record's row.
    public static func bytes(of heads: [FieldHeads], id: Stamp) -> [UInt8] {
        bytes(
            of: Record(
                id: id, collection: 0, scope: id, by: nil, at: Moment(milliseconds: 0), fields: [],
                heads: heads))
    }
}

extension ByteReader {
    fileprivate mutating func bigEndian64() throws(MalformedBytes) -> Int64 {
        Int64(bitPattern: try take(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    fileprivate mutating func stamp() throws(MalformedBytes) -> Stamp {
        try DaybookProtocol.stamp(try bigEndian64())
    }

    fileprivate mutating func tag() throws(MalformedBytes) -> UInt32 {
        guard let tag = UInt32(exactly: try varint()) else { throw .value("tag") }
        return tag
    }

    /// A count of things that cost at least one byte each.
    fileprivate mutating func count() throws(MalformedBytes) -> Int {
        let count = try varint()
        guard count <= UInt64(remaining) else { throw .truncated }
        return Int(count)
    }

    fileprivate mutating func fields() throws(MalformedBytes) -> [FieldValue] {
        var fields: [FieldValue] = []
        for _ in 0..<(try count()) {
            let tag = try tag()
            guard let value = try value() else { throw .value("absent field") }
            fields.append(FieldValue(tag, value))
        }
        return fields
    }

    fileprivate mutating func value() throws(MalformedBytes) -> Value? {
        let classByte = try byte()
        guard classByte != 0 else { return nil }
        if classByte == Canonical.personalWithText {
            let count = try count()
            return .personal(try FieldColumns.text(Array(try take(count))))
        }
        switch StorageClass(rawValue: classByte) {
        case .personal: return .personal(nil)
        case .integer: return .integer(try bigEndian64())
        case .text:
            let count = try count()
            return .text(try FieldColumns.text(Array(try take(count))))
        case .bytes:
            let count = try count()
            return .bytes(Array(try take(count)))
        case .amount:
            let minor = try bigEndian64()
            let code = String(decoding: try take(3), as: UTF8.self)
            guard let currency = Currency(code) else { throw .value("currency") }
            return .amount(Amount(minor: minor, currency: currency))
        case nil: throw .value("storage class")
        }
    }
}
