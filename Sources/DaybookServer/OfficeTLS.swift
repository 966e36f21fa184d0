import DaybookFiles
import DaybookModel
import DaybookStorage
import Foundation
import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization

/// By what head office's server proves who it is.
public enum OfficeSecurity: Sendable {
    /// Plain HTTP: on loopback, or behind a proxy that ends TLS.
    case none
    /// Certificates that head office signs itself; the host is the name that laptops call it by.
    case own(host: String)
    /// Files that somebody else renews, in PEM.
    case files(certificate: String, key: String)
}

/// The certificate that new connections get: read anew when its files change, renewed before it runs out, without a
/// restart.
package final class OfficeTLS: Service {
    private static let lookTime = Duration.seconds(60)

    private let security: OfficeSecurity
    private let store: OfficeStore
    private let folder: OfficeFolder
    private let surroundings: any Surroundings
    private let logger: Logger
    private let held: Mutex<OfficeIdentity>

    /// Throws what is wrong with the files.
    package init(
        _ security: OfficeSecurity, store: OfficeStore, folder: OfficeFolder,
        surroundings: any Surroundings, logger: Logger
    ) throws {
        self.security = security
        self.store = store
        self.folder = folder
        self.surroundings = surroundings
        self.logger = logger
        held = Mutex(try Self.read(security, store, folder, surroundings))
    }

    package var configuration: TLSConfiguration {
        let identity = held.withLock { $0 }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: identity.chain.map { .certificate($0) },
            privateKey: .privateKey(identity.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.sslContextCallback = { [self] _, promise in
            let identity = held.withLock { $0 }
            var present = NIOSSLContextConfigurationOverride()
            present.certificateChain = identity.chain.map { .certificate($0) }
            present.privateKey = .privateKey(identity.key)
            promise.succeed(present)
        }
        return configuration
    }

    package func run() async throws {
        // A server that is told to stop does not wait for the next look.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: Self.lookTime)
                self.look()
            }
        }
    }

    /// Takes what the files say now. What cannot be read changes nothing: the certificate before serves on.
    package func look() {
        do {
            let identity = try Self.read(security, store, folder, surroundings)
            held.withLock { $0 = identity }
        } catch {
            logger.error("cannot read the new certificate", metadata: ["error": "\(error)"])
        }
    }

    private static func read(
        _ security: OfficeSecurity, _ store: OfficeStore, _ folder: OfficeFolder,
        _ surroundings: any Surroundings
    ) throws -> OfficeIdentity {
        switch security {
        case .none: throw NIOSSLError.failedToLoadCertificate
        case .own(let host):
            try OwnCertificates(store, in: folder).server(
                host: host, now: surroundings.reading().wall)
        case .files(let certificate, let key):
            try OfficeIdentity(certificate: certificate, key: key)
        }
    }
}
