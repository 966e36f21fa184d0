/// The limits of protocol version 1, each with its reason. Source: `Protocol/SPEC.md`, "Limits".
public enum Limits {
    public static let protocolVersion: UInt32 = 1
    /// Uncompressed payload of a frame: bounds the memory that a decoder needs.
    public static let frameRawBytesMax = 1 << 20
    /// Compressed payload: deflate adds at most 5 bytes to each 16 KiB, and 64 more than cover its ends.
    public static let framePayloadBytesMax = frameRawBytesMax + frameRawBytesMax / 1_024 + 64
    /// A payload may not grow more than this when inflated: text of this kind shrinks by 20, zeros by 1000.
    public static let inflationRatioMax = 200
    /// Entries in one posting.
    public static let postingEntriesMax = 1_000
    /// Changes in one posting: with small ones a frame holds about this many.
    public static let postingChangesMax = 8_000
    /// What a laptop aims at when it seals a posting: head office records one in so short a time that others, whose
    /// postings wait meanwhile, do not notice, and what is saved by larger ones is under a hundredth.
    public static let postingBytesAim = 192 * 1_024
    public static let postingChangesAim = 4_000
    /// Postings in one exchange: bounds what a cut line sends again.
    public static let exchangePostingsMax = 16
    /// Records in one feed frame.
    public static let feedRecordsMax = 2_000
    /// What head office aims at in one feed frame.
    public static let feedBytesAim = 384 * 1_024
    /// Scopes that one laptop may hold.
    public static let scopesMax = 1_000
    /// Stamps that one edit or removal may name.
    public static let replacedMax = 1_000
    /// Groups of one collection, or one field's edits, in one message.
    public static let groupsMax = 1_024
    /// Field values in one message, absent ones counted: a run of 8,000 costs six bytes on the wire.
    public static let cellsMax = 400_000
    /// Bytes of text and blobs in one message once dictionaries are written out.
    public static let textBytesMax = 4 << 20
    /// Stamps that one message names, all edits, removals and heads together: a run names many for few bytes.
    public static let namedMax = 65_536
    /// Earlier runs of head office that a laptop names: its restarts since the last backup.
    public static let pastRunsMax = 64
    /// Key changes that a hello names: one a month for five years.
    public static let keyChangesMax = 64
    /// People who may work on one laptop.
    public static let peopleMax = 1_000
    /// Silent laptops that a laptop is told of: the longest silent ones when there are more.
    public static let silentMax = 1_000
    /// Scopes that are named for all of them together: a frame holds them.
    public static let silentScopesMax = 16_384
    /// Longer than anything is followed up.
    public static let personalDaysMax = 3_660
    /// Frames that one exchange returns.
    public static let returnedMax = 16
    /// Ranges of one scope that a laptop asks for in one exchange.
    public static let rangesMax = 64
    /// Into how many parts head office splits a range.
    public static let rangeParts = 16
    /// Parts and leaves in one answer.
    public static let partsMax = rangesMax * rangeParts
    /// A range with no more records than this is sent whole.
    public static let leafRecordsMax = 16
    /// Length of free text in a refusal.
    public static let detailBytesMax = 1_024
    /// Frames of one request: postings, returned frames and a comparison of each scope, with room.
    public static let exchangeFramesMax = 2_048
    /// Body of one exchange, either way.
    public static let exchangeBytesMax = 64 << 20
}

/// What is wrong with received bytes. Every decoder throws this and nothing else.
public enum MalformedBytes: Error, Hashable, Sendable {
    case truncated
    case checksumWrong
    case unknownFrameKind(UInt8)
    case unknownEncoding(UInt8)
    case tooLarge(what: String, limit: Int)
    case inflationFailed
    case inflatesTooMuch
    case notAMessage(String)
    case column(String)
    case value(String)
    /// What names persons in it does not open, or is not what it says that there is.
    case personal
}

/// Why head office ends an exchange. The numbers are the wire's. Source: `Protocol/SPEC.md`, "Refusals".
public enum RefusalCode: UInt32, Error, Sendable, CaseIterable {
    case malformed = 1
    case protocolTooOld = 2
    case protocolTooNew = 3
    case notEnrolled = 4
    case revoked = 5
    case postingGap = 6
    case postingForked = 7
    case tooLarge = 8
    case busy = 9
    case wrongOrder = 10
    case codeUnknown = 11

    case internalFault = 12
    case signatureWrong = 13
    case personalWrong = 14

    public enum Remedy: Sendable { case retry, resynchronise, stop }

    /// What a laptop does about it.
    public var remedy: Remedy {
        switch self {
        case .busy, .internalFault: .retry
        case .postingGap, .postingForked, .signatureWrong: .resynchronise
        case .malformed, .protocolTooOld, .protocolTooNew, .notEnrolled, .revoked, .tooLarge,
            .wrongOrder, .codeUnknown, .personalWrong:
            .stop
        }
    }
}

/// What one message may still cost to decode, so that few bytes never become much memory.
package struct DecodeBudget {
    private var groups = Limits.groupsMax
    private var cells = Limits.cellsMax
    private var bytes = Limits.textBytesMax
    private var named = Limits.namedMax
    private var rows: Int

    package init(rowsMax: Int) { rows = rowsMax }

    /// A group of at least one row.
    mutating func spendGroup(rows count: UInt32) throws(MalformedBytes) -> Int {
        try spendGroup()
        return try spend(rows: count)
    }

    mutating func spendGroup() throws(MalformedBytes) {
        groups -= 1
        guard groups >= 0 else { throw .tooLarge(what: "groups", limit: Limits.groupsMax) }
    }

    mutating func spend(rows count: UInt32) throws(MalformedBytes) -> Int {
        guard count >= 1, count <= UInt32(rows) else {
            throw .tooLarge(what: "rows", limit: rows)
        }
        rows -= Int(count)
        return Int(count)
    }

    mutating func spendCells(_ count: Int) throws(MalformedBytes) {
        cells -= count
        guard cells >= 0 else { throw .tooLarge(what: "cells", limit: Limits.cellsMax) }
    }

    mutating func spendNamed(_ count: Int) throws(MalformedBytes) {
        named -= count
        guard named >= 0 else { throw .tooLarge(what: "named stamps", limit: Limits.namedMax) }
    }

    mutating func spendBytes(_ count: Int) throws(MalformedBytes) {
        bytes -= count
        guard bytes >= 0 else { throw .tooLarge(what: "text", limit: Limits.textBytesMax) }
    }
}
