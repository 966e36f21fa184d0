import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Synchronization

/// Clocks that a test sets, and randomness from a seed.
public final class PlayedSurroundings: Surroundings {
    private struct State {
        var wall: Int64
        var monotonic: Int64 = 1_000
        var boot: UInt64
        var random: UInt64
    }

    private let state: Mutex<State>

    public init(wall: Moment, boot: UInt64, seed: UInt64) {
        state = Mutex(State(wall: wall.milliseconds, boot: boot, random: seed))
    }

    public func reading() -> ClockReading {
        state.withLock {
            ClockReading(
                wall: Moment(milliseconds: $0.wall), monotonicMilliseconds: $0.monotonic,
                boot: $0.boot)
        }
    }

    /// SplitMix64.
    public func randomBytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state.random &+= 0x9E37_79B9_7F4A_7C15
                var mixed = state.random
                mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: mixed >> 31)
            }
        }
    }

    public func pass(milliseconds: Int64) {
        state.withLock {
            $0.wall += milliseconds
            $0.monotonic += milliseconds
        }
    }

    /// Sets the wall clock alone, as a person or a bad battery does.
    public func setWall(_ moment: Moment) { state.withLock { $0.wall = moment.milliseconds } }

    public func reboot() {
        state.withLock {
            $0.boot += 1
            $0.monotonic = 1_000
        }
    }
}

/// One head office with two stores, an event and its people; laptops join by name.
public final class World: Sendable {
    public let folder: URL
    public let office: OfficeStore
    public let officeClock: PlayedSurroundings
    public let north: Stamp
    public let south: Stamp
    public let event: Stamp
    public let mug: Stamp
    public let people: [String: Stamp]
    public let catalogue: Catalogue

    public static let start = Moment(milliseconds: 1_777_600_000_000)

    public init(catalogue: Catalogue = Department.catalogue) throws {
        self.catalogue = catalogue
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("daybook-world-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        officeClock = PlayedSurroundings(wall: Self.start, boot: 1, seed: 1)
        var organisation = Draft(Organisation.self)
        organisation[Organisation.name] = "晨光商贸"
        organisation[Organisation.currency] = "CNY"
        office = try OfficeStore.create(
            path: folder.appendingPathComponent("office.daybook").path, catalogue: catalogue,
            organisation: organisation, surroundings: officeClock)
        try office.beginRun(officeClock)
        officeClock.pass(milliseconds: 1_000)
        (north, south, event, mug, people) = try office.write(
            person: nil, clock: officeClock.reading()
        ) { writer in
            var store = Draft(Store.self)
            store[Store.name] = "北门店"
            let north = try writer.birth(store)
            store[Store.name] = "南门店"
            let south = try writer.birth(store)
            var event = Draft(Event.self)
            event[Event.name] = "五一路演"
            event[Event.stage] = "published"
            let opened = try writer.birth(event)
            var product = Draft(Product.self)
            product[Product.key] = "mug"
            product[Product.title] = "马克杯"
            product[Product.price] = Amount(minor: 3_900, currency: Currency("CNY")!)
            let mug = try writer.birth(product)
            var people: [String: Stamp] = [:]
            for name in ["李娜", "王伟", "张敏"] {
                var staff = Draft(Staff.self)
                staff[Staff.name] = name
                // Rights of others have tests of their own.
                staff[Staff.rank] = "manager"
                people[name] = try writer.birth(staff)
            }
            return (north, south, opened, mug, people)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Enrols a laptop for a person.
    public func laptop(
        _ name: String, person: String, scopes: [Stamp], seed: UInt64 = 7,
        catalogue: Catalogue? = nil
    ) throws -> Laptop {
        try laptop(
            name, people: [people[person]!], scopes: scopes, seed: seed, catalogue: catalogue)
    }

    /// Somebody with a unit's duties, assigned to these stores and events.
    public func staff(
        _ name: String, rank: String, unit: String? = nil, stores: [Stamp] = [],
        events: [Stamp] = []
    ) throws -> Stamp {
        try office.write(person: nil, clock: officeClock.reading()) { writer in
            var staff = Draft(Staff.self)
            staff[Staff.name] = name
            staff[Staff.rank] = rank
            staff[Staff.unit] = unit
            let person = try writer.birth(staff)
            for (field, places) in [(Assignment.store, stores), (Assignment.event, events)] {
                for place in places {
                    var assignment = Draft(Assignment.self)
                    assignment[Assignment.person] = person
                    assignment[field] = place
                    _ = try writer.birth(assignment)
                }
            }
            return person
        }
    }

    /// Takes somebody's assignments away.
    public func unassign(_ person: Stamp) throws {
        try office.write(person: nil, clock: officeClock.reading()) { writer in
            for held in try writer.records(
                in: "assignment", where: "person", is: person.value)
            { try writer.remove(held.id, in: "assignment") }
        }
    }

    /// Enrols a laptop for these people, the first of whom writes.
    public func laptop(
        _ name: String, people: [Stamp], scopes: [Stamp], seed: UInt64 = 7,
        catalogue: Catalogue? = nil
    ) throws -> Laptop {
        let clock = PlayedSurroundings(
            wall: officeClock.reading().wall, boot: seed &* 1_000 &+ 17, seed: seed)
        let now = officeClock.reading().wall
        try office.addLaptop(
            name: name, people: people, scopes: scopes, code: "CODE-\(name)", now: now)
        let key = try DeviceKey(bytes: clock.randomBytes(DeviceKey.sizeBytes))
        let enrolled = try office.enrol(
            Enrol(code: "CODE-\(name)", catalogue: self.catalogue.version, key: key),
            incarnation: clock.randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) },
            secret: clock.randomBytes(32), now: now)
        let store = try LaptopStore.create(
            path: folder.appendingPathComponent("\(name).daybook").path,
            catalogue: catalogue ?? self.catalogue, enrolled: enrolled, key: key, office: "test")
        let keys = try office.key.personalKeys(ofSecret: sha256(enrolled.secret))
        store.pack { keys }
        return Laptop(
            world: self, book: store, clock: clock, person: people[0],
            laptopID: try office.laptopID(secret: enrolled.secret)!, keys: keys)
    }

    /// Time passes for head office and these laptops.
    public func pass(seconds: Int64, _ laptops: Laptop...) {
        officeClock.pass(milliseconds: seconds * 1_000)
        for laptop in laptops { laptop.clock.pass(milliseconds: seconds * 1_000) }
    }
}

extension World {
    /// Head office's answer to a request's frames, as bytes cut into frames again.
    public func answer(
        to request: [[UInt8]], laptop: Int64, by other: OfficeStore? = nil
    ) throws -> [Frame] {
        let office = other ?? self.office
        var reader = FrameReader()
        for bytes in request { reader.append(bytes) }
        var exchange = OfficeExchange(
            store: office, laptop: laptop, now: officeClock.reading().wall)
        var answer: [Message] = []
        do {
            while let frame = try reader.next() {
                switch try exchange.receive(frame) {
                case .send(let messages): answer += messages
                case .record(let posting):
                    answer += try exchange.recorded(try office.record([posting])[0])
                case .regain(let page, let laptop):
                    answer += exchange.regained(try office.regain(page, from: laptop))
                case .feed:
                    while case let messages = try exchange.nextFeed(), !messages.isEmpty {
                        answer += messages
                    }
                }
            }
            if let closing = exchange.closing { throw closing }
        } catch let refusal as Refusal {
            answer.append(.refusal(refusal))
        }
        var bytes = FrameReader()
        for message in answer { bytes.append(try message.frame(key: office.key).encoded()) }
        var frames: [Frame] = []
        while let frame = try bytes.next() { frames.append(frame) }
        return frames
    }
}
