import DaybookModel
import DaybookOperations
import Foundation

extension Measure {
    private static let others = 50
    private static let rounds = 3

    /// Whether one laptop that pushes without end keeps others from their syncs.
    static let greedy = Measure(
        name: "greedy",
        abstract: "the syncs of 50 laptops, alone and beside one that pushes --rows records"
    ) { settings in
        // What it pushes is of its own store: the others do not have to take it in.
        let stage = try await Stage(stores: 2)
        let scopes = [stage.stores[1]] + stage.events
        let greedy = try stage.laptop("greedy", scopes: [stage.stores[0]], seed: 21)
        try await greedy.sync()
        var laptops: [BenchLaptop] = []
        for number in 0..<others {
            let laptop = try stage.laptop(
                "laptop\(number)", scopes: scopes, seed: 100 + UInt64(number))
            try await laptop.sync()
            laptops.append(laptop)
        }
        var input = Input(seed: 3)
        var alone: [Double] = []
        var beside: [Double] = []
        var pushed = 0
        for round in 0..<rounds {
            alone += try await turns(of: laptops, seed: UInt64(round), while: nil)
            let share = settings.rows / rounds
            try fill(greedy, share, &input, stage)
            pushed += share
            let push = Task { try await greedy.sync() }
            beside += try await turns(of: laptops, seed: UInt64(round) + 50, while: push)
            try await push.value
        }
        await stage.end()
        let (few, many) = (percentile(alone, 0.99), percentile(beside, 0.99))
        return [
            Figure(
                "greedy", "p99 of a sync beside a push of \(pushed)", many, "ms", floor: few,
                atMost: 6),
            Figure(
                "greedy", "p50 of a sync beside it", percentile(beside, 0.5), "ms",
                floor: percentile(alone, 0.5), atMost: 10),
        ]
    }

    private static func fill(
        _ laptop: BenchLaptop, _ rows: Int, _ input: inout Input, _ stage: Stage
    ) throws {
        for batch in stride(from: 0, to: rows, by: 500) {
            try laptop.write { entry in
                for _ in batch..<min(batch + 500, rows) {
                    var draft = Draft(Movement.self)
                    draft[Movement.store] = stage.stores[0]
                    draft[Movement.product] = input.pick(stage.products)
                    draft[Movement.quantity] = input.number(1..<5)
                    draft[Movement.kind] = "receipt"
                    _ = try entry.birth(draft)
                }
            }
        }
    }

    /// Each laptop writes something and syncs, about once a second, until the push is over (or five times): how long
    /// each sync took, in milliseconds.
    private static func turns(
        of laptops: [BenchLaptop], seed: UInt64, while push: Task<Void, any Error>?
    ) async throws -> [Double] {
        let ended = Flag()
        if let push {
            Task {
                // How it ended is told to whoever waits for it.
                _ = await push.result
                ended.raise()
            }
        }
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for (number, laptop) in laptops.enumerated() {
                group.addTask {
                    var random = Input(seed: seed &* 1_000 &+ UInt64(number))
                    var times: [Double] = []
                    while push == nil ? times.count < 5 : !ended.isRaised {
                        try await Task.sleep(for: .milliseconds(random.number(500..<1_500)))
                        try laptop.write { entry in
                            _ = try Acts.move(
                                entry, store: laptop.stage.stores[1],
                                product: laptop.stage.products[0], quantity: 1, kind: "receipt")
                        }
                        let began = ContinuousClock.now
                        try await laptop.sync()
                        times.append((ContinuousClock.now - began) / .milliseconds(1))
                    }
                    return times
                }
            }
            var all: [Double] = []
            for try await times in group { all += times }
            return all
        }
    }

    static func percentile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

/// Raised once, by one task, and seen by others.
private final class Flag: @unchecked Sendable {
    // Because: every access is under the lock.
    private let lock = NSLock()
    private var raised = false

    var isRaised: Bool { lock.withLock { raised } }
    func raise() { lock.withLock { raised = true } }
}
