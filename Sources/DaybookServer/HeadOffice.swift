import DaybookModel
import DaybookStorage
import Foundation
import Hummingbird
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
    /// A connection that says nothing for so long is closed; a notice waits 50 s.
    private static let idleTime = TimeAmount.seconds(75)
    /// An admin request: a batch of imported rows.
    private static let adminBytesMax = 16 << 20

    let store: OfficeStore
    let desk: AdminDesk
    let surroundings: any Surroundings

    public init(store: OfficeStore, desk: AdminDesk, surroundings: any Surroundings) {
        self.store = store
        self.desk = desk
        self.surroundings = surroundings
    }

    /// The router, which tests use without a socket.
    public func router(adminToken: String) throws -> Router<BasicRequestContext> {
        let board = NoticeBoard(latest: UInt64(try store.counts().sequence))
        let router = Router()
        SyncRoutes(
            store: store, desk: PostingDesk(store: store, board: board), board: board,
            surroundings: surroundings
        ).add(to: router)
        router.get("/v1/health") { _, _ in "ok" }
        router.post("/v1/admin") { [desk] request, _ -> Response in
            guard request.headers[.authorization] == "Bearer \(adminToken)" else {
                return Response(status: .unauthorized)
            }
            let body = try await request.body.collect(upTo: Self.adminBytesMax)
            let asked = try JSONDecoder().decode(
                AdminRequest.self, from: Data(body.readableBytesView))
            let answer = try await offload { try desk.answer(asked) }
            await board.announce(UInt64(try await offload { try desk.store.counts().sequence }))
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(
                    byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(answer))))
        }
        return router
    }

    /// Serves until it is told to stop (SIGTERM, SIGINT), then lets exchanges end.
    public func run(
        _ configuration: HeadOfficeConfiguration, logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let token = surroundings.randomBytes(32).map { String($0, radix: 16) }.joined()
        let folder = configuration.folder
        let tls: OfficeTLS? =
            if case .none = configuration.security { nil } else {
                try OfficeTLS(
                    configuration.security, store: store, folder: folder,
                    surroundings: surroundings,
                    logger: logger)
            }
        let application = Application(
            router: try router(adminToken: token),
            server: try tls.map {
                try .tls(
                    .http1(configuration: .init(idleTimeout: Self.idleTime)),
                    tlsConfiguration: $0.configuration)
            } ?? .http1(configuration: .init(idleTimeout: Self.idleTime)),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "daybook"),
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
        try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
        folder.withdraw()
    }
}
