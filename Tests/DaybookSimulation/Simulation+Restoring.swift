import CSimulatedDisk
import DaybookModel
import DaybookProtocol
import DaybookStorage

/// Disks that are put back, copied or lost.
extension Simulation {
    func disturbDisks(_ laptop: SimulatedLaptop) throws {
        guard let book = laptop.book else { return }
        if chance.below(40) == 0, laptop.snapshot == nil, nextDisk < 200 {
            laptop.snapshot = (newDisk(), laptop.written.count, laptop.version)
            if let copy = laptop.snapshot?.disk { laptop.disk.copy(to: copy) }
        }
        if chance.below(25) == 0, nextDisk < 200 {
            let copy = newDisk()
            office.disk.copy(to: copy)
            office.snapshots.append(copy)
        }
        if isDue(.backup), nextDisk < 200 { try backUp() }
        if isDue(.laptopRestored), laptop.snapshot != nil {
            count(.laptopRestored)
            try restore(laptop)
        }
        if isDue(.laptopCloned), laptops.count < options.laptops + 2, nextDisk < 200 {
            count(.laptopCloned)
            try clone(laptop, book)
        }
        if isDue(.officeRestored), let copy = office.snapshots.first {
            count(.officeRestored)
            try restoreOffice(from: copy)
        }
        if isDue(.failover), let copy = office.snapshots.last {
            count(.failover)
            try restoreOffice(from: copy)
        }
        if isDue(.bothRestored), let copy = office.snapshots.first, laptop.snapshot != nil {
            count(.bothRestored)
            try restore(laptop)
            try restoreOffice(from: copy)
        }
        if isDue(.nodeTwice) {
            if try giveNodeTwice(laptop) { count(.nodeTwice) }
        }
    }

    private func backUp() throws {
        guard let store = office.store else { return }
        let copy = newDisk()
        do {
            let mark = try store.backUp(to: copy.path("office.daybook"), disk: copy)
            count(.backup)
            note("head office is backed up through \(mark.sequence)")
            // Older copies are gone: what is restored is the last backup or newer.
            office.snapshots = [copy]
        } catch is BookFault {
            try restartTheDead()
        }
    }

    /// The disk broke, and an older copy of the book was put on another.
    private func restore(_ laptop: SimulatedLaptop) throws {
        guard let snapshot = laptop.snapshot else { return }
        note("\(laptop.name) is restored")
        laptop.disk.kill()
        laptop.book = nil
        lines.removeAll { $0.laptop === laptop }
        held.removeAll { $0.laptop === laptop }
        snapshot.disk.copy(to: laptop.disk)
        laptop.snapshot = nil
        // What only that disk had is gone with it.
        for index in snapshot.writtenCount..<max(snapshot.writtenCount, laptop.written.count) {
            laptop.written[index].mayBeGone = true
        }
        laptop.version = snapshot.version
        laptop.repair = .init()
        laptop.clock.reboot()
        try reopen(laptop)
    }

    /// Somebody copied the disk into a second laptop, and both go on.
    private func clone(_ laptop: SimulatedLaptop, _ book: LaptopStore) throws {
        note("\(laptop.name) is cloned")
        let copy = newDisk()
        laptop.disk.copy(to: copy)
        let clock = SimulatedClock(time, seed: chance.next())
        let other = SimulatedLaptop(
            name: laptop.name, number: laptop.number, disk: copy, clock: clock,
            person: laptop.person, keys: try clock.keys(laptop.keys.bytes),
            version: laptop.version)
        try other.open()
        laptops.append(other)
    }

    private func restoreOffice(from copy: SimulatedDisk) throws {
        note("head office is restored")
        office.disk.kill()
        office.store = nil
        lines = []
        copy.copy(to: office.disk)
        simdisk_lie_about_sync(office.disk.number, options.mutation == .syncSkipped ? 1 : 0)
        hasRegressed = true
        // Later copies are of a head office that is no more.
        office.snapshots = [copy]
        acknowledged = [:]
        for index in officeWritten.indices { officeWritten[index].mayBeGone = true }
        try openOffice()
    }

    /// Two laptops draw stamps from one node, as after a head office that forgot whom it gave it to.
    private func giveNodeTwice(_ laptop: SimulatedLaptop) throws -> Bool {
        guard let other = laptops.first(where: { $0 !== laptop }), let book = laptop.book,
            let twin = other.book, try book.takeNode(of: twin)
        else { return false }
        note("\(laptop.name) and \(other.name) have one node")
        return true
    }
}
