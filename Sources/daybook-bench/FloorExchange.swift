import AsyncHTTPClient
import DaybookProtocol
import Foundation
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// The floor of every exchange: rows as lines of text, zlib, the same HTTP libraries at both ends, plain SQLite
/// that syncs every commit. Nobody is asked who they are, and nothing is checked.
final class FloorExchange: Sendable {
    /// As many as a posting of Daybook's in bulk holds.
    static let batch = 4_000

    private let service: Task<Void, any Error>
    private let client: HTTPClient
    private let port: Int

    /// A server on the book at this path.
    init(serving path: String) async throws {
        let book = Mutex(SendableBook(book: try FloorBook(path: path)))
        try book.withLock { try $0.book.execute(FloorBook.signups) }
        let router = Router()
        router.post("/push") { request, _ in
            let body = try await request.body.collect(upTo: 64 << 20)
            let rows = try Self.unpacked([UInt8](body.readableBytesView))
            try book.withLock { try $0.book.insert(lines: rows) }
            return "ok"
        }
        router.get("/pull/:after") { _, context in
            let after = context.parameters.get("after", as: Int64.self) ?? 0
            let lines = try book.withLock { try $0.book.lines(after: after, most: Self.batch) }
            return ByteBuffer(bytes: Self.packed(lines))
        }
        let (ports, ready) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { ready.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "floor") { _ in SwiftLogNoOpLogHandler() })
        service = Task { try await application.run() }
        var iterator = ports.makeAsyncIterator()
        port = await iterator.next() ?? 0
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup)
    }

    func end() async throws {
        service.cancel()
        // It was told to end: how it did is nothing to measure.
        _ = await service.result
        try await client.shutdown()
    }

    /// All rows of a book, in batches, each acknowledged before the next.
    func push(from book: FloorBook) async throws {
        var after: Int64 = 0
        while true {
            let lines = try book.lines(after: after, most: Self.batch)
            guard !lines.isEmpty else { return }
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/push")
            request.method = .POST
            request.body = .bytes(Self.packed(lines))
            let response = try await client.execute(request, timeout: .seconds(60))
            guard response.status == .ok else { throw BenchFault.unfinished("floor push") }
            _ = try await response.body.collect(upTo: 1_024)
            after = Self.lastID(of: lines)
        }
    }

    /// All rows that the server has, into a book.
    func pull(into book: FloorBook) async throws {
        var after: Int64 = 0
        while true {
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/pull/\(after)")
            let response = try await client.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: 64 << 20)
            let lines = try Self.unpacked([UInt8](body.readableBytesView))
            guard !lines.isEmpty else { return }
            try book.insert(lines: lines)
            after = Self.lastID(of: lines)
        }
    }

    /// The size before compression, then what zlib makes of it.
    private static func packed(_ lines: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(lines.count).littleEndian, Array.init)
            + Compression.deflate(lines, dictionary: nil)
    }

    private static func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        guard bytes.count >= 4 else { throw BenchFault.unfinished("floor exchange") }
        let size = bytes[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        return try Compression.inflate(bytes[4...], size: size, dictionary: nil)
    }

    private static func lastID(of lines: [UInt8]) -> Int64 {
        let line = lines.dropLast().split(separator: 10).last ?? []
        return Int64(String(decoding: line.prefix { $0 != 9 }, as: UTF8.self)) ?? 0
    }
}

/// One connection, used under a lock.
private struct SendableBook: @unchecked Sendable {
    // Because: it is reached through the mutex that holds it, and nowhere else.
    let book: FloorBook
}

extension FloorBook {
    /// Rows after this id, a line each, tabs between their columns.
    func lines(after id: Int64, most: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let sql = """
            SELECT id, event, booth, name, phone, note, by, at FROM signup
            WHERE id > \(id) ORDER BY id LIMIT \(most)
            """
        try forEachRow(sql, columns: 8) { cells in
            for cell in cells {
                bytes.append(contentsOf: cell)
                bytes.append(9)
            }
            bytes[bytes.count - 1] = 10
        }
        return bytes
    }

    /// One transaction.
    func insert(lines: [UInt8]) throws {
        try execute("BEGIN IMMEDIATE")
        for line in lines.split(separator: 10) {
            let cells = line.split(separator: 9, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            func number(_ place: Int) -> Cell { .integer(Int64(cells[place]) ?? 0) }
            func text(_ place: Int) -> Cell { cells[place].isEmpty ? .null : .text(cells[place]) }
            try run(
                Self.insertSQL,
                [number(0), number(1), text(2), text(3), text(4), text(5), number(6), number(7)])
        }
        try execute("COMMIT")
    }
}
