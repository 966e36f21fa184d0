import DaybookModel
import DaybookOperations

extension Measure {
    private static let turns = 15

    /// What the work at hand costs when there is little history, and when there is much.
    static let growth = Measure(
        name: "growth",
        abstract:
            "an idle sync, ten sign-ups and the figures page with a tenth of --rows, --rows, ten times as many"
    ) { settings in
        let stage = try await Stage(stores: 1, events: 40)
        let laptop = try stage.laptop("laptop", scopes: stage.events, seed: 71)
        try await laptop.sync()
        var input = Input(seed: 9)
        var held = 0
        var rows: [(rows: Int, idle: Double, ten: Double, figures: Double)] = []
        for wanted in [settings.rows / 10, settings.rows, settings.rows * 10] {
            while held < wanted {
                let share = min(wanted - held, 50_000)
                let visitors = (0..<share).map { _ in input.visitor(events: 40, every: 7_000) }
                try laptop.signUp(visitors, by: 1_000)
                try await laptop.sync()
                held += share
            }
            // What a day leaves behind is kept until a backup holds it, however long the history.
            _ = try stage.office.backUp(
                to: stage.folder.appendingPathComponent("backup-\(wanted)").path)
            try await laptop.sync()
            var (idle, ten, figures): ([Double], [Double], [Double]) = ([], [], [])
            for _ in 0..<turns {
                idle.append(try await seconds { try await laptop.sync() } * 1e3)
                let visitors = (0..<10).map { _ in input.visitor(events: 40, every: 7_000) }
                ten.append(
                    try await seconds {
                        try laptop.signUp(visitors, by: 1)
                        try await laptop.sync()
                    } * 1e3)
            }
            for _ in 0..<3 {
                figures.append(
                    try seconds {
                        _ = try stage.office.read {
                            try Figures.report.make($0, [:])
                        }
                    } * 1e3)
            }
            rows.append(
                (held, percentile(idle, 0.5), percentile(ten, 0.5), percentile(figures, 0.5)))
        }
        await stage.end()
        return rows.dropFirst().flatMap { now in
            let times = "with \(now.rows) of \(rows[0].rows)"
            return [
                Figure(
                    "growth", "an idle sync \(times)", now.idle, "ms", floor: rows[0].idle,
                    atMost: 1.2),
                Figure(
                    "growth", "ten sign-ups, written and synced, \(times)", now.ten, "ms",
                    floor: rows[0].ten, atMost: 1.2),
                Figure(
                    "growth", "the figures page \(times)", now.figures, "ms",
                    floor: rows[0].figures, atMost: Double(now.rows) / Double(rows[0].rows) / 2),
            ]
        }
    }
}
