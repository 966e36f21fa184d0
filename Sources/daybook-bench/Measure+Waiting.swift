import AsyncHTTPClient
import DaybookModel
import DaybookProtocol
import DaybookStorage
import Foundation
import NIOCore

extension Measure {
    private static let waiters = 10_000

    /// Laptops that have nothing to say and wait to hear, over TLS, and how soon all of them hear.
    static let waiting = Measure(
        name: "waiting", abstract: "10,000 laptops that wait for news over TLS"
    ) { _ in
        raiseFileLimit()
        let hall = try Hall(laptops: 41, isEncrypted: true)
        defer { try? FileManager.default.removeItem(at: hall.folder) }
        var configuration = HTTPClient.Configuration(certificateVerification: .none)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = waiters + 10
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        let secrets = try (0..<40).map { try hall.book($0).identity().secret }
        let teller = try hall.laptop(40)
        try await teller.sync()
        let now = try teller.book.status().shown?.sequence ?? 0
        let port = hall.plan.port
        let empty = try hall.residentKiB
        let (time, memory) = try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<waiters {
                group.addTask { try await wait(client, port, secrets[number % 40], after: now) }
                // As laptops come after a line was cut: some hundreds a second.
                if number % 50 == 49 { try await Task.sleep(for: .milliseconds(60)) }
            }
            try await untilQuiet(hall)
            let full = try hall.residentKiB
            let began = ContinuousClock.now
            // One entry that is news in every event.
            try teller.tell(hall.plan.events.compactMap { Stamp(rawValue: $0) })
            try await teller.sync()
            for try await _ in group {}
            return (
                (ContinuousClock.now - began) / .seconds(1), (full - empty) / Double(waiters)
            )
        }
        await teller.link.shutdown()
        try await client.shutdown()
        try hall.end()
        return [
            Figure("waiting", "memory of one that waits", memory, "KiB", atMost: 64),
            Figure("waiting", "until all \(waiters) have heard", time, "s", atMost: 1.5),
        ]
    }

    private static func wait(
        _ client: HTTPClient, _ port: Int, _ secret: [UInt8], after sequence: UInt64
    ) async throws {
        var request = HTTPClientRequest(
            url: "https://localhost:\(port)/v1/notice?after=\(sequence)")
        request.headers.add(name: "Authorization", value: BearerSecret.header(secret))
        let response = try await client.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 64)
        guard response.status == .ok, let told = UInt64(String(buffer: body)), told > sequence
        else { throw BenchFault.unfinished("a notice: \(response.status)") }
    }

    /// All have come, and the server rests.
    private static func untilQuiet(_ hall: Hall) async throws {
        var last = -1.0
        while true {
            try await Task.sleep(for: .milliseconds(300))
            let now = try hall.processorSeconds
            if try hall.openFiles >= waiters, now - last < 0.02 { return }
            last = now
        }
    }

    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
