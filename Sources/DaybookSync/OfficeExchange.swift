import DaybookModel
import DaybookProtocol

/// Head office's side of one exchange: a state machine without sockets.
///
/// Frames go in by ``receive(_:)``, which says what to do; recorded postings come back by
/// ``recorded(_:)``; when the request is whole, ``nextFeed()`` gives the rest of the answer.
public struct OfficeExchange<Store: HeadOfficeStore>: Sendable {
    public enum Action: Sendable {
        case send([Message])
        /// Record this durably (shared with other laptops' postings), then call ``recorded(_:)``.
        case record(IncomingPosting)
        /// Take this back durably, then call ``regained(_:)``.
        case regain(ReturnedPage, from: KnownLaptop)
        /// The request is whole: send what ``nextFeed()`` gives until it gives nothing.
        case feed
    }

    private enum Stage { case expectingHello, taking, quarantining, feeding, done }

    private let store: Store
    private let laptopID: Int64
    private let now: Moment
    private let isBundle: Bool
    /// When the laptop read the clocks in its hello, by head office's clock.
    private var openedAt: Moment
    private var stage = Stage.expectingHello
    private var laptop: KnownLaptop?
    private var sent: ClockReading?
    private var cursors: [Stamp: UInt64] = [:]
    /// What ends the answer when the request is whole, and all that is said: the laptop was revoked.
    public private(set) var closing: Refusal?
    /// Postings of a revoked laptop that were kept aside, and those for which there is no room.
    public private(set) var quarantined = (kept: 0, refused: 0)
    /// The cursors that the laptop has been told: what it posted itself moves only the others.
    private var told: [Stamp: UInt64] = [:]
    /// Scopes whose laptop starts from nothing: it is sent its own records too.
    private var gaining: Set<Stamp> = []
    private var scopesToFeed: [Stamp] = []
    private var hasLooked = false
    private var postingsTaken = 0
    private var returnedTaken = 0
    private var comparing: [Compare] = []
    /// The laptop has to turn its own affairs first: it is fed in its next exchange.
    private var feedsLater = false
    /// Its postings are of an incarnation that it has just been taken out of, or may name what is lost here:
    /// they come again in its next exchange.
    private var ignoresPostings = false

    /// - Parameters:
    ///   - laptop: who the shell has found the sender to be.
    ///   - now: head office's clock as the exchange opened.
    ///   - isBundle: it comes in a file, which may have lain about: any number of postings, and its clocks are
    ///     not of now.
    public init(store: Store, laptop: Int64, now: Moment, isBundle: Bool = false) {
        self.store = store
        self.laptopID = laptop
        self.now = now
        self.isBundle = isBundle
        openedAt = now
    }

    /// Takes one frame of the request. Throws a ``Refusal``, after which nothing more is taken; what was
    /// recorded before stays recorded.
    public mutating func receive(_ frame: Frame) throws -> Action {
        let message: Message
        do {
            message = try Message(frame)
        } catch {
            throw Refusal(.malformed, detail: "\(error)")
        }
        switch (stage, message) {
        case (.expectingHello, .hello(let hello)):
            guard let welcome = try open(hello) else {
                stage = .quarantining
                return .send([])
            }
            stage = .taking
            return .send([.welcome(welcome)])
        case (.expectingHello, .still(let still)):
            stage = .done
            return .send([try isQuiet(still) ? .quiet(now) : .done(more: true)])
        case (.quarantining, .posting(let received)):
            try quarantine(incoming(received))
            return .send([])
        case (.quarantining, .returned), (.quarantining, .compare), (.quarantining, .done):
            return .send([])
        case (.taking, .posting(let received)):
            guard !ignoresPostings else { return .send([]) }
            return .record(try incoming(received))
        case (.taking, .returned(let page)):
            returnedTaken += 1
            guard let laptop, isBundle || returnedTaken <= Limits.returnedMax else {
                throw Refusal(.tooLarge, detail: "\(Limits.returnedMax) frames at most")
            }
            return .regain(page, from: laptop)
        case (.taking, .compare(let compare)):
            guard comparing.count < Limits.scopesMax, cursors[compare.scope] != nil else {
                return .send([])
            }
            comparing.append(compare)
            return .send([])
        case (.taking, .done):
            stage = .feeding
            scopesToFeed = cursors.keys.sorted()
            return .feed
        default:
            throw Refusal(.wrongOrder, detail: "\(frame.kind) does not belong here")
        }
    }

    /// The messages that answer a recorded posting.
    public mutating func recorded(_ answer: PostingAnswer) throws -> [Message] {
        [.verdicts(try answer.get())]
    }

    /// The messages that answer a returned frame.
    public mutating func regained(_ sequence: UInt64) -> [Message] {
        [.taken(Taken(count: returnedTaken, sequence: sequence))]
    }

    /// The next messages of the feed; empty when the exchange is over.
    public mutating func nextFeed() throws -> [Message] {
        guard stage == .feeding, let laptop else { return [] }
        guard !feedsLater else {
            stage = .done
            return [.done(more: true)]
        }
        // Most often little is new, and one short read says it all.
        if !hasLooked, gaining.isEmpty {
            hasLooked = true
            if let all = try moment(for: laptop) { return all }
        }
        while let scope = scopesToFeed.first {
            let read = try store.page(
                scope: scope, after: cursors[scope] ?? 0,
                isGaining: gaining.contains(scope), for: laptop)
            let moved = read.page.through > (cursors[scope] ?? 0)
            cursors[scope] = read.page.through
            if read.reachesPresent || !moved { scopesToFeed.removeFirst() }
            // What the laptop posted itself is not sent back, and a page of nothing else not at all.
            if !read.page.isEmpty { return [tell(read.page)] }
        }
        if let last = try moment(for: laptop) { return last }
        // Too much came in meanwhile for one short read: feed on.
        scopesToFeed = cursors.keys.sorted()
        return try nextFeed()
    }

    /// What is new in all scopes, and the moment; nil when that is too much for one short read.
    private mutating func moment(for laptop: KnownLaptop) throws -> [Message]? {
        let read = try store.moment(
            cursors: cursors, gaining: gaining, comparing: comparing, for: laptop)
        guard let last = read else { return nil }
        stage = .done
        return last.pages.map { tell($0) } + [.moment(last.moment)]
            + last.compared.map { .compared($0) } + [.done(more: false)]
    }

    private mutating func tell(_ page: FeedPage) -> Message {
        var page = page
        page.after = told[page.scope] ?? 0
        told[page.scope] = page.through
        return .feed(page)
    }

    /// Nil for a revoked laptop: what it brings is put aside.
    private mutating func open(_ hello: Hello) throws -> Welcome? {
        guard hello.protocolMax >= Limits.protocolVersion else {
            throw Refusal(.protocolTooOld, detail: "head office speaks \(Limits.protocolVersion)")
        }
        guard hello.protocolMin <= Limits.protocolVersion else {
            throw Refusal(.protocolTooNew, detail: "head office speaks \(Limits.protocolVersion)")
        }
        guard let laptop = try store.laptop(laptopID, incarnation: hello.incarnation) else {
            throw Refusal(.notEnrolled, detail: "no such laptop")
        }
        // A copy of it may have taught another key since: each hears of its own.
        let learnt = hello.keys.isEmpty ? nil : try store.learn(hello.keys, of: laptop)
        guard !laptop.isRevoked else {
            (self.laptop, sent) = (laptop, hello.clock)
            closing = Refusal(.revoked, detail: laptop.name)
            return nil
        }
        let base = try base(hello)
        if let base { try store.regressed(to: base, seenBy: laptop) }
        if isBundle {
            // Its clock was as wrong as it was when it was last heard from.
            openedAt = min(
                now, hello.clock.wall.adding(milliseconds: -laptop.clockErrorMilliseconds))
        } else {
            try heard(laptop, by: hello.clock.wall)
        }
        var welcome = Welcome(
            catalogue: store.catalogueVersion, officeTime: now, run: store.run.run,
            acknowledgedPosting: laptop.acknowledgedPosting, base: base)
        // What a laptop has to return is in no backup of this head office.
        let mark = base == nil ? try store.backupMark() : 0
        let terms = try terms(of: laptop, keyName: learnt ?? laptop.keyName, backupMark: mark)
        // It shows other scopes than it may hold now: which, it says when it knows them.
        let isEven = hello.scopesName == terms.scopesName
        let isUneven = hello.scopesName != nil && !isEven
        // An answer in a file may come to a book that has heard other terms since.
        if isBundle || hello.termsName != terms.name || isUneven { welcome.terms = terms }
        if isCopy(hello, laptop) {
            let own = try store.newIncarnation(for: laptop)
            welcome.incarnation = own.incarnation
            welcome.node = own.node
        } else if hello.wantsNode || base != nil || laptop.renewsNode {
            welcome.node = try store.newNode(for: laptop)
        }
        if laptop.isRetiring, hello.isRetiring, base == nil, welcome.incarnation == nil {
            let receipt = try store.safeToWipe(hello, of: laptop, at: now)
            welcome.safeToWipe = receipt?.signature ?? []
        }
        // What it posts may name what it has to return first.
        ignoresPostings = base != nil || welcome.incarnation != nil
        feedsLater = base != nil || welcome.incarnation != nil || hello.isReturning
        if isUneven { feedsLater = true }
        self.laptop = laptop
        sent = hello.clock
        for scope in laptop.scopes {
            let reading = laptop.personal[scope]
            let isOther = reading.map { $0.name != hello.reading[scope] } ?? false
            let readsMore =
                !isEven && (reading?.days ?? 0 > hello.personalDays[scope] ?? 0 || isOther)
            let told = isEven ? hello.held?.sequence : hello.scopes[scope]
            let cursor = readsMore ? 0 : told ?? 0
            cursors[scope] = cursor
            self.told[scope] = cursor
            if cursor == 0 || hello.gaining.contains(scope) { gaining.insert(scope) }
        }
        return welcome
    }

    private func terms(
        of laptop: KnownLaptop, keyName: [UInt8], backupMark: UInt64
    ) throws -> Terms {
        let roster = try store.roster(of: laptop, at: now)
        return Terms(
            scopes: laptop.scopes, personalDays: laptop.personal.mapValues(\.days),
            people: roster.people, silent: roster.silent, keyName: keyName, backupMark: backupMark,
            isRetiring: laptop.isRetiring, reading: laptop.personal.mapValues(\.name))
    }

    private func heard(_ laptop: KnownLaptop, by wall: Moment) throws {
        // A clock that says anything is not further off than can be reckoned with.
        let error = max(wall.since(now), -Int64.max)
        try store.heard(from: laptop.id, at: now, clockErrorMilliseconds: error)
    }

    /// What happened is never lost, whoever has the laptop now.
    private mutating func quarantine(_ posting: IncomingPosting) throws {
        if try store.quarantine(posting) {
            quarantined.kept += 1
            let number = posting.received.posting.number
            let before = closing?.keptPosting ?? 0
            closing?.keptPosting = max(before, number)
        } else {
            quarantined.refused += 1
        }
    }

    /// Whether there is nothing to say to a laptop that has nothing to say.
    private func isQuiet(_ still: Still) throws -> Bool {
        guard let laptop = try store.laptop(laptopID, incarnation: still.incarnation) else {
            throw Refusal(.notEnrolled, detail: "no such laptop")
        }
        guard !laptop.isRevoked else { throw Refusal(.revoked, detail: laptop.name) }
        try heard(laptop, by: still.wall)
        guard laptop.book != nil, !laptop.renewsNode, !laptop.isRetiring,
            let digests = try store.digests(of: laptop.scopes, ifNothingAfter: still.sequence)
        else { return false }
        let terms = try terms(
            of: laptop, keyName: laptop.keyName, backupMark: store.backupMark())
        return still.name
            == Still.name(
                run: store.run.run, sequence: still.sequence,
                lastPosting: laptop.acknowledgedPosting,
                lastPostingHash: laptop.acknowledgedHash, termsName: terms.name, digests: digests)
    }

    /// A laptop that sealed less than is acknowledged, or other bytes, is a copy or was restored; so is one of
    /// an incarnation that head office does not know (any more).
    private func isCopy(_ hello: Hello, _ laptop: KnownLaptop) -> Bool {
        if laptop.book == nil || hello.wantsIncarnation { return true }
        // A file may be older than what came since: that it has other bytes is found at the posting.
        guard !isBundle else { return false }
        if hello.lastPosting < laptop.acknowledgedPosting { return true }
        return hello.lastPosting == laptop.acknowledgedPosting
            && hello.lastPostingName != Array(laptop.acknowledgedHash.prefix(Terms.nameBytes))
    }

    /// The last sequence that the laptop and this head office have in common, when the laptop holds more; nil
    /// when all that it holds is of this head office's past.
    private func base(_ hello: Hello) throws -> UInt64? {
        guard let held = hello.held else { return nil }
        func common(_ cursor: Cursor) throws -> UInt64? {
            guard cursor.run != store.run.run else { return cursor.sequence }
            return try store.end(ofRun: cursor.run).map { min($0, cursor.sequence) }
        }
        if try common(held) == held.sequence { return nil }
        return try ([held] + hello.past).compactMap(common).max() ?? 0
    }

    private mutating func incoming(_ received: ReceivedPosting) throws -> IncomingPosting {
        guard let laptop, let sent else {
            throw Refusal(.wrongOrder, detail: "posting before hello")
        }
        guard received.posting.incarnation == laptop.incarnation else {
            throw Refusal(.notEnrolled, detail: "another incarnation's posting")
        }
        postingsTaken += 1
        guard isBundle || postingsTaken <= Limits.exchangePostingsMax else {
            throw Refusal(.tooLarge, detail: "\(Limits.exchangePostingsMax) postings at most")
        }
        return IncomingPosting(
            laptop: laptop, received: received, sent: sent, sentAt: openedAt, arrived: now)
    }
}
