import CSimulatedDisk
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// What must hold when everything has healed.
extension Simulation {
    func checkHealed() throws {
        guard let store = office.store else { throw Broken("no head office") }
        let records = try store.allRecords()
        try checkWritten(store, records)
        try checkNothingTwice()
        try checkModel(store, records)
        try checkBooks(store, records)
        try checkMeanwhile()
        try checkMatters()
    }

    /// No user's entry vanished: it is with head office under its name, or the one that it has now.
    private func checkWritten(_ store: OfficeStore, _ records: [Stamp: Record]) throws {
        var known: Set<Stamp> = []
        for laptop in laptops {
            guard let book = laptop.book else { continue }
            let refused = Set(try book.readInbox().map(\.stamp))
            for written in laptop.written where !written.mayBeGone {
                for stamp in written.stamps {
                    let name = try book.currentName(of: stamp)
                    known.insert(name)
                    // Under a name that was taken head office has another's.
                    let source = try store.read { try $0.provenance(of: name) }
                    guard source?.person == laptop.person else {
                        throw Broken(
                            "\(laptop.name)'s \(written.words) vanished: \(stamp), now \(name)")
                    }
                }
                for edit in written.edits {
                    let name = try book.currentName(of: edit)
                    if model.isRefused(name), !refused.contains(name), !wasMoved(laptop) {
                        throw Broken("\(laptop.name) cannot read why \(edit) was refused")
                    }
                }
            }
        }
        for written in officeWritten where !written.mayBeGone {
            for stamp in written.stamps
            where try store.read({ try $0.provenance(of: stamp) }) == nil {
                throw Broken("head office's \(written.words) vanished: \(stamp)")
            }
        }
    }

    /// Nothing is there that nobody wrote: what is written once is there once.
    private func checkNothingTwice() throws {
        if let twice = try office.store?.entriesTwice().first {
            throw Broken("an entry is there twice, once as \(twice)")
        }
        let shareNames: [Fault] = [.nodeTwice, .laptopRestored, .laptopCloned, .bothRestored]
        if !shareNames.contains(where: { counts[$0.rawValue] != nil }) {
            guard try office.store?.recovery().renamed.isEmpty ?? true else {
                throw Broken("a record is born anew though nobody took its name")
            }
        }
        guard !hasRenamed else { return }
        let names = Set(laptops.map(\.person))
        for judged in model.entries.values where judged.entry.person.map(names.contains) ?? false {
            for case .birth(let birth) in judged.entry.changes
            where !everWritten.contains(birth.id) {
                throw Broken("nobody wrote \(birth.id), and head office has it")
            }
        }
    }

    /// A book that was copied or put back may have read its refusals in another life.
    private func wasMoved(_ laptop: SimulatedLaptop) -> Bool {
        counts[Fault.laptopRestored.rawValue] != nil || counts[Fault.laptopCloned.rawValue] != nil
            || counts[Fault.bothRestored.rawValue] != nil || hasRegressed
    }

    /// Head office's records are those of the model, to the last head.
    private func checkModel(_ store: OfficeStore, _ records: [Stamp: Record]) throws {
        let byState = try store.regainedWithoutEntry()
        let wanted = try model.records { entry in
            guard let first = entry.changes.first?.stamp else { return true }
            // A removal by a head office that forgot it since is known by its effect only.
            if case .removal(let removal)? = entry.changes.first, first == OfficeOwn.removal {
                return !hasRegressed || records[removal.record] == nil
            }
            return try !hasRegressed || store.has(entry)
        }
        let ids = Set(wanted.keys).union(records.keys).subtracting(byState)
        // A state that came back without its entry does not say whose it was.
        let form = hasRegressed ? Canonical.told : { Canonical.bytes(of: $0) }
        for id in ids.sorted() where records[id].map(form) != wanted[id].map(form) {
            // Of a head office that lost its own entries only what they led to is known.
            if hasRegressed, try store.wasRegained(id) { continue }
            throw Broken(
                "\(id): head office has\n  \(Self.words(records[id]))\nwhere the laws want\n"
                    + "  \(Self.words(wanted[id]))")
        }
    }

    private static func words(_ record: Record?) -> String {
        guard let record else { return "nothing" }
        let heads = record.heads.map { held in
            "\(held.tag): \(held.shown) at \(held.shownTime) over "
                + held.others.map { "\($0.stamp) \($0.value.map { "\($0)" } ?? "-")" }
                .joined(separator: ", ")
        }
        let fields = record.fields.map { "\($0.tag)=\($0.value)" }
        return "\(record.collection) at \(record.at) \(fields) heads \(heads)"
    }

    /// What a book keeps as a sum is the sum of its rows.
    private func checkFolds(
        _ whose: String, _ read: ((any BookView) throws -> Void) throws -> Void
    ) throws {
        try read { view in
            var sums: [Stamp: Int64] = [:]
            try view.forEach(in: "tally") { tally in
                if case .integer(let number)? = tally.fields.value(2) {
                    sums[tally.scope, default: 0] += number
                }
            }
            for place in places {
                let kept = try view.fold("total", [place.value])
                guard kept == sums[place] ?? 0 else {
                    throw Broken("\(whose) keeps \(kept) for \(place), not \(sums[place] ?? 0)")
                }
            }
        }
    }

    private func checkBooks(_ store: OfficeStore, _ records: [Stamp: Record]) throws {
        let office = try store.recomputedDigests()
        guard try store.keptDigests().filter({ $0.value.count > 0 }) == office else {
            throw Broken("head office's digests are not those of its rows")
        }
        try checkFolds("head office") { try store.read($0) }
        for laptop in laptops {
            guard let book = laptop.book else { continue }
            guard simdisk_holds(laptop.disk.number, Trade.named) == 0 else {
                throw Broken("\(laptop.name)'s disk names persons")
            }
            let scopes = try store.scopes(of: laptop.name)
            let own = try book.recomputedDigests()
            for scope in scopes where own[scope] ?? Digest() != office[scope] ?? Digest() {
                let theirs = try book.servedRecords()
                let ids = Set(theirs.keys).union(records.keys).filter { id in
                    (theirs[id] ?? records[id])?.scope == scope
                        && theirs[id].map(Canonical.told) != records[id].map(Canonical.told)
                }
                throw Broken(
                    "\(laptop.name) differs in \(scope): "
                        + ids.sorted().map { id in
                            "\(id) is \(Self.words(theirs[id])), "
                                + "at head office \(Self.words(records[id]))"
                        }.joined(separator: "; "))
            }
            for scope in own.keys where !scopes.contains(scope) {
                throw Broken("\(laptop.name) holds records of \(scope), which it may not")
            }
            try checkFolds(laptop.name) { try book.read($0) }
            let differing = try book.status().scopes.filter(\.differs)
            guard differing.isEmpty else { throw Broken("\(laptop.name) says that it differs") }
        }
    }
}

extension Model {
    func scope(of id: Stamp) -> Stamp? {
        for judged in entries.values {
            for case .birth(let birth) in judged.entry.changes where birth.id == id {
                return birth.scope
            }
        }
        return nil
    }

    func isRefused(_ stamp: Stamp) -> Bool {
        entries.values.contains { judged in
            judged.isRefused && judged.entry.changes.contains { $0.stamp == stamp }
        }
    }
}
