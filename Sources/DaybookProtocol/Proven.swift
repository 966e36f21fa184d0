import Crypto
import DaybookModel
import FoundationEssentials

/// Head office's own key: proves, to a head office that has lost something, that it once said it.
///
/// Made with the organisation and kept in its book, so that every backup has it. A laptop cannot check the
/// proof and need not. Source: `Protocol/SPEC.md`, "Proofs".
public struct OfficeKey: Hashable, Sendable {
    /// Length of the key, in bytes.
    public static let sizeBytes = 32
    private static let proofBytes = 16

    /// What must not leave head office: no message holds it.
    private let secret: [UInt8]

    public init(bytes: [UInt8]) { secret = bytes }

    /// The first 16 bytes of HMAC-SHA-256 over the kind's number and the content.
    func proof(of content: [UInt8], kind: FrameKind) -> [UInt8] {
        let sum = HMAC<SHA256>.authenticationCode(
            for: [kind.rawValue] + content, using: SymmetricKey(data: secret))
        return Array(sum.prefix(Self.proofBytes))
    }

    /// A key for another purpose, which says nothing of this one.
    func derived(for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array(purpose.utf8),
            outputByteCount: Self.sizeBytes)
    }

    /// The serialised Proven of a content.
    func proven(
        _ content: [UInt8], kind: FrameKind, beside personal: [UInt8] = []
    ) throws -> [UInt8] {
        var wire = WireProven()
        wire.content = Bytes(content)
        wire.proof = Bytes(proof(of: content, kind: kind))
        wire.personal = Bytes(personal)
        return try wire.serializedBytes()
    }
}

/// What head office once said, as it comes back.
public struct Proven: Hashable, Sendable {
    let kind: FrameKind
    public let content: [UInt8]
    public let proof: [UInt8]
    /// What is sealed beside it, of which it holds the hash.
    let personal: [UInt8]

    /// Reads a serialised Proven.
    init(_ raw: [UInt8], kind: FrameKind) throws(MalformedBytes) {
        let wire: WireProven = try message(raw)
        self.kind = kind
        content = [UInt8](wire.content)
        proof = [UInt8](wire.proof)
        personal = [UInt8](wire.personal)
    }

    /// Whether the head office of this key said it, to whomever.
    public func holds(_ key: OfficeKey) -> Bool {
        let own = key.proof(of: content, kind: kind)
        // Of equal time, whatever differs.
        return own.count == proof.count
            && zip(own, proof).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// A feed frame that a laptop gives back to a head office that may have lost it.
public struct ReturnedPage: Hashable, Sendable {
    public let page: FeedPage
    public let proven: Proven

    init(raw: [UInt8]) throws(MalformedBytes) {
        proven = try Proven(raw, kind: .feed)
        let wire: WireFeed = try message(proven.content)
        page = try wire.page(beside: Bytes(proven.personal))
    }

    /// Reads what a laptop kept of a feed frame: its raw message.
    public init(kept raw: [UInt8]) throws(MalformedBytes) { try self.init(raw: raw) }
}

/// What head office said of a posting before it lost it.
public struct EarlierAnswer: Hashable, Sendable {
    public let verdicts: Verdicts
    public let proven: Proven

    init(raw: [UInt8]) throws(MalformedBytes) {
        proven = try Proven(raw, kind: .verdicts)
        verdicts = try Verdicts(try message(proven.content))
    }
}

/// An enrolment as head office's own statement, for a head office that has lost it.
public struct Certificate: Hashable, Sendable {
    public let laptop: String
    public let incarnation: UInt64
    public let node: Int64
    public let secretHash: [UInt8]
    public let people: [Stamp]
    public let scopes: [Stamp]
    public let enrolled: Moment
    /// The laptop's.
    public let key: PublicKey

    public init(
        laptop: String, incarnation: UInt64, node: Int64, secretHash: [UInt8], people: [Stamp],
        scopes: [Stamp], enrolled: Moment, key: PublicKey
    ) {
        self.laptop = laptop
        self.incarnation = incarnation
        self.node = node
        self.secretHash = secretHash
        self.people = people
        self.scopes = scopes
        self.enrolled = enrolled
        self.key = key
    }

    /// The serialised Proven that the laptop keeps.
    public func sealed(by office: OfficeKey) throws -> [UInt8] {
        var wire = WireCertificate()
        wire.laptop = laptop
        wire.incarnation = incarnation
        wire.node = UInt32(node)
        wire.secretHash = Bytes(secretHash)
        wire.people = people.map { UInt64($0.rawValue) }
        wire.scopes = scopes.map { UInt64($0.rawValue) }
        wire.enrolledMs = enrolled.milliseconds
        wire.key = Bytes(key.bytes)
        return try office.proven(try wire.serializedBytes(), kind: .enrolled)
    }

    /// Reads one that this key sealed; throws for any other.
    public init(sealed: [UInt8], by office: OfficeKey) throws(MalformedBytes) {
        let proven = try Proven(sealed, kind: .enrolled)
        guard proven.holds(office) else { throw .value("certificate of another head office") }
        let wire: WireCertificate = try message(proven.content)
        guard (1...Stamp.nodeMax).contains(Int64(wire.node)) else { throw .value("node") }
        guard max(wire.people.count, wire.scopes.count) <= Limits.scopesMax else {
            throw .tooLarge(what: "scopes", limit: Limits.scopesMax)
        }
        laptop = try FieldColumns.text(Array(wire.laptop.utf8))
        incarnation = wire.incarnation
        node = Int64(wire.node)
        secretHash = [UInt8](wire.secretHash)
        people = try stamps(wire.people)
        scopes = try stamps(wire.scopes)
        enrolled = Moment(milliseconds: wire.enrolledMs)
        key = try PublicKey([UInt8](wire.key))
    }
}

func stamps(_ numbers: [UInt64]) throws(MalformedBytes) -> [Stamp] {
    var stamps: [Stamp] = []
    for number in numbers { stamps.append(try stamp(number)) }
    return stamps
}

extension FeedPage {
    /// The raw message of a returned frame without a proof: what a laptop hands back of its own accord.
    public func unproven() throws(MalformedBytes) -> [UInt8] {
        do {
            var wire = WireProven()
            let content: [UInt8] = try WireFeed(self).serializedBytes()
            wire.content = Bytes(content)
            let raw: [UInt8] = try wire.serializedBytes()
            guard raw.count <= Limits.frameRawBytesMax else {
                throw MalformedBytes.tooLarge(what: "feed", limit: Limits.frameRawBytesMax)
            }
            return raw
        } catch let error as MalformedBytes {
            throw error
        } catch {
            throw .notAMessage("feed")
        }
    }
}
