import DaybookModel
import Foundation

extension Measure {
    private static let rounds = 3

    /// Rows a second beside an exchange that does nothing but carry them.
    static let bulk = Measure(
        name: "bulk",
        abstract: "a push and a first sync of --rows sign-ups, of a plain zlib exchange"
    ) { settings in
        let visitors = try settings.visitors(settings.rows, events: 40)
        var (plainPush, plainPull, push, first): ([Double], [Double], [Double], [Double]) =
            ([], [], [], [])
        for round in 0..<rounds {
            let plain = try await plainExchange(visitors)
            plainPush.append(plain.push)
            plainPull.append(plain.pull)
            let stage = try await Stage(stores: 1, events: 40)
            let writer = try stage.laptop(
                "writer", scopes: stage.events, seed: 50 + UInt64(round))
            try await writer.sync()
            try writer.signUp(visitors, by: 100)
            push.append(try await seconds { try await writer.sync() })
            let reader = try stage.laptop(
                "reader", scopes: stage.events, seed: 60 + UInt64(round))
            first.append(try await seconds { try await reader.sync() })
            await stage.end()
        }
        func rate(_ times: [Double]) -> Double {
            Double(settings.rows) / percentile(times, 0.5)
        }
        return [
            Figure(
                "bulk", "a push, acknowledged durable", rate(push), "rows/s",
                floor: rate(plainPush), atLeast: 1.0 / 3),
            Figure(
                "bulk", "a first sync into an empty laptop", rate(first), "rows/s",
                floor: rate(plainPull), atLeast: 1.0 / 2),
            Figure(
                "bulk", "a first sync by itself", rate(first), "rows/s", atLeast: 60_000),
        ]
    }

    static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let began = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - began) / .seconds(1)
    }

    /// Seconds that the plain exchange takes.
    private static func plainExchange(
        _ visitors: [Input.Visitor]
    ) async throws -> (push: Double, pull: Double) {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("daybook-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        let writer = try FloorBook(path: path("writer"))
        try writer.execute(FloorBook.signups)
        try writer.insert(visitors, by: 1_000)
        let reader = try FloorBook(path: path("reader"))
        try reader.execute(FloorBook.signups)
        let exchange = try await FloorExchange(serving: path("office"))
        let push = try await seconds { try await exchange.push(from: writer) }
        let pull = try await seconds { try await exchange.pull(into: reader) }
        try await exchange.end()
        return (push, pull)
    }
}
