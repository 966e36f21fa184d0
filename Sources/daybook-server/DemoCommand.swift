import ArgumentParser
import DaybookCommands
import DaybookDemo
import DaybookModel
import DaybookOperations
import DaybookStorage
import DaybookWords
import Foundation

struct DemoCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.demoAbstract, name: "demo")
    @Option(parsing: .upToNextOption, help: ArgumentHelp(.productsHelp), completion: .file())
    var products: [String] = []
    @Option(help: ArgumentHelp(.basketsHelp), completion: .file()) var baskets: String?
    @Option(help: ArgumentHelp(.demoFolderHelp), completion: .directory) var folder: String?
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let name = "daybook-demo-\(ProcessInfo.processInfo.processIdentifier)"
        let own = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        let folder = folder ?? own
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw BookFault.exists(path: folder)
        }
        let executable = try FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/exe")
        let demo = Demo(
            options: DemoOptions(
                products: products.isEmpty ? [Self.fixture("products.csv")] : products,
                baskets: baskets ?? Self.fixture("baskets.csv"), folder: folder,
                executable: executable),
            check: Self.compare, say: { print($0) })
        let result = try await demo.run()
        if output.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(result), as: UTF8.self))
        }
        guard result.agree else { throw ExitCode(ExitCodes.refused) }
    }

    /// The clone's own samples, found from here or from where this was compiled.
    private static func fixture(_ name: String) -> String {
        let here = "Fixtures/\(name)"
        guard !FileManager.default.fileExists(atPath: here) else { return here }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(here).path
    }

    /// Opens the closed files and computes every digest from the rows.
    @Sendable private static func compare(
        office: String, laptops: [String]
    ) throws -> (scopes: Int, agree: Bool) {
        let catalogue = Department.catalogue
        let head = try OfficeStore.open(path: office, catalogue: catalogue)
        let theirs = try head.recomputedDigests()
        var scopes = 0
        var agree = true
        for path in laptops {
            let book = try LaptopStore.open(path: path, catalogue: catalogue)
            let atSameCursor = try book.status().shown?.sequence == UInt64(head.counts().sequence)
            for (scope, digest) in try book.recomputedDigests() {
                scopes += 1
                agree = agree && atSameCursor && digest == theirs[scope]
            }
        }
        return (scopes, agree)
    }
}

extension DemoFault: Explained {
    public var words: String {
        switch self {
        case .programFailed(let command, let code, let said):
            Word.demoFailed.text("\(command) → \(code): \(said)")
        case .notUnderstood(let command): Word.demoFailed.text(command)
        case .missingInput(let path): Word.textUnreadable.text(path)
        case .neverHeld, .tooFewProducts: Word.demoFailed.text("\(self)")
        }
    }

    public var exitCode: Int32 { ExitCodes.refused }
}
