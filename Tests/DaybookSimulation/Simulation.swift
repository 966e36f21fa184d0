import CSimulatedDisk
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// What a law's breach says.
struct Broken: Error {
    let words: String
    init(_ words: String) { self.words = words }
}

/// N laptops and one head office in one thread; everything from one seed.
public final class Simulation {
    static let start = Moment(milliseconds: 1_777_600_000_000)
    /// How much more often faults come that are asked for alone.
    private static let onlyTimes = 4

    let seed: UInt64
    let options: SimulationOptions
    var chance: Chance
    /// Each fault draws from a stream of its own: what one does, or that there is one more, moves no other.
    private var faultChances: [Fault: Chance] = [:]
    let time = RealTime(Simulation.start)
    let office: SimulatedOffice
    var laptops: [SimulatedLaptop] = []
    var places: [Stamp] = []
    var lines: [Line] = []
    /// Requests that the network still holds, to be delivered late or again.
    var held: [Line] = []
    /// Bundle files on their way to head office, and answers on their way back.
    var bundles: [Carried] = []
    var answers: [Carried] = []
    let recorder = Recorder()
    var model = Model()
    /// What head office's people wrote, by stamp, with whether a regression may have taken it.
    var officeWritten: [Written] = []
    /// What head office's disk said that it could not keep.
    var doubtful: [OfficeOwn] = []
    var counts: [String: Int] = [:]
    var trace: [String] = []
    var traceBytes: [UInt8] = []
    var nextDisk = 10
    /// The last acknowledged posting of each incarnation in this head office's timeline.
    var acknowledged: [UInt64: UInt64] = [:]
    /// Pairs of records that one entry wrote in two places.
    var pairs: [(gift: Stamp, tally: Stamp)] = []
    /// How long the last whole answer was.
    var lastAnswerBytes = 0
    var isHealing = false
    var hasRegressed = false
    var hasRenamed = false
    /// Every birth that a user ever wrote, or tried to.
    var everWritten: Set<Stamp> = []
    /// Names of edits and removals that users wrote.
    var editsDrawn: Set<Stamp> = []
    /// Names that two books have drawn: by them alone nothing is told apart.
    var drawnTwice: Set<Stamp> = []

    public init(seed: UInt64, options: SimulationOptions) {
        self.seed = seed
        self.options = options
        chance = Chance(seed: seed)
        for fault in Fault.allCases {
            let name = fault.rawValue.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
                ($0 ^ UInt64($1)) &* 1_099_511_628_211
            }
            faultChances[fault] = Chance(seed: seed ^ name)
        }
        simdisk_forget_all()
        simdisk_seed(seed)
        office = SimulatedOffice(
            disk: SimulatedDisk(1), clock: SimulatedClock(time, seed: seed &+ 1))
    }

    /// Runs the simulation, heals everything and checks the laws.
    public static func run(seed: UInt64, options: SimulationOptions) -> SimulationResult {
        let simulation = Simulation(seed: seed, options: options)
        var broken: String?
        do {
            try simulation.found()
            for step in 0..<options.steps {
                try simulation.step(step)
                if step % 10 == 9 { try simulation.checkMeanwhile() }
            }
            try simulation.heal()
            try simulation.checkHealed()
            try simulation.checkLetsGo()
        } catch let error as Broken {
            broken = error.words
        } catch {
            broken = "unexpected: \(error)"
        }
        simulation.end()
        return SimulationResult(
            seed: seed, broken: broken, counts: simulation.allCounts(), trace: simulation.trace,
            traceHash: sha256(simulation.traceBytes))
    }

    func note(_ words: @autoclosure () -> String) {
        let line = "\(time.now.since(Self.start)) \(words())"
        traceBytes += Array(line.utf8) + [10]
        // A long run keeps only the hash.
        if traceBytes.count > 1 << 16 { traceBytes = sha256(traceBytes) }
        if options.keepsTrace { trace.append(line) }
    }

    func count(_ fault: Fault) { count(fault.rawValue) }

    func count(_ what: String) { counts[what, default: 0] += 1 }

    func isDue(_ fault: Fault) -> Bool {
        let often = options.only.isEmpty ? 1 : Self.onlyTimes
        let happens = faultChances[fault]?.happens(fault.perMille * often) ?? false
        return happens && !isHealing && options.allows(fault, seed: seed)
    }

    private func allCounts() -> [String: Int] {
        let disk = simdisk_counts()
        var all = counts
        all["diskCrashes"] = Int(disk.crashes)
        all["writesDropped"] = Int(disk.writes_dropped)
        all["writesTorn"] = Int(disk.writes_torn)
        all["writeErrors"] = Int(disk.write_errors)
        all["syncErrors"] = Int(disk.sync_errors)
        all["diskFulls"] = Int(disk.full)
        return all
    }

    private func end() {
        lines = []
        held = []
        bundles = []
        answers = []
        for laptop in laptops {
            laptop.disk.kill()
            laptop.book = nil
        }
        office.disk.kill()
        office.store = nil
    }

    // MARK: - The beginning

    private func found() throws {
        note("seed \(seed)")
        office.store = try OfficeStore.create(
            path: office.path, catalogue: Trade.catalogue(Trade.newest, isOffice: true),
            organisation: Draft(
                collection: "organisation", fields: [FieldValue(1, .text("晨光商贸"))]),
            surroundings: office.clock, disk: office.disk)
        guard let store = office.store else { return }
        try store.beginRun(office.clock)
        time.pass(1_000)
        try noteOrganisation(store)
        // Names stay readable in one of them for a while, in one for long, in one not at all.
        let days: [(String, Int64)] = [("north", 0), ("south", 1), ("fair", 3_000)]
        for (name, days) in days {
            var place: Stamp?
            try writeAtOffice("place \(name)") { writer in
                place = try writer.birth(
                    Draft(
                        collection: "place",
                        fields: [FieldValue(1, .text(name)), FieldValue(3, days.value)]))
                return ([place].compactMap { $0 }, nil)
            }
            if let place { places.append(place) }
        }
        for index in 0..<options.laptops { try enrol(index) }
        for laptop in laptops { try lendFirst(to: laptop, store) }
        simdisk_lie_about_sync(office.disk.number, options.mutation == .syncSkipped ? 1 : 0)
    }

    private func noteOrganisation(_ store: OfficeStore) throws {
        let record = try store.read { try $0.record($0.organisation, in: "organisation") }
        guard let record else { throw Broken("no organisation") }
        try model.add(
            Model.Judged(
                entry: Entry(
                    number: 1, person: nil, clock: office.clock.reading(),
                    changes: [
                        .birth(
                            Birth(
                                id: record.id, collection: record.collection, scope: record.scope,
                                fields: record.fields))
                    ]), at: record.at, uncertaintyMilliseconds: 0, arrived: record.at,
                isRefused: false), mayChange: false)
    }

    private func enrol(_ index: Int) throws {
        guard let store = office.store else { return }
        let clock = SimulatedClock(time, seed: chance.next())
        let name = "laptop\(index)"
        let secret = clock.randomBytes(32)
        let scopes = places.filter { _ in chance.below(3) > 0 }
        let person = Stamp(milliseconds: Int64(index) + 1, node: 7)
        try store.addLaptop(
            name: name, people: [person], scopes: scopes, code: name,
            now: office.clock.reading().wall)
        let key = try DeviceKey(bytes: clock.randomBytes(DeviceKey.sizeBytes))
        let enrolled = try store.enrol(
            Enrol(code: name, catalogue: 1, key: key), incarnation: chance.next() | 1,
            secret: secret,
            now: office.clock.reading().wall)
        let version =
            options.allows(.upgrade, seed: seed) ? 1 + UInt32(chance.below(3)) : Trade.newest
        let laptop = SimulatedLaptop(
            name: name, number: try store.laptopID(secret: secret) ?? 0, disk: newDisk(),
            clock: clock, person: person,
            keys: try clock.keys(store.key.personalKeys(ofSecret: sha256(secret)).bytes),
            version: version)
        laptop.book = try LaptopStore.create(
            path: laptop.path, catalogue: Trade.catalogue(version, isOffice: false),
            enrolled: enrolled, key: key, office: "head office", disk: laptop.disk)
        laptops.append(laptop)
    }

    /// A share of each place for each laptop, so that there is something to issue from the beginning.
    private func lendFirst(to laptop: SimulatedLaptop, _ store: OfficeStore) throws {
        for place in try store.scopes(of: laptop.name) where places.contains(place) {
            try writeAtOffice("a share for \(laptop.name)") { writer in
                ([try writer.birth(TradeMatters.share(1, for: laptop.name, at: place))], nil)
            }
        }
    }

    /// Head office's port, as a new exchange gets it.
    func officePort(_ store: OfficeStore) -> AnyOfficeStore {
        AnyOfficeStore(
            store: store, clock: office.clock, mutation: options.mutation, recorder: recorder,
            allScopes: places)
    }

    func newDisk() -> SimulatedDisk {
        nextDisk += 1
        precondition(nextDisk < 250, "a simulation of so many disks")
        return SimulatedDisk(nextDisk)
    }
}
