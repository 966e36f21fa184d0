import DaybookProtocol
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// By what a laptop knows head office.
enum OfficeTrust {
    private static let connectTime = TimeAmount.seconds(10)

    /// What the client takes for head office: certificates that this one signed, or a public authority's.
    ///
    /// - Parameter certificate: DER, as the laptop has kept it since it enrolled.
    static func configuration(_ certificate: [UInt8]?) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let certificate {
            configuration.trustRoots = .certificates([
                try NIOSSLCertificate(bytes: certificate, format: .der)
            ])
            // Only head office has certificates of its authority; it may be reached by any name.
            configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }

    /// The certificate that an invitation names, as head office shows it. Nothing is sent before it was found.
    static func certificate(
        named invitation: Invitation, at office: String, by proxy: LineProxy? = nil
    ) async throws -> [UInt8] {
        guard let url = URL(string: office), let host = url.host else {
            throw LinkFault.offline(detail: office)
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        let context = try NIOSSLContext(configuration: configuration)
        let group = MultiThreadedEventLoopGroup.singleton
        let found = group.next().makePromise(of: [UInt8].self)
        let isName = host.contains { $0.isLetter } && !host.contains(":")
        let look: @Sendable (any Channel) throws -> Void = { channel in
            let handler = try NIOSSLClientHandler(
                context: context, serverHostname: isName ? host : nil,
                customVerificationCallback: { shown, promise in
                    let named = shown.lazy.compactMap { try? $0.toDERBytes() }
                        .first(where: invitation.names)
                    if let named {
                        found.succeed(named)
                    } else {
                        found.fail(LinkFault.untrusted(detail: host))
                    }
                    // Whoever it is: nothing more is said on this line.
                    promise.succeed(.failed)
                })
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        let port = url.port ?? 443
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(connectTime)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let proxy else { return try look(channel) }
                        try proxy.open(channel, to: host, port, within: connectTime, then: look)
                            .whenFailure {
                                found.fail(LinkFault.offline(detail: "\(proxy.host): \($0)"))
                            }
                    }
                }.connect(host: proxy?.host ?? host, port: proxy?.port ?? port).get()
            channel.closeFuture.whenComplete { _ in
                found.fail(LinkFault.offline(detail: "\(host) does not speak TLS"))
            }
            // One that takes the call and says nothing.
            let timeout = channel.eventLoop.scheduleTask(in: connectTime) {
                channel.close(promise: nil)
            }
            found.futureResult.whenComplete { _ in
                timeout.cancel()
                channel.close(promise: nil)
            }
        } catch {
            found.fail(LinkFault.offline(detail: "\(error)"))
        }
        return try await found.futureResult.get()
    }
}
