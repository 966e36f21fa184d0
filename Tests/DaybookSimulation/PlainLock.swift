import Crypto
import DaybookProtocol
import Foundation

/// The sender's side of HPKE with chance from outside, so that a seed replays: RFC 9180, base mode, DHKEM(X25519,
/// HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, an exported secret. Head office opens it with the library's own.
enum PlainLock {
    private static let kem: [UInt8] = Array("KEM".utf8) + [0, 0x20]
    private static let suite: [UInt8] = Array("HPKE".utf8) + [0, 0x20, 0, 1, 0, 3]
    private static let version = Array("HPKE-v1".utf8)

    /// - Parameter random: 32 bytes.
    static func make(for office: SealingKey, random: [UInt8]) throws -> PersonalLock {
        let own = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: random)
        let capsule = Array(own.publicKey.rawRepresentation)
        let theirs = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: office.bytes)
        let shared = try own.sharedSecretFromKeyAgreement(with: theirs)
            .withUnsafeBytes { Array($0) }
        let agreed = extract(kem, salt: [], "eae_prk", shared)
        let secret = expand(kem, agreed, "shared_secret", capsule + office.bytes)
        let info = Array("daybook personal 1".utf8)
        let context =
            [0] + extract(suite, salt: [], "psk_id_hash", [])
            + extract(suite, salt: [], "info_hash", info)
        let scheduled = extract(suite, salt: secret, "secret", [])
        let exporter = expand(suite, scheduled, "exp", context)
        return PersonalLock(
            capsule: capsule, key: expand(suite, exporter, "sec", Array("lock".utf8)))
    }

    private static func extract(
        _ suite: [UInt8], salt: [UInt8], _ label: String, _ content: [UInt8]
    ) -> [UInt8] {
        Array(
            HKDF<SHA256>.extract(
                inputKeyMaterial: SymmetricKey(
                    data: version + suite + Array(label.utf8) + content), salt: salt))
    }

    private static func expand(
        _ suite: [UInt8], _ key: [UInt8], _ label: String, _ info: [UInt8]
    ) -> [UInt8] {
        HKDF<SHA256>.expand(
            pseudoRandomKey: SymmetricKey(data: key),
            info: [0, 32] + version + suite + Array(label.utf8) + info, outputByteCount: 32
        ).withUnsafeBytes { Array($0) }
    }
}

extension SimulatedClock {
    /// Personal keys whose locks are drawn from this machine's chance.
    func keys(_ bytes: [UInt8]) throws -> PersonalKeys {
        try PersonalKeys(bytes: bytes) { try PlainLock.make(for: $0, random: self.randomBytes(32)) }
    }
}
