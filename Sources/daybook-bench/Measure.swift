/// One line of the table: what was measured, beside what it is to reach.
struct Figure: Codable, Sendable {
    let measure: String
    let what: String
    let value: Double
    let unit: String
    /// What the same work costs at the least, in the same unit; nil where the value stands alone.
    var floor: Double?
    /// To reach: the value, or its ratio to the floor, at most.
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
}

/// What a run is asked for.
struct Settings: Sendable {
    var rows = 100_000
}

/// Something that can be measured by its name.
struct Measure: Sendable {
    let name: String
    let abstract: String
    let run: @Sendable (Settings) async throws -> [Figure]

    static let all: [Measure] = [wire, exchange, greedy, codes]
}
