import DaybookAgent
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookStorage
import DaybookSync
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Testing
import World

/// What a bad line and a troubled server do to one exchange.
enum LineFault: Hashable, Sendable {
    /// Refused before anything was read.
    case refused(status: Int)
    /// Everything was recorded, and then something in between answered in its place.
    case answerReplaced(status: Int)
    /// The connection is reset after so many bytes of the answer.
    case reset(afterBytes: Int)
}

/// Head office's routes behind a line that fails as it is told.
struct FaultyResponder<Inner: HTTPResponder>: HTTPResponder {
    typealias Context = Inner.Context

    struct Reset: Error {}

    let inner: Inner
    let faults: Faults

    /// What comes next; nothing when all of it has happened.
    final class Faults: Sendable {
        private let next = Mutex<[LineFault]>([])
        private let most = Mutex(Int.max)

        /// The line breaks under every request that is longer.
        func carry(atMost bytes: Int) { most.withLock { $0 = bytes } }
        fileprivate func breaks(under request: Request) -> Bool {
            let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
            return most.withLock { length > $0 }
        }

        func come(_ faults: [LineFault]) { next.withLock { $0 = faults } }
        var isOver: Bool { next.withLock { $0.isEmpty } }
        fileprivate func take() -> LineFault? {
            next.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        guard !faults.breaks(under: request) else { return Self.broken }
        guard request.uri.path == "/v1/sync", let fault = faults.take() else {
            return try await inner.respond(to: request, context: context)
        }
        switch fault {
        case .refused(let status):
            return Response(status: .init(code: status), headers: [.retryAfter: "0"])
        case .answerReplaced(let status):
            _ = try await inner.respond(to: request, context: context)
            return Response(status: .init(code: status), headers: [.retryAfter: "0"])
        case .reset(let bytes):
            let response = try await inner.respond(to: request, context: context)
            return Response(
                status: response.status, headers: response.headers,
                body: ResponseBody { writer in
                    try await response.body.write(Cutting(writer, after: bytes))
                    throw Reset()
                })
        }
    }
}

extension FaultyResponder {
    /// No answer: the connection closes.
    fileprivate static var broken: Response {
        Response(status: .ok, body: ResponseBody { _ in throw Reset() })
    }
}

/// Passes so many bytes on, and then nothing more.
private struct Cutting: ResponseBodyWriter {
    private var inner: any ResponseBodyWriter
    private var left: Int

    init(_ inner: any ResponseBodyWriter, after bytes: Int) {
        self.inner = inner
        left = bytes
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        var buffer = buffer
        let part = buffer.readSlice(length: min(left, buffer.readableBytes)) ?? ByteBuffer()
        left -= part.readableBytes
        if part.readableBytes > 0 { try await inner.write(part) }
        guard left > 0 else { throw FaultyResponder<RouterResponder<OfficeContext>>.Reset() }
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {}
}

/// A served head office behind a faulty line, and one laptop.
struct FaultyWorld: Sendable {
    let world: World
    let anna: Laptop
    let faults = FaultyResponder<RouterResponder<OfficeContext>>.Faults()
    let application: Application<FaultyResponder<RouterResponder<OfficeContext>>>

    init() throws {
        world = try World()
        anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let office = HeadOffice(
            store: world.office,
            desk: AdminDesk(
                store: world.office, surroundings: world.officeClock, importers: Imports.all),
            surroundings: world.officeClock)
        application = Application(
            responder: FaultyResponder(
                inner: try office.router(adminToken: "admin").buildResponder(), faults: faults),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func link(_ port: Int?) throws -> OfficeLink {
        try OfficeLink(
            office: "http://127.0.0.1:\(port ?? 0)", surroundings: world.officeClock,
            environment: [:])
    }

    func move() throws {
        try anna.write {
            try Acts.move($0, store: world.north, product: world.mug, quantity: 1, kind: "receipt")
        }
    }

    func stock() throws -> Int64 {
        try world.office.read { try $0.fold("stockOnHand", [world.north.value, world.mug.value]) }
    }
}

/// What users of other products in this field complain of, where the line did it.
@Suite struct LineComplaints {
    /// Before and after head office recorded, and at every frame of its answer.
    static let faults: [LineFault] =
        [503, 429, 502].flatMap { [.refused(status: $0), .answerReplaced(status: $0)] }
        + [0, 1, 5, 6, 40, 60, 90, 140, 180].map { .reset(afterBytes: $0) }

    @Test func `a passing server error, wherever it came, dropped the records being sent`()
        async throws
    {
        let faulty = try FaultyWorld()
        try faulty.anna.syncUntilQuiet()
        try await faulty.application.test(.live) { client in
            let link = try faulty.link(client.port)
            let syncing = Syncing(book: faulty.anna.book, link: link)
            for (index, fault) in Self.faults.enumerated() {
                try faulty.move()
                faulty.faults.come([fault])
                // Told or cut: no exchange that the fault met counts as whole.
                do {
                    let report = try await syncing.run()
                    #expect(report.ending == .cut, "\(fault) went unnoticed")
                } catch is LinkFault {
                    #expect(try faulty.anna.book.status().unanswered == 1)
                }
                #expect(faulty.faults.isOver)

                let report = try await syncing.run()

                #expect(report.ending == .complete)
                #expect(try faulty.stock() == Int64(index) + 1, "after \(fault)")
                #expect(try !faulty.anna.book.hasUnanswered())
                #expect(report.differingScopes.isEmpty)
            }
            await link.shutdown()
        }
    }

    /// https://github.com/powersync-ja/powersync.dart/pull/203
    @Test func `a failed upload was tried again only when the user next wrote something`()
        async throws
    {
        let faulty = try FaultyWorld()
        try faulty.anna.syncUntilQuiet()
        try await faulty.application.test(.live) { client in
            let link = try faulty.link(client.port)
            let service = SyncService(
                book: faulty.anna.book, link: link, surroundings: faulty.world.officeClock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            faulty.faults.come([.refused(status: 503), .answerReplaced(status: 503)])
            try faulty.move()
            let running = Task { try await service.run() }
            // Nothing is written from here on.
            let clock = ContinuousClock()
            let end = clock.now.advanced(by: .seconds(60))
            while try faulty.anna.book.hasUnanswered(), clock.now < end {
                try await Task.sleep(for: .milliseconds(50))
            }
            running.cancel()
            try await running.value

            #expect(faulty.faults.isOver)
            #expect(try !faulty.anna.book.hasUnanswered())
            #expect(try faulty.stock() == 1)
            await link.shutdown()
        }
    }

    @Test func `a line that never carried a whole upload was sent the same beginning for ever`()
        async throws
    {
        let faulty = try FaultyWorld()
        try faulty.anna.syncUntilQuiet()
        for _ in 0..<16 {
            try faulty.move()
            _ = try faulty.anna.book.postingsToSend(most: 16)
        }
        let whole = try LaptopExchange(book: faulty.anna.book, clock: faulty.anna.clock.reading())
            .request().reduce(0) { $0 + $1.count }
        try await faulty.application.test(.live) { client in
            let link = try faulty.link(client.port)
            faulty.faults.carry(atMost: whole / 3)

            let report = try await Syncing(book: faulty.anna.book, link: link).run()

            #expect(report.ending == .complete)
            #expect(try faulty.stock() == 16)
            // A line that carries nothing at all is said to be cut, and not tried for ever.
            faulty.faults.carry(atMost: 0)
            try faulty.move()
            let cut = try await Syncing(book: faulty.anna.book, link: link).run()
            #expect(cut.ending == .cut)
            await link.shutdown()
        }
    }

    @Test func `two processes shared one book, and both posted what was in it`() async throws {
        let faulty = try FaultyWorld()
        try faulty.anna.syncUntilQuiet()
        for _ in 0..<20 { try faulty.move() }
        let path = faulty.anna.book.path
        try await faulty.application.test(.live) { client in
            let link = try faulty.link(client.port)
            try await withThrowingTaskGroup(of: SyncReport.self) { group in
                for _ in 0..<4 {
                    let book = try LaptopStore.open(path: path, catalogue: faulty.world.catalogue)
                    group.addTask { try await Syncing(book: book, link: link).run() }
                }
                for try await report in group { #expect(report.ending == .complete) }
            }
            // And once with the lock out of the way, as on a file system that has none.
            for _ in 0..<20 { try faulty.move() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    let book = try LaptopStore.open(path: path, catalogue: faulty.world.catalogue)
                    group.addTask { _ = try await link.exchange(book) }
                }
                try await group.waitForAll()
            }
            let report = try await Syncing(book: faulty.anna.book, link: link).run()
            #expect(report.differingScopes.isEmpty)
            await link.shutdown()
        }
        #expect(try faulty.stock() == 40)
        #expect(try !faulty.anna.book.hasUnanswered())
    }
}
