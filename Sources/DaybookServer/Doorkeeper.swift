import DaybookProtocol
import Hummingbird
import NIOCore

/// A request that comes from somewhere.
public struct OfficeContext: RequestContext, RemoteAddressRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let remoteAddress: SocketAddress?
    /// Whether it comes from the machine that head office runs on.
    let isOfThisMachine: Bool

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
        let peer = source.channel.remoteAddress?.ipAddress
        isOfThisMachine =
            peer.map {
                Invitation.isLoopback(host: $0) || $0 == source.channel.localAddress?.ipAddress
            } ?? true
    }
}

/// Somebody is to come again later.
struct Delay: Error {
    let limit: MetLimit
    let wait: Duration
    /// Head office has too much to do, whoever asks.
    let isOfAll: Bool

    init(_ limit: MetLimit, _ wait: Duration, isOfAll: Bool = false) {
        self.limit = limit
        self.wait = wait
        self.isOfAll = isOfAll
    }
}

/// Decides who is let in now.
final class Doorkeeper: Sendable {
    typealias Place = Gate<Int64>.Place

    let limits: OfficeLimits
    let metrics: OfficeMetrics
    /// A proxy on this machine says whom it speaks for.
    private let isBehindProxy: Bool
    private let exchanges: Gate<Int64>
    private let notices: Gate<Int64>
    private let laptops: RateLimit<Int64>
    private let addresses: RateLimit<String>
    private let unknown: RateLimit<String>
    private let enrolments: RateLimit<String>
    private let enrolmentsOfAll: RateLimit<Int>

    init(limits: OfficeLimits, metrics: OfficeMetrics, isBehindProxy: Bool) {
        self.limits = limits
        self.metrics = metrics
        self.isBehindProxy = isBehindProxy
        exchanges = Gate(most: limits.exchangesMax, ofKey: limits.exchangesOfLaptopMax)
        notices = Gate(most: limits.connectionsMax, ofKey: limits.noticesOfLaptopMax)
        laptops = RateLimit(limits.laptopRequests)
        addresses = RateLimit(limits.addressRequests)
        unknown = RateLimit(limits.unknownSecrets)
        enrolments = RateLimit(limits.enrolments)
        enrolmentsOfAll = RateLimit(limits.enrolmentsOfAll)
    }

    func checkAddress(of context: OfficeContext, _ request: Request) throws {
        if let wait = addresses.wait(address(context, request)) {
            throw Delay(.addressRequests, wait)
        }
    }

    func checkLaptop(_ laptop: Int64) throws {
        if let wait = laptops.wait(laptop) { throw Delay(.laptopRequests, wait) }
    }

    /// A secret that nobody holds was tried.
    func checkUnknown(from context: OfficeContext, _ request: Request) throws {
        if let wait = unknown.wait(address(context, request)) {
            throw Delay(.unknownSecrets, wait)
        }
    }

    func checkEnrolment(from context: OfficeContext, _ request: Request) throws {
        if let wait = enrolments.wait(address(context, request)) {
            throw Delay(.enrolments, wait)
        }
        if let wait = enrolmentsOfAll.wait(0) { throw Delay(.enrolments, wait, isOfAll: true) }
    }

    func place(for laptop: Int64) throws -> Place {
        switch exchanges.enter(laptop) {
        case .inside(let place): return place
        case .keyFull: throw Delay(.exchangesOfLaptop, .seconds(2))
        case .full: throw Delay(.exchanges, .seconds(2), isOfAll: true)
        }
    }

    func noticePlace(for laptop: Int64) throws -> Place {
        guard case .inside(let place) = notices.enter(laptop) else {
            throw Delay(.notices, .seconds(5))
        }
        return place
    }

    /// Whether it says itself that it is more than a body may be; nothing of it is read then.
    func isTooLarge(_ request: Request) -> Bool {
        guard let said = request.headers[.contentLength].flatMap({ Int($0) }),
            said > Limits.exchangeBytesMax
        else { return false }
        metrics.met(.bodyBytes)
        return true
    }

    /// Counts a body as it comes.
    func intake() -> Intake { Intake(limits: limits, metrics: metrics) }

    struct Intake {
        let limits: OfficeLimits
        let metrics: OfficeMetrics
        /// How long the sender was waited for; what head office itself takes its time with does not count.
        private var waited = Duration.zero
        private var bytes = 0
        private var frames = 0

        init(limits: OfficeLimits, metrics: OfficeMetrics) {
            self.limits = limits
            self.metrics = metrics
        }

        mutating func wait<Piece>(_ next: () async throws -> Piece?) async throws -> Piece? {
            let asked = ContinuousClock.now
            defer { waited += ContinuousClock.now - asked }
            return try await next()
        }

        /// Throws a ``Refusal`` for too many, and for such as come too slowly: they hold a place that others want.
        mutating func take(bytes more: Int) throws {
            bytes += more
            guard bytes <= Limits.exchangeBytesMax else {
                metrics.met(.bodyBytes)
                throw Refusal(.tooLarge, detail: "\(Limits.exchangeBytesMax) bytes at most")
            }
            let late = waited - limits.bodyGrace
            guard
                late <= .zero
                    || Double(bytes) >= Double(limits.bodyBytesPerSecondMin) * (late / .seconds(1))
            else {
                metrics.met(.slowSender)
                throw Refusal(.busy, detail: "the line is too slow", retryAfterMilliseconds: 5_000)
            }
        }

        mutating func takeFrame() throws {
            frames += 1
            guard frames <= Limits.exchangeFramesMax else {
                metrics.met(.frames)
                throw Refusal(.tooLarge, detail: "\(Limits.exchangeFramesMax) frames at most")
            }
        }
    }

    /// Of what is no address, the text itself.
    static func key(of address: String) -> String {
        guard let parsed = try? SocketAddress(ipAddress: address, port: 0),
            case .v6(let v6) = parsed
        else { return address }
        let bytes = withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [255, 255]
        guard !isMapped else { return bytes[12...].map { "\($0)" }.joined(separator: ".") }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// One key for one sender: of an IPv6 address the network, since a sender has all addresses in it.
    private func address(_ context: OfficeContext, _ request: Request) -> String {
        let peer = context.remoteAddress?.ipAddress ?? ""
        let isProxy = isBehindProxy && Invitation.isLoopback(host: Self.key(of: peer))
        let said = isProxy ? request.headers[.init("X-Forwarded-For")!] : nil
        let address = said?.split(separator: ",").last.map { $0.filter { $0 != " " } } ?? peer
        return Self.key(of: address)
    }
}
