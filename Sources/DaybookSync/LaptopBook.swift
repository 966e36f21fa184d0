import DaybookModel
import DaybookProtocol

/// What the laptop's state machine needs of its book. Each call is one transaction, durable when it returns.
public protocol LaptopBook: Sendable {
    /// What the book says of itself when it opens an exchange.
    func hello(clock: ClockReading) throws -> Hello
    /// What names all that the book holds, when it has nothing to say and shows everything that it was told; nil when
    /// it has.
    func still(clock: ClockReading) throws -> Still?
    /// Head office has nothing to say; time has passed.
    func takeQuiet(at officeTime: Moment, clock: ClockReading) throws
    /// Seals entries that no posting holds yet, at most so many postings; the bytes are stored before it
    /// returns. Returns the sealed postings past that number that have no verdict yet, in order.
    func postingsToSend(after number: UInt64, most: Int) throws -> [SealedPosting]
    /// Kept feed frames that a head office which has lost them is owed, the oldest first, at most so many; and
    /// whether there are more.
    ///
    /// - Parameter name: the last one that is not wanted again; 0 for the beginning.
    func framesToReturn(after name: Int64, most: Int) throws -> ReturningFrames
    /// Takes the scopes, the node, the incarnation and the marks that head office names.
    ///
    /// - Parameter isOfFile: it may be older than what was heard since.
    /// - Returns: what of the answer that it begins is to be taken.
    func take(_ welcome: Welcome, clock: ClockReading, isOfFile: Bool) throws -> AnswerUse
    /// Keeps head office's verdicts; a repeated one changes nothing. Entries whose names are taken are stamped
    /// anew.
    ///
    /// - Parameter raw: the frame's message, kept for a head office that loses the posting.
    func take(_ verdicts: Verdicts, raw: [UInt8]) throws
    /// Head office holds these frames again.
    func take(_ taken: Taken, of frames: ReturningFrames) throws
    /// Head office refused a posting since it has another under its number: this book or another is a copy.
    func noteFork() throws
    /// Head office does not know the key that a posting is signed with: the next hello names all changes.
    func noteKeyForgotten() throws
    /// Keeps a page with its cursor, not yet shown, and the frame's message for a head office that loses it.
    func stage(_ page: FeedPage, raw: [UInt8]) throws
    /// Shows everything staged as one moment. Returns the scopes whose digest differs from head office's.
    func show(_ moment: WholeMoment) throws -> [Stamp]
    /// Counts the scope's records afresh, when a digest differs: the sum itself may be what is wrong.
    func recount(_ scope: Stamp) throws
    /// Compares the parts of a scope with its own, and takes what was sent whole.
    func compare(_ compared: Compared) throws -> Comparison
    /// Whether entries wait that no posting holds, or postings that have no verdict.
    func hasUnanswered() throws -> Bool
}

/// What of an answer a laptop takes.
public enum AnswerUse: Sendable {
    case whole
    /// It was overtaken by a later answer of the same run: only its verdicts still say something.
    case verdicts
    /// It was overtaken by an answer of a later run, which may have lost what this one says.
    case nothing
}

/// Frames to give back, as they were received.
public struct ReturningFrames: Hashable, Sendable {
    /// What the book calls each of them.
    public let names: [Int64]
    /// The raw messages.
    public let frames: [[UInt8]]
    public let hasMore: Bool

    public init(names: [Int64] = [], frames: [[UInt8]] = [], hasMore: Bool = false) {
        self.names = names
        self.frames = frames
        self.hasMore = hasMore
    }
}

/// What a comparison of parts found.
public struct Comparison: Hashable, Sendable {
    /// Parts that differ, to be looked into.
    public var differing: [StampRange] = []
    /// Records that were taken as head office has them.
    public var mended = 0
    /// Records that went, since head office has removed them.
    public var removed = 0
    /// Records that head office has neither live nor removed: they are handed back to it.
    public var handedBack = 0

    public init() {}

    /// An answer's frames tell parts of one comparison.
    mutating func add(_ other: Comparison) {
        differing += other.differing
        mended += other.mended
        removed += other.removed
        handedBack += other.handedBack
    }
}

/// How an exchange ended.
public struct ExchangeOutcome: Hashable, Sendable {
    public enum Ending: Hashable, Sendable {
        /// Everything that head office had to say was said.
        case complete
        /// The line was cut, or the body ended early; what was taken is kept.
        case cut
        case refused(Refusal)
    }

    public let ending: Ending
    public let postingsSent: Int
    /// Frames that were handed back in the request.
    public let framesSent: Int
    public let verdictsTaken: Int
    public let pagesStaged: Int
    public let editsRefused: Int
    /// Scopes whose digest differs from head office's after the moment.
    public let differingScopes: [Stamp]
    /// Whether a whole moment was shown: only then do the digests say something.
    public let sawMoment: Bool
    /// What the comparison of ranges found, by scope.
    public let comparisons: [Stamp: Comparison]
    /// Frames that head office has taken back.
    public let framesReturned: Int
    /// What of the answer was taken.
    public let use: AnswerUse
    /// Another exchange at once is worth while.
    public let more: Bool

    /// Whether it brought the book further, however it ended.
    public var progressed: Bool { verdictsTaken + framesReturned + pagesStaged > 0 || sawMoment }
}

extension LaptopBook {
    /// From the beginning.
    public func postingsToSend(most: Int) throws -> [SealedPosting] {
        try postingsToSend(after: 0, most: most)
    }

    /// From the beginning.
    public func framesToReturn(most: Int) throws -> ReturningFrames {
        try framesToReturn(after: 0, most: most)
    }
}
