import ArgumentParser
import Foundation

/// Speed and size, each beside its floor in the same run.
@main
struct DaybookBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-bench",
        abstract: "Measures Daybook beside the floor of the same work.",
        discussion: Measure.all.map { "\($0.name): \($0.abstract)" }.joined(separator: "\n"))

    @Argument(help: "What to measure; all when nothing is named.") var names: [String] = []
    @Option(help: "How many records the measures in bulk take.") var rows = 100_000
    @Option(
        help:
            "A folder with signups.csv, movements.csv, counts.csv and products.csv to take as input."
    )
    var data: String?
    @Flag(help: "One JSON object for each figure.") var json = false
    @Option(help: .hidden) var hall: String?
    @Option(help: .hidden) var laptops = 0
    @Flag(help: .hidden) var tls = false

    func validate() throws {
        guard rows >= 1_000 else { throw ValidationError("--rows is 1,000 at the least.") }
        for name in names where !Measure.all.contains(where: { $0.name == name }) {
            let known = Measure.all.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no measure \(name). There are: \(known).")
        }
    }

    func run() async throws {
        if let hall { return try await Hall.serve(in: hall, laptops: laptops, isEncrypted: tls) }
        let settings = Settings(rows: rows, data: data.map { DataFolder(path: $0) })
        if !json { print(Self.line("measure", "of", "value", "floor", "ratio", "to reach")) }
        for measure in Measure.all where names.isEmpty || names.contains(measure.name) {
            for figure in try await measure.run(settings) {
                if json {
                    let encoder = JSONEncoder()
                    encoder.outputFormatting = [.sortedKeys]
                    print(String(decoding: try encoder.encode(figure), as: UTF8.self))
                    continue
                }
                print(
                    Self.line(
                        figure.measure, figure.what, Self.text(figure.value, figure.unit),
                        figure.floor.map { Self.text($0, figure.unit) } ?? "",
                        figure.floor.map { Self.text(figure.value / $0, "") } ?? "",
                        figure.target + (figure.isReached ? "" : "  MISSED")))
                fflush(nil)
            }
        }
    }

    private static func text(_ value: Double, _ unit: String) -> String {
        let digits =
            value >= 100 ? String(Int(value.rounded())) : "\((value * 100).rounded() / 100)"
        return unit.isEmpty ? digits : "\(digits) \(unit)"
    }

    private static func line(_ cells: String...) -> String {
        zip(cells, [10, 46, 14, 14, 8, 0]).map { cell, width in
            cell.padding(toLength: max(width, cell.count), withPad: " ", startingAt: 0)
        }.joined(separator: " ")
    }
}
