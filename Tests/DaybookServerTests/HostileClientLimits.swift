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

/// Too many, too often, too slowly. Limits only delay: whoever comes again as told is let in.
@Suite(.timeLimit(.minutes(10))) struct HostileClientLimits {
    private func isTold(_ answer: [UInt8]) -> Bool {
        String(decoding: answer, as: UTF8.self).lowercased().contains("retry-after: ")
    }

    @Test
    func `a laptop that asks too often waits, others do not, and the agent does as it is told`()
        async throws
    {
        var limits = OfficeLimits()
        limits.laptopRequests = .init(burst: 3, perSecond: 0.0001)
        let office = try HostileOffice(limits: limits)
        let (anna, ben) = (try office.laptop(), try office.laptop("ben", seed: 4))
        try await office.serving { port in
            let link = try office.link(port)
            let secret = try anna.book.identity().secret
            for _ in 0..<3 {
                let answer = try await office.ask(
                    port, secret: secret, body: try anna.requestBytes())
                #expect(statuses(answer) == [200])
            }
            let answer = try await office.ask(port, secret: secret, body: try anna.requestBytes())
            #expect(statuses(answer) == [429])
            #expect(isTold(answer))
            #expect(try await office.met(port, "laptop_requests") == 1)
            do {
                _ = try await Syncing(book: anna.book, link: link).run()
                Issue.record("it was not told to wait")
            } catch LinkFault.busy(let wait) {
                // One request comes back in hours; the agent looks again within one.
                #expect(wait == .seconds(3_600))
            }
            let report = try await Syncing(book: ben.book, link: link).run()
            #expect(report.ending == .complete)
            await link.shutdown()
        }
    }

    @Test func `an address that asks too often waits, behind a proxy each for itself`() async throws
    {
        var limits = OfficeLimits()
        limits.addressRequests = .init(burst: 2, perSecond: 0.0001)
        let office = try HostileOffice(limits: limits, isBehindProxy: true)
        let anna = try office.laptop()
        try await office.serving { port in
            func ask(from address: String, secret: [UInt8]? = nil) async throws -> [Int] {
                statuses(
                    try await office.ask(
                        port, secret: secret, body: secret == nil ? [] : try anna.requestBytes(),
                        more: ["X-Forwarded-For: \(address)"]))
            }
            #expect(try await ask(from: "10.0.0.1") == [401])
            // What stands before the last was said by the client, who may say what it likes.
            #expect(try await ask(from: "9.9.9.9, 10.0.0.1") == [401])
            #expect(try await ask(from: "10.0.0.1") == [429])
            #expect(try await ask(from: "::ffff:10.0.0.1") == [429])
            #expect(try await ask(from: "10.0.0.2") == [401])
            // Of an IPv6 network all addresses are one sender's, however they are written.
            #expect(try await ask(from: "2001:db8:1:2::1") == [401])
            #expect(try await ask(from: "2001:db8:1:2::2") == [401])
            #expect(try await ask(from: "2001:db8:1:2:3::3") == [429])
            for host in ["a", "b", "c"] {
                let status = try await ask(from: "2001:db8::\(host):\(host)")
                #expect(status == [host == "c" ? 429 : 401])
            }
            // Who is known does not wait for a neighbour.
            let secret = try anna.book.identity().secret
            #expect(try await ask(from: "10.0.0.1", secret: secret) == [200])
            #expect(try await office.met(port, "address_requests") == 4)
        }
    }

    @Test func `codes and secrets are not to be guessed at`() async throws {
        var limits = OfficeLimits()
        limits.enrolments = .init(burst: 3, perSecond: 0.0001)
        limits.unknownSecrets = .init(burst: 4, perSecond: 0.0001)
        let office = try HostileOffice(limits: limits)
        try office.world.office.addLaptop(
            name: "new", people: [], scopes: [], code: "K7QF2M9XPD",
            now: office.world.officeClock.reading().wall)
        let key = try DeviceKey(bytes: [UInt8](repeating: 5, count: DeviceKey.sizeBytes))
        try await office.serving { port in
            func enrol(_ code: String) async throws -> [UInt8] {
                try await office.ask(
                    port, "/v1/enrol", secret: nil,
                    body: try Message.enrol(Enrol(code: code, catalogue: 1, key: key)).frame()
                        .encoded())
            }
            for guess in ["0000000000", "K7QF2M9XPE", "' OR code_hash NOT NULL --"] {
                #expect(try refusalOfAnswer(try await enrol(guess))?.code == .codeUnknown)
            }
            // Also the right one has to wait now.
            let answer = try await enrol("K7QF2M9XPD")
            #expect(statuses(answer) == [429])
            #expect(isTold(answer))
            #expect(try await office.met(port, "enrolments") == 1)

            for number in 0..<5 {
                let secret = [UInt8](repeating: UInt8(number), count: 32)
                let tried = try await office.ask(port, secret: secret)
                #expect(statuses(tried) == [number < 4 ? 401 : 429])
            }
            #expect(try await office.met(port, "unknown_secrets") == 1)
        }
    }

    @Test func `a code that is wrong, used or expired is answered alike`() async throws {
        let office = try HostileOffice()
        let world = office.world
        let now = world.officeClock.reading().wall
        let key = try DeviceKey(bytes: [UInt8](repeating: 5, count: DeviceKey.sizeBytes))
        let other = try DeviceKey(bytes: [UInt8](repeating: 6, count: DeviceKey.sizeBytes))
        try world.office.addLaptop(
            name: "used", people: [], scopes: [], code: "AAAAAAAAAA", now: now)
        try world.office.addLaptop(
            name: "old", people: [], scopes: [], code: "BBBBBBBBBB",
            now: now.adding(milliseconds: -8 * 86_400_000))
        try await office.serving { port in
            func enrol(_ code: String, _ key: DeviceKey) async throws -> Refusal? {
                try refusalOfAnswer(
                    try await office.ask(
                        port, "/v1/enrol", secret: nil,
                        body: try Message.enrol(Enrol(code: code, catalogue: 1, key: key)).frame()
                            .encoded()))
            }
            #expect(try await enrol("AAAAAAAAAA", key) == nil)
            let answers = [
                try await enrol("AAAAAAAAAA", other), try await enrol("BBBBBBBBBB", key),
                try await enrol("CCCCCCCCCC", key),
            ]
            #expect(Set(answers) == [Refusal(.codeUnknown, detail: "")])
        }
    }

    @Test func `a slow sender gives its place to others`() async throws {
        var limits = OfficeLimits()
        limits.exchangesMax = 1
        limits.bodyGrace = .milliseconds(50)
        limits.bodyBytesPerSecondMin = 1 << 30
        let office = try HostileOffice(limits: limits)
        let (anna, ben) = (try office.laptop(), try office.laptop("ben", seed: 4))
        try await office.serving { port in
            let slow = try RawConnection(port: port)
            try await slow.send(
                office.head(secret: try anna.book.identity().secret, length: 1_000))
            // A byte now and then, until head office has had enough of it.
            var answer: [UInt8] = []
            while answer.isEmpty {
                guard try await slow.send([0]) else { break }
                if try await office.met(port, "slow_sender") > 0 {
                    answer = try await slow.receive(until: hasHead)
                }
            }
            #expect(statuses(answer) == [200])
            let body = try await office.ask(
                port, secret: try ben.book.identity().secret, body: try ben.requestBytes())
            #expect(statuses(body) == [200])
            #expect(try framesOfAnswer(body).first?.kind == .welcome)
        }
    }

    @Test func `one laptop does not take all places, and those it took come back`() async throws {
        var limits = OfficeLimits()
        limits.exchangesMax = 2
        limits.exchangesOfLaptopMax = 1
        let office = try HostileOffice(limits: limits)
        let (anna, ben) = (try office.laptop(), try office.laptop("ben", seed: 4))
        let dan = try office.laptop("dan", seed: 5)
        try await office.serving { port in
            let secret = try anna.book.identity().secret
            /// A request that stays half-way.
            func held(_ laptop: Laptop) async throws -> RawConnection {
                let connection = try RawConnection(port: port)
                let body = try laptop.requestBytes()
                try await connection.send(
                    office.head(secret: try laptop.book.identity().secret, length: body.count))
                try await connection.send(Array(body.prefix(10)))
                return connection
            }
            func ask(_ laptop: Laptop) async throws -> Int? {
                statuses(
                    try await office.ask(
                        port, secret: try laptop.book.identity().secret,
                        body: try laptop.requestBytes())
                ).first
            }
            var first: RawConnection? = try await held(anna)
            // It is inside when a second one of the same laptop is not let in.
            while try await office.met(port, "exchanges_of_laptop") == 0 { _ = try await ask(anna) }
            #expect(try await ask(ben) == 200)

            let second = try await held(ben)
            while try await office.met(port, "exchanges") == 0 { _ = try await ask(dan) }
            // Closing gives the place back.
            withExtendedLifetime(first) {}
            first = nil
            while try await ask(dan) != 200 {}
            withExtendedLifetime((secret, second)) {}
        }
    }

    @Test func `what a laptop leaves to be settled waits at the laptop once it is too much`()
        async throws
    {
        let office = try HostileOffice()
        let world = office.world
        let anna = try office.laptop()
        try anna.syncUntilQuiet()
        // Nobody may write what this laptop writes: each entry is a matter.
        try world.office.setPeople(of: "anna", to: [])
        let note = String(repeating: "长", count: 660)
        for _ in 0..<40 {
            try anna.write { writer in
                for _ in 0..<240 {
                    try Acts.signUp(
                        writer, event: world.event, booth: nil, name: "x", phone: nil, note: note)
                }
            }
        }
        try await office.serving { port in
            let link = try office.link(port)
            let report = try await Syncing(book: anna.book, link: link).run()
            guard case .refused(let refusal) = report.ending else {
                Issue.record("it was not told to wait")
                return
            }
            #expect(refusal == OfficeStore.tooManyMatters)
            #expect(try anna.book.status().unanswered > 0)
            #expect(try await office.met(port, "matters") == 1)
            let held = try world.office.holdings(of: "anna").matterBytes
            #expect(held >= OfficeStore.matterBytesMax)

            // Nothing is lost: it comes when somebody has looked.
            while case .refused = try await Syncing(book: anna.book, link: link).run().ending {
                try world.office.allowMatters(of: "anna")
            }
            #expect(try world.office.counts().records["signup"] == 40 * 240)
            await link.shutdown()
        }
    }
}
