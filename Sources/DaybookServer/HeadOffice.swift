import DaybookModel
import DaybookStorage
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// What head office needs to serve.
public struct HeadOfficeConfiguration: Sendable {
    public var folder: OfficeFolder
    public var host = "127.0.0.1"
    /// 0 takes a free one.
    public var port = 0

    public init(folder: OfficeFolder) { self.folder = folder }
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
        let application = Application(
            router: try router(adminToken: token),
            server: .http1(configuration: .init(idleTimeout: Self.idleTime)),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "daybook"),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                do {
                    try folder.announce(port: port, token: token)
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
