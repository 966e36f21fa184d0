import DaybookModel
import DaybookProtocol
import DaybookStorage
import Hummingbird
import NIOCore
import ServiceLifecycle

/// How long a notice waits before it answers that nothing is new.
private let noticeTime = Duration.seconds(50)

/// Enrolment and notice.
extension SyncRoutes {
    func enrol(_ request: Request, _ context: OfficeContext) async throws -> Response {
        try doorkeeper.checkAddress(of: context, request)
        guard Self.isOurs(request) else { return Response(status: .unsupportedMediaType) }
        var reader = FrameReader()
        var intake = doorkeeper.intake()
        var pieces = request.body.makeAsyncIterator()
        var bytes = 0
        while let piece = try await intake.wait({ try await pieces.next() }) {
            bytes += piece.readableBytes
            guard bytes <= doorkeeper.limits.enrolBytesMax else {
                return Response(status: .contentTooLarge)
            }
            try intake.take(bytes: piece.readableBytes)
            reader.append(piece.readableBytesView)
        }
        let message: Message
        do {
            guard let frame = try reader.next(), case .enrol(let enrol) = try Message(frame) else {
                throw Refusal(.wrongOrder, detail: "an enrol frame is wanted")
            }
            // A certificate is head office's own word, and nothing to guess.
            if enrol.certificate.isEmpty {
                try doorkeeper.checkEnrolment(from: context, request)
            } else {
                try doorkeeper.checkUnknown(from: context, request)
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

    func notice(_ request: Request, _ context: OfficeContext) async throws -> Response {
        guard let laptop = try await laptop(of: request, context) else { return try Self.unknown }
        guard try await !offload({ [store] in try store.isRevoked(laptop) }) else {
            return try Self.refused(Refusal(.revoked, detail: ""), status: .unauthorized)
        }
        guard let after = request.uri.queryParameters.get("after", as: UInt64.self) else {
            return Response(status: .badRequest)
        }
        let place = try doorkeeper.noticePlace(for: laptop)
        defer { withExtendedLifetime(place) {} }
        store.noteAlive(laptop, at: surroundings.reading().wall)
        // A server that is told to stop does not wait for those who wait.
        let scopes = Set(try await offload { [store] in try store.scopes(ofLaptop: laptop) })
        let waited = await cancelWhenGracefulShutdown { [board] in
            await board.wait(after: after, in: scopes, atMost: noticeTime)
        }
        guard let latest = waited else { throw Delay(.notices, .seconds(2), isOfAll: true) }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "\(latest)")))
    }
}
