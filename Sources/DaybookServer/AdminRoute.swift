import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat

/// The commands of head office's own machine, while the server runs.
struct AdminRoute: Sendable {
    /// A batch of imported rows.
    private static let requestBytesMax = 16 << 20

    let desk: AdminDesk
    let token: String
    let board: NoticeBoard
    let metrics: OfficeMetrics

    func add(to router: Router<OfficeContext>) {
        router.post("/v1/admin") { request, context in try await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: OfficeContext) async throws -> Response {
        // Whoever is not on this machine is told what everybody is told of a path that is not there.
        guard context.isOfThisMachine, request.headers[.init("X-Forwarded-For")!] == nil else {
            return Response(status: .notFound)
        }
        guard isAllowed(request) else { return Response(status: .unauthorized) }
        let body = try await request.body.collect(upTo: Self.requestBytesMax)
        let asked: AdminRequest
        do {
            asked = try JSONDecoder().decode(AdminRequest.self, from: Data(body.readableBytesView))
        } catch is DecodingError {
            return Response(status: .badRequest)
        }
        let answer: AdminAnswer
        if case .metrics = asked {
            answer = .metrics(metrics.registry.text)
        } else {
            answer = try await offload { [desk] in try desk.answer(asked) }
        }
        await board.announce(
            UInt64(try await offload { [desk] in try desk.store.counts().sequence }))
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(answer))))
    }

    /// Every byte is compared: how much of a guess is right does not show in the time.
    private func isAllowed(_ request: Request) -> Bool {
        let said = Array((request.headers[.authorization] ?? "").utf8)
        let wanted = Array("Bearer \(token)".utf8)
        guard said.count == wanted.count else { return false }
        return zip(said, wanted).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
