/// What a machine's clocks said when something was written down (law 5).
public struct ClockReading: Hashable, Sendable {
    /// The wall clock; may be wrong by years.
    public let wall: Moment
    /// Milliseconds since the boot, sleep included.
    public let monotonicMilliseconds: Int64
    /// Names the boot that the monotonic clock counts from.
    public let boot: UInt64

    public init(wall: Moment, monotonicMilliseconds: Int64, boot: UInt64) {
        self.wall = wall
        self.monotonicMilliseconds = monotonicMilliseconds
        self.boot = boot
    }
}

/// Clocks and randomness, injected so that the simulator can play them.
public protocol Surroundings: Sendable {
    func reading() -> ClockReading
    /// Bytes that nobody can foresee.
    func randomBytes(_ count: Int) -> [UInt8]
}

/// When something really happened, as head office worked it out once, and how sure it is.
public struct Happening: Hashable, Sendable, Codable {
    public let at: Moment
    /// The real moment lies within this many milliseconds to either side.
    public let uncertaintyMilliseconds: Int64

    /// A clock that agrees with head office within this is taken at its word: a line's delay explains it.
    static let agreementMilliseconds: Int64 = 5_000

    /// Works out when an entry was written.
    ///
    /// - Parameters:
    ///   - written: the laptop's clocks when it wrote the entry.
    ///   - sent: the laptop's clocks when it opened the exchange that brought it.
    ///   - received: head office's wall clock at that opening.
    ///
    /// Within one boot the monotonic clock tells how long ago it was, whatever the wall clock says. Across a
    /// boot only the wall clock is left: taken as it is when it agrees now, shifted by today's error when not.
    public init(written: ClockReading, sent: ClockReading, received: Moment) {
        let error = sent.wall.since(received)
        let agrees = abs(clamped: error) <= Self.agreementMilliseconds
        if written.boot == sent.boot, written.monotonicMilliseconds <= sent.monotonicMilliseconds {
            let (gap, tooLong) = sent.monotonicMilliseconds.subtractingReportingOverflow(
                written.monotonicMilliseconds)
            let ago = tooLong ? .max : gap
            let at = received.adding(milliseconds: -ago)
            let wallAgrees =
                abs(clamped: written.wall.since(at)) <= Self.agreementMilliseconds
            self.at = wallAgrees ? min(written.wall, received) : at
            uncertaintyMilliseconds = wallAgrees ? 0 : Self.agreementMilliseconds
        } else if agrees {
            at = min(written.wall, received)
            uncertaintyMilliseconds =
                written.wall <= received ? 60_000 : written.wall.since(received)
        } else {
            at = min(written.wall.adding(milliseconds: error == .min ? .max : -error), received)
            uncertaintyMilliseconds = abs(clamped: error)
        }
    }

    public init(at: Moment, uncertaintyMilliseconds: Int64) {
        self.at = at
        self.uncertaintyMilliseconds = uncertaintyMilliseconds
    }
}

private func abs(clamped number: Int64) -> Int64 { number == .min ? .max : Swift.abs(number) }
