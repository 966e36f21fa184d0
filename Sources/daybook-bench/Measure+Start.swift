import DaybookDemo
import DaybookFiles
import Foundation

extension Measure {
    private static let turns = 15

    /// How long a person waits for a command, in a small book and in a large one; the real executables.
    static let start = Measure(
        name: "start",
        abstract: "daybook signup add and daybook list, with 10,000 records and ten times --rows"
    ) { settings in
        var figures: [Figure] = []
        for rows in [10_000, settings.rows * 10] {
            let shop = try await Shop(rows: rows)
            let add = try await shop.time {
                [
                    "signup", "add", "--event", "Bench", "--booth", "A", "--name", "王芳",
                    "--phone", "1380013\(8_000 + $0)",
                ]
            }
            let list = try await shop.time { _ in ["list", "signup", "--last", "50"] }
            try await shop.end()
            let times = "book of \(rows) records"
            figures += [
                Figure("start", "daybook signup add, \(times)", add, "ms", atMost: 60),
                Figure("start", "daybook list of the last 50, \(times)", list, "ms", atMost: 80),
            ]
        }
        return figures
    }

    /// A head office and one laptop, by the commands that people type.
    private final class Shop {
        private let programs = Programs(
            beside: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)
        private let folder = Stage.newFolder()
        private let server = Process()
        private var book: String { folder.path + "/laptop.daybook" }

        init(rows: Int) async throws {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            setenv("XDG_RUNTIME_DIR", folder.path, 1)
            let office = ["--folder", folder.path + "/office"]
            for words in [["init", "--name", "Bench"], ["staff", "add", "Bench"]] {
                try await programs.json(programs.server, words + office)
            }
            let event = try await programs.json(
                programs.server, ["event", "open", "Bench"] + office)["id"].string
            let code = try await programs.json(
                programs.server, ["staff", "pin", "Bench"] + office)["code"].string
            server.executableURL = URL(fileURLWithPath: programs.server)
            server.arguments = ["serve", "--port", "0", "--json"] + office
            let output = Pipe()
            server.standardOutput = output
            server.standardError = FileHandle.nullDevice
            try server.run()
            let said = try JSONDecoder().decode(
                JSON.self, from: output.fileHandleForReading.availableData)
            let invitation = try await programs.json(
                programs.server,
                ["laptop", "add", "Bench", "--person", "Bench", "--scopes", "Bench"] + office
            )["code"].string
            try await programs.json(
                programs.daybook,
                [
                    "enrol", invitation, "--office", "http://127.0.0.1:\(said["port"].int)",
                    "--book", book,
                ])
            try await programs.json(programs.daybook, ["sync", "--book", book])
            try await programs.json(
                programs.daybook, ["login", "--book", book],
                typed: "\(code)\nbench-7531\nbench-7531\n")
            try await fill(rows, event)
        }

        private func fill(_ rows: Int, _ event: String) async throws {
            var input = Input(seed: 5)
            let path = folder.path + "/signups.csv"
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw BenchFault.unfinished("cannot write \(path)")
            }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.write(contentsOf: Data("event,booth,name,phone\n".utf8))
            for batch in stride(from: 0, to: rows, by: 1_000) {
                var lines = ""
                for _ in batch..<min(batch + 1_000, rows) {
                    let one = input.visitor(events: 1, every: 1_000)
                    lines += "\(event),A,\(one.name),\(one.phone)\n"
                }
                try file.write(contentsOf: Data(lines.utf8))
            }
            try file.close()
            try await programs.json(
                programs.daybook, ["import", path, "--as", "signup", "--book", book])
        }

        /// The median of some runs, in milliseconds.
        func time(_ words: (Int) -> [String]) async throws -> Double {
            var times: [Double] = []
            for turn in 0..<turns {
                times.append(
                    try await seconds {
                        let outcome = try await programs.run(
                            programs.daybook, words(turn) + ["--book", book])
                        guard outcome.code == 0 else {
                            throw BenchFault.unfinished(outcome.error)
                        }
                    } * 1e3)
            }
            return percentile(times, 0.5)
        }

        func end() async throws {
            server.terminate()
            server.waitUntilExit()
            try FileManager.default.removeItem(at: folder)
        }
    }
}
