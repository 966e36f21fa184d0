import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The routes that laptops use. Source: `Protocol/SPEC.md`, "An exchange".
struct SyncRoutes: Sendable {
    /// Exchanges at the same time: each holds at most two frames, so this bounds memory.
    private static let exchangesMax = 64
    /// How long a notice waits before it answers that nothing is new.
    private static let noticeTime = Duration.seconds(50)
    /// An enrolment is one small frame.
    private static let enrolBytesMax = 4_096

    let store: OfficeStore
    let desk: PostingDesk
    let board: NoticeBoard
    let surroundings: any Surroundings
    private let gate = Gate(most: exchangesMax)

    init(
        store: OfficeStore, desk: PostingDesk, board: NoticeBoard, surroundings: any Surroundings
    ) {
        self.store = store
        self.desk = desk
        self.board = board
        self.surroundings = surroundings
    }

    func add(to router: Router<some RequestContext>) {
        router.post("/v1/sync") { request, context in try await sync(request, context.logger) }
        router.post("/v1/enrol") { request, _ in try await enrol(request) }
        router.get("/v1/notice") { request, _ in try await notice(request) }
    }

    // MARK: - Sync

    private func sync(_ request: Request, _ logger: Logger) async throws -> Response {
        guard let laptop = try await laptop(of: request) else { return Self.unknown }
        guard let place = gate.enter() else { return Self.busy }
        return try await answer(request, laptop: laptop, place: place, logger: logger)
    }

    /// Takes the request whole, then streams the answer, which holds the place in the gate.
    private func answer(
        _ request: Request, laptop: Int64, place: Gate.Place, logger: Logger
    ) async throws -> Response {
        let now = surroundings.reading().wall
        var exchange = OfficeExchange(store: store, laptop: laptop, now: now)
        var messages: [Message] = []
        var feeds = false
        do {
            var reader = FrameReader()
            var bytes = 0
            for try await buffer in request.body {
                bytes += buffer.readableBytes
                guard bytes <= Limits.exchangeBytesMax else {
                    throw Refusal(.tooLarge, detail: "\(Limits.exchangeBytesMax) bytes at most")
                }
                reader.append(buffer.readableBytesView)
                while let frame = try reader.next() {
                    switch try await receive(frame, &exchange) {
                    case .send(let sent): messages += sent
                    case .record(let posting):
                        messages += try exchange.recorded(try await desk.record(posting))
                    case .regain(let page, let laptop):
                        let sequence = try await offload { [store] in
                            try store.regain(page, from: laptop)
                        }
                        messages += exchange.regained(sequence)
                        await board.announce(sequence)
                    case .feed: feeds = true
                    }
                }
            }
        } catch let refusal as Refusal {
            messages.append(.refusal(refusal))
            feeds = false
        } catch let malformed as MalformedBytes {
            messages.append(.refusal(Refusal(.malformed, detail: "\(malformed)")))
            feeds = false
        } catch let fault as BookFault {
            logger.error("store fault", metadata: ["fault": "\(fault)"])
            messages.append(.refusal(Refusal(.internalFault, detail: "the store has a fault")))
            feeds = false
        }
        return Self.frames(body(messages, feeds ? exchange : nil, place, logger))
    }

    private func receive(
        _ frame: Frame, _ exchange: inout OfficeExchange<OfficeStore>
    ) async throws -> OfficeExchange<OfficeStore>.Action {
        let before = exchange
        let (action, after) = try await offload {
            var exchange = before
            let action = try exchange.receive(frame)
            return (action, exchange)
        }
        exchange = after
        return action
    }

    private func body(
        _ messages: [Message], _ exchange: OfficeExchange<OfficeStore>?, _ place: Gate.Place,
        _ logger: Logger
    ) -> ResponseBody {
        ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            do {
                for message in messages {
                    try await writer.write(
                        ByteBuffer(bytes: message.frame(key: store.key).encoded()))
                }
                var feeding = exchange
                while let held = feeding {
                    let (frames, next) = try await offload { [key = store.key] in
                        var exchange = held
                        let frames = try exchange.nextFeed().map {
                            try $0.frame(key: key).encoded()
                        }
                        return (frames, exchange)
                    }
                    for frame in frames { try await writer.write(ByteBuffer(bytes: frame)) }
                    feeding = frames.isEmpty ? nil : next
                }
                try await writer.finish(nil)
            } catch {
                logger.info("answer cut", metadata: ["error": "\(error)"])
                throw error
            }
        }
    }

    // MARK: - Enrolment and notice

    private func enrol(_ request: Request) async throws -> Response {
        var reader = FrameReader()
        let body = try await request.body.collect(upTo: Self.enrolBytesMax)
        reader.append(body.readableBytesView)
        let message: Message
        do {
            guard let frame = try reader.next(), case .enrol(let enrol) = try Message(frame) else {
                throw Refusal(.wrongOrder, detail: "an enrol frame is wanted")
            }
            let incarnation = surroundings.randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
            let secret = surroundings.randomBytes(32)
            let now = surroundings.reading().wall
            guard enrol.certificate.isEmpty else {
                guard let held = Self.secret(of: request) else {
                    throw Refusal(.codeUnknown, detail: "no secret")
                }
                try await offload { [store] in try store.readmit(enrol, secret: held) }
                return Self.frames(
                    ResponseBody(
                        byteBuffer: ByteBuffer(
                            bytes: try Message.done(more: true).frame().encoded())))
            }
            message = .enrolled(
                try await offload { [store] in
                    try store.enrol(enrol, incarnation: incarnation, secret: secret, now: now)
                })
        } catch let refusal as Refusal {
            message = .refusal(refusal)
        } catch let malformed as MalformedBytes {
            message = .refusal(Refusal(.malformed, detail: "\(malformed)"))
        }
        return Self.frames(
            ResponseBody(byteBuffer: ByteBuffer(bytes: try message.frame().encoded())))
    }

    private func notice(_ request: Request) async throws -> Response {
        guard let laptop = try await laptop(of: request) else { return Self.unknown }
        guard let after = request.uri.queryParameters.get("after", as: UInt64.self) else {
            return Response(status: .badRequest)
        }
        // A server that is told to stop does not wait for those who wait.
        let scopes = Set(try await offload { [store] in try store.scopes(ofLaptop: laptop) })
        let waited = await cancelWhenGracefulShutdown { [board] in
            await board.wait(after: after, in: scopes, atMost: Self.noticeTime)
        }
        guard let latest = waited else {
            return Self.busy
        }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "\(latest)")))
    }

    // MARK: - Parts

    private func laptop(of request: Request) async throws -> Int64? {
        guard let secret = Self.secret(of: request) else { return nil }
        return try await offload { [store] in try store.laptopID(secret: secret) }
    }

    private static func secret(of request: Request) -> [UInt8]? {
        let prefix = "Bearer "
        guard let header = request.headers[.authorization], header.hasPrefix(prefix),
            let secret = bytes(hexadecimal: header.dropFirst(prefix.count)), secret.count == 32
        else { return nil }
        return secret
    }

    private static let contentType = "application/vnd.daybook.v1"

    private static func frames(_ body: ResponseBody, status: HTTPResponse.Status = .ok) -> Response
    {
        Response(status: status, headers: [.contentType: contentType], body: body)
    }

    private static var unknown: Response {
        let refusal = Message.refusal(Refusal(.notEnrolled, detail: "unknown secret"))
        let bytes = (try? refusal.frame().encoded()) ?? []
        return frames(
            ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)), status: .unauthorized)
    }

    private static var busy: Response {
        Response(status: .serviceUnavailable, headers: [.retryAfter: "2"])
    }
}

/// Lets so many in at a time.
final class Gate: Sendable {
    /// A place inside, given back when nobody holds it any more, however the exchange ended.
    final class Place: Sendable {
        private let gate: Gate

        fileprivate init(_ gate: Gate) { self.gate = gate }

        deinit { gate.inside.withLock { $0 -= 1 } }
    }

    private let most: Int
    private let inside = Mutex(0)

    init(most: Int) { self.most = most }

    /// Nil when it is full.
    func enter() -> Place? {
        let isIn = inside.withLock { inside in
            guard inside < most else { return false }
            inside += 1
            return true
        }
        return isIn ? Place(self) : nil
    }
}

/// Nil for anything but pairs of hexadecimal digits.
func bytes(hexadecimal text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0))
    }
}
