import CoreMetrics
import DaybookProtocol
import NIOConcurrencyHelpers

/// A limit that somebody has met, as the metrics name it.
enum MetLimit: String, CaseIterable, Sendable {
    case bodyBytes = "body_bytes"
    case frames
    case malformed
    case inflation
    case slowSender = "slow_sender"
    case exchanges
    case exchangesOfLaptop = "exchanges_of_laptop"
    case notices
    case laptopRequests = "laptop_requests"
    case addressRequests = "address_requests"
    case unknownSecrets = "unknown_secrets"
    case enrolments
    case matters
    case quarantine
}

/// What head office counts.
struct OfficeMetrics: Sendable {
    let registry: PlainMetrics

    init(registry: PlainMetrics = PlainMetrics()) {
        self.registry = registry
        // All of them are there from the beginning: a limit that nobody has met says 0.
        for limit in MetLimit.allCases { counter(of: limit).increment(by: 0) }
        Counter(label: "daybook_quarantined_postings_total", factory: registry).increment(by: 0)
    }

    func met(_ limit: MetLimit) { counter(of: limit).increment() }

    func refused(_ refusal: Refusal) {
        let code = refusal.code.map { "\($0)" } ?? "unknown"
        Counter(label: "daybook_refusals_total", dimensions: [("code", code)], factory: registry)
            .increment()
    }

    func recorded(_ verdicts: Verdicts) {
        Counter(label: "daybook_postings_total", factory: registry).increment()
        Counter(label: "daybook_entries_total", factory: registry)
            .increment(by: verdicts.corrections.count)
        Counter(label: "daybook_entries_refused_total", factory: registry)
            .increment(by: verdicts.refused.count)
    }

    func quarantined(_ postings: Int) {
        Counter(label: "daybook_quarantined_postings_total", factory: registry)
            .increment(by: postings)
    }

    /// From the end of a request to the end of its answer.
    func answered(in time: Duration) {
        let (seconds, attoseconds) = time.components
        Timer(label: "daybook_answer_seconds", factory: registry)
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private func counter(of limit: MetLimit) -> Counter {
        Counter(
            label: "daybook_limits_met_total", dimensions: [("limit", limit.rawValue)],
            factory: registry)
    }
}

/// Keeps metrics in memory, and says them in Prometheus's text format. None of the packages at hand does that.
/// Source: the text-based format, version 0.0.4.
package final class PlainMetrics: MetricsFactory, Sendable {
    private struct Name: Hashable, Comparable {
        let label: String
        let dimensions: String

        static func < (one: Name, other: Name) -> Bool {
            (one.label, one.dimensions) < (other.label, other.dimensions)
        }
    }

    private let handlers = NIOLockedValueBox<[Name: PlainHandler]>([:])

    package init() {}

    package var text: String {
        handlers.withLockedValue { $0 }.sorted { $0.key < $1.key }.flatMap { name, handler in
            handler.lines(name.label, name.dimensions)
        }.map { $0 + "\n" }.joined()
    }

    private func handler(
        _ label: String, _ dimensions: [(String, String)], _ kind: PlainHandler.Kind
    ) -> PlainHandler {
        let said = dimensions.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
        let name = Name(label: label, dimensions: said.isEmpty ? "" : "{\(said)}")
        return handlers.withLockedValue { handlers in
            if let held = handlers[name] { return held }
            let new = PlainHandler(kind)
            handlers[name] = new
            return new
        }
    }

    package func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler { handler(label, dimensions, .counter) }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { handler(label, dimensions, .counter) }

    package func makeMeter(
        label: String, dimensions: [(String, String)]
    ) -> any MeterHandler { handler(label, dimensions, .gauge) }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler { handler(label, dimensions, aggregate ? .summary : .gauge) }

    package func makeTimer(
        label: String, dimensions: [(String, String)]
    ) -> any TimerHandler { handler(label, dimensions, .summary) }

    // They are few, and stay.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

/// One number, or the sum, the count and the largest of many.
private final class PlainHandler: CounterHandler, FloatingPointCounterHandler, MeterHandler,
    RecorderHandler, TimerHandler, Sendable
{
    enum Kind { case counter, gauge, summary }

    private struct State {
        var sum = 0.0
        var count = 0
        var largest = 0.0
    }

    private let kind: Kind
    private let state = NIOLockedValueBox(State())

    init(_ kind: Kind) { self.kind = kind }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { state.withLockedValue { $0.sum += amount } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func reset() { state.withLockedValue { $0 = State() } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLockedValue { $0.sum = value } }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard kind == .summary else { return set(value) }
        state.withLockedValue { state in
            state.sum += value
            state.count += 1
            state.largest = max(state.largest, value)
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func lines(_ label: String, _ dimensions: String) -> [String] {
        let state = state.withLockedValue { $0 }
        guard kind == .summary else { return ["\(label)\(dimensions) \(Self.text(state.sum))"] }
        return [
            "\(label)_count\(dimensions) \(state.count)",
            "\(label)_max\(dimensions) \(Self.text(state.largest))",
            "\(label)_sum\(dimensions) \(Self.text(state.sum))",
        ]
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
    }
}
