/// One line of the table: what was measured, beside what it is to reach.
struct Figure: Codable, Sendable {
    let measure: String
    let what: String
    let value: Double
    let unit: String
    /// What the same work comes to at best, in the same unit; nil where the value stands alone.
    var floor: Double?
    /// To reach: by the value, or by its ratio to the floor.
    var target: String
    var isReached: Bool

    init(
        _ measure: String, _ what: String, _ value: Double, _ unit: String, floor: Double? = nil,
        atMost limit: Double
    ) {
        self.measure = measure
        self.what = what
        self.value = value
        self.unit = unit
        self.floor = floor
        target = "≤ \(limit)"
        isReached = (floor.map { value / $0 } ?? value) <= limit
    }

    /// A coefficient, for what is reckoned from it.
    init(_ measure: String, _ what: String, _ value: Double, _ unit: String) {
        self.init(measure, what, value, unit, atMost: .infinity)
        target = ""
    }

    /// Of rates, where more is better.
    init(
        _ measure: String, _ what: String, _ value: Double, _ unit: String, floor: Double? = nil,
        atLeast limit: Double
    ) {
        self.init(measure, what, value, unit, floor: floor, atMost: .infinity)
        target = "≥ \((limit * 100).rounded() / 100)"
        isReached = (floor.map { value / $0 } ?? value) >= limit
    }
}

/// What a run is asked for.
struct Settings: Sendable {
    var rows = 100_000
    /// A folder of CSV files to take instead of made input.
    var data: DataFolder?

    func visitors(_ count: Int, events: Int) throws -> [Input.Visitor] {
        if let data { return try data.visitors(count, events: events) }
        var input = Input(seed: 20_260_501)
        return (0..<count).map { _ in input.visitor(events: events, every: 77_760) }
    }
}

/// Something that can be measured by its name.
struct Measure: Sendable {
    let name: String
    let abstract: String
    let run: @Sendable (Settings) async throws -> [Figure]

    static let all: [Measure] = [
        write, size, bulk, wire, exchange, start, growth, posting, waiting, greedy, codes,
    ]
}
