import CSimulatedDisk
import DaybookModel
import DaybookProtocol
import DaybookStorage

/// What goes wrong.
extension Simulation {
    func disturb() throws {
        let laptop = laptops[chance.below(laptops.count)]
        try disturbClocks(laptop)
        try disturbScopes(laptop)
        try disturbDisks(laptop)
        if isDue(.partition) {
            count(.partition)
            laptop.isCutOff.toggle()
            lines.removeAll { $0.laptop === laptop }
        }
        if chance.below(8) == 0,
            let late = chance.pick(held.filter { $0.holding != .reordered || $0.isOvertaken })
        {
            if let fault = late.holding { count(fault) }
            held.removeAll { $0 === late }
            note("\(late.laptop.name)'s request comes late or again")
            lines.append(late)
        }
        try carry(laptop)
        if isDue(.upgrade), laptop.version < Trade.newest, laptop.book != nil {
            count(.upgrade)
            laptop.version += 1
            note("\(laptop.name) is upgraded to \(laptop.version)")
            try reopen(laptop)
        }
        try renewKey(laptop)
        if isDue(.bitRot), let book = laptop.book {
            if try book.damage(place: chance.next()) {
                count(.bitRot)
                laptop.isRotten = true
            }
        }
    }

    private func renewKey(_ laptop: SimulatedLaptop) throws {
        guard isDue(.keyRenewed), let book = laptop.book else { return }
        do {
            let isNew = try book.renewKey(olderThan: .zero) {
                laptop.clock.randomBytes(DeviceKey.sizeBytes)
            }
            guard isNew else { return }
            count(.keyRenewed)
            note("\(laptop.name) has a new key")
        } catch is BookFault {
            try restartTheDead()
        }
    }

    private func disturbClocks(_ laptop: SimulatedLaptop) throws {
        let far: [Int64] = [
            -7_000, 90_000, -86_400_000, 31_536_000_000, -30 * 31_536_000_000, 20 * 31_536_000_000,
        ]
        if isDue(.clockWrong), let offset = chance.pick(far) {
            count(.clockWrong)
            laptop.clock.set(offset: offset, rateMillionths: 1_000_000)
            note("\(laptop.name)'s clock is wrong by \(offset)")
        }
        if isDue(.clockJump) {
            count(.clockJump)
            laptop.clock.set(
                offset: Int64(chance.below(7_200_000)) - 3_600_000, rateMillionths: 1_000_000)
            note("\(laptop.name)'s clock jumps")
        }
        if isDue(.clockSpeed) {
            count(.clockSpeed)
            laptop.clock.set(offset: 0, rateMillionths: Int64(500_000 + chance.below(1_000_000)))
            note("\(laptop.name)'s clock runs at another speed")
        }
    }

    private func disturbScopes(_ laptop: SimulatedLaptop) throws {
        guard let store = office.store else { return }
        var scopes = try store.scopes(of: laptop.name).filter(places.contains)
        let missing = places.filter { !scopes.contains($0) }
        if isDue(.scopeLost), !scopes.isEmpty {
            count(.scopeLost)
            scopes.remove(at: chance.below(scopes.count))
        } else if isDue(.scopeGained), let gained = chance.pick(missing) {
            count(.scopeGained)
            scopes.append(gained)
        } else if isDue(.scopesSwapped), let gained = chance.pick(missing), !scopes.isEmpty {
            count(.scopesSwapped)
            scopes[chance.below(scopes.count)] = gained
        } else {
            return
        }
        do {
            try store.setScopes(of: laptop.name, to: scopes)
        } catch is BookFault {
            try restartTheDead()
        }
        note("\(laptop.name) has the scopes \(scopes)")
    }

    // MARK: - Disks and life

    /// Faults at one of the next operations of a disk.
    func armDisks() {
        let disks = [office.disk] + laptops.map(\.disk)
        let disk = disks[chance.below(disks.count)]
        let operations = 1 + chance.below(12)
        if isDue(.diskFull) { disk.arm(SIMDISK_FULL, after: operations) }
        if isDue(.writeError) { disk.arm(SIMDISK_WRITE_ERROR, after: operations) }
        if isDue(.syncError) { disk.arm(SIMDISK_SYNC_ERROR, after: 1 + operations / 4) }
        let crash: Fault = disk.number == office.disk.number ? .officeCrash : .laptopCrash
        if isDue(crash) { disk.arm(SIMDISK_CRASH, after: operations) }
    }

    /// After a step: what was armed happened, or is taken back.
    func noteFaults() throws {
        try restartTheDead()
        for disk in [office.disk] + laptops.map(\.disk) { _ = disk.disarm() }
    }

    func restartTheDead() throws {
        if office.disk.isDead { try crashOffice() }
        for laptop in laptops where laptop.disk.isDead { try crash(laptop) }
    }

    func crash(_ laptop: SimulatedLaptop) throws {
        count(.laptopCrash)
        note("\(laptop.name) crashes")
        laptop.disk.kill()
        laptop.book = nil
        lines.removeAll { $0.laptop === laptop }
        laptop.disk.restart()
        if chance.below(2) == 0 { laptop.clock.reboot() }
        try reopen(laptop)
    }

    func reopen(_ laptop: SimulatedLaptop) throws {
        laptop.book = nil
        lines.removeAll { $0.laptop === laptop && !$0.isLate }
        held.removeAll { $0.laptop === laptop }
        try laptop.open()
        for written in laptop.written.suffix(3) where !written.mayBeGone {
            for stamp in written.births {
                guard let book = laptop.book, try isThere(stamp, laptop, book) else {
                    throw Broken("\(laptop.name) has lost \(stamp), which was \(written.words)")
                }
            }
        }
    }

    /// Written here and kept, or with head office.
    private func isThere(
        _ stamp: Stamp, _ laptop: SimulatedLaptop, _ book: LaptopStore
    ) throws -> Bool {
        if try book.wrote(stamp) { return true }
        let name = try book.currentName(of: stamp)
        if name != stamp { return true }
        return try office.store?.read { try $0.provenance(of: stamp) } != nil
    }

    func crashOffice() throws {
        count(.officeCrash)
        note("head office crashes")
        office.disk.kill()
        office.store = nil
        lines = []
        office.disk.restart()
        try openOffice()
        for laptop in laptops {
            guard let incarnation = try laptop.book?.identity().incarnation,
                let known = try office.store?.laptop(laptop.number, incarnation: incarnation)
            else { continue }
            guard known.acknowledgedPosting >= acknowledged[incarnation] ?? 0 else {
                throw Broken(
                    "head office acknowledged posting \(acknowledged[incarnation] ?? 0) of "
                        + "\(laptop.name) and has \(known.acknowledgedPosting)")
            }
        }
    }

    func openOffice() throws {
        time.pass(1_000)
        office.store = nil
        lines = []
        try office.open()
        note("head office begins a run")
        try learnDoubtful()
    }
}
