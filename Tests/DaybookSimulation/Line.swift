import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// One exchange under way: bytes that go to head office, and bytes that come back.
final class Line {
    let laptop: SimulatedLaptop
    /// Nil for a request that comes late or again: nobody listens to its answer.
    var exchange: LaptopExchange<AnyLaptopBook>?
    let request: [UInt8]
    var requestSent = 0
    var office: OfficeExchange<AnyOfficeStore>?
    var officeReader = FrameReader()
    /// Waits for the desk's next commit.
    var waiting: IncomingPosting?
    var isFeeding = false
    var hasAnswered = false
    var answer: [UInt8] = []
    var answerTaken = 0
    var laptopReader = FrameReader()
    var isLate: Bool { exchange == nil }

    init(_ laptop: SimulatedLaptop, _ exchange: LaptopExchange<AnyLaptopBook>, isLate: Bool) throws
    {
        self.laptop = laptop
        self.exchange = isLate ? nil : exchange
        request = try exchange.request().flatMap { $0 }
    }
}

/// The laptop's port, with a law broken on purpose or none.
struct AnyLaptopBook: LaptopBook {
    let book: LaptopStore
    let mutation: Mutation?
    let write: @Sendable () throws -> Void

    func hello(clock: ClockReading) throws -> Hello { try book.hello(clock: clock) }

    func postingsToSend(most: Int) throws -> [SealedPosting] {
        let sealed = try book.postingsToSend(most: most)
        if mutation == .postingDoubled, sealed.contains(where: { $0.number % 3 == 0 }) {
            try write()
        }
        return sealed
    }

    func framesToReturn(most: Int) throws -> ReturningFrames {
        try book.framesToReturn(most: most)
    }

    func take(_ welcome: Welcome, clock: ClockReading, isOfFile: Bool) throws {
        try book.take(welcome, clock: clock, isOfFile: isOfFile)
    }

    func take(_ verdicts: Verdicts, raw: [UInt8], clock: ClockReading) throws {
        try book.take(verdicts, raw: raw, clock: clock)
    }

    func take(_ taken: Taken, of frames: ReturningFrames) throws {
        try book.take(taken, of: frames)
    }

    func noteFork() throws { try book.noteFork() }

    func stage(_ page: FeedPage, raw: [UInt8]) throws {
        guard mutation == .cursorWithoutPage, page.through % 2 == 0 else {
            try book.stage(page, raw: raw)
            if mutation == .momentsTorn { try showTorn(page) }
            return
        }
        try book.stage(
            FeedPage(
                scope: page.scope, run: page.run, after: page.after, through: page.through,
                served: [], removed: []), raw: raw)
    }

    func show(_ moment: WholeMoment) throws -> [Stamp] { try book.show(moment) }

    func recount(_ scope: Stamp) throws { try book.recount(scope) }

    /// A laptop that does not look into differences shows what a mutation broke.
    func compare(_ compared: Compared) throws -> Comparison {
        mutation == nil ? try book.compare(compared) : Comparison()
    }

    func hasUnanswered() throws -> Bool { try book.hasUnanswered() }

    private func showTorn(_ page: FeedPage) throws {
        _ = try book.show(
            WholeMoment(cursor: Cursor(run: page.run, sequence: page.through), digests: [:]))
    }
}

/// Head office's port, with a law broken on purpose or none.
struct AnyOfficeStore: HeadOfficeStore {
    let store: OfficeStore
    let clock: SimulatedClock
    let mutation: Mutation?

    var catalogueVersion: UInt32 { store.catalogueVersion }
    var run: Cursor { store.run }
    func end(ofRun run: UInt64) throws -> UInt64? { try store.end(ofRun: run) }

    func laptop(_ id: Int64, incarnation: UInt64) throws -> KnownLaptop? {
        try store.laptop(id, incarnation: incarnation)
    }

    func newNode(for laptop: KnownLaptop) throws -> Int64 { try store.newNode(for: laptop) }

    func newIncarnation(
        for laptop: KnownLaptop
    ) throws -> (incarnation: UInt64, node: Int64) { try store.newIncarnation(for: laptop) }

    func backupMark() throws -> UInt64 { try store.backupMark() }

    func regressed(to base: UInt64, seenBy laptop: KnownLaptop) throws {
        try store.regressed(to: base, seenBy: laptop)
    }

    func regain(_ page: ReturnedPage, from laptop: KnownLaptop) throws -> UInt64 {
        try store.regain(page, from: laptop)
    }

    func heard(
        from laptop: Int64, at moment: Moment, clockErrorMilliseconds: Int64
    ) throws {
        try store.heard(
            from: laptop, at: moment, clockErrorMilliseconds: clockErrorMilliseconds)
    }

    func record(_ postings: [IncomingPosting]) throws -> [PostingAnswer] {
        if mutation == .answeredUnrecorded, let answers = unrecorded(postings) { return answers }
        let answers = try store.record(postings)
        if mutation == .lastArrivalWins { try overwriteDisputes() }
        return answers
    }

    /// Verdicts that nothing stands behind.
    private func unrecorded(_ postings: [IncomingPosting]) -> [PostingAnswer]? {
        guard postings.count == 1, let received = postings.first?.received,
            received.posting.number % 4 == 0
        else { return nil }
        let entries = received.posting.entries
        return [
            .success(
                Verdicts(
                    posting: received.posting.number, hash: received.hash,
                    firstEntry: entries[0].number,
                    corrections: entries.map { _ in 0 }, uncertainties: entries.map { _ in 0 },
                    sequence: store.run.sequence, refused: [], nameTaken: [],
                    arrived: postings[0].arrived))
        ]
    }

    private func overwriteDisputes() throws {
        let disputed = try store.read { view in
            var disputed: [(Stamp, Value?)] = []
            try view.forEach(in: "task") { task in
                if task.disputes.contains(where: { $0.tag == 3 }) {
                    disputed.append((task.id, task.fields.value(3)))
                }
            }
            return disputed
        }
        for (task, value) in disputed {
            try store.write(person: nil, clock: clock.reading()) {
                try $0.edit(task, in: "task", field: "note", to: value, settling: true)
            }
        }
    }

    func page(
        scope: Stamp, after: UInt64, isGaining: Bool, for laptop: KnownLaptop
    ) throws -> FeedRead {
        try store.page(scope: scope, after: after, isGaining: isGaining, for: laptop)
    }

    func moment(
        cursors: [Stamp: UInt64], gaining: Set<Stamp>, comparing: [Compare],
        for laptop: KnownLaptop
    ) throws -> MomentRead? {
        try store.moment(
            cursors: cursors, gaining: gaining, comparing: comparing, for: laptop)
    }
}
