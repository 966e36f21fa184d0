import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// What a user wrote, by the stamps that the book drew for it.
struct Written {
    let births: [Stamp]
    let edits: [Stamp]
    let words: String
    var stamps: [Stamp] { births + edits }
    /// Set when a disk was taken away under it that alone may have held it.
    var mayBeGone = false
}

/// One laptop: a disk, clocks, and a person who writes.
final class SimulatedLaptop {
    let name: String
    /// Head office's own number for it.
    let number: Int64
    let disk: SimulatedDisk
    let clock: SimulatedClock
    let person: Stamp
    /// What its people have unlocked.
    let keys: PersonalKeys
    var version: UInt32
    var book: LaptopStore?
    var isCutOff = false
    /// Its disk has changed a record: until it is mended it may show anything.
    var isRotten = false
    var written: [Written] = []
    var snapshot: (disk: SimulatedDisk, writtenCount: Int, version: UInt32)?
    var repair = Repair()
    /// Head office has something to say: it is asked in a whole exchange.
    var hasNews = false
    var path: String { disk.path("book.daybook") }

    init(
        name: String, number: Int64, disk: SimulatedDisk, clock: SimulatedClock, person: Stamp,
        keys: PersonalKeys, version: UInt32
    ) {
        self.keys = keys
        self.name = name
        self.number = number
        self.disk = disk
        self.clock = clock
        self.person = person
        self.version = version
    }

    func open() throws {
        book = try LaptopStore.open(
            path: path, catalogue: Trade.catalogue(version, isOffice: false), disk: disk)
    }
}

/// Head office: a disk, and clocks that are right.
final class SimulatedOffice {
    let disk: SimulatedDisk
    let clock: SimulatedClock
    var store: OfficeStore?
    /// Copies of its disk, the newest last.
    var snapshots: [SimulatedDisk] = []
    var path: String { disk.path("office.daybook") }

    init(disk: SimulatedDisk, clock: SimulatedClock) {
        self.disk = disk
        self.clock = clock
    }

    func open() throws {
        let store = try OfficeStore.open(
            path: path, catalogue: Trade.catalogue(Trade.newest, isOffice: true), disk: disk)
        try store.beginRun(clock)
        self.store = store
    }
}
