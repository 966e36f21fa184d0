import DaybookModel
import DaybookProtocol

/// A frame that does not belong where it came.
public struct OutOfOrder: Error, Hashable, Sendable {
    public let kind: FrameKind
}

/// The laptop's side of one exchange: a state machine without I/O.
///
/// The request is built whole before the first byte leaves and does not depend on the answer, so that it
/// works behind a proxy that buffers both bodies. The answer may stop at any frame: what was taken is kept
/// by the book, and the next exchange goes on from there.
public struct LaptopExchange<Book: LaptopBook>: Sendable {
    private enum Stage { case expectingWelcome, taking, done }

    private let book: Book
    private let clock: ClockReading
    private let postings: [SealedPosting]
    private let hello: Hello
    private var stage = Stage.expectingWelcome
    private var refusal: Refusal?
    private var verdictsTaken = 0
    private var pagesStaged = 0
    private var editsRefused = 0
    private var differing: [Stamp] = []
    private var officeHasMore = false

    /// Seals what waits and reads where the book stands.
    public init(book: Book, clock: ClockReading) throws {
        self.book = book
        self.clock = clock
        postings = try book.postingsToSend(most: Limits.exchangePostingsMax)
        // After sealing, so that it names the last sealed posting.
        hello = try book.hello(clock: clock)
    }

    /// The request's frames, encoded, in order.
    public func request() throws -> [[UInt8]] {
        let opening = try Message.hello(hello).frame().encoded()
        let closing = try Message.done(more: false).frame().encoded()
        return [opening] + postings.map(\.frame) + [closing]
    }

    /// Takes one frame of the answer. Throws ``MalformedBytes``, ``OutOfOrder`` or the book's error; what was
    /// taken before stays taken.
    public mutating func receive(_ frame: Frame) throws {
        let message = try Message(frame)
        switch (stage, message) {
        case (.expectingWelcome, .welcome(let welcome)):
            try book.take(welcome, clock: clock)
            stage = .taking
        case (.expectingWelcome, .refusal(let refusal)), (.taking, .refusal(let refusal)):
            self.refusal = refusal
            stage = .done
        case (.taking, .verdicts(let verdicts)):
            try book.take(verdicts)
            verdictsTaken += 1
            editsRefused += verdicts.refused.count
        case (.taking, .feed(let page)):
            try book.stage(page)
            pagesStaged += 1
        case (.taking, .moment(let moment)):
            differing = try book.show(moment)
        case (.taking, .done(let more)):
            officeHasMore = more
            stage = .done
        default: throw OutOfOrder(kind: frame.kind)
        }
    }

    /// Whether the answer is whole: nothing more is taken.
    public var isDone: Bool { stage == .done }

    public func outcome() throws -> ExchangeOutcome {
        let ending: ExchangeOutcome.Ending =
            if let refusal { .refused(refusal) } else if stage == .done { .complete } else { .cut }
        let unanswered = try ending == .complete && book.hasUnanswered()
        return ExchangeOutcome(
            ending: ending, postingsSent: postings.count, verdictsTaken: verdictsTaken,
            pagesStaged: pagesStaged, editsRefused: editsRefused, differingScopes: differing,
            more: ending == .complete && (officeHasMore || unanswered))
    }
}
