import DaybookModel
import FoundationEssentials
import SwiftProtobuf

/// A numbered batch of entries as it is sealed: its bytes are stored before the first one leaves, and sent
/// again as they are. Source: `Protocol/SPEC.md`, "Postings".
public struct Posting: Hashable, Sendable {
    public let incarnation: UInt64
    /// From 1, without gaps, within its incarnation.
    public let number: UInt64
    /// Empty for number 1.
    public let previousHash: [UInt8]
    public let catalogue: UInt32
    public let entries: [Entry]
    /// Stands for what names persons in the entries; empty when nothing does.
    public let personalHash: [UInt8]

    public init(
        incarnation: UInt64, number: UInt64, previousHash: [UInt8], catalogue: UInt32,
        entries: [Entry], personalHash: [UInt8]? = nil
    ) {
        self.personalHash =
            personalHash ?? PersonalHash.whole(entries.map(\.personalHash).filter { !$0.isEmpty })
        self.incarnation = incarnation
        self.number = number
        self.previousHash = previousHash
        self.catalogue = catalogue
        self.entries = entries
    }
}

/// A posting's bytes with the hash that names its content.
public struct SealedPosting: Hashable, Sendable {
    public let number: UInt64
    /// SHA-256 of the serialised Posting message.
    public let hash: [UInt8]
    public let frame: [UInt8]

    public init(number: UInt64, hash: [UInt8], frame: [UInt8]) {
        self.number = number
        self.hash = hash
        self.frame = frame
    }

    /// Seals and signs a posting. Throws when its entries do not fit a frame.
    public init(
        _ posting: Posting, key: DeviceKey, personal: PersonalPart? = nil
    ) throws(MalformedBytes) {
        let content: [UInt8]
        var sealed = WireSealedPosting()
        let raw: [UInt8]
        do {
            content = try PostingCodec.wire(posting).serializedBytes()
            sealed.posting = Bytes(content)
            sealed.signature = Bytes(try key.signature(ofPosting: sha256(content)))
            if let personal { sealed.personal = personal.wire }
            raw = try sealed.serializedBytes()
        } catch {
            throw .notAMessage("posting")
        }
        guard raw.count <= Limits.frameRawBytesMax else {
            throw .tooLarge(what: "posting", limit: Limits.frameRawBytesMax)
        }
        number = posting.number
        hash = sha256(content)
        frame = Frame(kind: .posting, raw: raw).encoded()
    }

    /// The same posting, with what head office said of it before it lost it.
    ///
    /// - Parameter answer: the raw message of the verdicts' frame.
    public func answered(_ answer: [UInt8]) throws(MalformedBytes) -> SealedPosting {
        var reader = FrameReader()
        reader.append(frame)
        guard let held = try reader.next() else { throw .truncated }
        var sealed: WireSealedPosting = try message(held.raw)
        sealed.answered = Bytes(answer)
        let raw: [UInt8]
        do { raw = try sealed.serializedBytes() } catch { throw .notAMessage("posting") }
        // A posting that only just fits a frame goes without: it is judged anew then.
        guard raw.count <= Limits.frameRawBytesMax else { return self }
        return SealedPosting(
            number: number, hash: hash, frame: Frame(kind: .posting, raw: raw).encoded())
    }

    /// What was sealed.
    public func content() throws(MalformedBytes) -> ReceivedPosting {
        try ReceivedPosting(kept: frame)
    }
}

/// A received posting: what it says, and the hash of what it said it with.
public struct ReceivedPosting: Hashable, Sendable {
    public let posting: Posting
    public let hash: [UInt8]
    /// What head office said of it before it lost it, as far as the laptop says.
    public let answer: EarlierAnswer?
    public let signature: [UInt8]
    /// What names persons in it, sealed; nil when nothing does.
    public let personal: PersonalPart?
    /// What was hashed and signed.
    private let content: [UInt8]

    /// The same posting saying something else: only a simulation breaks a law so.
    package init(_ posting: Posting, of received: ReceivedPosting) {
        self.posting = posting
        hash = received.hash
        answer = received.answer
        signature = received.signature
        personal = received.personal
        content = received.content
    }

    /// The entries with what names persons in them.
    ///
    /// Throws ``MalformedBytes/personal`` when that is not what was signed.
    public func opened(by key: OfficeKey) throws(MalformedBytes) -> [Entry] {
        guard let personal else {
            guard posting.personalHash.isEmpty,
                posting.entries.allSatisfy({ $0.changes.allSatisfy(\.personal.isEmpty) })
            else { throw .personal }
            return posting.entries
        }
        let (entries, hash) = try personal.fill(posting.entries, by: key)
        guard hash == posting.personalHash else { throw .personal }
        return entries
    }

    /// The entries with what can be read of persons in them, though it is not what was signed; and the places of those
    /// of which something is lost.
    public func salvaged(by key: OfficeKey) -> (entries: [Entry], lost: Set<Int>) {
        personal?.salvaged(posting.entries, by: key, hash: posting.personalHash)
            ?? PersonalPart.filled(posting.entries, hash: posting.personalHash) { _, _ in nil }
    }

    /// What to keep of it without what names persons in some changes, and without the lock that the rest of it was
    /// sealed under. What was signed and its hash stay.
    ///
    /// - Parameter places: of an entry, by its personal hash, the changes that are to say nothing any more.
    public func erasing(_ places: [[UInt8]: Set<Int>], by key: OfficeKey) throws -> [UInt8] {
        // Of what is not what was signed nothing is kept that names anybody.
        guard let opened = try? opened(by: key) else { return try kept(nil) }
        let hashes = opened.map(\.personalHash)
        return try kept(
            try personal?.erasing(posting.entries, by: key) { entry, place in
                places[hashes[entry]]?.contains(place) ?? false
            })
    }

    /// The frame of the same posting with what names persons in as few boxes as can be.
    ///
    /// - Parameter lock: that it was sealed under.
    public func packed(under lock: PersonalLock) throws -> [UInt8] {
        try kept(try personal?.packed(under: lock, posting.entries))
    }

    /// Whether it was sealed under this lock, and still is.
    public func isSealed(under capsule: [UInt8]) -> Bool {
        !capsule.isEmpty && personal?.capsule == capsule
    }

    /// The posting with its signature as an encoded frame, to be kept: what it was answered once is not in it.
    public func kept() throws -> [UInt8] { try kept(personal) }

    private func kept(_ personal: PersonalPart?) throws -> [UInt8] {
        var sealed = WireSealedPosting()
        if let personal { sealed.personal = personal.wire }
        sealed.posting = Bytes(content)
        sealed.signature = Bytes(signature)
        return Frame(kind: .posting, raw: try sealed.serializedBytes()).encoded()
    }

    /// Reads what was kept.
    public init(kept frame: [UInt8]) throws(MalformedBytes) {
        var reader = FrameReader()
        reader.append(frame)
        guard let frame = try reader.next(), frame.kind == .posting else { throw .truncated }
        try self.init(try message(frame.raw))
    }

    /// Reads the payload of a posting frame.
    public init(raw: [UInt8]) throws(MalformedBytes) {
        let sealed: WireSealedPosting = try message(raw)
        // Only head office leaves out what it erased.
        guard sealed.personal.kept.isEmpty else { throw .value("kept personal values") }
        try self.init(sealed)
    }

    private init(_ sealed: WireSealedPosting) throws(MalformedBytes) {
        content = [UInt8](sealed.posting)
        signature = [UInt8](sealed.signature)
        posting = try PostingCodec.posting(try message(content))
        personal = sealed.hasPersonal ? try PersonalPart(sealed.personal) : nil
        hash = sha256(content)
        answer = sealed.answered.isEmpty ? nil : try EarlierAnswer(raw: [UInt8](sealed.answered))
    }
}

/// Reads a protobuf message; unknown fields are a newer release's and pass.
func message<Message: SwiftProtobuf.Message>(
    _ bytes: [UInt8]
) throws(MalformedBytes) -> Message {
    do {
        return try Message(serializedBytes: bytes)
    } catch {
        throw .notAMessage(Message.protoMessageName)
    }
}
