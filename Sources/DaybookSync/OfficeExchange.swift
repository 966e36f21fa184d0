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
        /// The request is whole: send what ``nextFeed()`` gives until it gives nothing.
        case feed
    }

    private enum Stage { case expectingHello, taking, feeding, done }

    private let store: Store
    private let laptopID: Int64
    private let now: Moment
    private var stage = Stage.expectingHello
    private var laptop: KnownLaptop?
    private var sent: ClockReading?
    private var cursors: [Stamp: UInt64] = [:]
    /// Scopes whose laptop starts from nothing: it is sent its own records too.
    private var gaining: Set<Stamp> = []
    private var scopesToFeed: [Stamp] = []
    private var postingsTaken = 0

    /// - Parameters:
    ///   - laptop: who the shell has found the sender to be.
    ///   - now: head office's clock as the exchange opened.
    public init(store: Store, laptop: Int64, now: Moment) {
        self.store = store
        self.laptopID = laptop
        self.now = now
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
            let welcome = try open(hello)
            stage = .taking
            return .send([.welcome(welcome)])
        case (.taking, .posting(let received)): return .record(try incoming(received))
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

    /// The next messages of the feed; empty when the exchange is over.
    public mutating func nextFeed() throws -> [Message] {
        guard stage == .feeding, let laptop else { return [] }
        while let scope = scopesToFeed.first {
            let read = try store.page(
                scope: scope, after: cursors[scope] ?? 0,
                isGaining: gaining.contains(scope), for: laptop)
            let moved = read.page.through > (cursors[scope] ?? 0)
            cursors[scope] = read.page.through
            if read.reachesPresent || !moved { scopesToFeed.removeFirst() }
            // What the laptop posted itself is not sent back, and a page of nothing else not at all.
            if !read.page.records.isEmpty || !read.page.removed.isEmpty {
                return [.feed(read.page)]
            }
        }
        guard
            let last = try store.moment(
                cursors: cursors, gaining: gaining, for: laptop)
        else {
            // Too much came in meanwhile for one short read: feed on.
            scopesToFeed = cursors.keys.sorted()
            return try nextFeed()
        }
        stage = .done
        return last.pages.map { .feed($0) } + [.moment(last.moment), .done(more: false)]
    }

    private mutating func open(_ hello: Hello) throws -> Welcome {
        guard hello.protocolMax >= Limits.protocolVersion else {
            throw Refusal(.protocolTooOld, detail: "head office speaks \(Limits.protocolVersion)")
        }
        guard hello.protocolMin <= Limits.protocolVersion else {
            throw Refusal(.protocolTooNew, detail: "head office speaks \(Limits.protocolVersion)")
        }
        guard let laptop = try store.laptop(laptopID), laptop.incarnation == hello.incarnation
        else { throw Refusal(.notEnrolled, detail: "no laptop of this incarnation") }
        guard !laptop.isRevoked else { throw Refusal(.revoked, detail: laptop.name) }
        try checkFork(hello, laptop)
        let knowsCursor = try knows(hello.held)
        let error = hello.clock.wall.since(now)
        try store.heard(from: laptop.id, at: now, clockErrorMilliseconds: error)
        let node = hello.wantsNode ? try store.newNode(for: laptop.id) : nil
        self.laptop = laptop
        sent = hello.clock
        for scope in laptop.scopes {
            let cursor = knowsCursor ? hello.scopes[scope] ?? 0 : 0
            cursors[scope] = cursor
            if cursor == 0 || hello.gaining.contains(scope) { gaining.insert(scope) }
        }
        return Welcome(
            catalogue: store.catalogueVersion, officeTime: now, run: store.run.run,
            acknowledgedPosting: laptop.acknowledgedPosting,
            acknowledgedHash: laptop.acknowledgedHash, backupMark: 0, scopes: laptop.scopes,
            node: node, fromNothing: !knowsCursor)
    }

    /// A laptop that sealed less than is acknowledged, or other bytes, is a copy or was restored.
    private func checkFork(_ hello: Hello, _ laptop: KnownLaptop) throws {
        let isBehind = hello.lastPosting < laptop.acknowledgedPosting
        let isOther =
            hello.lastPosting == laptop.acknowledgedPosting
            && hello.lastPostingHash != laptop.acknowledgedHash
        guard !isBehind, !isOther else {
            throw Refusal(
                .postingForked,
                detail: "posting \(laptop.acknowledgedPosting) is not in this book's past")
        }
    }

    private func knows(_ cursor: Cursor?) throws -> Bool {
        guard let cursor else { return true }
        guard cursor.run != store.run.run else { return true }
        guard let end = try store.end(ofRun: cursor.run) else { return false }
        return cursor.sequence <= end
    }

    private mutating func incoming(_ received: ReceivedPosting) throws -> IncomingPosting {
        guard let laptop, let sent else {
            throw Refusal(.wrongOrder, detail: "posting before hello")
        }
        guard received.posting.incarnation == laptop.incarnation else {
            throw Refusal(.notEnrolled, detail: "another incarnation's posting")
        }
        postingsTaken += 1
        guard postingsTaken <= Limits.exchangePostingsMax else {
            throw Refusal(.tooLarge, detail: "\(Limits.exchangePostingsMax) postings at most")
        }
        return IncomingPosting(laptop: laptop, received: received, sent: sent, arrived: now)
    }
}
