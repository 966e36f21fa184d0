import DaybookModel
import Foundation

/// The machine's own clocks and randomness.
public struct SystemSurroundings: Surroundings {
    private let boot: UInt64

    public init() {
        // Where the kernel names no boot, each start counts as one: entries of others are timed by the wall.
        let named = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let digits = (named ?? "").filter(\.isHexDigit).prefix(16)
        boot = UInt64(digits, radix: 16) ?? UInt64.random(in: .min ... .max)
    }

    public func reading() -> ClockReading {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var since = timespec()
        // Counts on through sleep, as CLOCK_MONOTONIC does not.
        clock_gettime(CLOCK_BOOTTIME, &since)
        return ClockReading(
            wall: Moment(milliseconds: Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000),
            monotonicMilliseconds: Int64(since.tv_sec) * 1_000 + Int64(since.tv_nsec) / 1_000_000,
            boot: boot)
    }

    public func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
