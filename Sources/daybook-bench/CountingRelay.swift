import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A line to a port of this machine that counts every byte on it, heads of HTTP and all.
final class CountingRelay: Sendable {
    private let counts = NIOLockedValueBox((up: 0, down: 0))
    private let channel: any Channel
    let port: Int

    init(to target: Int) async throws {
        let counts = self.counts
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .connect(host: "127.0.0.1", port: target)
                    .flatMap { server in
                        client.eventLoop.makeCompletedFuture {
                            try client.pipeline.syncOperations.addHandler(
                                Passing(to: server) { bytes in
                                    counts.withLockedValue { $0.up += bytes }
                                })
                            try server.pipeline.syncOperations.addHandler(
                                Passing(to: client) { bytes in
                                    counts.withLockedValue { $0.down += bytes }
                                })
                        }
                    }
                    .flatMap { client.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func take() -> (up: Int, down: Int) {
        counts.withLockedValue { counts in
            defer { counts = (0, 0) }
            return counts
        }
    }

    func end() async { try? await channel.close() }
}

/// Gives on what comes, and the end of it.
private final class Passing: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let count: @Sendable (Int) -> Void

    init(to other: any Channel, count: @escaping @Sendable (Int) -> Void) {
        self.other = other
        self.count = count
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        count(buffer.readableBytes)
        other.write(buffer, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { other.flush() }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
