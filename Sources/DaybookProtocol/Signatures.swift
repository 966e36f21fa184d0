import Crypto
import DaybookModel

/// What a signature is over: words that say what it is, a zero byte, and the rest. Source: `Protocol/SPEC.md`,
/// "Signatures".
private enum Signed {
    static func enrolment(_ code: String) -> [UInt8] {
        words("daybook enrol 1") + sha256(Array(code.utf8))
    }

    static func posting(_ hash: [UInt8]) -> [UInt8] { words("daybook posting 1") + hash }

    static func key(_ key: [UInt8]) -> [UInt8] { words("daybook key 1") + key }

    static func receipt(_ receipt: Receipt) -> [UInt8] {
        words("daybook receipt 1") + bigEndian(receipt.organisation.rawValue)
            + bigEndian(Int64(bitPattern: receipt.incarnation))
            + bigEndian(Int64(bitPattern: receipt.number)) + receipt.hash
            + bigEndian(receipt.arrived.milliseconds)
    }

    static func wipe(_ receipt: WipeReceipt) -> [UInt8] {
        words("daybook wipe 1") + bigEndian(receipt.organisation.rawValue)
            + bigEndian(Int64(bitPattern: receipt.incarnation))
            + bigEndian(Int64(bitPattern: receipt.lastPosting)) + receipt.hash
            + bigEndian(receipt.time.milliseconds)
    }

    private static func words(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    private static func bigEndian(_ number: Int64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

/// A laptop's Ed25519 key, made on it; head office learns the public half when the laptop enrols.
public struct DeviceKey: Hashable, Sendable {
    /// Length of the secret half, in bytes.
    public static let sizeBytes = 32

    /// The secret half: it stays in the book.
    public let bytes: [UInt8]

    /// - Parameter bytes: 32 random bytes. Throws ``MalformedBytes`` for another length.
    public init(bytes: [UInt8]) throws(MalformedBytes) {
        guard bytes.count == Self.sizeBytes else { throw .value("key") }
        self.bytes = bytes
    }

    public var publicKey: PublicKey {
        get throws { PublicKey(bytes: Array(try key().publicKey.rawRepresentation)) }
    }

    public func signature(ofCode code: String) throws -> [UInt8] {
        try sign(Signed.enrolment(code))
    }

    /// - Parameter hash: SHA-256 of the posting's bytes.
    public func signature(ofPosting hash: [UInt8]) throws -> [UInt8] {
        try sign(Signed.posting(hash))
    }

    /// Says that another key is the laptop's from now on.
    public func change(to new: PublicKey) throws -> KeyChange {
        KeyChange(key: new, signature: try sign(Signed.key(new.bytes)))
    }

    private func sign(_ bytes: [UInt8]) throws -> [UInt8] { Array(try key().signature(for: bytes)) }

    private func key() throws -> Curve25519.Signing.PrivateKey {
        try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    }
}

/// The public half of an Ed25519 key.
public struct PublicKey: Hashable, Sendable {
    private static let sizeBytes = 32
    private static let nameBytes = 8

    public let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Throws ``MalformedBytes`` for anything but 32 bytes.
    public init(_ bytes: [UInt8]) throws(MalformedBytes) {
        guard bytes.count == Self.sizeBytes else { throw .value("public key") }
        self.bytes = bytes
    }

    /// The first 8 bytes of its SHA-256.
    public var name: [UInt8] { Array(sha256(bytes).prefix(Self.nameBytes)) }

    public func holds(_ signature: [UInt8], ofCode code: String) -> Bool {
        verifies(signature, Signed.enrolment(code))
    }

    public func holds(_ signature: [UInt8], ofPosting hash: [UInt8]) -> Bool {
        verifies(signature, Signed.posting(hash))
    }

    public func holds(_ change: KeyChange) -> Bool {
        verifies(change.signature, Signed.key(change.key.bytes))
    }

    public func holds(_ receipt: Receipt) -> Bool {
        verifies(receipt.signature, Signed.receipt(receipt))
    }

    public func holds(_ receipt: WipeReceipt) -> Bool {
        verifies(receipt.signature, Signed.wipe(receipt))
    }

    private func verifies(_ signature: [UInt8], _ bytes: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes) else {
            return false
        }
        return key.isValidSignature(signature, for: bytes)
    }
}

/// A laptop's key in place of the one before, which signed it.
public struct KeyChange: Hashable, Sendable {
    public let key: PublicKey
    public let signature: [UInt8]

    public init(key: PublicKey, signature: [UInt8]) {
        self.key = key
        self.signature = signature
    }
}

/// Head office's signed word that it holds a posting.
public struct Receipt: Hashable, Sendable {
    public let organisation: Stamp
    public let incarnation: UInt64
    public let number: UInt64
    public let hash: [UInt8]
    public let arrived: Moment
    public internal(set) var signature: [UInt8]

    public init(
        organisation: Stamp, incarnation: UInt64, number: UInt64, hash: [UInt8], arrived: Moment,
        signature: [UInt8] = []
    ) {
        self.organisation = organisation
        self.incarnation = incarnation
        self.number = number
        self.hash = hash
        self.arrived = arrived
        self.signature = signature
    }
}

/// Head office's signed word that it holds, and its backup too, everything that a laptop's book holds.
public struct WipeReceipt: Hashable, Sendable {
    public let organisation: Stamp
    public let incarnation: UInt64
    /// 0 when it never posted anything.
    public let lastPosting: UInt64
    public let hash: [UInt8]
    public let time: Moment
    public internal(set) var signature: [UInt8]

    public init(
        organisation: Stamp, incarnation: UInt64, lastPosting: UInt64, hash: [UInt8],
        time: Moment, signature: [UInt8] = []
    ) {
        self.organisation = organisation
        self.incarnation = incarnation
        self.lastPosting = lastPosting
        self.hash = hash
        self.time = time
        self.signature = signature
    }
}

extension OfficeKey {
    public func signed(_ receipt: WipeReceipt) throws -> WipeReceipt {
        var receipt = receipt
        receipt.signature = Array(try signing.signature(for: Signed.wipe(receipt)))
        return receipt
    }

    /// Head office's signing key follows from the one that every backup has.
    private var signing: Curve25519.Signing.PrivateKey {
        get throws {
            try derived(for: "daybook receipt 1").withUnsafeBytes {
                try Curve25519.Signing.PrivateKey(rawRepresentation: $0)
            }
        }
    }

    public var publicKey: PublicKey {
        get throws { PublicKey(bytes: Array(try signing.publicKey.rawRepresentation)) }
    }

    public func signed(_ receipt: Receipt) throws -> Receipt {
        var receipt = receipt
        receipt.signature = Array(try signing.signature(for: Signed.receipt(receipt)))
        return receipt
    }
}
