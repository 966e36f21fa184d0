import DaybookModel
import DaybookStorage
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import ServiceLifecycle

/// What head office needs to serve.
public struct HeadOfficeConfiguration: Sendable {
    public var folder: OfficeFolder
    public var host = "127.0.0.1"
    /// 0 takes a free one.
    public var port = 0
    public var security = OfficeSecurity.none
    /// What laptops call it by, `host:port`; nil for what it was, or the host and port it listens at.
    public var address: String?
    /// A proxy on this machine ends TLS, and says in `X-Forwarded-For` whom it speaks for.
    public var isBehindProxy = false

    public init(folder: OfficeFolder) { self.folder = folder }
}

extension HeadOfficeConfiguration {
    /// How laptops reach it, for the codes that are given out.
    fileprivate func keepServing(port: Int) throws {
        let way: OfficeFolder.Serving.Way =
            switch security {
            case .none: .plain
            case .own: .own
            case .files: .publicCertificate
            }
        let isEverywhere = host == "0.0.0.0" || host == "::"
        let name = isEverywhere ? ProcessInfo.processInfo.hostName : host
        let shown = name.contains(":") ? "[\(name)]" : name
        try folder.keep(
            OfficeFolder.Serving(address: "\(shown):\(port)", way: way), isSaid: false)
        if let address {
            let isProxied = address.contains("://") && way == .plain
            try folder.keep(
                OfficeFolder.Serving(address: address, way: isProxied ? .publicCertificate : way),
                isSaid: true)
        }
    }
}

/// Builds and runs head office's server.
public struct HeadOffice: Sendable {
    /// A laptop says four headers of some 200 bytes in all; a proxy adds its own.
    private static let headerBytesMax = 16 << 10
    private static let headersMax = 100

    let store: OfficeStore
    let desk: AdminDesk
    let surroundings: any Surroundings
    let limits: OfficeLimits
    let metrics = OfficeMetrics()

    public init(
        store: OfficeStore, desk: AdminDesk, surroundings: any Surroundings,
        limits: OfficeLimits = OfficeLimits()
    ) {
        self.store = store
        self.desk = desk
        self.surroundings = surroundings
        self.limits = limits
    }

    /// The router, which tests use without a socket.
    ///
    /// - Parameter isBehindProxy: a proxy on this machine says in `X-Forwarded-For` whom it speaks for.
    public func router(
        adminToken: String, isBehindProxy: Bool = false
    ) throws -> Router<OfficeContext> {
        let board = NoticeBoard(latest: UInt64(try store.counts().sequence))
        let router = Router(context: OfficeContext.self)
        SyncRoutes(
            store: store, desk: PostingDesk(store: store, board: board), board: board,
            surroundings: surroundings,
            doorkeeper: Doorkeeper(
                limits: limits, metrics: metrics, isBehindProxy: isBehindProxy)
        ).add(to: router)
        router.get("/v1/health") { _, _ in "ok" }
        AdminRoute(desk: desk, token: adminToken, board: board, metrics: metrics).add(to: router)
        return router
    }

    /// Wires the server; ``run(_:logger:onReady:)`` and the tests use the same.
    public func build(
        _ configuration: HeadOfficeConfiguration, token: String, logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws -> Application<RouterResponder<OfficeContext>> {
        let folder = configuration.folder
        let tls: OfficeTLS? =
            if case .none = configuration.security { nil } else {
                try OfficeTLS(
                    configuration.security, store: store, folder: folder,
                    surroundings: surroundings, logger: logger)
            }
        let http1 = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.idleTime),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Self.headerBytesMax, maxHeaderListSize: Self.headerBytesMax,
                maxHeaderFieldCount: Self.headersMax))
        return Application(
            responder: try router(
                adminToken: token, isBehindProxy: configuration.isBehindProxy
            ).buildResponder(),
            server: try tls.map {
                try .tls(.http1(configuration: http1), tlsConfiguration: $0.configuration)
            } ?? .http1(configuration: http1),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connectionsMax)),
            services: tls.map { [$0] } ?? [],
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                do {
                    try folder.announce(
                        host: configuration.host, port: port, token: token,
                        isEncrypted: tls != nil)
                    try configuration.keepServing(port: port)
                } catch {
                    logger.error("cannot write the admin file", metadata: ["error": "\(error)"])
                }
                await onReady(port)
            },
            logger: logger)
    }

    /// Serves until it is told to stop (SIGTERM, SIGINT), then lets exchanges end.
    public func run(
        _ configuration: HeadOfficeConfiguration, logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void
    ) async throws {
        Self.raiseFileLimit()
        let token = surroundings.randomBytes(32).map { String($0, radix: 16) }.joined()
        let application = try build(
            configuration, token: token, logger: logger, onReady: onReady)
        try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
        configuration.folder.withdraw()
    }

    /// Each connection is an open file, and shells begin with few: as many as this machine allows anybody.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
