import DaybookAgent
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookStorage
import DaybookSync
import Foundation
import Logging
import NIOCore
import ServiceLifecycle

/// A clock that a measure moves, so that input takes place over months while it is written in seconds.
final class MovingClock: Surroundings, @unchecked Sendable {
    // Because: every access is under the lock.
    private let lock = NSLock()
    private var wall: Int64
    private var monotonic: Int64 = 0
    private var random: Input.Random
    private let boot: UInt64
    /// The machine's own clock, for who is asked by other processes.
    private let own: SystemSurroundings?

    init(seed: UInt64, isReal: Bool = false) {
        own = isReal ? SystemSurroundings() : nil
        wall = 1_777_600_000_000
        random = Input.Random(seed: seed)
        boot = seed | 1
    }

    func pass(milliseconds: Int64) {
        lock.withLock {
            wall += milliseconds
            monotonic += milliseconds
        }
    }

    func set(to other: MovingClock) {
        let moment = other.reading().wall.milliseconds
        lock.withLock {
            monotonic += max(0, moment - wall)
            wall = max(wall, moment)
        }
    }

    func reading() -> ClockReading {
        if let own { return own.reading() }
        return lock.withLock {
            ClockReading(
                wall: Moment(milliseconds: wall), monotonicMilliseconds: monotonic, boot: boot)
        }
    }

    func randomBytes(_ count: Int) -> [UInt8] {
        lock.withLock { (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) } }
    }
}

/// A head office that serves on loopback, in a folder of its own.
final class Stage: Sendable {
    let folder: URL
    let clock: MovingClock
    let office: OfficeStore
    let stores: [Stamp]
    let events: [Stamp]
    let products: [Stamp]
    let person: Stamp
    /// Where the server itself listens.
    let port: Int
    private let relay: CountingRelay
    private let service: Task<Void, any Error>

    static func newFolder() -> URL {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("daybook-bench-\(UUID().uuidString)")
    }

    /// - Parameter folder: one that is not there yet.
    init(
        stores: Int = 1, events: Int = 1, products: Int = 40, isEncrypted: Bool = false,
        isReal: Bool = false, folder: URL = newFolder()
    ) async throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let clock = MovingClock(seed: 1, isReal: isReal)
        self.clock = clock
        var organisation = Draft(Organisation.self)
        organisation[Organisation.name] = "Bench"
        organisation[Organisation.currency] = "CNY"
        let office = try OfficeStore.create(
            path: folder.appendingPathComponent("office.daybook").path,
            catalogue: Department.catalogue, organisation: organisation, surroundings: clock)
        try office.beginRun(clock)
        self.office = office
        clock.pass(milliseconds: 1_000)
        (self.stores, self.events, self.products, person) = try office.write(
            person: nil, clock: clock.reading()
        ) { writer in
            let stores = try (1...stores).map { number in
                var store = Draft(Store.self)
                store[Store.name] = "门店\(number)"
                return try writer.birth(store)
            }
            let events = try (1...events).map { number in
                var event = Draft(Event.self)
                event[Event.name] = "活动\(number)"
                return try writer.birth(event)
            }
            let products = try (1...products).map { number in
                var product = Draft(Product.self)
                product[Product.key] = "SKU-\(100_000 + number * 7)"
                product[Product.title] = "商品\(number)"
                product[Product.price] = Amount(minor: 1_990, currency: Currency("CNY")!)
                return try writer.birth(product)
            }
            var staff = Draft(Staff.self)
            staff[Staff.name] = "Bench"
            staff[Staff.rank] = "manager"
            return (stores, events, products, try writer.birth(staff))
        }
        var configuration = HeadOfficeConfiguration(folder: OfficeFolder(path: folder.path))
        if isEncrypted { configuration.security = .own(host: "localhost") }
        let head = HeadOffice(
            store: office,
            desk: AdminDesk(store: office, surroundings: clock, importers: [:]),
            surroundings: clock, limits: Self.limits)
        let (ports, ready) = AsyncStream<Int>.makeStream()
        let application = try head.build(
            configuration, token: "bench",
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
            onReady: { ready.yield($0) })
        service = Task { try await application.run() }
        var iterator = ports.makeAsyncIterator()
        guard let target = await iterator.next() else { throw CancellationError() }
        port = target
        relay = try await CountingRelay(to: target)
    }

    /// A benchmark asks more often than a laptop may.
    private static var limits: OfficeLimits {
        var limits = OfficeLimits()
        limits.laptopRequests = .init(burst: 1_000_000, perSecond: 1_000_000)
        limits.addressRequests = limits.laptopRequests
        limits.enrolments = limits.laptopRequests
        limits.enrolmentsOfAll = limits.laptopRequests
        limits.unknownSecrets = limits.laptopRequests
        limits.noticesOfLaptopMax = 20_000
        return limits
    }

    /// Ends the server; the folder goes.
    func end() async {
        service.cancel()
        // It was told to end: how it did is nothing to measure.
        _ = await service.result
        await relay.end()
        try? FileManager.default.removeItem(at: folder)
    }

    var address: String { "http://127.0.0.1:\(relay.port)" }

    /// Bytes on the line since it was asked last: from laptops, and to them.
    func bytes() -> (up: Int, down: Int) { relay.take() }

    /// A laptop with a book of its own.
    func laptop(
        _ name: String, scopes: [Stamp], seed: UInt64, path: String? = nil
    ) throws -> BenchLaptop {
        let now = clock.reading().wall
        let laptopClock = MovingClock(seed: seed)
        laptopClock.set(to: clock)
        try office.addLaptop(
            name: name, people: [person], scopes: scopes, code: "CODE-\(name)", now: now)
        let key = try DeviceKey(bytes: laptopClock.randomBytes(DeviceKey.sizeBytes))
        let enrolled = try office.enrol(
            Enrol(code: "CODE-\(name)", catalogue: Department.catalogue.version, key: key),
            incarnation: laptopClock.randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) },
            secret: laptopClock.randomBytes(32), now: now)
        let book = try LaptopStore.create(
            path: path ?? folder.appendingPathComponent("\(name).daybook").path,
            catalogue: Department.catalogue, enrolled: enrolled, key: key, office: address)
        let keys = try office.key.personalKeys(ofSecret: sha256(enrolled.secret))
        book.pack { keys }
        return BenchLaptop(
            stage: self, book: book, clock: laptopClock, keys: keys,
            link: try OfficeLink(office: address, surroundings: laptopClock, environment: [:]))
    }
}

/// A laptop on the stage.
struct BenchLaptop: Sendable {
    let stage: Stage
    let book: LaptopStore
    let clock: MovingClock
    let keys: PersonalKeys
    let link: OfficeLink

    /// One entry, as its person.
    @discardableResult
    func write<Result>(_ body: (any EntryWriter) throws -> Result) throws -> Result {
        try book.write(person: stage.person, clock: clock.reading(), keys: keys, body)
    }

    /// Exchanges until nothing is left to say; throws when head office does not hold everything then.
    func sync() async throws {
        stage.clock.set(to: clock)
        clock.set(to: stage.clock)
        let report = try await Syncing(book: book, link: link).run()
        guard report.ending == .complete, try !book.hasUnanswered(), report.differingScopes.isEmpty
        else { throw BenchFault.unfinished("\(report.ending)") }
    }
}

enum BenchFault: Error {
    case unfinished(String)
    case unknownMeasure(String)
}
