import DaybookModel

/// One product in one store as the facts have it: movements add up, and a count that somebody accepted says how much
/// there was at its moment, so that what no movement explains is gain (盘盈) or loss (盘亏).
///
/// Everything is a function of the facts, whatever the order in which they came: a movement that turns up late and
/// happened before a count changes what the count has to explain, and not what there is.
public struct StockLedger {
    /// Counts of one thing no farther apart than this are of one counting (a shop's day): people compare them.
    static let closeMilliseconds: Int64 = 12 * 3_600_000
    /// How sure a moment is at least that is told across a restart by clocks that agree.
    static let sureMilliseconds: Int64 = 60_000

    /// What somebody said of a count's line.
    public enum Decision: Hashable, Sendable {
        /// So much was there at its moment.
        case accepted(Int64)
        case dismissed
    }

    public struct Line: Sendable {
        public let record: Record
        public let counted: Int64
        public fileprivate(set) var decision: Decision?
        /// The movements that happened before it.
        public fileprivate(set) var moved: Int64 = 0
        /// What there should have been, by the movements and the accepted count before it.
        public fileprivate(set) var expected: Int64 = 0
        /// Movements that may have happened before it or after it.
        public fileprivate(set) var unsure: [Record] = []

        /// What is not explained.
        public var variance: Int64 {
            if case .accepted(let sum)? = decision { return sum &- expected }
            return counted &- expected
        }
    }

    public private(set) var store: Stamp
    public private(set) var product: Stamp
    /// In the order of time. All, or those since the accepted count before the last accepted one's day.
    public private(set) var lines: [Line] = []
    /// In the order of time; those that the lines need, or all.
    public private(set) var movements: [Record] = []
    /// The sum of all movements.
    public private(set) var moved: Int64
    /// What accepted counts add to that.
    public private(set) var adjustment: Int64 = 0
    public var onHand: Int64 { moved &+ adjustment }
    /// The place in ``lines`` of the accepted count that holds now.
    public private(set) var holding: Int?

    /// Settlements by the first record that they are about.
    private var settled: [Stamp: [(key: MatterKey, settled: Settled)]] = [:]

    /// - Parameters:
    ///   - isWhole: all of its history, not only what may still change.
    ///   - isKnown: which facts count; nil for all.
    public init(
        _ view: any BookView, store: Stamp, product: Stamp, isWhole: Bool = false,
        isKnown: ((Stamp) throws -> Bool)? = nil
    ) throws {
        self.store = store
        self.product = product
        let keys = [store.value, product.value]
        var found: [Record] = []
        var settled: [Stamp: [(key: MatterKey, settled: Settled)]] = [:]
        var hasAccepted = false
        try view.timeline(in: "countline", keys) { line in
            if hasAccepted, !isWhole, let next = found.last,
                next.at.since(line.at) > Self.closeMilliseconds
            {
                return false
            }
            guard try isKnown?(line.id) ?? true else { return true }
            found.append(line)
            let here = try Settlement.about(line.id, view)
                .filter { try isKnown?($0.settled.id) ?? true }
            settled[line.id] = here
            hasAccepted = hasAccepted || here.contains { StockMatters.accepts($0) }
            return true
        }
        self.settled = settled
        lines = found.reversed().map {
            Line(record: $0, counted: $0[CountLine.quantity] ?? 0)
        }
        var movements: [Record] = []
        let from = lines.map {
            let (margin, tooFar) = $0.record.uncertaintyMilliseconds
                .addingReportingOverflow(Self.sureMilliseconds)
            return $0.record.at.adding(milliseconds: tooFar ? -.max : -max(margin, 0))
        }.min()
        var sum: Int64 = 0
        if isWhole || from != nil {
            try view.timeline(in: "movement", keys) { movement in
                if !isWhole, let from, movement.at < from { return false }
                guard try isKnown?(movement.id) ?? true else { return true }
                movements.append(movement)
                sum &+= Self.quantity(movement)
                return true
            }
        }
        self.movements = movements.reversed()
        moved = isWhole ? sum : try view.fold("stockOnHand", keys)
        decide()
        // Somebody accepted a line, and others had said otherwise before: what holds is farther back.
        let isDecided = lines.contains { if case .accepted? = $0.decision { true } else { false } }
        if hasAccepted, !isDecided, !isWhole {
            self = try StockLedger(
                view, store: store, product: product, isWhole: true, isKnown: isKnown)
            return
        }
        try look(for: view, keys, isKnown)
        reckon()
    }

    /// As the fold sums it: what nobody can have counted is summed nowhere.
    static func quantity(_ movement: Record) -> Int64 {
        let quantity = movement[Movement.quantity] ?? 0
        return Movement.quantity.definition.fault(of: .integer(quantity)) == nil ? quantity : 0
    }

    // MARK: - What people said

    private mutating func decide() {
        var decided: [Stamp: (at: Moment, id: Stamp, decision: Decision)] = [:]
        for one in settled.values.joined() {
            for (line, decision) in decisions(one.key, one.settled) {
                // Who said something first is right, until somebody takes it back.
                if let held = decided[line],
                    (held.at, held.id) < (one.settled.at, one.settled.id)
                {
                    continue
                }
                decided[line] = (one.settled.at, one.settled.id, decision)
            }
        }
        for place in lines.indices {
            lines[place].decision = decided[lines[place].record.id]?.decision
        }
    }

    private func decisions(_ key: MatterKey, _ settled: Settled) -> [(Stamp, Decision)] {
        let about = lines.filter { key.about.contains($0.record.id) }
        // One of a matter's settlements holds, the earliest.
        guard about.count == key.about.count,
            self.settled[key.about[0]]?.first(where: { $0.key == key })?.settled.id == settled.id
        else { return [] }
        switch (key.kind, settled.choice) {
        case (StockMatters.variance.code, "accept"):
            return about.map { ($0.record.id, .accepted($0.counted)) }
        case (StockMatters.close.code, "accept"):
            return about.map {
                ($0.record.id, $0.record.id == settled.chosen ? .accepted($0.counted) : .dismissed)
            }
        case (StockMatters.close.code, "sum"):
            let sum = about.reduce(0) { $0 &+ $1.counted }
            return about.map {
                ($0.record.id, $0.record.id == about.last?.record.id ? .accepted(sum) : .dismissed)
            }
        case (StockMatters.variance.code, _), (StockMatters.close.code, _):
            return about.map { ($0.record.id, .dismissed) }
        default: return []
        }
    }

    /// What somebody said of a movement that may have been before or after a line.
    func side(of movement: Stamp, at line: Line) -> String? {
        let key = MatterKey(kind: StockMatters.unsure.code, about: [line.record.id, movement])
        return settled[key.about[0]]?.first { $0.key == key }?.settled.choice
    }

    // MARK: - Arithmetic

    private mutating func look(
        for view: any BookView, _ keys: [Value], _ isKnown: ((Stamp) throws -> Bool)?
    ) throws {
        guard !lines.isEmpty else { return }
        let unsure = try view.uncertain(
            in: "movement", keys, beyond: Self.sureMilliseconds
        ).filter { try isKnown?($0.id) ?? true }
        for place in lines.indices {
            let line = lines[place].record
            var found: [Stamp: Record] = [:]
            for movement in movements + unsure where Self.mayBeEitherSide(movement, line) {
                found[movement.id] = movement
            }
            lines[place].unsure = found.values.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
            // What was said of a movement with the smaller id is kept under that.
            for movement in lines[place].unsure where movement.id < line.id {
                settled[movement.id] = try Settlement.about(movement.id, view)
                    .filter { try isKnown?($0.settled.id) ?? true }
            }
        }
    }

    /// One laptop's own order is sure.
    static func mayBeEitherSide(_ movement: Record, _ line: Record) -> Bool {
        let (within, tooFar) = movement.uncertaintyMilliseconds.addingReportingOverflow(
            line.uncertaintyMilliseconds)
        guard within > 0 || tooFar, movement.id.node != line.id.node else { return false }
        return tooFar || movement.at.since(line.at).magnitude <= within.magnitude
    }

    private mutating func reckon() {
        for place in lines.indices {
            let line = lines[place]
            var after: Int64 = 0
            for movement in movements where movement.at > line.record.at {
                after &+= Self.quantity(movement)
            }
            for movement in line.unsure {
                let isAfter = movement.at > line.record.at
                switch side(of: movement.id, at: line) {
                case "before"? where isAfter: after &-= Self.quantity(movement)
                case "after"? where !isAfter: after &+= Self.quantity(movement)
                default: break
                }
            }
            lines[place].moved = moved &- after
            lines[place].expected = lines[place].moved &+ adjustment
            if case .accepted(let counted)? = line.decision {
                adjustment = counted &- lines[place].moved
                holding = place
            }
        }
    }
}
