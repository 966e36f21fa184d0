import Crypto
import CryptoExtras
import DaybookModel
import FoundationEssentials

/// What opens the names of persons on one laptop. A person's PIN unlocks them; they are never in a book in clear.
/// Source: `Protocol/SPEC.md`, "Personal values".
public struct PersonalKeys: Sendable {
    /// Two keys of 32 bytes.
    public static let sizeBytes = 64

    private let laptop: [UInt8]
    private let hints: [UInt8]
    /// Keyed once: hints are made for each record.
    private let hinting: HMAC<SHA256>
    /// Makes the key of what is written next, for head office to open.
    public let newLock: @Sendable (SealingKey) throws -> PersonalLock

    /// Throws ``MalformedBytes`` for another length.
    ///
    /// - Parameter newLock: a simulation brings its own, without chance.
    public init(
        bytes: [UInt8],
        newLock: @escaping @Sendable (SealingKey) throws -> PersonalLock = {
            try PersonalLock(for: $0)
        }
    ) throws(MalformedBytes) {
        guard bytes.count == Self.sizeBytes else { throw .value("personal keys") }
        laptop = Array(bytes[..<32])
        hints = Array(bytes[32...])
        hinting = HMAC<SHA256>(key: SymmetricKey(data: hints))
        self.newLock = newLock
    }

    public var bytes: [UInt8] { laptop + hints }

    /// 16 bits that two equal texts of one scope have in common, and others rarely.
    public func hint(of text: String, in scope: Stamp) -> Int64 {
        var content: [UInt8] = []
        content.appendBigEndian(UInt64(bitPattern: scope.rawValue))
        content += Array(text.utf8)
        var hinting = hinting
        hinting.update(data: content)
        return hinting.finalize().prefix(2).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// A lock as it waits in the book.
    public func wrap(_ lock: PersonalLock) throws -> [UInt8] {
        try Sealing.seal(lock.key, key: laptop, nonce: 0, about: lock.capsule)
    }

    public func unwrap(_ bytes: [UInt8], capsule: [UInt8]) throws(MalformedBytes) -> PersonalLock {
        PersonalLock(
            capsule: capsule,
            key: try Sealing.open(bytes, key: laptop, nonce: 0, about: capsule))
    }

    /// What head office serves beside a page, for this laptop's people.
    func seal(_ page: [UInt8], scope: Stamp, through: UInt64) throws -> [UInt8] {
        try Sealing.seal(page, key: laptop, nonce: through, about: Self.about(scope))
    }

    func open(_ box: [UInt8], scope: Stamp, through: UInt64) throws(MalformedBytes) -> [UInt8] {
        try Sealing.open(box, key: laptop, nonce: through, about: Self.about(scope))
    }

    private static func about(_ scope: Stamp) -> [UInt8] {
        var bytes = Array("daybook page 1".utf8) + [0]
        bytes.appendBigEndian(UInt64(bitPattern: scope.rawValue))
        return bytes
    }
}

/// What a person typed, as a key.
public struct WrappingKey: Hashable, Sendable {
    public static let sizeBytes = 32
    public let bytes: [UInt8]

    /// Throws ``MalformedBytes`` for another length.
    public init(bytes: [UInt8]) throws(MalformedBytes) {
        guard bytes.count == Self.sizeBytes else { throw .value("wrapping key") }
        self.bytes = bytes
    }

    public func wrap(_ keys: PersonalKeys) throws -> [UInt8] {
        try Sealing.seal(keys.bytes, key: bytes, nonce: 0, about: [])
    }

    public func unwrap(_ box: [UInt8]) throws(MalformedBytes) -> PersonalKeys {
        try PersonalKeys(bytes: try Sealing.open(box, key: bytes, nonce: 0, about: []))
    }
}

/// Head office's public key for what only it may read (X25519).
public struct SealingKey: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Throws ``MalformedBytes`` for anything but 32 bytes.
    public init(_ bytes: [UInt8]) throws(MalformedBytes) {
        guard bytes.count == 32 else { throw .value("sealing key") }
        self.bytes = bytes
    }
}

/// One key that names are kept under until they are posted, and on their way: head office knows it by its capsule.
/// HPKE (RFC 9180), base mode, with an exported secret. Source: `Protocol/SPEC.md`, "Personal values".
public struct PersonalLock: Hashable, Sendable {
    public static let capsuleBytes = 32
    fileprivate static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
    fileprivate static let info = Data("daybook personal 1".utf8)
    fileprivate static let context = Data("lock".utf8)

    public let capsule: [UInt8]
    let key: [UInt8]

    package init(capsule: [UInt8], key: [UInt8]) {
        self.capsule = capsule
        self.key = key
    }

    public init(for office: SealingKey) throws {
        let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: office.bytes)
        let sender = try HPKE.Sender(
            recipientKey: recipient, ciphersuite: Self.suite, info: Self.info)
        let secret = try sender.exportSecret(context: Self.context, outputByteCount: 32)
        self.init(
            capsule: Array(sender.encapsulatedKey), key: secret.withUnsafeBytes { Array($0) })
    }

    func seal(_ content: [UInt8], counter: UInt64) throws -> [UInt8] {
        try Sealing.seal(content, key: key, nonce: counter, about: [])
    }

    func open(_ box: [UInt8], counter: UInt64) throws(MalformedBytes) -> [UInt8] {
        try Sealing.open(box, key: key, nonce: counter, about: [])
    }

    /// What makes a change's hash say nothing to who has not the lock.
    var salting: Salting { Salting(key: key) }

    /// Makes the salts of one lock, keyed once for all of them.
    struct Salting {
        private let keyed: HMAC<SHA256>

        fileprivate init(key: [UInt8]) { keyed = HMAC<SHA256>(key: SymmetricKey(data: key)) }

        func salt(counter: UInt64, place: Int) -> [UInt8] {
            var content: [UInt8] = []
            content.reserveCapacity(12)
            content.appendBigEndian(counter)
            content.appendBigEndian(UInt32(place))
            var keyed = keyed
            keyed.update(data: content)
            return Array(keyed.finalize().prefix(PersonalHash.saltBytes))
        }
    }
}

extension OfficeKey {
    private var sealing: Curve25519.KeyAgreement.PrivateKey {
        get throws {
            try derived(for: "daybook personal 1").withUnsafeBytes {
                try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0)
            }
        }
    }

    /// By which laptops seal what only head office may read.
    public var sealingKey: SealingKey {
        get throws { try SealingKey(Array(try sealing.publicKey.rawRepresentation)) }
    }

    /// The lock of a capsule. Throws ``MalformedBytes`` when it was not made for this head office.
    public func lock(of capsule: [UInt8]) throws(MalformedBytes) -> PersonalLock {
        guard
            let recipient = try? HPKE.Recipient(
                privateKey: try sealing, ciphersuite: PersonalLock.suite, info: PersonalLock.info,
                encapsulatedKey: Data(capsule)),
            let secret = try? recipient.exportSecret(
                context: PersonalLock.context, outputByteCount: 32)
        else { throw .personal }
        return PersonalLock(capsule: capsule, key: secret.withUnsafeBytes { Array($0) })
    }

    /// A laptop's keys follow from head office's key and the hash of the laptop's secret, which every backup has.
    public func personalKeys(ofSecret hash: [UInt8]) throws -> PersonalKeys {
        let laptop = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: derived(for: "daybook laptop 1"), info: hash, outputByteCount: 32)
        let hints = derived(for: "daybook hint 1")
        return try PersonalKeys(
            bytes: laptop.withUnsafeBytes { Array($0) } + hints.withUnsafeBytes { Array($0) })
    }
}

/// AES-256-GCM-SIV (RFC 8452): the same nonce for another content gives nothing away but that it is another.
private enum Sealing {
    static func seal(
        _ content: [UInt8], key: [UInt8], nonce: UInt64, about: [UInt8]
    ) throws -> [UInt8] {
        let box = try AES.GCM._SIV.seal(
            content, using: SymmetricKey(data: key), nonce: try self.nonce(nonce),
            authenticating: about)
        return Array(box.ciphertext) + Array(box.tag)
    }

    static func open(
        _ box: [UInt8], key: [UInt8], nonce: UInt64, about: [UInt8]
    ) throws(MalformedBytes) -> [UInt8] {
        guard box.count >= 16,
            let sealed = try? AES.GCM._SIV.SealedBox(
                nonce: try self.nonce(nonce), ciphertext: box.dropLast(16), tag: box.suffix(16)),
            let content = try? AES.GCM._SIV.open(
                sealed, using: SymmetricKey(data: key), authenticating: about)
        else { throw .personal }
        return Array(content)
    }

    private static func nonce(_ number: UInt64) throws -> AES.GCM._SIV.Nonce {
        var bytes: [UInt8] = [0, 0, 0, 0]
        bytes.appendBigEndian(number)
        return try AES.GCM._SIV.Nonce(data: bytes)
    }
}
