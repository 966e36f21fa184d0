import AsyncHTTPClient
import DaybookProtocol
import Foundation
import NIOCore
import NIOExtras
import NIOHTTP1

/// A proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
struct LineProxy {
    private static let port = 3_128

    let host: String
    let port: Int
    private let user: String?
    private let password: String

    /// Nil when head office is reached without one.
    init?(for office: String, _ environment: [String: String]) {
        guard let url = URL(string: office), let office = url.host else { return nil }
        func named(_ name: String) -> String? {
            (environment[name.lowercased()] ?? environment[name]).flatMap { $0.isEmpty ? nil : $0 }
        }
        let without = (named("NO_PROXY") ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let isLoopback = Invitation.isLoopback(host: office)
        let isExcepted = without.contains {
            $0 == "*" || office == $0 || office.hasSuffix("." + $0)
        }
        guard !isLoopback, !isExcepted else { return nil }
        let own = named(url.scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY")
        guard let text = own ?? named("ALL_PROXY"), let proxy = URL(string: text),
            let host = proxy.host
        else { return nil }
        self.host = host
        port = proxy.port ?? Self.port
        user = proxy.user
        password = proxy.password ?? ""
    }

    var ofClient: HTTPClient.Configuration.Proxy {
        guard let user else { return .server(host: host, port: port) }
        return .server(
            host: host, port: port,
            authorization: .basic(username: user, password: password))
    }

    /// Asks the proxy for a line to head office; what is added once it is there speaks to head office itself.
    func open(
        _ channel: any Channel, to target: String, _ port: Int, within time: TimeAmount,
        then: @escaping @Sendable (any Channel) throws -> Void
    ) throws -> EventLoopFuture<Void> {
        var headers = HTTPHeaders([("Host", "\(target):\(port)")])
        if let user {
            let words = Data("\(user):\(password)".utf8).base64EncodedString()
            headers.add(name: "Proxy-Authorization", value: "Basic \(words)")
        }
        let isOpen = channel.eventLoop.makePromise(of: Void.self)
        let encoder = HTTPRequestEncoder()
        let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes))
        let connect = NIOHTTP1ProxyConnectHandler(
            targetHost: target, targetPort: port, headers: headers, deadline: .now() + time,
            promise: isOpen)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([encoder, decoder, connect])
        let bound = NIOLoopBound((encoder, decoder), eventLoop: channel.eventLoop)
        return isOpen.futureResult.flatMap {
            let (encoder, decoder) = bound.value
            return channel.pipeline.syncOperations.removeHandler(encoder).and(
                channel.pipeline.syncOperations.removeHandler(decoder))
        }.flatMapThrowing { _ in try then(channel) }
    }
}
