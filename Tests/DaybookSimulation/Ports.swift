import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Synchronization

// The ports of both ends, with a law broken on purpose or none.

/// The laptop's port, with a law broken on purpose or none.
struct AnyLaptopBook: LaptopBook {
    let book: LaptopStore
    let mutation: Mutation?
    /// Writes an entry that nobody meant.
    let write: @Sendable () throws -> Void

    func hello(clock: ClockReading) throws -> Hello {
        var hello = try book.hello(clock: clock)
        if mutation == .cursorForgotten {
            hello.scopes = hello.scopes.mapValues { _ in 0 }
            hello.scopesName = nil
        }
        return hello
    }

    func still(clock: ClockReading) throws -> Still? { try book.still(clock: clock) }

    func takeQuiet(at officeTime: Moment, clock: ClockReading) throws {
        try book.takeQuiet(at: officeTime, clock: clock)
    }

    func postingsToSend(after number: UInt64, most: Int) throws -> [SealedPosting] {
        let sealed = try book.postingsToSend(after: number, most: most)
        if mutation == .postingDoubled, sealed.contains(where: { $0.number % 3 == 0 }) {
            try write()
        }
        return sealed
    }

    func framesToReturn(after name: Int64, most: Int) throws -> ReturningFrames {
        try book.framesToReturn(after: name, most: most)
    }

    func take(
        _ welcome: Welcome, clock: ClockReading, isOfFile: Bool
    ) throws -> AnswerUse {
        try book.take(welcome, clock: clock, isOfFile: isOfFile)
    }

    func take(_ verdicts: Verdicts, raw: [UInt8]) throws {
        try book.take(verdicts, raw: raw)
    }

    func take(_ taken: Taken, of frames: ReturningFrames) throws {
        try book.take(taken, of: frames)
    }

    func noteFork() throws { try book.noteFork() }

    func noteKeyForgotten() throws { try book.noteKeyForgotten() }

    func stage(_ page: FeedPage, raw: [UInt8]) throws {
        let served: [FeedPage.Served]
        switch mutation {
        case .cursorWithoutPage where page.through % 2 == 0: served = []
        case .unknownDropped:
            served = page.served.filter { book.catalogue[tag: $0.record.collection] != nil }
        case .entryTorn:
            served = page.served.filter { $0.record.collection != Trade.giftTag }
        default: served = page.served
        }
        try book.stage(
            FeedPage(
                scope: page.scope, run: page.run, after: page.after, through: page.through,
                served: served, removed: mutation == .cursorWithoutPage ? [] : page.removed),
            raw: raw)
    }

    func show(_ moment: WholeMoment) throws -> [Stamp] { try book.show(moment) }

    func recount(_ scope: Stamp) throws { try book.recount(scope) }

    /// A laptop that does not look into differences shows what a mutation broke.
    func compare(_ compared: Compared) throws -> Comparison {
        mutation?.keepsFromRepair == true ? Comparison() : try book.compare(compared)
    }

    func hasUnanswered() throws -> Bool { try book.hasUnanswered() }
}

/// What head office recorded, for the model to learn from.
final class Recorder: Sendable {
    struct One: Sendable {
        let incoming: IncomingPosting
        let verdicts: Verdicts
        /// The first stamps of those of its entries that were here before.
        let known: Set<Stamp>
    }

    private let held = Mutex<[One]>([])

    func note(_ postings: [IncomingPosting], _ answers: [PostingAnswer], known: Set<Stamp>) {
        held.withLock { held in
            // The same posting may come twice in one commit.
            var known = known
            for case (let incoming, .success(let verdicts)) in zip(postings, answers) {
                held.append(One(incoming: incoming, verdicts: verdicts, known: known))
                known.formUnion(
                    incoming.received.posting.entries.compactMap { $0.changes.first?.stamp })
            }
        }
    }

    func take() -> [One] {
        held.withLock { held in
            defer { held = [] }
            return held
        }
    }
}

/// Head office's port, with a law broken on purpose or none.
struct AnyOfficeStore: HeadOfficeStore {
    let store: OfficeStore
    let clock: SimulatedClock
    let mutation: Mutation?
    let recorder: Recorder
    let allScopes: [Stamp]

    var catalogueVersion: UInt32 { store.catalogueVersion }
    var run: Cursor { store.run }
    func end(ofRun run: UInt64) throws -> UInt64? {
        mutation == .regressionIgnored ? .max : try store.end(ofRun: run)
    }

    func laptop(_ id: Int64, incarnation: UInt64) throws -> KnownLaptop? {
        let known = try store.laptop(id, incarnation: incarnation)
        guard mutation == .scopesIgnored else { return known }
        return known?.holding(allScopes)
    }

    func learn(_ changes: [KeyChange], of laptop: KnownLaptop) throws -> [UInt8]? {
        try store.learn(changes, of: laptop)
    }

    func roster(
        of laptop: KnownLaptop, at now: Moment
    ) throws -> (people: [LaptopPerson], silent: [SilentLaptop]) {
        try store.roster(of: laptop, at: now)
    }

    func digests(of scopes: [Stamp], ifNothingAfter sequence: UInt64) throws -> [Stamp: Digest]? {
        try store.digests(of: scopes, ifNothingAfter: sequence)
    }

    func safeToWipe(
        _ hello: Hello, of laptop: KnownLaptop, at now: Moment
    ) throws -> WipeReceipt? { try store.safeToWipe(hello, of: laptop, at: now) }

    func quarantine(_ posting: IncomingPosting) throws -> Bool { try store.quarantine(posting) }

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
        if mutation == .answeredUnrecorded, let answers = try unrecorded(postings) {
            return answers
        }
        if mutation == .factsRefused, postings.contains(where: breaksRule) {
            return postings.map { _ in .failure(Refusal(.malformed, detail: "against the rules")) }
        }
        let known = try store.knownEntries(postings)
        let believed =
            switch mutation {
            case .clockBelieved: postings.map(believing)
            case .lastArrivalWins: try postings.map(overwriting)
            default: postings
            }
        var answers = try store.record(believed)
        if mutation == .verdictsVary { answers = answers.map(varied) }
        recorder.note(postings, answers, known: known)
        return answers
    }

    private func breaksRule(_ posting: IncomingPosting) -> Bool {
        let scopes = Set(posting.laptop.scopes)
        return posting.received.posting.entries.flatMap(\.changes).contains { change in
            if case .birth(let birth) = change { !scopes.contains(birth.scope) } else { false }
        }
    }

    /// As if it had come at the time that the laptop's clock says.
    private func believing(_ posting: IncomingPosting) -> IncomingPosting {
        IncomingPosting(
            laptop: posting.laptop, received: posting.received, sent: posting.sent,
            sentAt: posting.sent.wall, arrived: posting.sent.wall)
    }

    /// What depends on when it was asked.
    private func varied(_ answer: PostingAnswer) -> PostingAnswer {
        answer.map { verdicts in
            var verdicts = verdicts
            let drift = clock.reading().wall.milliseconds % 1_000
            verdicts.corrections = verdicts.corrections.map { $0 - drift }
            return verdicts
        }
    }

    /// Verdicts that nothing stands behind.
    private func unrecorded(_ postings: [IncomingPosting]) throws -> [PostingAnswer]? {
        guard postings.count == 1, let received = postings.first?.received,
            received.posting.number % 4 == 0
        else { return nil }
        let entries = received.posting.entries
        let organisation = try store.read { $0.organisation }
        let receipt = try store.key.signed(
            Receipt(
                organisation: organisation, incarnation: received.posting.incarnation,
                number: received.posting.number, hash: received.hash, arrived: postings[0].arrived))
        return [
            .success(
                Verdicts(
                    posting: received.posting.number, firstEntry: entries[0].number,
                    corrections: entries.map { _ in 0 }, uncertainties: entries.map { _ in 0 },
                    sequence: store.run.sequence, refused: [], nameTaken: [],
                    arrived: postings[0].arrived, receipt: receipt.signature))
        ]
    }

    /// As if each edit had seen all heads that there are.
    private func overwriting(_ posting: IncomingPosting) throws -> IncomingPosting {
        let said = posting.received.posting
        let entries = try store.read { view in
            try said.entries.map { entry in
                Entry(
                    number: entry.number, person: entry.person, clock: entry.clock,
                    changes: try entry.changes.map { change in
                        guard case .edit(let edit) = change,
                            let held = try view.record(edit.record, in: "task")
                        else { return change }
                        return .edit(
                            Edit(
                                stamp: edit.stamp, record: edit.record,
                                collection: edit.collection, field: edit.field,
                                value: edit.value,
                                replaces: edit.replaces + held.allHeads(of: edit.field)))
                    })
            }
        }
        return IncomingPosting(
            laptop: posting.laptop,
            received: ReceivedPosting(
                Posting(
                    incarnation: said.incarnation, number: said.number,
                    previousHash: said.previousHash, catalogue: said.catalogue, entries: entries,
                    personalHash: said.personalHash),
                of: posting.received), sent: posting.sent, sentAt: posting.sentAt,
            arrived: posting.arrived)
    }

    func page(
        scope: Stamp, after: UInt64, isGaining: Bool, for laptop: KnownLaptop
    ) throws -> FeedRead {
        try store.page(
            scope: scope, after: after, isGaining: isGaining, for: laptop)
    }

    func moment(
        cursors: [Stamp: UInt64], gaining: Set<Stamp>, comparing: [Compare],
        for laptop: KnownLaptop
    ) throws -> MomentRead? {
        try store.moment(
            cursors: cursors, gaining: gaining, comparing: comparing, for: laptop)
    }
}

extension KnownLaptop {
    fileprivate func holding(_ scopes: [Stamp]) -> KnownLaptop {
        KnownLaptop(
            id: id, book: book, name: name, incarnation: incarnation, scopes: scopes,
            people: people, isRevoked: isRevoked, acknowledgedPosting: acknowledgedPosting,
            acknowledgedHash: acknowledgedHash, renewsNode: renewsNode,
            clockErrorMilliseconds: clockErrorMilliseconds, keyName: keyName,
            secretHash: secretHash, personal: personal)
    }
}
