import Crypto
import DaybookFiles
import DaybookModel
import DaybookProtocol
import Foundation
import NIOSSL
import X509

/// Head office's own certificates, in a folder beside its book: an authority that laptops know by its fingerprint,
/// and the server's, which it signs anew before it runs out. No laptop needs to hear of that.
struct OwnCertificates {
    /// The authority outlives the laptops that know it.
    private static let authorityDays = 30 * 366
    /// What browsers and libraries still take.
    private static let serverDays = 397
    /// A server's certificate with less than this left is signed anew.
    private static let renewalDays = 60

    private let folder: String
    private var authorityPath: String { folder + "/authority.pem" }
    private var authorityKeyPath: String { folder + "/authority.key" }
    private var serverPath: String { folder + "/server.pem" }
    private var serverKeyPath: String { folder + "/server.key" }

    /// - Parameter folder: head office's; what is secret in it only its owner may read.
    init(in folder: OfficeFolder) { self.folder = folder.path + "/tls" }

    /// The authority's certificate, in DER; nil before it was made.
    func authority() throws -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: authorityPath) else { return nil }
        return try NIOSSLCertificate.fromPEMFile(authorityPath).first?.toDERBytes()
    }

    /// The server's certificate chain and key, made or renewed when it is time. Throws ``FileFault``, or what is wrong
    /// with the files.
    ///
    /// - Parameter host: the name that laptops call it by.
    func server(host: String, now: Moment) throws -> OfficeIdentity {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let now = Date(timeIntervalSince1970: Double(now.milliseconds) / 1_000)
        let authority = try heldAuthority() ?? makeAuthority(now)
        if try isDue(now) { try makeServer(host: host, authority, now) }
        return try OfficeIdentity(certificate: serverPath, key: serverKeyPath)
    }

    private typealias Authority = (certificate: X509.Certificate, key: X509.Certificate.PrivateKey)

    private func heldAuthority() throws -> Authority? {
        guard FileManager.default.fileExists(atPath: authorityPath) else { return nil }
        return (
            try X509.Certificate(pemEncoded: try Self.text(authorityPath)),
            try X509.Certificate.PrivateKey(pemEncoded: try Self.text(authorityKeyPath))
        )
    }

    private func makeAuthority(_ now: Date) throws -> Authority {
        let secret = P256.Signing.PrivateKey()
        let key = X509.Certificate.PrivateKey(secret)
        let name = try DistinguishedName { CommonName("Daybook head office") }
        let certificate = try X509.Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            // A laptop's clock may be wrong by years, and is still to know head office.
            notValidBefore: Date(timeIntervalSince1970: 0),
            notValidAfter: now.addingTimeInterval(Double(Self.authorityDays) * 86_400),
            issuer: name, subject: name,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            }, issuerPrivateKey: key)
        // The key first: a certificate stands for one that is there.
        try Self.write(secret.pemRepresentation, to: authorityKeyPath)
        try Self.write(try certificate.serializeAsPEM().pemString, to: authorityPath)
        return (certificate, key)
    }

    private func isDue(_ now: Date) throws -> Bool {
        guard FileManager.default.fileExists(atPath: serverPath),
            FileManager.default.fileExists(atPath: serverKeyPath)
        else { return true }
        guard let leaf = try NIOSSLCertificate.fromPEMFile(serverPath).first else { return true }
        let held = try X509.Certificate(derEncoded: leaf.toDERBytes())
        return held.notValidAfter.timeIntervalSince(now) < Double(Self.renewalDays) * 86_400
    }

    private func makeServer(host: String, _ authority: Authority, _ now: Date) throws {
        let secret = P256.Signing.PrivateKey()
        let certificate = try X509.Certificate(
            version: .v3, serialNumber: .init(),
            publicKey: X509.Certificate.PrivateKey(secret).publicKey,
            notValidBefore: Date(timeIntervalSince1970: 0),
            notValidAfter: now.addingTimeInterval(Double(Self.serverDays) * 86_400),
            issuer: authority.certificate.subject,
            subject: try DistinguishedName { CommonName("Daybook head office's server") },
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([.dnsName(host), .dnsName("localhost")])
            }, issuerPrivateKey: authority.key)
        let chain = try [certificate, authority.certificate].map {
            try $0.serializeAsPEM().pemString
        }
        try Self.write(secret.pemRepresentation, to: serverKeyPath)
        try Self.write(chain.joined(separator: "\n") + "\n", to: serverPath)
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    private static func write(_ text: String, to path: String) throws {
        let new = path + ".new"
        unlink(new)
        try Durable.write(to: new) { try $0(Array(text.utf8)) }
        try Durable.move(new, to: path)
    }
}

/// A server's certificate chain and key, as read from their files.
struct OfficeIdentity: Sendable {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// - Parameters: paths of PEM files.
    init(certificate: String, key: String) throws {
        chain = try NIOSSLCertificate.fromPEMFile(certificate)
        self.key = try NIOSSLPrivateKey(file: key, format: .pem)
        // A key that does not fit shows now, and not to the first laptop.
        _ = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(self.key))
        )
    }
}
