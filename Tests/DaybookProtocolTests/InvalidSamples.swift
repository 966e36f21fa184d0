import DaybookModel
import DaybookProtocol
import Foundation
import SwiftProtobuf

/// Frames that a decoder must refuse.
enum InvalidSamples {
    static func frames() throws -> [(name: String, frame: [UInt8])] {
        let posting = try SealedPosting(Samples.posting(1, [Samples.signups(10)]), key: Samples.key)
            .frame
        let done = try Message.done(more: true).frame().encoded()
        var flipped = posting
        flipped[posting.count - 3] ^= 0x10
        var frames: [(String, [UInt8])] = [
            ("truncated-header", Array(done.prefix(5))),
            ("truncated-payload", Array(posting.dropLast())),
            ("flipped-bit", flipped),
            ("unknown-kind", try header(kind: 31, encoding: 0, raw: 0, payload: [])),
            ("unknown-encoding", try header(kind: 8, encoding: 7, raw: 0, payload: [])),
            ("raw-too-large", try header(kind: 8, encoding: 1, raw: 1 << 21, payload: [0])),
            ("length-longer-than-needed", [8, 0x80, 0] + bigEndian(crc([8, 0x80, 0]))),
            ("bomb", try header(kind: 8, encoding: 1, raw: 1 << 20, payload: bomb)),
            ("not-protobuf", Frame(kind: .hello, raw: [0xFF, 0xFF, 0xFF]).encoded()),
        ]
        for (name, wire) in try messages() + nested() + amplifying() {
            frames.append((name, Frame(kind: .posting, raw: wire).encoded()))
        }
        return frames
    }

    /// A correct header and checksum around any payload.
    private static func header(
        kind: UInt8, encoding: UInt8, raw: UInt32, payload: [UInt8]
    ) throws -> [UInt8] {
        var bytes = [kind | encoding << 5] + varint(UInt64(payload.count))
        if encoding != 0 { bytes += varint(UInt64(raw)) }
        bytes += bigEndian(crc(bytes + payload))
        return bytes + payload
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }

    /// CRC-32, bit by bit: slow, and independent of the library's.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
            }
        }
    }

    private static func zigzag(_ number: Int64) -> [UInt8] {
        varint(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    private static func varint(_ number: UInt64) -> [UInt8] {
        var rest = number
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// A megabyte of zeros as zlib (1000:1).
    private static let bomb: [UInt8] = {
        let text = "eNrtwTEBAAAAwqD1T20IX6" + String(repeating: "A", count: 1355) + "D4DAPAAAQ=="
        return Array(Data(base64Encoded: text) ?? Data())
    }()

    /// A posting's message, changed where the test wants it.
    private static func sealed(
        _ rows: Int64 = 3, _ change: (inout WirePosting) -> Void
    ) throws -> [UInt8] {
        var reader = FrameReader()
        reader.append(
            try SealedPosting(Samples.posting(1, [Samples.signups(rows)]), key: Samples.key).frame)
        var wire = try WireSealedPosting(serializedBytes: reader.next()!.raw)
        var posting = try WirePosting(serializedBytes: wire.posting)
        change(&posting)
        wire.posting = try posting.serializedBytes()
        return try wire.serializedBytes()
    }

    /// Postings that are protobuf but break a rule.
    private static func messages() throws -> [(String, [UInt8])] {
        return [
            ("no-entries", try sealed { $0.entryCount = 0 }),
            ("too-many-entries", try sealed { $0.entryCount = 1_001 }),
            ("first-without-number", try sealed { $0.number = 0 }),
            ("hash-of-nothing", try sealed { $0.previousHash = Data([1]) }),
            ("changes-left-over", try sealed { $0.changeCount = Data([0, 4]) }),
            ("changes-missing", try sealed { $0.changeCount = Data([0, 8]) }),
            ("column-of-unknown-method", try sealed { $0.births[0].id = Data([9, 1, 1, 1]) }),
            ("column-too-short", try sealed { $0.births[0].id = Data([0, 2, 2]) }),
            ("column-too-long", try sealed { $0.births[0].id = Data([0, 2, 4, 6, 8]) }),
            ("run-too-long", try sealed { $0.births[0].scope = Data([2, 2, 4]) }),
            ("stamp-zero", try sealed { $0.births[0].id = Data([0, 0, 2, 4]) }),
            (
                "stamp-twice",
                try sealed { posting in
                    posting.births.append(posting.births[0])
                    posting.changeCount = Data([0, 12])
                }
            ),
            (
                "stamps-of-two-nodes",
                try sealed { $0.births[0].id = Data([0, 2, 4, 6]) }
            ),
            (
                "currency-in-small-letters",
                try sealed { posting in
                    var column = WireColumn()
                    column.field = 9
                    column.storage = 4
                    column.data = Data([2, 2, 3])
                    column.currency = Data([0, 3, 2, 6, 3]) + Data("cnycnycny".utf8)
                    posting.births[0].fields.append(column)
                }
            ),
            (
                "nul-in-text",
                try sealed { $0.births[0].fields[2].data = Data([0, 3, 2, 2, 3, 65, 0, 66]) }
            ),
            (
                "not-utf8",
                try sealed { $0.births[0].fields[2].data = Data([0, 3, 2, 2, 3, 65, 0xFF, 66]) }
            ),
            (
                "presence-past-the-end",
                try sealed { $0.births[0].fields[2].presence = Data([0xFF]) }
            ),
            ("tag-zero", try sealed { $0.births[0].fields[0].field = 0 }),
            ("field-twice", try sealed { $0.births[0].fields.append($0.births[0].fields[0]) }),
        ]
    }

    /// Columns within columns, and scopes that a field says.
    private static func nested() throws -> [(String, [UInt8])] {
        let ids = zigzag(Samples.stamp(1).rawValue >> 21)
        let upper = [0] + ids + ids + ids
        let split = [4] + varint(UInt64(upper.count)) + upper
        return [
            ("column-split-too-low", try sealed { $0.births[0].id = Data(split + [0, 2, 4, 1]) }),
            (
                "column-split-too-high",
                try sealed {
                    $0.births[0].id = Data(split + [0, 2, 4] + zigzag(1 << 21))
                }
            ),
            (
                "column-split-in-split",
                try sealed { $0.births[0].id = Data(split + [4, 4, 0, 2, 2, 2, 0, 2, 4, 6]) }
            ),
            ("column-split-cut", try sealed { $0.births[0].id = Data([4, 100, 0]) }),
            ("column-index-outside", try sealed { $0.person = Data([5, 1, 2, 0, 2, 0, 2]) }),
            ("column-index-below", try sealed { $0.person = Data([5, 1, 2, 0, 2, 0, 1]) }),
            (
                "column-dictionary-too-large",
                try sealed { $0.person = Data([5, 2, 3, 0, 2, 4, 0, 0]) }
            ),
            (
                "column-dictionary-in-dictionary",
                try sealed { $0.person = Data([5, 1, 6, 5, 1, 2, 0, 2, 0, 0]) }
            ),
            ("scope-of-no-field", try sealed { $0.births[0].scopeField = 999 }),
            ("scopes-told-twice", try sealed { $0.births[0].scope = Data([2, 2, 3]) }),
        ]
    }

    /// Few bytes that stand for much memory.
    private static func amplifying() throws -> [(String, [UInt8])] {
        [
            (
                "names-from-nothing",
                try sealed(100) { posting in
                    var edits = WireEdits()
                    edits.collection = 4
                    edits.count = 100
                    let first = Samples.stamp(9_000).rawValue
                    edits.stamp = Data([3] + zigzag(first) + [1] + zigzag(1 << 21) + [99])
                    edits.record = Data([2, 2, 100])
                    edits.value.field = 7
                    edits.replacedCount = Data([2, 0xD0, 0x0F, 100])
                    // For each of the hundred records a thousand stamps, in a run.
                    let row = zigzag(1) + [0xE7, 7] + zigzag(-999) + [1]
                    let rows = (0..<100).flatMap { _ in row }
                    edits.replaced = Data([3] + zigzag(0) + [1] + rows.dropLast(3))
                    posting.edits = [edits]
                }
            ),
            (
                "cells-from-nothing",
                try sealed(8) { posting in
                    var column = posting.births[0].fields[0]
                    posting.births[0].fields = (1...60_000).map { tag in
                        column.field = UInt32(tag % 65_536 + 1)
                        column.data = Data()
                        column.storage = 0
                        column.presence = Data([0])
                        return column
                    }
                }
            ),
        ]
    }
}
