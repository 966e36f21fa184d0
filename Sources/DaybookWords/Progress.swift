import Foundation
import Synchronization

/// A progress bar on standard error, shown only on a terminal and only once the work has taken a second.
public final class Progress: Sendable {
    private static let quietTime = Duration.seconds(1)
    private static let redrawTime = Duration.milliseconds(100)
    private static let barWidth = 30

    private let label: String
    private let isTerminal: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let drawn = Mutex<ContinuousClock.Instant?>(nil)

    public init(_ label: String) {
        self.label = label
        isTerminal = isatty(2) == 1
        start = clock.now
    }

    /// - Parameter total: nil when nobody knows yet.
    public func show(_ done: Int, of total: Int?) {
        let now = clock.now
        guard isTerminal, now - start > Self.quietTime else { return }
        let isDue = drawn.withLock { drawn in
            if let last = drawn, now - last <= Self.redrawTime { return false }
            drawn = now
            return true
        }
        guard isDue else { return }
        guard let total, total > 0 else { return write("\r\(label) \(done)") }
        let full = min(done, total) * Self.barWidth / total
        let bar =
            String(repeating: "█", count: full)
            + String(repeating: "░", count: Self.barWidth - full)
        write("\r\(label) \(bar) \(min(done, total) * 100 / total) %")
    }

    /// Takes the bar away.
    public func end() {
        guard drawn.withLock({ $0 != nil }) else { return }
        write("\r" + String(repeating: " ", count: displayWidth(label) + Self.barWidth + 8) + "\r")
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
