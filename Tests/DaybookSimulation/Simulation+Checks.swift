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
            repeat {
                try openLine(laptop)
                while let line = lines.first { try move(line) }
            } while laptop.hasNews
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
                if after?.shown != before || unanswered || laptop.hasNews
                    || !laptop.repair.comparing.isEmpty
                {
                    isQuiet = false
                }
            }
            quiet = isQuiet ? quiet + 1 : 0
            if round == 59 { throw Broken("the queues do not drain") }
        }
    }

}
