import DaybookModel
import DaybookProtocol

/// What head office knows of a laptop, and of the one book of it that opens an exchange.
public struct KnownLaptop: Hashable, Sendable {
    public let id: Int64
    /// Names the book's incarnation here; nil when head office does not know that incarnation.
    public let book: Int64?
    public let name: String
    public let incarnation: UInt64
    public let scopes: [Stamp]
    /// Who may work on it.
    public let people: [Stamp]
    public let isRevoked: Bool
    /// It is taken out of service.
    public let isRetiring: Bool
    /// The last posting that is durable here; 0 and empty before the first.
    public let acknowledgedPosting: UInt64
    public let acknowledgedHash: [UInt8]
    /// A copy of this book was found: it takes a new node, as every copy does.
    public let renewsNode: Bool
    /// How far its wall clock was ahead when it was last heard from.
    public let clockErrorMilliseconds: Int64
    /// ``PublicKey/name`` of its latest key that is known here.
    public let keyName: [UInt8]
    /// SHA-256 of the secret that it was enrolled with; empty before.
    public let secretHash: [UInt8]
    /// What of persons its people may read, by scope.
    public let personal: [Stamp: PersonalReading]

    /// What people may read of persons in one scope.
    public struct PersonalReading: Hashable, Sendable {
        /// For how many days after it happened.
        public let days: Int
        /// Tags of collections.
        public let collections: Set<UInt32>
        /// Stands for ``collections``; never 0.
        public var name: UInt32 {
            let tags = collections.sorted().flatMap { tag in
                (0..<4).map { UInt8(truncatingIfNeeded: tag >> (24 - 8 * $0)) }
            }
            return sha256(tags).prefix(4).reduce(0) { $0 << 8 | UInt32($1) } | 1
        }

        public init(days: Int, collections: Set<UInt32>) {
            self.days = days
            self.collections = collections
        }
    }

    public init(
        id: Int64, book: Int64?, name: String, incarnation: UInt64, scopes: [Stamp],
        people: [Stamp], isRevoked: Bool, isRetiring: Bool = false, acknowledgedPosting: UInt64,
        acknowledgedHash: [UInt8],
        renewsNode: Bool,
        clockErrorMilliseconds: Int64 = 0, keyName: [UInt8] = [], secretHash: [UInt8] = [],
        personal: [Stamp: PersonalReading] = [:]
    ) {
        self.secretHash = secretHash
        self.personal = personal
        self.id = id
        self.book = book
        self.renewsNode = renewsNode
        self.keyName = keyName
        self.clockErrorMilliseconds = clockErrorMilliseconds
        self.name = name
        self.incarnation = incarnation
        self.scopes = scopes
        self.people = people
        self.isRetiring = isRetiring
        self.isRevoked = isRevoked
        self.acknowledgedPosting = acknowledgedPosting
        self.acknowledgedHash = acknowledgedHash
    }
}

/// A posting with what is needed to work out when its entries happened.
public struct IncomingPosting: Sendable {
    public let laptop: KnownLaptop
    public let received: ReceivedPosting
    /// The laptop's clocks when it opened the exchange.
    public let sent: ClockReading
    /// Head office's clock at that opening.
    public let sentAt: Moment
    /// Head office's clock when it came.
    public let arrived: Moment
    /// A person has taken it out of quarantine: that its laptop was revoked since does not count.
    public var isReleased = false

    public init(
        laptop: KnownLaptop, received: ReceivedPosting, sent: ClockReading, sentAt: Moment? = nil,
        arrived: Moment
    ) {
        self.laptop = laptop
        self.received = received
        self.sent = sent
        self.sentAt = sentAt ?? arrived
        self.arrived = arrived
    }
}

/// What head office says of a posting: verdicts, durable before they are said; or a refusal.
public typealias PostingAnswer = Result<Verdicts, Refusal>

/// What head office's state machine needs of its store.
public protocol HeadOfficeStore: Sendable {
    var catalogueVersion: UInt32 { get }
    /// The run that this start began, with its first sequence.
    var run: Cursor { get }
    /// Where a past run ended; nil for a run that this store never had.
    func end(ofRun run: UInt64) throws -> UInt64?
    func laptop(_ id: Int64, incarnation: UInt64) throws -> KnownLaptop?
    /// Takes the laptop's new keys, as far as keys that are known signed them; the name of the last of them that is
    /// known now.
    func learn(_ changes: [KeyChange], of laptop: KnownLaptop) throws -> [UInt8]?
    /// A new node for a book: its stamps ran ahead of the time, it was copied, or head office lost something.
    func newNode(for laptop: KnownLaptop) throws -> Int64
    /// An incarnation of its own for a copy of the book, and a node; the book that was copied gets a new
    /// node when it comes next.
    func newIncarnation(for laptop: KnownLaptop) throws -> (incarnation: UInt64, node: Int64)
    /// Who may work on the laptop, with their start codes, by person; and other laptops of its scopes that are silent.
    func roster(
        of laptop: KnownLaptop, at now: Moment
    ) throws -> (people: [LaptopPerson], silent: [SilentLaptop])
    /// The digests of the scopes now; nil when one of them has something past the sequence.
    func digests(of scopes: [Stamp], ifNothingAfter sequence: UInt64) throws -> [Stamp: Digest]?
    /// Signs that this store, and its last verified backup, hold everything that a retiring laptop's book holds; nil
    /// when they do not.
    func safeToWipe(_ hello: Hello, of laptop: KnownLaptop, at now: Moment) throws -> WipeReceipt?
    /// What the last verified backup holds; 0 before the first.
    func backupMark() throws -> UInt64
    /// Notes that a laptop holds more than this store: it was restored, or lost commits.
    func regressed(to base: UInt64, seenBy laptop: KnownLaptop) throws
    /// Takes a returned page in one durable transaction; the sequence at which it is here.
    func regain(_ page: ReturnedPage, from laptop: KnownLaptop) throws -> UInt64
    /// Records that the laptop was heard from, and how wrong its clock is.
    func heard(from laptop: Int64, at moment: Moment, clockErrorMilliseconds: Int64) throws
    /// Records postings in one durable transaction; answers stand in the order of the postings.
    func record(_ postings: [IncomingPosting]) throws -> [PostingAnswer]
    /// Keeps what a revoked laptop brings, durably, for a person to look at; it is not read. False when there is too
    /// much of it already: it stays on the laptop.
    @discardableResult
    func quarantine(_ posting: IncomingPosting) throws -> Bool
    /// Present states of a scope after a cursor, in order of their sequence; a page that holds less than it
    /// could reaches the present.
    func page(
        scope: Stamp, after: UInt64, isGaining: Bool, for laptop: KnownLaptop
    ) throws -> FeedRead
    /// The short read across all scopes that names the moment; nil pages when one would not fit, and
    /// feeding goes on first.
    func moment(
        cursors: [Stamp: UInt64], gaining: Set<Stamp>, comparing: [Compare],
        for laptop: KnownLaptop
    ) throws -> MomentRead?
}

/// A page with whether it reaches the present.
public struct FeedRead: Sendable {
    public let page: FeedPage
    public let reachesPresent: Bool

    public init(page: FeedPage, reachesPresent: Bool) {
        self.page = page
        self.reachesPresent = reachesPresent
    }
}

/// The last pages, the moment and the parts asked for, read in one transaction.
public struct MomentRead: Sendable {
    public let pages: [FeedPage]
    public let moment: WholeMoment
    public let compared: [Compared]

    public init(pages: [FeedPage], moment: WholeMoment, compared: [Compared]) {
        self.pages = pages
        self.moment = moment
        self.compared = compared
    }
}
