import DaybookModel
import DaybookWords
import Foundation
import Subprocess
import SystemPackage

/// What the demo plays with.
public struct DemoOptions: Sendable {
    public var products: [String]
    public var baskets: String?
    public var folder: String
    /// The running executable; the others lie beside it.
    public var executable: String

    public init(products: [String], baskets: String?, folder: String, executable: String) {
        self.products = products
        self.baskets = baskets
        self.folder = folder
        self.executable = executable
    }
}

/// What the demo found; printed as JSON it is the demo's last line.
public struct DemoResult: Codable, Sendable {
    public var agree = false
    public var books = 0
    public var scopesCompared = 0
    public var products = 0
    public var basketsImported = 0
    public var signups = 0
    public var doubleSignups = 0
    public var gifts = 0
    public var sales = 0
    public var disputes = 0
    public var variances = 0
    public var killedAfterBytes = 0
    public var resentPostings = 0
    public var offlineExitCode = 0
    public var folder = ""
}

/// Compares the closed files: how many scopes were compared, and whether each digest, computed from the
/// rows, is head office's at the same cursor.
public typealias DemoCheck =
    @Sendable (_ office: String, _ laptops: [String]) throws -> (
        scopes: Int, agree: Bool
    )

/// Plays a road-show day with the real executables.
public struct Demo: Sendable {
    let options: DemoOptions
    let programs: Programs
    let say: @Sendable (String) -> Void
    private let check: DemoCheck

    public init(
        options: DemoOptions, check: @escaping DemoCheck, say: @escaping @Sendable (String) -> Void
    ) {
        self.options = options
        self.check = check
        self.say = say
        programs = Programs(beside: options.executable)
    }

    var office: String { options.folder + "/office" }
    func book(_ name: String) -> String { "\(options.folder)/\(name).daybook" }

    public func run() async throws -> DemoResult {
        for path in options.products + (options.baskets.map { [$0] } ?? [])
        where !FileManager.default.isReadableFile(atPath: path) {
            throw DemoFault.missingInput(path: path)
        }
        try FileManager.default.createDirectory(
            atPath: options.folder, withIntermediateDirectories: true)
        var result = DemoResult()
        result.folder = options.folder
        say(Word.demoTitle.text())
        try await asOffice("init", "--name", Play.organisation)
        let before = result
        let outcome = try await Subprocess.run(
            .path(FilePath(programs.server)),
            arguments: ["serve", "--port", "0", "--folder", office, "--json"], input: .none,
            output: .sequence, error: .currentStandardError
        ) { execution in
            var played = before
            for try await line in execution.standardOutput.strings() {
                let port = try JSONDecoder().decode(JSON.self, from: Data(line.utf8))["port"].int
                do {
                    played = try await day(played, port: port)
                } catch {
                    try execution.send(signal: .terminate)
                    throw error
                }
                try execution.send(signal: .terminate)
                break
            }
            return played
        }
        result = outcome.closureResult
        let laptops = Play.laptops.map { book($0.name) }
        let compared = try check(office + "/office.daybook", laptops)
        result.agree = compared.agree && compared.scopes > 0
        result.scopesCompared = compared.scopes
        result.books = laptops.count + 1
        say(
            result.agree
                ? Word.demoAgree.text("\(result.books)") : Word.demoDisagree.text())
        say(Word.demoFiles.text(options.folder))
        return result
    }

    // MARK: - The day

    private func day(_ start: DemoResult, port: Int) async throws -> DemoResult {
        var result = start
        let relay = try Relay(to: port)
        defer { relay.cut() }
        let codes = try await prepare(&result, port: port)
        for laptop in Play.laptops {
            try await asLaptop(
                laptop.name, "enrol", codes[laptop.name] ?? "", "--office",
                "http://127.0.0.1:\(relay.port)")
            let code = try await asOffice("staff", "pin", laptop.person)["code"].string
            try await asLaptop(laptop.name, "sync")
            try await programs.json(
                programs.daybook, ["login", laptop.person, "--book", book(laptop.name)],
                typed: "\(code)\n\(Play.pin)\n\(Play.pin)\n")
        }
        say(Word.demoLaptops.text(Play.laptops.map(\.name).joined(separator: ", ")))

        relay.cut()
        say(Word.demoOffline.text())
        for laptop in Play.laptops {
            let tried = try await programs.run(
                programs.daybook, ["sync", "--book", book(laptop.name)])
            result.offlineExitCode = Int(tried.code)
            say(Word.demoOfflineProof.text(laptop.name, "\(tried.code)"))
            try await Play(demo: self, laptop: laptop).writeOffline()
        }

        try relay.mend()
        let (first, second) = (Play.laptops[0].name, Play.laptops[1].name)
        say(Word.demoBack.text(first))
        result.killedAfterBytes = try await killHalfWay(first, relay)
        let sealed = try await asLaptop(first, "status")["sealedPostings"].int
        let again = try await asLaptop(first, "sync")
        result.resentPostings = min(sealed, again["postings"].int)
        say(Word.demoResent.text(first, "\(result.resentPostings)"))
        say(Word.demoBack.text(second))
        for name in [second, first, second] { try await asLaptop(name, "sync") }
        say(Word.demoQuiet.text())
        try await figures(&result)
        for laptop in Play.laptops { try await asLaptop(laptop.name, "logout") }
        return result
    }

    /// SIGKILL while the relay holds the posting; how many bytes had gone on.
    private func killHalfWay(_ name: String, _ relay: Relay) async throws -> Int {
        relay.holdNextRequest()
        let outcome = try await Subprocess.run(
            .path(FilePath(programs.daybook)), arguments: ["sync", "--book", book(name)],
            input: .none, output: .discarded, error: .discarded
        ) { execution in
            let clock = ContinuousClock()
            let end = clock.now.advanced(by: .seconds(30))
            while relay.heldAfter == nil, clock.now < end {
                try await Task.sleep(for: .milliseconds(5))
            }
            try execution.send(signal: .kill)
            return relay.heldAfter
        }
        guard let bytes = outcome.closureResult else { throw DemoFault.neverHeld }
        say(Word.demoKilled.text(name, "\(bytes)"))
        return bytes
    }

    private func figures(_ result: inout DemoResult) async throws {
        say(Word.demoFigures.text())
        let told = try await programs.run(
            programs.server, ["figures", "--folder", office])
        guard told.code == 0 else {
            throw DemoFault.programFailed(
                command: "figures", code: told.code, said: told.error)
        }
        say(told.output)
        let figures = try await asOffice("figures")
        result.signups = figures["signups"].array.reduce(0) { $0 + $1["signups"].int }
        result.doubleSignups = figures["doubleSignups"].array.count
        result.gifts = figures["gifts"].array.reduce(0) { $0 + $1["gifts"].int }
        result.disputes = figures["disputes"].array.filter { $0["state"].string == "shown" }.count
        result.variances = figures["variances"].array.filter { $0["variance"].int != 0 }.count
        let status = try await asOffice("status")
        result.sales = status["records"]["sale"].int
    }

    // MARK: - Commands

    @discardableResult
    func asOffice(_ arguments: String...) async throws -> JSON {
        try await programs.json(programs.server, arguments + ["--folder", office])
    }

    @discardableResult
    func asLaptop(_ name: String, _ arguments: String...) async throws -> JSON {
        try await programs.json(programs.daybook, arguments + ["--book", book(name)])
    }
}
