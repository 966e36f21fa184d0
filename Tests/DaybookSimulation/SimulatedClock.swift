import DaybookModel
import Synchronization

/// Real time, which only the simulation moves.
final class RealTime: Sendable {
    private let milliseconds: Mutex<Int64>
    private let boots = Mutex<[UInt64: Moment]>([:])

    init(_ start: Moment) { milliseconds = Mutex(start.milliseconds) }

    func booted(_ boot: UInt64) {
        let now = now
        boots.withLock { $0[boot] = now }
    }

    /// When the clocks were read so; nil for a machine that is not of this simulation.
    func real(_ reading: ClockReading) -> Moment? {
        boots.withLock { $0[reading.boot] }?.adding(
            milliseconds: reading.monotonicMilliseconds - 1)
    }

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
        time.booted(seed)
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
        let boot = state.withLock { state in
            state.booted = now
            state.boot &+= 1
            return state.boot
        }
        time.booted(boot)
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
