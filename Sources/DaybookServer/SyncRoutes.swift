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
    /// Who takes so long to take an answer does not keep others from theirs.
    private static let placeTime = Duration.seconds(120)
    /// An answer up to about here is said whole.
    private static let smallAnswerBytes = 64 << 10

    let store: OfficeStore
    let desk: PostingDesk
    let board: NoticeBoard
    let surroundings: any Surroundings
    let doorkeeper: Doorkeeper
    private var metrics: OfficeMetrics { doorkeeper.metrics }

    func add(to router: Router<OfficeContext>) {
        router.post("/v1/sync") { request, context in
            try await guarded { try await sync(request, context) }
        }
        router.post("/v1/enrol") { request, context in
            try await guarded { try await enrol(request, context) }
        }
        router.get("/v1/notice") { request, context in
            try await guarded { try await notice(request, context) }
        }
    }

    /// Who is not let in now hears when to come again, before anything of the body is read.
    private func guarded(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let delay as Delay {
            metrics.met(delay.limit)
            let seconds = max(1, Int64((delay.wait / .seconds(1)).rounded(.up)))
            return Response(
                status: delay.isOfAll ? .serviceUnavailable : .tooManyRequests,
                headers: [.retryAfter: "\(seconds)"])
        }
    }

    // MARK: - Sync

    private func sync(_ request: Request, _ context: OfficeContext) async throws -> Response {
        guard let laptop = try await laptop(of: request, context) else { return try Self.unknown }
        guard Self.isOurs(request) else { return Response(status: .unsupportedMediaType) }
        guard !doorkeeper.isTooLarge(request) else { return Response(status: .contentTooLarge) }
        let place = try doorkeeper.place(for: laptop)
        return try await answer(request, laptop: laptop, place: place, logger: context.logger)
    }

    /// Takes the request whole, then streams the answer, which holds the place in the gate.
    private func answer(
        _ request: Request, laptop: Int64, place: Doorkeeper.Place, logger: Logger
    ) async throws -> Response {
        let now = surroundings.reading().wall
        var exchange = OfficeExchange(store: store, laptop: laptop, now: now)
        var messages: [Message] = []
        var feeds = false
        /// What ends the answer in the place of `done`: its postings wait, and it is fed all the same.
        var closing: Refusal?
        do {
            var reader = FrameReader()
            var intake = doorkeeper.intake()
            var body = request.body.makeAsyncIterator()
            while let buffer = try await intake.wait({ try await body.next() }) {
                try intake.take(bytes: buffer.readableBytes)
                reader.append(buffer.readableBytesView)
                while let frame = try reader.next() {
                    try intake.takeFrame()
                    switch try await receive(frame, &exchange) {
                    case .send(let sent): messages += sent
                    case .record where closing != nil: continue
                    case .record(let posting):
                        let answer = try await desk.record(posting)
                        if case .success(let verdicts) = answer { metrics.recorded(verdicts) }
                        if case .failure(OfficeStore.tooManyMatters) = answer {
                            metrics.met(.matters)
                            closing = OfficeStore.tooManyMatters
                            continue
                        }
                        messages += try exchange.recorded(answer)
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
            if let refusal = exchange.closing {
                metrics.quarantined(exchange.quarantined.kept)
                if exchange.quarantined.refused > 0 { metrics.met(.quarantine) }
                throw refusal
            }
        } catch let refusal as Refusal {
            metrics.refused(refusal)
            messages.append(.refusal(refusal))
            feeds = false
        } catch let malformed as MalformedBytes {
            metrics.met(malformed == .inflatesTooMuch ? .inflation : .malformed)
            messages.append(.refusal(Refusal(.malformed, detail: "\(malformed)")))
            feeds = false
        } catch let fault as BookFault {
            logger.error("store fault", metadata: ["fault": "\(fault)"])
            messages.append(.refusal(Refusal(.internalFault, detail: "the store has a fault")))
            feeds = false
        }
        return try await say(messages, feeds ? exchange : nil, closing, place, logger)
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

    /// A small answer is said whole, with its length; a large one goes on as it is made.
    private func say(
        _ messages: [Message], _ exchange: OfficeExchange<OfficeStore>?, _ closing: Refusal?,
        _ place: Doorkeeper.Place, _ logger: Logger
    ) async throws -> Response {
        let began = ContinuousClock.now
        var said: [UInt8] = []
        for message in messages { said += try message.frame(key: store.key).encoded() }
        var feeding = exchange
        while let held = feeding, said.count < Self.smallAnswerBytes {
            let (frames, next) = try await feed(held, closing)
            for frame in frames { said += frame }
            feeding = next
        }
        guard let rest = feeding else {
            place.leave()
            metrics.answered(in: ContinuousClock.now - began)
            return Self.frames(ResponseBody(byteBuffer: ByteBuffer(bytes: said)))
        }
        return Self.frames(body(said, rest, closing, place, logger, began))
    }

    /// The next frames; the exchange is nil when it is over.
    private func feed(
        _ exchange: OfficeExchange<OfficeStore>, _ closing: Refusal?
    ) async throws -> (frames: [[UInt8]], exchange: OfficeExchange<OfficeStore>?) {
        try await offload { [key = store.key] in
            var exchange = exchange
            let frames = try exchange.nextFeed().map { message in
                var message = message
                if case .done = message, let closing { message = .refusal(closing) }
                return try message.frame(key: key).encoded()
            }
            return (frames, frames.isEmpty ? nil : exchange)
        }
    }

    private func body(
        _ said: [UInt8], _ exchange: OfficeExchange<OfficeStore>, _ closing: Refusal?,
        _ place: Doorkeeper.Place, _ logger: Logger, _ began: ContinuousClock.Instant
    ) -> ResponseBody {
        ResponseBody { [metrics] writer in
            let timer = Task {
                try await Task.sleep(for: Self.placeTime)
                place.leave()
            }
            defer {
                timer.cancel()
                place.leave()
                metrics.answered(in: ContinuousClock.now - began)
            }
            do {
                try await writer.write(ByteBuffer(bytes: said))
                var feeding: OfficeExchange<OfficeStore>? = exchange
                while let held = feeding {
                    let (frames, next) = try await feed(held, closing)
                    for frame in frames { try await writer.write(ByteBuffer(bytes: frame)) }
                    feeding = next
                }
                try await writer.finish(nil)
            } catch {
                logger.info("answer cut", metadata: ["error": "\(error)"])
                throw error
            }
        }
    }

    // MARK: - Parts

    /// Who asks, at the rate that this laptop and its address may; nil for a secret that nobody holds.
    func laptop(of request: Request, _ context: OfficeContext) async throws -> Int64? {
        // Who is known is not made to wait for what others behind the same address do.
        if let secret = Self.secret(of: request),
            let laptop = try await offload({ [store] in try store.laptopID(secret: secret) })
        {
            try doorkeeper.checkLaptop(laptop)
            return laptop
        }
        try doorkeeper.checkAddress(of: context, request)
        try doorkeeper.checkUnknown(from: context, request)
        return nil
    }

    /// Whether the body says that it is frames; one that says nothing is taken for them.
    static func isOurs(_ request: Request) -> Bool {
        request.headers[.contentType].map { $0 == contentType } ?? true
    }

    static func secret(of request: Request) -> [UInt8]? {
        request.headers[.authorization].flatMap(BearerSecret.secret(inHeader:))
    }

    private static let contentType = "application/vnd.daybook.v1"

    static func frames(_ body: ResponseBody, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, body: body)
    }

    static var unknown: Response {
        get throws {
            try refused(Refusal(.notEnrolled, detail: "unknown secret"), status: .unauthorized)
        }
    }

    static func refused(
        _ refusal: Refusal, status: HTTPResponse.Status
    ) throws -> Response {
        let bytes = try Message.refusal(refusal).frame().encoded()
        return frames(ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)), status: status)
    }
}
