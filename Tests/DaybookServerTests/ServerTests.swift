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
import Testing
import World

/// Head office's routes around a world's store.
struct ServedWorld: Sendable {
    let world: World
    let application: Application<RouterResponder<OfficeContext>>
    static let token = "admin"

    init() throws {
        world = try World()
        let office = HeadOffice(
            store: world.office,
            desk: AdminDesk(
                store: world.office, surroundings: world.officeClock, importers: Imports.all),
            surroundings: world.officeClock)
        application = Application(
            router: try office.router(adminToken: Self.token),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func laptop(_ name: String = "anna", seed: UInt64 = 3) throws -> Laptop {
        try world.laptop(name, person: "李娜", scopes: [world.north, world.event], seed: seed)
    }

    func link(port: Int?) throws -> OfficeLink {
        try OfficeLink(
            office: "http://127.0.0.1:\(port ?? 0)", surroundings: world.officeClock,
            environment: [:])
    }
}

extension Laptop {
    var headers: HTTPFields {
        get throws { [.authorization: BearerSecret.header(try book.identity().secret)] }
    }

    /// A whole request's bytes.
    func requestBytes() throws -> [UInt8] {
        try LaptopExchange(book: book, clock: clock.reading()).request().flatMap { $0 }
    }
}

func frames(_ buffer: ByteBuffer) throws -> [Frame] {
    var reader = FrameReader()
    reader.append(buffer.readableBytesView)
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
}

func refusalCode(_ buffer: ByteBuffer) throws -> RefusalCode? {
    guard case .refusal(let refusal)? = try frames(buffer).last.map({ try Message($0) }) else {
        return nil
    }
    return refusal.code
}

@Suite struct ServerTests {
    @Test func `a whole exchange answers welcome, feed, moment and done`() async throws {
        let served = try ServedWorld()
        let anna = try served.laptop()
        try await served.application.test(.router) { client in
            let response = try await client.execute(
                uri: "/v1/sync", method: .post, headers: try anna.headers,
                body: ByteBuffer(bytes: try anna.requestBytes()))
            #expect(response.status == .ok)
            let kinds = try frames(response.body).map(\.kind)
            #expect(kinds == [.welcome, .feed, .feed, .feed, .moment, .done])
        }
    }

    @Test(arguments: ["", "Bearer", "Bearer zz", "Bearer " + String(repeating: "A", count: 43)])
    func `an unknown secret is told so and learns nothing`(header: String) async throws {
        let served = try ServedWorld()
        let anna = try served.laptop()
        try await served.application.test(.router) { client in
            let response = try await client.execute(
                uri: "/v1/sync", method: .post, headers: [.authorization: header],
                body: ByteBuffer(bytes: try anna.requestBytes()))
            #expect(response.status == .unauthorized)
            #expect(try refusalCode(response.body) == .notEnrolled)
        }
    }

    @Test func `foreign bytes, cut and flipped ones get a clear refusal and change nothing`()
        async throws
    {
        let served = try ServedWorld()
        let anna = try served.laptop()
        try anna.syncUntilQuiet()
        try anna.write {
            try Acts.move(
                $0, store: served.world.north, product: served.world.mug, quantity: 5,
                kind: "receipt")
        }
        let whole = try anna.requestBytes()
        let before = try served.world.office.counts().sequence
        var bodies: [[UInt8]] = [[], Array("GET / HTTP/1.1".utf8), [0xFF], Array(whole.prefix(40))]
        for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 40)) {
            var flipped = whole
            flipped[place] ^= 0x20
            bodies.append(flipped)
        }
        let sent = bodies
        try await served.application.test(.router) { client in
            for body in sent {
                let response = try await client.execute(
                    uri: "/v1/sync", method: .post, headers: try anna.headers,
                    body: ByteBuffer(bytes: body))
                #expect(response.status == .ok)
                for frame in try frames(response.body) { _ = try Message(frame) }
            }
        }
        // Only what came whole was recorded: the posting at most once, for bodies flipped behind it.
        // A posting takes two sequences here: its one record's, and its own.
        #expect([before, before + 2].contains(try served.world.office.counts().sequence))
        try anna.syncUntilQuiet()
        #expect(try served.world.office.counts().sequence == before + 2)
    }

    @Test func `a body for another version is told so`() async throws {
        let served = try ServedWorld()
        let anna = try served.laptop()
        for (range, code) in [
            (0...0, RefusalCode.protocolTooOld), (2...9, .protocolTooNew),
        ] as [(ClosedRange<UInt32>, RefusalCode)] {
            var hello = try anna.book.hello(clock: anna.clock.reading())
            hello.protocolMin = range.lowerBound
            hello.protocolMax = range.upperBound
            let body = try Message.hello(hello).frame().encoded()
            try await served.application.test(.router) { client in
                let response = try await client.execute(
                    uri: "/v1/sync", method: .post, headers: try anna.headers,
                    body: ByteBuffer(bytes: body))
                #expect(try refusalCode(response.body) == code)
            }
        }
    }

    @Test func `a revoked laptop is refused with its reason`() async throws {
        let served = try ServedWorld()
        let anna = try served.laptop()
        try served.world.office.revoke("anna")
        try await served.application.test(.router) { client in
            let response = try await client.execute(
                uri: "/v1/sync", method: .post, headers: try anna.headers,
                body: ByteBuffer(bytes: try anna.requestBytes()))
            #expect(try refusalCode(response.body) == .revoked)
        }
    }

    @Test func `admin requests want the token`() async throws {
        let served = try ServedWorld()
        try await served.application.test(.router) { client in
            let body = ByteBuffer(bytes: try JSONEncoder().encode(AdminRequest.status))
            let closed = try await client.execute(uri: "/v1/admin", method: .post, body: body)
            #expect(closed.status == .unauthorized)
            let open = try await client.execute(
                uri: "/v1/admin", method: .post,
                headers: [.authorization: "Bearer \(ServedWorld.token)"], body: body)
            #expect(open.status == .ok)
        }
    }

    @Test func `an enrolment code works until the laptop is heard from, and never after`()
        async throws
    {
        let served = try ServedWorld()
        let world = served.world
        try world.office.addLaptop(
            name: "new", people: [], scopes: [world.north], code: "K7QF2M9XPD",
            now: world.officeClock.reading().wall)
        try await served.application.test(.live) { client in
            let link = try served.link(port: client.port)
            // The first answer was lost: the same code again gives a new incarnation.
            let key = try DeviceKey(bytes: [UInt8](repeating: 5, count: DeviceKey.sizeBytes))
            let lost = try await link.enrol(code: "K7QF2M9XPD", key: key, catalogue: 1)
            // Whoever read it over a shoulder comes too late.
            let other = try DeviceKey(bytes: [UInt8](repeating: 6, count: DeviceKey.sizeBytes))
            await #expect(throws: Refusal.self) {
                try await link.enrol(code: "K7QF2M9XPD", key: other, catalogue: 1)
            }
            let enrolled = try await link.enrol(code: "K7QF2M9XPD", key: key, catalogue: 1)
            #expect(lost.incarnation != enrolled.incarnation)
            let book = try LaptopStore.create(
                path: world.folder.path + "/new.daybook", catalogue: world.catalogue,
                enrolled: enrolled, key: key, office: "http://127.0.0.1:\(client.port ?? 0)")
            let report = try await Syncing(book: book, link: link).run()
            #expect(report.ending == .complete)
            await #expect(throws: Refusal.self) {
                try await link.enrol(code: "K7QF2M9XPD", key: key, catalogue: 1)
            }
            await link.shutdown()
        }
    }
}

@Suite struct LiveTests {
    @Test func `many laptops post at once, and each finds its own recorded once`() async throws {
        let served = try ServedWorld()
        let laptops = try (0..<8).map { try served.laptop("l\($0)", seed: UInt64($0) + 20) }
        try await served.application.test(.live) { client in
            let link = try served.link(port: client.port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for laptop in laptops {
                    let (book, person, clock) = (laptop.book, laptop.person, laptop.clock)
                    let (store, product) = (served.world.north, served.world.mug)
                    group.addTask {
                        _ = try await Syncing(book: book, link: link).run()
                        for _ in 0..<5 {
                            _ = try book.write(person: person, clock: clock.reading()) {
                                try Acts.move(
                                    $0, store: store, product: product, quantity: 1,
                                    kind: "receipt")
                            }
                            let report = try await Syncing(book: book, link: link).run()
                            #expect(report.ending == .complete)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for laptop in laptops {
                let report = try await Syncing(book: laptop.book, link: link).run()
                #expect(report.differingScopes.isEmpty)
            }
            await link.shutdown()
        }
        let stock = try served.world.office.read {
            try $0.fold("stockOnHand", [served.world.north.value, served.world.mug.value])
        }
        #expect(stock == 40)
    }

    @Test func `a notice comes when something is recorded, not before`() async throws {
        let served = try ServedWorld()
        let (anna, ben) = (try served.laptop("anna", seed: 3), try served.laptop("ben", seed: 4))
        try await served.application.test(.live) { client in
            let link = try served.link(port: client.port)
            _ = try await Syncing(book: anna.book, link: link).run()
            _ = try await Syncing(book: ben.book, link: link).run()
            let shown = try #require(try ben.book.status().shown).sequence
            let secret = try ben.book.identity().secret
            async let noticed = link.notice(after: shown, secret: secret)
            try anna.write {
                try Acts.move(
                    $0, store: served.world.north, product: served.world.mug, quantity: 5,
                    kind: "receipt")
            }
            _ = try await Syncing(book: anna.book, link: link).run()
            #expect(try await noticed > shown)
            await link.shutdown()
        }
    }

    @Test func `a notice comes to those who hold the scope, and wakes nobody else`() async throws {
        let served = try ServedWorld()
        let world = served.world
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.south], seed: 4)
        let board = NoticeBoard(latest: UInt64(try world.office.counts().sequence))
        let desk = PostingDesk(store: world.office, board: board)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        let shown = try #require(try ben.book.status().shown).sequence

        func post(in store: Stamp, by laptop: Laptop) async throws {
            try laptop.write {
                try Acts.move(
                    $0, store: store, product: world.mug, quantity: 1, kind: "receipt")
            }
            let sealed = try #require(try laptop.book.postingsToSend(most: 1).first)
            var reader = FrameReader()
            reader.append(sealed.frame)
            let frame = try #require(try reader.next())
            let answer = try await desk.record(
                IncomingPosting(
                    laptop: try #require(try laptop.known()),
                    received: try ReceivedPosting(raw: frame.raw), sent: laptop.clock.reading(),
                    arrived: world.officeClock.reading().wall))
            _ = try answer.get()
        }
        async let news = board.wait(after: shown, in: [world.south], atMost: .seconds(60))
        try await post(in: world.north, by: anna)
        // It is there, but not for one who holds only the south: that one still waits for what is.
        let latest = await board.wait(after: 0, in: [world.north], atMost: .seconds(60))
        #expect(try #require(latest) > shown)
        #expect(await board.wait(after: shown, in: [world.south], atMost: .zero) == shown)
        try await post(in: world.south, by: ben)

        #expect(try #require(await news) > (try #require(latest)))
    }

    @Test func `nothing answering is offline, and keeps everything`() async throws {
        let served = try ServedWorld()
        let anna = try served.laptop()
        try anna.syncUntilQuiet()
        try anna.write {
            try Acts.move(
                $0, store: served.world.north, product: served.world.mug, quantity: 5,
                kind: "receipt")
        }
        // Port 9 (discard) is closed.
        let link = try served.link(port: 9)
        await #expect(throws: LinkFault.self) {
            try await Syncing(book: anna.book, link: link).run()
        }
        await link.shutdown()
        #expect(try anna.book.status().unanswered == 1)
    }
}
