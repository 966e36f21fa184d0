import DaybookModel
import DaybookProtocol

/// Exchanges without a network: what a laptop would send and take, as bytes of a file.
public enum Bundles {
    /// A bundle holds every posting that has no verdict, and every frame that is owed.
    private static let framesMax = 100_000

    /// What a laptop has to say, for head office.
    public static func written(
        by book: some LaptopBook, clock: ClockReading, incarnation: UInt64, secretHash: [UInt8]
    ) throws -> (bytes: [UInt8], postings: Int) {
        let exchange = try LaptopExchange(
            book: book, clock: clock, postingsMax: framesMax, returnedMax: framesMax)
        let frames = try exchange.request()
        let bytes = try BundleFile.sealed(
            frames, incarnation: incarnation, isAnswer: false, secretHash: secretHash)
        return (bytes, try exchange.outcome().postingsSent)
    }

    /// Takes head office's answer. What it is older than is passed over.
    public static func take(
        _ frames: [Frame], into book: some LaptopBook, clock: ClockReading
    ) throws -> ExchangeOutcome {
        var exchange = try LaptopExchange(readingInto: book, clock: clock)
        for frame in frames where !exchange.isDone { try exchange.receive(frame) }
        return try exchange.outcome()
    }

    /// What head office made of a laptop's bundle.
    public struct Answer: Sendable {
        public let frames: [[UInt8]]
        public let verdicts: Int
        public let refusal: Refusal?
    }

    /// Takes a laptop's bundle: every posting is durable when this returns.
    public static func answer(
        to frames: [Frame], store: some HeadOfficeStore, laptop: Int64, now: Moment, key: OfficeKey
    ) throws -> Answer {
        var exchange = OfficeExchange(store: store, laptop: laptop, now: now, isBundle: true)
        var messages: [Message] = []
        var (verdicts, refusal) = (0, Refusal?.none)
        do {
            for frame in frames {
                switch try exchange.receive(frame) {
                case .send(let sent): messages += sent
                case .record(let posting):
                    messages += try exchange.recorded(try store.record([posting])[0])
                    verdicts += 1
                case .regain(let page, let laptop):
                    messages += exchange.regained(try store.regain(page, from: laptop))
                case .feed:
                    while case let next = try exchange.nextFeed(), !next.isEmpty {
                        messages += next
                    }
                }
            }
        } catch let refused as Refusal {
            refusal = refused
            messages.append(.refusal(refused))
        }
        return Answer(
            frames: try messages.map { try $0.frame(key: key).encoded() }, verdicts: verdicts,
            refusal: refusal)
    }
}
