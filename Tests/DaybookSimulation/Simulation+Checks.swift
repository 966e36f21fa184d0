import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// The laws.
extension Simulation {
    /// Two records of one entry are seen both or not at all.
    func checkMeanwhile() throws {
        // While laptops return what head office lost, states come back one by one; and of an entry that no disk
        // has any more half may be all that there is.
        guard !hasRegressed || isHealing else { return }
        var halves = try office.store?.regainedWithoutEntry() ?? []
        // What was named anew may have a name that another drew as well.
        for laptop in laptops { halves.formUnion(try laptop.book?.newNames() ?? []) }
        for laptop in laptops {
            guard let book = laptop.book, isHealing || !laptop.isRotten else { continue }
            let status = try book.status()
            let shown = Set(status.scopes.filter { $0.isShown && !$0.isLost }.map(\.scope))
            // While laptops return what head office lost, states come back one by one.
            for pair in pairs
            where halves.union(drawnTwice).isDisjoint(with: [pair.gift, pair.tally]) {
                let (gift, tally) = try book.read { view in
                    (
                        try view.record(pair.gift, in: "gift"),
                        try view.record(pair.tally, in: "tally")
                    )
                }
                guard let scope = gift?.scope ?? tally?.scope, shown.contains(scope),
                    (gift == nil) != (tally == nil)
                else { continue }
                let other = model.scope(of: gift == nil ? pair.gift : pair.tally)
                guard let other, shown.contains(other) else { continue }
                throw Broken("\(laptop.name) sees half of an entry: \(pair)")
            }
        }
    }

    /// What head office has in memory for a laptop at a time: a page, or the leaves of one comparison. A few
    /// kilobytes, with so few users; that the real ones are bounded is measured with real processes.
    static let saidBytesMax = 32 << 10
    /// An answer ends.
    static let answerBytesMax = 256 << 10
    /// Welcome, moment with its digests, done.
    private static let idleAnswerBytesMax = 600

    /// Law 7: what a laptop may not hold is not even sent.
    func checkGranted(
        _ page: FeedPage, to granted: Set<Stamp>, _ laptop: SimulatedLaptop
    ) throws {
        guard granted.contains(page.scope) else {
            throw Broken("\(laptop.name) is sent \(page.scope), which it may not hold")
        }
    }

    /// Law 7: after a whole exchange a laptop holds what it might when the exchange began, and its own.
    func checkHeld(_ line: Line, _ outcome: ExchangeOutcome) throws {
        guard outcome.ending == .complete, outcome.sawMoment, let granted = line.granted,
            let book = line.laptop.book
        else { return }
        for record in try book.servedRecords().values where !granted.contains(record.scope) {
            throw Broken("\(line.laptop.name) still holds \(record.id) of \(record.scope)")
        }
    }

    /// Law 5: nothing happened after it was accepted, or was accepted later than now.
    func checkTimes(_ posting: Posting, _ verdicts: Verdicts) throws {
        let now = office.clock.reading().wall
        guard verdicts.arrived <= now else { throw Broken("accepted at \(verdicts.arrived)") }
        for (entry, correction) in zip(posting.entries, verdicts.corrections) {
            let at = entry.clock.wall.adding(milliseconds: correction)
            guard at <= now else { throw Broken("entry \(entry.number) happened at \(at)") }
        }
    }

    /// What head office says of an entry for the first time, against what the laws and the real time say.
    func checkJudged(
        _ entry: Entry, _ index: Int, one incoming: IncomingPosting, _ verdicts: Verdicts,
        isKnown: Bool
    ) throws {
        guard !isKnown else { return }
        let refused = verdicts.refused.first { $0.entry == entry.number }
        var isForbidden = false
        var isElsewhere = false
        for case .edit(let edit) in entry.changes {
            isForbidden = isForbidden || edit.value == .text(Trade.forbidden)
        }
        let scopes = Set(incoming.laptop.scopes)
        for change in entry.changes {
            let record: Stamp? =
                switch change {
                case .birth: nil
                case .edit(let edit): edit.record
                case .removal(let removal): removal.record
                }
            guard let record else { continue }
            guard let scope = model.scope(of: record) else { return }
            isElsewhere = isElsewhere || !scopes.contains(scope)
        }
        guard (refused != nil) == (isForbidden || isElsewhere) else {
            throw Broken(
                "entry \(entry.number) of \(incoming.laptop.name) is \(refused == nil ? "not " : "")"
                    + "refused: forbidden \(isForbidden), elsewhere \(isElsewhere)")
        }
        try checkTime(entry, verdicts.corrections[index], incoming)
    }

    /// Law 5: within one boot head office knows when it happened, as well as the line was quick.
    private func checkTime(
        _ entry: Entry, _ correction: Int64, _ incoming: IncomingPosting
    ) throws {
        guard entry.clock.boot == incoming.sent.boot, incoming.sentAt == incoming.arrived,
            let written = time.real(entry.clock), let sent = time.real(incoming.sent)
        else { return }
        let at = entry.clock.wall.adding(milliseconds: correction)
        let onTheWay = incoming.sentAt.since(sent)
        guard (-5_000...onTheWay + 5_000).contains(at.since(written)) else {
            throw Broken(
                "entry \(entry.number) of \(incoming.laptop.name) was written at \(written), and head "
                    + "office has it at \(at)")
        }
    }

    /// Law 9: when nothing is new, an exchange is small.
    private func checkIdle(_ laptop: SimulatedLaptop) throws {
        guard lastAnswerBytes <= Self.idleAnswerBytesMax else {
            throw Broken("an idle answer to \(laptop.name) has \(lastAnswerBytes) bytes")
        }
    }

    /// After a backup no laptop keeps anything for head office.
    func checkLetsGo() throws {
        guard let store = office.store else { return }
        let copy = newDisk()
        _ = try store.backUp(to: copy.path("office.daybook"), disk: copy)
        for laptop in laptops {
            time.pass(5_000)
            try openLine(laptop)
            while let line = lines.first { try move(line) }
            try checkIdle(laptop)
            guard let status = try laptop.book?.status() else { continue }
            guard status.kept == 0, status.unanswered == 0 else {
                throw Broken(
                    "\(laptop.name) keeps \(status.kept) though a backup holds them, and "
                        + "\(status.unanswered) unanswered")
            }
        }
    }

    /// Everything goes on as it should, until nothing is left to say.
    func heal() throws {
        isHealing = true
        note("everything heals")
        try noteFaults()
        held = []
        lines = []
        bundles = []
        answers = []
        for laptop in laptops { laptop.isCutOff = false }
        var quiet = 0
        for round in 0..<60 {
            // Two quiet rounds: what the last laptop brought has reached the first.
            guard quiet < 2 else { return }
            var isQuiet = true
            for laptop in laptops {
                time.pass(5_000)
                let before = try laptop.book?.status().shown
                try openLine(laptop)
                while let line = lines.first { try move(line) }
                let after = try laptop.book?.status()
                let unanswered = try laptop.book?.hasUnanswered() ?? true
                if after?.shown != before || unanswered || !laptop.repair.comparing.isEmpty {
                    isQuiet = false
                }
            }
            quiet = isQuiet ? quiet + 1 : 0
            if round == 59 { throw Broken("the queues do not drain") }
        }
    }

    func checkHealed() throws {
        guard let store = office.store else { throw Broken("no head office") }
        let records = try store.allRecords()
        try checkWritten(store, records)
        try checkNothingTwice()
        try checkModel(store, records)
        try checkBooks(store, records)
        try checkMeanwhile()
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
        for id in ids.sorted()
        where records[id].map(Canonical.bytes) != wanted[id].map(Canonical.bytes) {
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
            let scopes = try store.scopes(of: laptop.name)
            let own = try book.recomputedDigests()
            for scope in scopes where own[scope] ?? Digest() != office[scope] ?? Digest() {
                let theirs = try book.servedRecords()
                let ids = Set(theirs.keys).union(records.keys).filter { id in
                    (theirs[id] ?? records[id])?.scope == scope
                        && theirs[id].map(Canonical.bytes) != records[id].map(Canonical.bytes)
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
