import AsyncHTTPClient
import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Why an exchange did not take place, or did not end.
public enum LinkFault: Error, Sendable {
    /// Nothing answers, or not in time.
    case offline(detail: String)
    /// Something answers, but not a head office of ours.
    case notHeadOffice(status: Int)
    /// Head office asks to come back later.
    case busy(retryAfter: Duration)
    case malformed(detail: String)
    /// Another process is syncing this book and does not come to an end.
    case syncing
    /// Something answers, but it is not the head office that this laptop knows. Nothing was said to it.
    case untrusted(detail: String)
}

/// A laptop's way to head office: one HTTP client with a time limit on everything, proxies honoured.
public struct OfficeLink: Sendable {
    private static let connectTime = TimeAmount.seconds(10)
    /// Longest silence of head office within an answer.
    private static let silenceTime = TimeAmount.seconds(60)
    /// A whole exchange; what is left goes on in the next.
    private static let exchangeTime = TimeAmount.minutes(10)
    private static let noticeTime = TimeAmount.seconds(60)

    private let client: HTTPClient
    private let office: String
    private let surroundings: any Surroundings

    /// - Parameters:
    ///   - office: head office's address, `https://host:port`.
    ///   - certificate: that of the authority which signs head office's, in DER; nil for a public one.
    public init(
        office: String, certificate: [UInt8]? = nil, surroundings: any Surroundings,
        environment: [String: String]
    ) throws {
        self.office = office.hasSuffix("/") ? String(office.dropLast()) : office
        self.surroundings = surroundings
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try OfficeTrust.configuration(certificate),
            redirectConfiguration: .disallow,
            timeout: .init(connect: Self.connectTime, read: Self.silenceTime))
        configuration.proxy = LineProxy(for: office, environment)?.ofClient
        // A refused connection is an answer: the agent tries again by its own clock.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    func randomBytes(_ count: Int) -> [UInt8] { surroundings.randomBytes(count) }

    /// The certificate of the head office that an invitation names, found without saying anything to anybody else.
    ///
    /// - Parameter office: where it is looked for.
    public static func certificate(
        named invitation: Invitation, at office: String, environment: [String: String] = [:]
    ) async throws -> [UInt8]? {
        guard !invitation.fingerprint.isEmpty, office.hasPrefix("https://") else { return nil }
        return try await OfficeTrust.certificate(
            named: invitation, at: office, by: LineProxy(for: office, environment))
    }

    public func shutdown() async { try? await client.shutdown() }

    /// Asks head office for an identity with the code that it gave out. Throws ``LinkFault`` or ``Refusal``.
    ///
    /// - Parameter key: the laptop's own; asking again after a lost answer needs the same.
    public func enrol(
        code: String, key: DeviceKey, catalogue: UInt32
    ) async throws -> Enrolled {
        var request = self.request(.POST, "/v1/enrol", secret: nil)
        let frame = try Message.enrol(Enrol(code: code, catalogue: catalogue, key: key)).frame()
        request.body = .bytes(ByteBuffer(bytes: frame.encoded()))
        let response = try await execute(request, deadline: Self.noticeTime)
        try Self.check(response)
        let body = try await reaching { try await response.body.collect(upTo: 1 << 16) }
        var reader = FrameReader()
        reader.append(body.readableBytesView)
        guard let answer = try reader.next() else {
            throw LinkFault.notHeadOffice(status: Int(response.status.code))
        }
        switch try Message(answer) {
        case .enrolled(let enrolled): return enrolled
        case .refusal(let refusal): throw refusal
        default: throw LinkFault.malformed(detail: "an answer of another kind")
        }
    }

    /// Asks a head office that has lost this laptop's enrolment to take it back, by its own statement of it.
    public func readmit(_ identity: LaptopStore.Identity) async throws {
        var request = self.request(.POST, "/v1/enrol", secret: identity.secret)
        let enrol = Enrol(certificate: identity.certificate, catalogue: 0)
        request.body = .bytes(
            ByteBuffer(bytes: try Message.enrol(enrol).frame().encoded()))
        let response = try await execute(request, deadline: Self.noticeTime)
        try Self.check(response)
        let body = try await reaching { try await response.body.collect(upTo: 1 << 16) }
        var reader = FrameReader()
        reader.append(body.readableBytesView)
        guard let answer = try reader.next() else {
            throw LinkFault.notHeadOffice(status: Int(response.status.code))
        }
        if case .refusal(let refusal) = try Message(answer) { throw refusal }
    }

    /// One exchange. Throws ``LinkFault``; a line cut in the middle is an outcome, since what came is kept.
    ///
    /// - Parameters:
    ///   - after: the last posting that is not wanted; 0 for none.
    ///   - most: how many postings and returned frames the request holds at most.
    ///   - mayBeStill: with nothing to say it only asks whether there is anything.
    public func exchange(
        _ book: LaptopStore, comparing: [Compare] = [], after: UInt64 = 0,
        most: Int = Limits.exchangePostingsMax,
        mayBeStill: Bool = false
    ) async throws -> ExchangeOutcome {
        let clock = surroundings.reading()
        let secret = try book.identity().secret
        var exchange = try await blocking {
            try LaptopExchange(
                book: book, clock: clock, comparing: comparing, after: after, postingsMax: most,
                returnedMax: most, mayBeStill: mayBeStill)
        }
        let frames = try exchange.request()
        var request = self.request(.POST, "/v1/sync", secret: secret)
        request.body = .stream(
            frames.map { ByteBuffer(bytes: $0) }.async,
            length: .known(Int64(frames.reduce(0) { $0 + $1.count })))
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: Self.exchangeTime)
        } catch let error where Self.isCut(error) {
            guard Self.wasConnected(error) else { throw Self.fault(error) }
            return try exchange.outcome()
        }
        try Self.check(response)
        var reader = FrameReader()
        do {
            for try await buffer in response.body {
                reader.append(buffer.readableBytesView)
                while !exchange.isDone, let frame = try reader.next() {
                    let held = exchange
                    exchange = try await blocking {
                        var exchange = held
                        try exchange.receive(frame)
                        return exchange
                    }
                }
            }
        } catch let error where Self.isCut(error) {
            return try exchange.outcome()
        }
        let ended = exchange
        return try await blocking { try ended.outcome() }
    }

    /// Waits until head office has something past the sequence; its latest sequence.
    public func notice(after sequence: UInt64, secret: [UInt8]) async throws -> UInt64 {
        let request = self.request(.GET, "/v1/notice?after=\(sequence)", secret: secret)
        let response = try await execute(request, deadline: Self.noticeTime)
        try Self.check(response)
        let body = try await reaching { try await response.body.collect(upTo: 64) }
        guard response.status == .ok, let latest = UInt64(String(buffer: body)) else {
            throw LinkFault.notHeadOffice(status: Int(response.status.code))
        }
        return latest
    }

    // MARK: - Parts

    private func request(
        _ method: HTTPMethod, _ path: String, secret: [UInt8]?
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: office + path)
        request.method = method
        if let secret {
            request.headers.add(name: "Authorization", value: BearerSecret.header(secret))
        }
        return request
    }

    private func execute(
        _ request: HTTPClientRequest, deadline: TimeAmount
    ) async throws -> HTTPClientResponse {
        try await reaching { try await client.execute(request, timeout: deadline) }
    }

    private func reaching<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error where Self.isCut(error) {
            throw Self.fault(error)
        } catch let error as NIOTooManyBytesError {
            throw LinkFault.malformed(detail: "\(error)")
        }
    }

    /// Nobody there, or somebody who is not head office.
    private static func fault(_ error: any Error) -> LinkFault {
        if error is NIOSSLExtraError { return .untrusted(detail: "\(error)") }
        guard case .handshakeFailed(.sslError)? = error as? NIOSSLError else {
            return .offline(detail: "\(error)")
        }
        return .untrusted(detail: "\(error)")
    }

    /// Whether something of the request may have come through.
    private static func wasConnected(_ error: any Error) -> Bool {
        if let fault = error as? HTTPClientError {
            return fault == .remoteConnectionClosed || fault == .readTimeout
                || fault == .writeTimeout || fault == .deadlineExceeded
        }
        if let fault = error as? IOError { return [ECONNRESET, EPIPE].contains(fault.errnoCode) }
        return error is HTTPParserError
    }

    /// What a bad line looks like, as against a fault of ours.
    private static func isCut(_ error: any Error) -> Bool {
        error is HTTPClientError || error is NIOConnectionError || error is ChannelError
            || error is IOError || error is HTTPParserError
            || String(describing: type(of: error)).hasPrefix("NIO")
    }

    private static func check(_ response: HTTPClientResponse) throws {
        switch response.status.code {
        case 200, 401: return
        case 429, 503:
            let seconds = response.headers.first(name: "Retry-After").flatMap { Int64($0) } ?? 5
            throw LinkFault.busy(retryAfter: .seconds(min(max(seconds, 1), 3_600)))
        default: throw LinkFault.notHeadOffice(status: Int(response.status.code))
        }
    }
}

/// SQLite's work, off Swift's small pool.
func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await NIOThreadPool.singleton.runIfActive(body)
}

/// An array as the client wants a streamed body.
private struct ArraySequence<Element: Sendable>: AsyncSequence, Sendable {
    let elements: [Element]

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<Element>
        mutating func next() async -> Element? { rest.popFirst() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: elements[...]) }
}

extension Array where Element: Sendable {
    fileprivate var async: ArraySequence<Element> { ArraySequence(elements: self) }
}
