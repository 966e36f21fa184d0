import DaybookModel
import Synchronization

/// Real time, which only the simulation moves.
final class RealTime: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ start: Moment) { milliseconds = Mutex(start.milliseconds) }

    var now: Moment { Moment(milliseconds: milliseconds.withLock { $0 }) }

    func pass(_ some: Int64) { milliseconds.withLock { $0 += some } }
}

/// A machine's clocks: a wall clock that may be wrong, jump and run at another speed; a monotonic one.
final class SimulatedClock: Surroundings {
    private struct State {
        var offset: Int64 = 0
        var rateMillionths: Int64 = 1_000_000
        var since: Moment
        var booted: Moment
        var boot: UInt64
        var chance: Chance
    }

    private let time: RealTime
    private let state: Mutex<State>

    init(_ time: RealTime, seed: UInt64) {
        self.time = time
        state = Mutex(
            State(since: time.now, booted: time.now, boot: seed, chance: Chance(seed: seed)))
    }

    func reading() -> ClockReading {
        let now = time.now
        return state.withLock { state in
            let passed = now.since(state.since)
            let (whole, rest) = passed.quotientAndRemainder(dividingBy: 1_000_000)
            let ran = whole * state.rateMillionths + rest * state.rateMillionths / 1_000_000
            return ClockReading(
                wall: state.since.adding(milliseconds: state.offset + ran),
                monotonicMilliseconds: now.since(state.booted) + 1, boot: state.boot)
        }
    }

    func randomBytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in UInt8(truncatingIfNeeded: state.chance.next() >> 24) }
        }
    }

    func reboot() {
        let now = time.now
        state.withLock {
            $0.booted = now
            $0.boot &+= 1
        }
    }

    /// Sets the wall clock so far from the real time, to run at this rate from now on.
    func set(offset: Int64, rateMillionths: Int64) {
        let now = time.now
        state.withLock {
            $0.since = now
            $0.offset = offset
            $0.rateMillionths = rateMillionths
        }
    }
}
