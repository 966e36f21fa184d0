import AsyncHTTPClient
import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage
import Foundation
import NIOCore

extension Measure {
    private static let laptops = 200
    private static let turns = 20

    /// A busy day: many laptops that each post what some minutes at a booth bring, every second. What they do
    /// themselves (writing, sealing, showing) is done beforehand, since each of them has a machine of its own.
    static let posting = Measure(
        name: "posting", abstract: "200 laptops that each post ten sign-ups every second"
    ) { settings in
        let hall = try Hall(laptops: laptops)
        defer { try? FileManager.default.removeItem(at: hall.folder) }
        let visitors = try settings.visitors(10 * turns * laptops, events: 1)
        var senders: [Sender] = []
        for number in 0..<laptops {
            let own = visitors[number * 10 * turns..<(number + 1) * 10 * turns]
            senders.append(try await Sender(try hall.laptop(number), Array(own), turns: turns))
        }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = laptops
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        let port = hall.plan.port
        let before = try hall.processorSeconds
        let began = ContinuousClock.now
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for (number, sender) in senders.enumerated() {
                group.addTask {
                    var sender = sender
                    var times: [Double] = []
                    for turn in 0..<turns {
                        // Each at its own place in the second.
                        let due = began + .milliseconds(turn * 1_000 + number * 1_000 / laptops)
                        try await Task.sleep(until: due)
                        try await sender.send(turn, client, port)
                        // Also what it waited for its turn is what a laptop waits.
                        times.append((ContinuousClock.now - due) / .milliseconds(1))
                    }
                    return times
                }
            }
            var all: [Double] = []
            for try await times in group { all += times }
            return all
        }
        let passed = (ContinuousClock.now - began) / .seconds(1)
        let processor = try (hall.processorSeconds - before) / passed
        try await client.shutdown()
        try hall.end()
        return [
            Figure(
                "posting", "p50 until ten are durable", percentile(times, 0.5), "ms", atMost: 100),
            Figure(
                "posting", "p99 until ten are durable", percentile(times, 0.99), "ms", atMost: 100),
            Figure("posting", "head office's processors", processor, "cores", atMost: 1),
        ]
    }
}

/// A laptop whose postings are sealed, one a turn.
private struct Sender: Sendable {
    private var hellos: [Hello] = []
    private var postings: [SealedPosting] = []
    private let secret: [UInt8]
    private var held: Cursor?
    private let clock = SystemSurroundings()

    init(_ laptop: HallLaptop, _ visitors: [Input.Visitor], turns: Int) async throws {
        try await laptop.sync()
        secret = try laptop.book.identity().secret
        for turn in 0..<turns {
            try laptop.signUp(Array(visitors[turn * 10..<turn * 10 + 10]))
            guard let posting = try laptop.book.postingsToSend(after: 0, most: turns).last else {
                throw BenchFault.unfinished("nothing sealed")
            }
            postings.append(posting)
            hellos.append(try laptop.book.hello(clock: clock.reading()))
        }
        await laptop.link.shutdown()
    }

    /// One whole exchange, as far as head office is concerned.
    mutating func send(_ turn: Int, _ client: HTTPClient, _ port: Int) async throws {
        var hello = hellos[turn]
        hello.clock = clock.reading()
        if let held {
            hello.held = held
            hello.scopes = hello.scopes.mapValues { _ in held.sequence }
        }
        let frames = [
            try Message.hello(hello).frame().encoded(), postings[turn].frame,
            try Message.done(more: false).frame().encoded(),
        ]
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/sync")
        request.method = .POST
        request.headers.add(name: "Authorization", value: BearerSecret.header(secret))
        request.body = .bytes(frames.flatMap { $0 })
        var response = try await client.execute(request, timeout: .seconds(60))
        while response.status == .serviceUnavailable {
            // Head office asks to come later.
            let wait = Double(response.headers.first(name: "retry-after") ?? "1") ?? 1
            try await Task.sleep(for: .seconds(wait))
            response = try await client.execute(request, timeout: .seconds(60))
        }
        let body = try await response.body.collect(upTo: 64 << 20)
        guard response.status == .ok else {
            throw BenchFault.unfinished("posting: \(response.status)")
        }
        var reader = FrameReader()
        reader.append(body.readableBytesView)
        var isAnswered = false
        while let frame = try reader.next() {
            switch try Message(frame) {
            case .verdicts: isAnswered = true
            case .moment(let moment): held = moment.cursor
            case .refusal(let refusal): throw refusal
            default: continue
            }
        }
        guard isAnswered else { throw BenchFault.unfinished("a posting without verdicts") }
    }
}
