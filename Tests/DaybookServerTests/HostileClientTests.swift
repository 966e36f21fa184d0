import DaybookAgent
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookStorage
import DaybookSync
import Foundation
import Testing
import World

/// What comes over the line to do harm.
@Suite(.timeLimit(.minutes(10))) struct HostileClientTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: String
        var testDescription: String { name }

        init(_ name: String, _ bytes: String) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// A second request hides behind the first, where two readers of the line may part it otherwise.
    static let hidden = "GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"

    static let smuggling: [Attack] = [
        Attack(
            "length and chunks",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(hidden)"),
        Attack(
            "two lengths",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 37\r\n\r\n"
                + hidden),
        Attack(
            "a length list",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 37\r\n\r\n\(hidden)"),
        Attack(
            "a negative length",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n\(hidden)"),
        Attack(
            "a length with a sign",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n\(hidden)"),
        Attack(
            "a length past all numbers",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"
                + hidden),
        Attack(
            "another coding",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n\(hidden)"),
        Attack(
            "a coding behind chunks",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n"
                + "0\r\n\r\n\(hidden)"),
        Attack(
            "a blank before the colon",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n"
                + "0\r\n\r\n\(hidden)"),
        Attack(
            "a header folded over two lines",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"
                + "0\r\n\r\n\(hidden)"),
        Attack(
            "a zero byte in a header",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n\(hidden)"),
        Attack(
            "a chunk past all numbers",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "fffffffffffffffff\r\n\(hidden)"),
        Attack(
            "a chunk of garbage",
            "POST /v1/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "zz\r\n\(hidden)"),
        Attack("no version", "GET /v1/health\r\n\r\n\(hidden)"),
        Attack("a version of the future", "GET /v1/health HTTP/9.9\r\nHost: x\r\n\r\n\(hidden)"),
        Attack("no HTTP at all", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\u{3}\u{3}\r\n\r\n"),
        Attack(
            "a header without an end",
            "GET /v1/health HTTP/1.1\r\nX: \(String(repeating: "a", count: 200_000))"),
        Attack(
            "ten thousand headers",
            "GET /v1/health HTTP/1.1\r\n"
                + (0..<10_000).map { "X\($0): 1\r\n" }.joined() + "\r\n"),
        Attack(
            "an address without an end",
            "GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\n"
        ),
        // Known to be spoken first by those who flood HTTP/2: this server does not speak it.
        Attack(
            "HTTP/2 without asking, and a flood of resets",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0"
                + String(repeating: "\0\0\u{4}\u{3}\0\0\0\0\u{1}\0\0\0\u{8}", count: 10_000)),
    ]

    @Test(arguments: smuggling) func `what can be read in two ways is not read at all`(
        attack: Attack
    ) async throws {
        // Who says nothing whole is not waited for as long as the world outside is.
        var limits = OfficeLimits()
        limits.idleTime = .seconds(2)
        let office = try HostileOffice(limits: limits)
        let before = try office.world.office.counts().sequence
        try await office.serving { port in
            let connection = try RawConnection(port: port)
            try await connection.send(attack.bytes)
            let answered = statuses(try await connection.receive())

            // Refused, or closed without a word; the hidden request was not answered.
            #expect(!answered.contains(200))
            // And the server is there for others.
            let next = try await office.ask(port, "/v1/health", method: "GET", secret: nil)
            #expect(statuses(next) == [200])
        }
        #expect(try office.world.office.counts().sequence == before)
    }

    @Test(arguments: [
        "/v1/../v1/admin", "/v1/sync/../../../etc/passwd",
        "/v1/%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd", "/v1/sync%00", "/v1/notice/..;/admin", "/V1/SYNC", "/v1/office.daybook",
        "/server.pem", "/admin.json",
    ]) func `no path leads anywhere but to what is there`(path: String) async throws {
        let office = try HostileOffice()
        try await office.serving { port in
            for method in ["GET", "POST", "PUT", "DELETE"] {
                let answer = try await office.ask(port, path, method: method, secret: nil)
                #expect(statuses(answer) == [404])
            }
        }
    }

    @Test(arguments: [
        "text/html", "multipart/form-data; boundary=x", "application/json",
        "application/vnd.daybook.v2", "application/x-www-form-urlencoded",
    ]) func `a body of another kind is not looked at`(type: String) async throws {
        let office = try HostileOffice()
        let anna = try office.laptop()
        try await office.serving { port in
            let secret = try anna.book.identity().secret
            let answer = try await office.ask(
                port, secret: secret, body: try anna.requestBytes(), type: type)
            #expect(statuses(answer) == [415])
            let enrol = try await office.ask(port, "/v1/enrol", secret: nil, body: [1], type: type)
            #expect(statuses(enrol) == [415])
        }
    }

    @Test func `bodies past a limit are refused, counted, and change nothing`() async throws {
        let office = try HostileOffice()
        let anna = try office.laptop()
        let before = try office.world.office.counts().sequence
        try await office.serving { port in
            let secret = try anna.book.identity().secret
            let hello = try LaptopExchange(book: anna.book, clock: anna.clock.reading()).request()[
                0]
            // Zeros that grow a thousand times.
            let zeros = [UInt8](repeating: 0, count: 1 << 20)
            let packed = Compression.deflate(zeros, dictionary: nil)
            let bomb =
                Frame.header(kind: 2, encoding: 1, rawCount: zeros.count, payload: packed) + packed
            let bombed = try await office.ask(port, secret: secret, body: hello + bomb)
            #expect(try refusalOfAnswer(bombed)?.code == .malformed)
            #expect(try await office.met(port, "inflation") == 1)

            // Small frames without an end: each asks for a comparison.
            let compare = try Message.compare(
                Compare(scope: office.world.north, ranges: [.all])
            ).frame().encoded()
            let many = (0..<Limits.exchangeFramesMax).flatMap { _ in compare }
            let flooded = try await office.ask(port, secret: secret, body: hello + many)
            #expect(try refusalOfAnswer(flooded)?.code == .tooLarge)
            #expect(try await office.met(port, "frames") == 1)

            // A frame that says it is larger than any.
            let large = Frame.header(kind: 2, encoding: 1, rawCount: 1 << 30, payload: [])
            let refused = try await office.ask(port, secret: secret, body: hello + large)
            #expect(try refusalOfAnswer(refused)?.code == .malformed)
            #expect(try await office.met(port, "malformed") == 1)

            // One that says itself how large it will be is not waited for.
            let endless = try RawConnection(port: port)
            try await endless.send(office.head(secret: secret, length: 1 << 40))
            #expect(statuses(try await endless.receive(until: hasHead)) == [413])
            #expect(try await office.met(port, "body_bytes") == 1)

            let enrol = [UInt8](repeating: 0, count: 8_192)
            let answer = try await office.ask(port, "/v1/enrol", secret: nil, body: enrol)
            #expect(statuses(answer) == [413])
        }
        #expect(try office.world.office.counts().sequence == before)
    }

    @Test func `a body that never ends has no place among those that do`() async throws {
        var limits = OfficeLimits()
        limits.exchangesMax = 1
        let office = try HostileOffice(limits: limits)
        let (anna, ben) = (try office.laptop(), try office.laptop("ben", seed: 4))
        try await office.serving { port in
            let connection = try RawConnection(port: port)
            let head = office.head(
                secret: try anna.book.identity().secret, length: Limits.exchangeBytesMax)
            try await connection.send(
                head.replacingOccurrences(of: "Connection: close\r\n", with: ""))
            let noFrames = [UInt8](repeating: 0, count: 1 << 16)
            try await connection.send(noFrames)
            // It is answered in the middle of what it says, and its place is another's while it goes on.
            let answer = try await connection.receive(until: hasHead)
            #expect(statuses(answer) == [200])
            try await connection.send(noFrames)
            let next = try await office.ask(
                port, secret: try ben.book.identity().secret, body: try ben.requestBytes())
            #expect(try framesOfAnswer(next).first?.kind == .welcome)
        }
    }

    @Test func `head office's own door is open to its own machine only`() async throws {
        let office = try HostileOffice()
        try await office.serving { port in
            let status = Array(try JSONEncoder().encode(AdminRequest.status))
            func ask(_ body: [UInt8], _ more: [String]) async throws -> [Int] {
                statuses(
                    try await office.ask(port, "/v1/admin", secret: nil, body: body, more: more))
            }
            let token = "Authorization: Bearer \(HostileOffice.token)"
            #expect(try await ask(status, []) == [401])
            #expect(try await ask(status, ["Authorization: Bearer 0123456789abcdee"]) == [401])
            #expect(try await ask(status, ["Authorization: Bearer "]) == [401])
            // Through a proxy it comes from elsewhere.
            #expect(try await ask(status, [token, "X-Forwarded-For: 10.0.0.9"]) == [404])
            #expect(try await ask(Array("{}".utf8), [token]) == [400])
            #expect(try await ask([0xFF, 0], [token]) == [400])
            #expect(try await ask(status, [token]) == [200])
        }
    }

    @Test func `connections that say nothing keep nobody out`() async throws {
        let office = try HostileOffice()
        let anna = try office.laptop()
        try await office.serving { port in
            let idle = try (0..<300).map { _ in try RawConnection(port: port) }
            for connection in idle.prefix(150) { try await connection.send("POST /v1/sy") }
            let link = try office.link(port)
            let report = try await Syncing(book: anna.book, link: link).run()
            #expect(report.ending == .complete)
            await link.shutdown()
            withExtendedLifetime(idle) {}
        }
    }
}
