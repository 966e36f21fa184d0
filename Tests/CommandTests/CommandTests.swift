import Foundation
import Subprocess
import SystemPackage
import Testing

/// The real executables, built beside the tests.
struct Programs {
    /// The build folder: on Linux the test bundle is an executable in it.
    static let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()

    let home: String

    init() throws {
        home = FileManager.default.temporaryDirectory.path + "/daybook-commands-\(UUID())"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    }

    struct Outcome {
        let code: Int32
        let output: String
        let error: String

        /// The last line as a JSON object.
        var json: [String: Any] {
            get throws {
                let line = output.split(separator: "\n").last.map(String.init) ?? ""
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                return try #require(object as? [String: Any])
            }
        }
    }

    func run(
        _ program: String, _ arguments: [String], language: String = "C", typed: String = ""
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(Self.folder.appendingPathComponent(program).path)),
            arguments: Arguments(arguments),
            environment: .inherit.updating([
                "DAYBOOK_OFFICE": home + "/office", "DAYBOOK_BOOK": home + "/book.daybook",
                "LC_ALL": language, "XDG_RUNTIME_DIR": home,
            ]), input: .string(typed), output: .string(limit: 1 << 24),
            error: .string(limit: 1 << 20))
        let code: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return Outcome(code: code, output: result.standardOutput, error: result.standardError)
    }

    func office(_ arguments: String...) async throws -> Outcome {
        try await run("daybook-server", arguments)
    }

    func laptop(_ arguments: String...) async throws -> Outcome {
        try await run("daybook", arguments)
    }
}

@Suite struct CommandTests {
    let programs: Programs

    init() throws { programs = try Programs() }

    @Test func `a missing book, wrong usage and an office that is offline have their own codes`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        #expect(try await programs.laptop("status").code == 66)
        #expect(try await programs.laptop("stauts").code == 64)
        #expect(
            try await programs.laptop("enrol", "K7QF2-M9XPD", "--office", "http://127.0.0.1:9").code
                == 69)
        #expect(try await programs.office("status").code == 66)
    }

    @Test func `head office is set up by hand, and wrong input changes nothing`() async throws {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        #expect(try await programs.office("init", "--name", "晨光").code == 0)
        #expect(try await programs.office("init", "--name", "again").code == 66)
        #expect(try await programs.office("store", "add", "北门店").code == 0)
        #expect(try await programs.office("staff", "add", "李娜", "--rank", "emperor").code == 64)
        #expect(try await programs.office("staff", "add", "李娜").code == 0)
        #expect(try await programs.office("figures", "nonsense").code == 65)
        let unknown = try await programs.office("laptop", "add", "L", "--scopes", "nowhere")
        #expect(unknown.code == 65)
        #expect(unknown.error.contains("nowhere"))

        let added = try await programs.office(
            "laptop", "add", "L", "--person", "李娜", "--scopes", "北门店", "--json")
        #expect(try added.json["code"] is String)
        let status = try await programs.office("status", "--json")
        #expect(try (status.json["records"] as? [String: Any])?["store"] as? Int == 1)
        #expect(try status.json["organisation"] as? String == "晨光")
    }

    @Test func `an import is checked whole, goes on, and adds nothing twice`() async throws {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        _ = try await programs.office("init", "--name", "x")
        let file = programs.home + "/p.csv"
        try "key,title,price\na,A,1.00\nb,B,free\nc,C,3\n".write(
            toFile: file, atomically: true, encoding: .utf8)

        let refused = try await programs.office("import", file, "--as", "product")
        #expect(refused.code == 65)
        #expect(refused.error.contains("line 3, price"))
        #expect(try await programs.office("list", "product", "--json").output == "[]\n")

        let kept = try await programs.office(
            "import", file, "--as", "product", "--keep-going", "--json")
        #expect(try kept.json["added"] as? Int == 2)
        let rejected = try String(contentsOfFile: file + ".rejected.csv", encoding: .utf8)
        #expect(rejected.hasPrefix("3,"))
        let again = try await programs.office(
            "import", file, "--as", "product", "--keep-going", "--json")
        #expect(try again.json["added"] as? Int == 0)
        #expect(try again.json["known"] as? Int == 2)
    }

    @Test func `what has to be settled is listed, settled and taken back`() async throws {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        _ = try await programs.office("init", "--name", "x")
        #expect(try await programs.office("matters").output.contains("Nothing is open."))
        #expect(try await programs.office("event", "open", "E").code == 0)
        let listed = try await programs.office("matters", "--kind", "eventNotTold", "--json")
        let matters = try #require(try listed.json["matters"] as? [[String: Any]])
        let code = try #require(matters.first?["code"] as? String)
        #expect(try await programs.office("matters", "show", code.lowercased()).code == 0)

        #expect(try await programs.office("matters", "--kind", "nonsense").code == 64)
        #expect(try await programs.office("matters", "--grade", "nonsense").code == 64)
        #expect(try await programs.office("matters", "--place", "nowhere").code == 64)
        #expect(try await programs.office("matters", "settle", "--as", "excused").code == 64)
        let wrong = try await programs.office("matters", "settle", code, "--as", "nonsense")
        #expect(wrong.code == 65)
        #expect(wrong.error.contains("breach, excused"))
        #expect(
            try await programs.office("matters", "settle", "0000000000", "--as", "excused").code
                == 65)

        let settled = try await programs.office(
            "matters", "settle", "--kind", "eventNotTold", "--place", "E", "--as", "excused",
            "--json")
        #expect(try settled.json["settled"] as? Int == 1)
        let all = try await programs.office("matters", "show", code, "--json")
        #expect(try all.json["state"] as? String == "settled")
        let facts = try #require(try all.json["settled"] as? [[String: Any]])
        let id = try #require(facts.first?["id"] as? String)
        #expect(try await programs.office("matters", "undo", id).code == 0)
        let again = try await programs.office("matters", "show", code, "--json")
        #expect(try again.json["state"] as? String == "open")
    }

    @Test func `head office decides, limits and closes by hand, and is told what cannot be`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        _ = try await programs.office("init", "--name", "x")
        _ = try await programs.office("event", "open", "E", "--starts-on", "2026-05-01")
        #expect(try await programs.office("add", "product", "key=mug", "title=Mug").code == 0)
        #expect(
            try await programs.office("add", "cost", "event=E", "what=hall", "amount=9 CNY").code
                == 0)
        #expect(try await programs.office("allowance", "supply", "E", "mug", "3").code == 0)
        #expect(
            try await programs.office("allowance", "lend", "E", "mug", "nobody", "1").code == 65)
        #expect(try await programs.office("decide", "E", "idea").code == 65)
        #expect(try await programs.office("decide", "E", "nonsense").code == 65)
        #expect(try await programs.office("decide", "nothing", "running").code == 64)

        let csv = try await programs.office("event", "close", "E", "--csv")
        #expect(csv.code == 0)
        #expect(csv.output.contains("event,cost.CNY,Cost,9.00 CNY,"))
        let stages = try await programs.office("list", "event", "--json")
        #expect(stages.output.contains("\"stage\":\"closed\""))
        let decided = try await programs.office("decisions", "--json")
        #expect(decided.output.contains("\"result\":\"moved\""))
        #expect(try await programs.office("event", "milestones").output.contains("Days late"))
        #expect(try await programs.office("stock", "explain", "E", "mug").code == 64)
    }

    @Test func `imported amounts are in the organisation's currency`() async throws {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        _ = try await programs.office("init", "--name", "x", "--currency", "USD")
        let file = programs.home + "/p.csv"
        try "key,title,price\na,A,1.50\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await programs.office("import", file, "--as", "product").code == 0)
        let listed = try await programs.office("list", "product", "--json")
        #expect(listed.output.contains("1.50 USD"))
    }

    @Test func `the locale picks the words`() async throws {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        let chinese = try await programs.run("daybook", ["status"], language: "zh_CN.UTF-8")
        #expect(chinese.error.contains("没有账本"))
        let english = try await programs.run("daybook", ["status"])
        #expect(english.error.contains("There is no book"))
        let help = try await programs.run("daybook", ["--help"], language: "zh_CN.UTF-8")
        #expect(help.output.contains("立即同步一次"))
    }

    @Test func `completion is there for the shells`() async throws {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        let script = try await programs.laptop("--generate-completion-script", "bash")
        #expect(script.code == 0)
        #expect(script.output.contains("signup"))
    }

    /// Two processes on one book: no stamp twice, none lost.
    @Test func `two processes write one book a thousand times each`() async throws {
        defer { try? FileManager.default.removeItem(atPath: programs.home) }
        _ = try await programs.office("init", "--name", "x")
        for name in ["one", "two"] {
            var lines = "key,title\n"
            for number in 0..<1_000 { lines += "\(name)-\(number),T\n" }
            try lines.write(
                toFile: programs.home + "/\(name).csv", atomically: true, encoding: .utf8)
        }
        _ = try await programs.office("store", "add", "S")
        _ = try await programs.office("staff", "add", "P", "--unit", "product_centre")
        let book = try await BookByHand(programs).make()
        let two = programs
        async let first = two.run(
            "daybook",
            [
                "import", two.home + "/one.csv", "--as", "product", "--one-by-one", "--book", book,
                "--json",
            ])
        async let second = two.run(
            "daybook",
            [
                "import", two.home + "/two.csv", "--as", "product", "--one-by-one", "--book", book,
                "--json",
            ])
        #expect(try await first.json["added"] as? Int == 1_000)
        #expect(try await second.json["added"] as? Int == 1_000)
        let listed = try await programs.laptop(
            "list", "product", "--last", "5000", "--book", book, "--json")
        let records =
            try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]]
        let ids = Set((records ?? []).compactMap { $0["id"] as? String })
        #expect(ids.count == 2_000)
        let status = try await programs.laptop("status", "--book", book, "--json")
        #expect(try status.json["unanswered"] as? Int == 2_000)
    }
}

/// A laptop's book made through a served head office, as a person would.
struct BookByHand {
    let programs: Programs

    let pin = "by-hand-2026"

    init(_ programs: Programs) { self.programs = programs }

    func make() async throws -> String {
        let book = programs.home + "/laptop.daybook"
        let server = Programs.folder.appendingPathComponent("daybook-server").path
        _ = try await Subprocess.run(
            .path(FilePath(server)),
            arguments: ["serve", "--port", "0", "--folder", programs.home + "/office", "--json"],
            input: .none, output: .sequence, error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                let port = (object as? [String: Any])?["port"] as? Int ?? 0
                let added = try await programs.office(
                    "laptop", "add", "L", "--person", "P", "--scopes", "S", "--json")
                let code = try added.json["code"] as? String ?? ""
                let enrolled = try await programs.laptop(
                    "enrol", code, "--office", "http://127.0.0.1:\(port)", "--book", book)
                #expect(enrolled.code == 0)
                let start = try await programs.office("staff", "pin", "P", "--json")
                #expect(try await programs.laptop("sync", "--book", book).code == 0)
                let login = try await programs.run(
                    "daybook", ["login", "--book", book],
                    typed: "\(try start.json["code"] as? String ?? "")\n\(pin)\n\(pin)\n")
                #expect(login.code == 0)
                try execution.send(signal: .terminate)
                break
            }
        }
        return book
    }
}
