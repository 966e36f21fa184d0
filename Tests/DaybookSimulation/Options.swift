/// What can go wrong, each with its rate in a thousand steps.
public enum Fault: String, CaseIterable, Sendable {
    case dropped, repeated, delayed, cut, partition
    case laptopCrash, officeCrash, diskFull, writeError, syncError
    case clockWrong, clockJump, clockSpeed
    case laptopRestored, laptopCloned, officeRestored, failover, bothRestored, nodeTwice
    case scopeLost, scopeGained, scopesSwapped, upgrade, backup, bitRot

    var perMille: Int {
        switch self {
        case .dropped, .cut: 40
        case .repeated, .delayed: 20
        case .partition: 10
        case .laptopCrash, .officeCrash: 30
        case .diskFull, .writeError, .syncError: 12
        case .clockWrong, .clockJump, .clockSpeed: 8
        case .laptopRestored, .laptopCloned: 5
        case .officeRestored, .failover: 5
        case .bothRestored: 2
        case .nodeTwice: 2
        case .scopeLost, .scopeGained, .scopesSwapped: 8
        case .upgrade: 8
        case .backup: 10
        case .bitRot: 2
        }
    }
}

/// A law broken on purpose: the simulator must find it.
public enum Mutation: String, CaseIterable, Sendable {
    /// Head office takes every edit as if it had seen all heads: the last arrival overwrites.
    case lastArrivalWins
    /// Head office's disk says "synced" and does not sync.
    case syncSkipped
    /// A page's cursor is kept, and its records are forgotten.
    case cursorWithoutPage
    /// What was not answered is written once more before it is sent again.
    case postingDoubled
    /// Head office answers before it has recorded.
    case answeredUnrecorded
    /// A laptop shows each page as it comes, not whole moments.
    case momentsTorn
}

/// One simulation's measure.
public struct SimulationOptions: Sendable {
    public var laptops = 3
    public var steps = 150
    /// Only these happen; all when empty.
    public var only: Set<Fault> = []
    /// None of these.
    public var without: Set<Fault> = []
    public var mutation: Mutation?
    public var keepsTrace = false

    public init() {}

    func allows(_ fault: Fault) -> Bool {
        (only.isEmpty || only.contains(fault)) && !without.contains(fault)
    }
}

/// What a simulation came to.
public struct SimulationResult: Sendable {
    public let seed: UInt64
    /// What was broken, in words for an engineer; nil when every law held.
    public let broken: String?
    public let counts: [String: Int]
    public let trace: [String]
    /// SHA-256 of the trace, to compare runs.
    public let traceHash: [UInt8]
}
