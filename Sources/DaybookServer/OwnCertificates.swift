import Crypto
import DaybookFiles
import DaybookModel
import DaybookStorage
import Foundation
import NIOSSL
import X509

/// Head office's own certificates: an authority that laptops know by its fingerprint, kept in the book so that every
/// backup has it; and the server's, which it signs anew now and then. No laptop needs to hear of that.
struct OwnCertificates {
    /// The server's key is replaced after so long.
    private static let renewalMilliseconds: Int64 = 300 * 86_400_000
    /// The end of time, as RFC 5280 has it: a laptop's clock may be wrong by years, and is still to know head office.
    private static let never = Date(timeIntervalSince1970: 253_402_300_799)
    private static let always = Date(timeIntervalSince1970: 0)

    private let store: OfficeStore
    private let folder: String
    /// Chain and key in one file: they are replaced together.
    private var path: String { folder + "/server.pem" }

    /// - Parameter folder: head office's; what is secret in it only its owner may read.
    init(_ store: OfficeStore, in folder: OfficeFolder) {
        self.store = store
        self.folder = folder.path + "/tls"
    }

    /// A new organisation's authority.
    static func newAuthority() throws -> OfficeAuthority {
        let secret = P256.Signing.PrivateKey()
        let key = X509.Certificate.PrivateKey(secret)
        let name = try DistinguishedName { CommonName("Daybook head office") }
        let certificate = try X509.Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: always,
            notValidAfter: never, issuer: name, subject: name,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            }, issuerPrivateKey: key)
        let pem = try certificate.serializeAsPEM().pemString
        guard let der = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).first?.toDERBytes()
        else { throw CertificateFault(detail: "authority") }
        return OfficeAuthority(certificate: der, keyPEM: secret.pemRepresentation)
    }

    /// The server's certificate chain and key, made or renewed when it is time. Throws ``FileFault``, or what is wrong
    /// with the file.
    ///
    /// - Parameter host: the name that laptops call it by.
    func server(host: String, now: Moment) throws -> OfficeIdentity {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let authority = try store.authority(making: Self.newAuthority)
        if isDue(authority, now) { try makeServer(host: host, authority, now) }
        return try OfficeIdentity(certificate: path, key: path)
    }

    /// Whether there is none of this authority, or it is old: its serial number is when it was made. A file that cannot
    /// be read is somebody's mistake, and told when it is used.
    private func isDue(_ authority: OfficeAuthority, _ now: Moment) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return true }
        guard let chain = try? NIOSSLCertificate.fromPEMFile(path), let leaf = chain.first,
            let held = try? X509.Certificate(derEncoded: leaf.toDERBytes())
        else { return false }
        guard (try? chain.last?.toDERBytes()) == authority.certificate else { return true }
        let made = held.serialNumber.bytes.reduce(0) { $0 << 8 | Int64($1) }
        return now.milliseconds - made >= Self.renewalMilliseconds
    }

    private func makeServer(host: String, _ authority: OfficeAuthority, _ now: Moment) throws {
        let signer = try X509.Certificate(derEncoded: authority.certificate)
        let secret = P256.Signing.PrivateKey()
        let certificate = try X509.Certificate(
            version: .v3,
            serialNumber: .init(
                bytes: withUnsafeBytes(of: max(1, now.milliseconds).bigEndian) { Array($0) }),
            publicKey: X509.Certificate.PrivateKey(secret).publicKey, notValidBefore: Self.always,
            notValidAfter: Self.never, issuer: signer.subject,
            subject: try DistinguishedName { CommonName("Daybook head office's server") },
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([.dnsName(host), .dnsName("localhost")])
            }, issuerPrivateKey: X509.Certificate.PrivateKey(pemEncoded: authority.keyPEM))
        let parts = try [certificate, signer].map { try $0.serializeAsPEM().pemString }
        let text = (parts + [secret.pemRepresentation]).joined(separator: "\n") + "\n"
        let new = path + ".new"
        unlink(new)
        try Durable.write(to: new) { try $0(Array(text.utf8)) }
        try Durable.move(new, to: path)
    }
}

/// A certificate or its key cannot be used.
public struct CertificateFault: Error, Sendable {
    public let detail: String
}

/// A server's certificate chain and key, as read from their files.
struct OfficeIdentity: Sendable {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// Throws ``CertificateFault``.
    ///
    /// - Parameters: paths of PEM files.
    init(certificate: String, key: String) throws {
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
            self.key = try NIOSSLPrivateKey(file: key, format: .pem)
            // A key that does not fit shows now, and not to the first laptop.
            _ = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: chain.map { .certificate($0) },
                    privateKey: .privateKey(self.key)))
        } catch {
            throw CertificateFault(detail: "\(certificate), \(key): \(error)")
        }
    }
}
