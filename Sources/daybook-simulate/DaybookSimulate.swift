import ArgumentParser
import DaybookSimulation
import Foundation

/// Campaigns of the simulator: `daybook-simulate --seeds 2000 --start 1`.
@main
struct DaybookSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-simulate",
        abstract: "Runs laptops and a head office through faults and checks the laws.")

    @Option(help: "How many seeds to run.") var seeds = 100
    @Option(help: "The first seed.") var start: UInt64 = 1
    @Option(help: "Laptops in each simulation.") var laptops = 3
    @Option(help: "Steps in each simulation.") var steps = 150
    @Option(parsing: .upToNextOption, help: "Only these faults: \(Self.names).")
    var only: [String] = []
    @Option(parsing: .upToNextOption, help: "None of these faults.") var without: [String] = []
    @Option(help: "Breaks a law on purpose: \(Mutation.allCases.map(\.rawValue)).")
    var mutation: String?
    @Flag(help: "Prints what happens, for one seed.") var trace = false
    @Flag(help: "Goes on after a seed that did not hold.") var all = false

    private static let names = Fault.allCases.map(\.rawValue).joined(separator: " ")

    func run() throws {
        var options = SimulationOptions()
        options.laptops = laptops
        options.steps = steps
        options.only = Set(try only.map(fault))
        options.without = Set(try without.map(fault))
        options.mutation = try mutation.map { name in
            guard let mutation = Mutation(rawValue: name) else {
                throw ValidationError("no mutation \(name)")
            }
            return mutation
        }
        options.keepsTrace = trace
        print(
            "seeds \(start)…\(start + UInt64(max(seeds, 1)) - 1), laptops \(laptops), steps \(steps)"
                + (only.isEmpty ? "" : ", only \(only.joined(separator: " "))")
                + (without.isEmpty ? "" : ", without \(without.joined(separator: " "))")
                + (mutation.map { ", mutation \($0)" } ?? ""))
        try campaign(options)
    }

    private func campaign(_ options: SimulationOptions) throws {
        let began = Date()
        var (counts, failed, ran): ([String: Int], [UInt64], Int) = ([:], [], 0)
        for seed in start..<start + UInt64(max(seeds, 1)) {
            let result = Simulation.run(seed: seed, options: options)
            ran += 1
            counts.merge(result.counts, uniquingKeysWith: +)
            if trace { result.trace.forEach { print($0) } }
            guard let broken = result.broken else { continue }
            failed.append(seed)
            print("seed \(seed): \(broken)")
            fflush(nil)
            guard all else { break }
        }
        let seconds = Date().timeIntervalSince(began)
        for (fault, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("  \(fault) \(count)")
        }
        print(
            "\(ran) seeds, \(failed.count) broken, \(Int(seconds)) s, "
                + "\(Int(Double(ran) / max(seconds, 0.001))) seeds a second")
        guard failed.isEmpty else { throw ExitCode.failure }
    }

    private func fault(_ name: String) throws -> Fault {
        guard let fault = Fault(rawValue: name) else {
            throw ValidationError("no fault \(name); there are \(Self.names)")
        }
        return fault
    }
}
