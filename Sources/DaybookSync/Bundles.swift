import DaybookModel
import DaybookProtocol

/// Exchanges without a network: what a laptop would send and take, frame by frame, for a file.
public enum Bundles {
    /// Hands out frames in their order.
    public typealias Frames = (_ each: (Frame) throws -> Void) throws -> Void

    /// Says what a laptop has to say, for head office: every posting that has no verdict, and every frame that is
    /// owed. Returns how many postings.
    public static func write(
        by book: some LaptopBook, clock: ClockReading, _ emit: ([UInt8]) throws -> Void
    ) throws -> Int {
        var sealed: UInt64 = 0
        while let last = try book.postingsToSend(after: sealed, most: slice).last {
            sealed = last.number
        }
        var hello = try book.hello(clock: clock)
        // An answer that travels tells what is new at once.
        hello.scopesName = nil
        try emit(try Message.hello(hello).frame().encoded())
        var returned: Int64 = 0
        while case let owed = try book.framesToReturn(after: returned, most: slice),
            let last = owed.names.last
        {
            for raw in owed.frames { try emit(Frame(kind: .returned, raw: raw).encoded()) }
            returned = last
        }
        var (count, after) = (0, UInt64(0))
        // A chain that forked is not gone on with.
        while !hello.wantsIncarnation, after < sealed {
            let postings = try book.postingsToSend(after: after, most: slice)
                .filter { $0.number <= sealed }
            guard let last = postings.last else { break }
            for posting in postings { try emit(posting.frame) }
            count += postings.count
            after = last.number
        }
        try emit(try Message.done(more: false).frame().encoded())
        return count
    }

    /// Postings or frames in memory at a time.
    private static let slice = 16

    /// Takes head office's answer. What it is older than is passed over.
    public static func take(
        _ frames: @escaping Frames, into book: some LaptopBook, clock: ClockReading
    ) throws -> ExchangeOutcome {
        var exchange = try LaptopExchange(readingInto: book, clock: clock)
        try frames { frame in
            if !exchange.isDone { try exchange.receive(frame) }
        }
        return try exchange.outcome()
    }

    /// What head office made of a laptop's bundle.
    public struct Answer: Sendable {
        public fileprivate(set) var verdicts = 0
        public fileprivate(set) var refusal: Refusal?
    }

    /// Takes a laptop's bundle and says the answer: every posting is durable before its verdicts are said.
    public static func answer(
        to frames: @escaping Frames, store: some HeadOfficeStore, laptop: Int64, now: Moment,
        key: OfficeKey,
        _ emit: ([UInt8]) throws -> Void
    ) throws -> Answer {
        var exchange = OfficeExchange(store: store, laptop: laptop, now: now, isBundle: true)
        var answer = Answer()
        func say(_ messages: [Message]) throws {
            for message in messages { try emit(try message.frame(key: key).encoded()) }
        }
        do {
            try frames { frame in
                switch try exchange.receive(frame) {
                case .send(let messages): try say(messages)
                case .record(let posting):
                    try say(try exchange.recorded(try store.record([posting])[0]))
                    answer.verdicts += 1
                case .regain(let page, let laptop):
                    try say(exchange.regained(try store.regain(page, from: laptop)))
                case .feed:
                    while case let next = try exchange.nextFeed(), !next.isEmpty { try say(next) }
                }
            }
        } catch let refused as Refusal {
            answer.refusal = refused
            try say([.refusal(refused)])
            return answer
        }
        if let closing = exchange.closing {
            answer.refusal = closing
            try say([.refusal(closing)])
        }
        return answer
    }
}
