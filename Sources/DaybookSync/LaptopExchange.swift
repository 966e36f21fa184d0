import DaybookModel
import DaybookProtocol

/// A frame that does not belong where it came.
public struct OutOfOrder: Error, Hashable, Sendable {
    public let kind: FrameKind

    public init(kind: FrameKind) { self.kind = kind }
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
    private let returning: ReturningFrames
    private let comparing: [Compare]
    private let hello: Hello
    /// All that is said, when there is nothing to say.
    private let still: Still?
    private var stage = Stage.expectingWelcome
    private var refusal: Refusal?
    private var verdictsTaken = 0
    private var pagesStaged = 0
    private var editsRefused = 0
    private var differing: [Stamp] = []
    private var officeHasMore = false
    private var isOfFile = false
    private var use = AnswerUse.whole
    private var framesReturned = 0
    private var sawMoment = false
    private var comparisons: [Stamp: Comparison] = [:]

    /// Seals what waits and reads where the book stands.
    ///
    /// - Parameters:
    ///   - comparing: ranges in which a digest differs, to be looked into.
    ///   - after: the last posting that is not wanted; 0 for none.
    ///   - postingsMax: how many postings it holds.
    ///   - returnedMax: how many returned frames it holds.
    ///   - mayBeStill: with nothing to say, and nothing new expected, it only asks whether there is anything.
    public init(
        book: Book, clock: ClockReading, comparing: [Compare] = [],
        after: UInt64 = 0, postingsMax: Int = Limits.exchangePostingsMax,
        returnedMax: Int = Limits.returnedMax,
        mayBeStill: Bool = false
    ) throws {
        self.book = book
        self.clock = clock
        self.comparing = comparing
        let sealed = try book.postingsToSend(after: after, most: postingsMax)
        returning = try book.framesToReturn(most: returnedMax)
        // After sealing, so that it names the last sealed posting.
        var hello = try book.hello(clock: clock)
        hello.isReturning = returning.hasMore
        self.hello = hello
        // A chain that forked is not gone on with.
        // What was returned is there before the postings that name it.
        postings = hello.wantsIncarnation || returning.hasMore ? [] : sealed
        let isStill = mayBeStill && comparing.isEmpty && sealed.isEmpty && returning.frames.isEmpty
        still = isStill ? try book.still(clock: clock) : nil
    }

    /// Takes an answer that came by another way than the request's line, as a bundle does.
    public init(readingInto book: Book, clock: ClockReading) throws {
        self.book = book
        self.clock = clock
        comparing = []
        postings = []
        // What it says was taken is returned once more: which frames it means is not certain here.
        returning = ReturningFrames()
        isOfFile = true
        still = nil
        hello = try book.hello(clock: clock)
    }

    /// The request's frames, encoded, in order.
    public func request() throws -> [[UInt8]] {
        if let still { return [try Message.still(still).frame().encoded()] }
        let opening = try Message.hello(hello).frame().encoded()
        let closing = try Message.done(more: false).frame().encoded()
        let returned = returning.frames.map { Frame(kind: .returned, raw: $0).encoded() }
        let compares = try comparing.map { try Message.compare($0).frame().encoded() }
        return [opening] + returned + postings.map(\.frame) + compares + [closing]
    }

    /// Takes one frame of the answer. Throws ``MalformedBytes``, ``OutOfOrder`` or the book's error; what was
    /// taken before stays taken.
    public mutating func receive(_ frame: Frame) throws {
        let message = try Message(frame)
        guard !isPassedOver(message) else { return }
        switch (stage, message) {
        case (.expectingWelcome, .welcome(let welcome)):
            use = try book.take(welcome, clock: clock, isOfFile: isOfFile)
            stage = .taking
        case (.expectingWelcome, .quiet(let moment)) where still != nil:
            try book.takeQuiet(at: moment, clock: clock)
            stage = .done
        case (.expectingWelcome, .done) where still != nil:
            // There is something: a whole exchange says what.
            officeHasMore = true
            stage = .done
        case (.expectingWelcome, .refusal(let refusal)), (.taking, .refusal(let refusal)):
            if refusal.code == .postingForked, use == .whole { try book.noteFork() }
            if refusal.code == .signatureWrong, use == .whole { try book.noteKeyForgotten() }
            self.refusal = refusal
            stage = .done
        case (.taking, .taken(let taken)):
            try book.take(taken, of: returning)
            framesReturned = taken.count
        case (.taking, .compared(let compared)):
            comparisons[compared.scope, default: Comparison()].add(try book.compare(compared))
        case (.taking, .verdicts(let verdicts)):
            do {
                try book.take(verdicts, raw: frame.raw)
                verdictsTaken += 1
                editsRefused += verdicts.refused.count
            } catch is OutOfOrder where isOfFile {
                // The book was put back to before it wrote the bundle.
                use = .nothing
            }
        case (.taking, .feed(let page)):
            do {
                try book.stage(page, raw: frame.raw)
                pagesStaged += 1
            } catch is OutOfOrder where isOfFile {
                // The laptop lost the scope since it wrote the bundle, and starts it anew by another way.
                use = .verdicts
            }
        case (.taking, .moment(let moment)):
            differing = try book.show(moment)
            sawMoment = true
        case (.taking, .done(let more)):
            officeHasMore = more
            stage = .done
        default: throw OutOfOrder(kind: frame.kind)
        }
    }

    private func isPassedOver(_ message: Message) -> Bool {
        switch (use, message) {
        case (.whole, _): false
        case (_, .taken), (_, .compared), (_, .feed), (_, .moment), (.nothing, .verdicts):
            stage == .taking
        default: false
        }
    }

    /// Whether the answer is whole: nothing more is taken.
    public var isDone: Bool { stage == .done }

    /// The refusal was of a chain that the next exchange begins anew.
    private var isHealing: Bool { refusal?.code?.remedy == .resynchronise }

    public func outcome() throws -> ExchangeOutcome {
        let ending: ExchangeOutcome.Ending =
            if let refusal { .refused(refusal) } else if stage == .done { .complete } else { .cut }
        let unanswered = try ending == .complete && book.hasUnanswered()
        return ExchangeOutcome(
            ending: ending, postingsSent: postings.count,
            framesSent: returning.frames.count, verdictsTaken: verdictsTaken,
            pagesStaged: pagesStaged, editsRefused: editsRefused, differingScopes: differing,
            sawMoment: sawMoment, comparisons: comparisons, framesReturned: framesReturned,
            use: use,
            more: isHealing || ending == .complete && (officeHasMore || unanswered))
    }
}
