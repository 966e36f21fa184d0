/// What can go wrong, each with its rate in a thousand steps.
public enum Fault: String, CaseIterable, Sendable {
    case dropped, repeated, delayed, reordered, cut, partition
    /// A bundle file goes to head office on a stick, and the answer back.
    case carried
    case laptopCrash, officeCrash, diskFull, writeError, syncError
    case clockWrong, clockJump, clockSpeed
    case laptopRestored, laptopCloned, officeRestored, failover, bothRestored, nodeTwice
    case scopeLost, scopeGained, scopesSwapped, upgrade, backup, bitRot
    /// A laptop signs with a new key from now on.
    case keyRenewed

    var perMille: Int {
        switch self {
        case .dropped, .cut: 40
        case .repeated, .delayed, .reordered: 20
        case .carried: 15
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
        case .keyRenewed: 8
        }
    }

    /// Something that was acknowledged is lost, or a name is given twice: some laws can be checked to the letter
    /// only without it, so a third of all seeds goes without.
    var rewritesHistory: Bool {
        switch self {
        case .laptopRestored, .laptopCloned, .officeRestored, .failover, .bothRestored, .nodeTwice:
            true
        default: false
        }
    }
}

/// A law broken on purpose: the simulator must find it.
public enum Mutation: String, CaseIterable, Sendable {
    /// None, in the dress of one: it must not be found.
    case control
    /// Head office refuses a posting whose facts break a rule.
    case factsRefused
    /// Head office says something else of an entry each time that it is asked.
    case verdictsVary
    /// Head office takes every edit as if it had seen all heads: the last arrival overwrites.
    case lastArrivalWins
    /// Head office's disk says "synced" and does not sync.
    case syncSkipped
    /// Head office answers before it has recorded.
    case answeredUnrecorded
    /// What was not answered is written once more before it is sent again.
    case postingDoubled
    /// Head office believes a laptop's wall clock.
    case clockBelieved
    /// Head office does not notice that it has lost something.
    case regressionIgnored
    /// A page's cursor is kept, and its records are forgotten.
    case cursorWithoutPage
    /// Head office feeds every scope to everybody.
    case scopesIgnored
    /// A laptop forgets a part of what one entry wrote.
    case entryTorn
    /// An old laptop drops what its catalogue does not know.
    case unknownDropped
    /// A laptop asks for everything each time.
    case cursorForgotten

    /// DESIGN.md's number of the law that it breaks.
    public var law: Int? {
        switch self {
        case .control: nil
        case .factsRefused: 1
        case .verdictsVary: 2
        case .lastArrivalWins: 3
        case .syncSkipped, .answeredUnrecorded, .postingDoubled: 4
        case .clockBelieved: 5
        case .regressionIgnored, .cursorWithoutPage, .entryTorn: 6
        case .scopesIgnored: 7
        case .unknownDropped: 8
        case .cursorForgotten: 9
        }
    }

    /// Laptops do not look into differences, which would mend what is broken; so nothing may happen that only
    /// looking into it mends.
    var keepsFromRepair: Bool { self != .regressionIgnored }

    /// What the check that is meant for it says, whichever of these comes first.
    public var isFoundBy: [String] {
        switch self {
        case .control: []
        case .factsRefused: ["queues do not drain"]
        case .verdictsVary: ["another verdict", "where the laws want", "was written at"]
        case .lastArrivalWins: ["where the laws want"]
        case .syncSkipped: ["vanished", "acknowledged posting"]
        case .answeredUnrecorded: ["vanished", "queues do not drain"]
        case .postingDoubled: ["nobody wrote"]
        case .clockBelieved: ["accepted at", "was written at"]
        case .regressionIgnored: ["vanished", "differs in", "queues do not drain"]
        case .cursorWithoutPage, .unknownDropped: ["differs in"]
        case .entryTorn: ["half of an entry"]
        case .scopesIgnored: ["may not hold"]
        case .cursorForgotten: ["an idle answer"]
        }
    }
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

    func allows(_ fault: Fault, seed: UInt64) -> Bool {
        if mutation?.keepsFromRepair == true, fault == .bitRot || fault.rewritesHistory {
            return false
        }
        guard only.isEmpty else { return only.contains(fault) && !without.contains(fault) }
        return !without.contains(fault) && !(seed.isMultiple(of: 3) && fault.rewritesHistory)
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
