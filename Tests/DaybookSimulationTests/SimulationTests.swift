import CSimulatedDisk
import DaybookSimulation
import Foundation
import Testing

/// The simulator itself: that it repeats, that its faults happen, that it finds what is broken on purpose.
@Suite(.serialized) struct SimulationTests {
    /// On a thread of its own: a minute of work on one of the few that tests share makes servers in other tests wait.
    private func run(seed: UInt64, options: SimulationOptions) async -> SimulationResult {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: Simulation.run(seed: seed, options: options))
            }
        }
    }

    @Test func `the same seed gives the same trace, to the byte`() async {
        var options = SimulationOptions()
        options.keepsTrace = true
        for seed: UInt64 in [7, 148, 305] {
            let once = await run(seed: seed, options: options)
            let again = await run(seed: seed, options: options)

            #expect(once.trace == again.trace)
            #expect(once.traceHash == again.traceHash)
            #expect(once.counts == again.counts)
        }
        let other = await run(seed: 8, options: options)
        let seventh = await run(seed: 7, options: options)
        #expect(other.traceHash != seventh.traceHash)
    }

    @Test func `every fault really happens`() async {
        var counts: [String: Int] = [:]
        for seed: UInt64 in 1...80 {
            let result = await run(seed: seed, options: SimulationOptions())
            #expect(result.broken == nil, "seed \(seed)")
            counts.merge(result.counts, uniquingKeysWith: +)
        }
        let silent = Fault.allCases.map(\.rawValue).filter { counts[$0, default: 0] == 0 }
        // Faults of disks are counted where they happen.
        let ofDisks: Set = ["diskFull", "writeError", "syncError"]
        #expect(silent.filter { !ofDisks.contains($0) } == [])
        let effects = [
            "diskFulls", "writeErrors", "syncErrors", "writesDropped", "writesTorn", "bundlesRead",
            "nameTaken", "chainEnded",
        ]
        for name in effects {
            #expect(counts[name, default: 0] > 0, "\(name)")
        }
    }

    /// The check that is meant for it finds it; the one in name only is found by none.
    @Test(arguments: Mutation.allCases) func `a law broken on purpose is found`(mutation: Mutation)
        async
    {
        var options = SimulationOptions()
        options.mutation = mutation
        var said: [String] = []
        for seed: UInt64 in 1...60 {
            guard let broken = await run(seed: seed, options: options).broken else { continue }
            said.append(broken)
            if mutation.isFoundBy.contains(where: broken.contains) { return }
        }

        #expect(mutation.law == nil && said.isEmpty, "\(mutation) in 60 seeds: \(said)")
    }

    @Test func `every law has a mutation`() {
        #expect(Set(Mutation.allCases.compactMap(\.law)) == Set(1...9))
    }
}
