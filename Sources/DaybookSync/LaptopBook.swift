import DaybookModel
import DaybookProtocol

/// What the laptop's state machine needs of its book. Each call is one transaction, durable when it returns.
public protocol LaptopBook: Sendable {
    /// What the book says of itself when it opens an exchange.
    func hello(clock: ClockReading) throws -> Hello
    /// Seals entries that no posting holds yet, at most so many postings; the bytes are stored before it
    /// returns. Returns the sealed postings that have no verdict yet, in order.
    func postingsToSend(most: Int) throws -> [SealedPosting]
    /// Takes the scopes, the node and the marks that head office names.
    func take(_ welcome: Welcome, clock: ClockReading) throws
    /// Keeps head office's verdicts; a repeated one changes nothing.
    func take(_ verdicts: Verdicts) throws
    /// Keeps a page with its cursor, not yet shown.
    func stage(_ page: FeedPage) throws
    /// Shows everything staged as one moment. Returns the scopes whose digest differs from head office's.
    func show(_ moment: WholeMoment) throws -> [Stamp]
    /// Whether entries wait that no posting holds, or postings that have no verdict.
    func hasUnanswered() throws -> Bool
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
    public let verdictsTaken: Int
    public let pagesStaged: Int
    public let editsRefused: Int
    /// Scopes whose digest differs from head office's after the moment.
    public let differingScopes: [Stamp]
    /// Another exchange at once is worth while.
    public let more: Bool
}
