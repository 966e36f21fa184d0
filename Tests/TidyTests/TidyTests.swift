import Foundation
import Testing

/// Sizes, layers and leftovers: what would otherwise be style debates.
@Suite struct TidyTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    struct Source: CustomTestStringConvertible {
        let path: String
        let lines: [String]
        var testDescription: String { path }
        /// `Sources/DaybookModel/Stamp.swift` → `DaybookModel`.
        var target: String { String(path.split(separator: "/")[1]) }
        var isShipped: Bool { path.hasPrefix("Sources/") }
    }

    static let sources: [Source] = {
        var found: [Source] = []
        for folder in ["Sources", "Tests"] {
            let base = root.appendingPathComponent(folder)
            let files = FileManager.default.enumerator(atPath: base.path)
            while let name = files?.nextObject() as? String {
                guard name.hasSuffix(".swift"), !name.contains("Generated/"),
                    let text = try? String(
                        contentsOf: base.appendingPathComponent(name), encoding: .utf8)
                else { continue }
                found.append(
                    Source(
                        path: "\(folder)/\(name)",
                        lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                            .map(String.init)))
            }
        }
        return found.sorted { $0.path < $1.path }
    }()

    @Test func `there are sources to look at`() { #expect(Self.sources.count > 80) }

    @Test func `no file is longer than 500 lines`() {
        let long = Self.sources.filter { $0.lines.count > 500 }.map(\.path)
        #expect(long == [])
    }

    @Test func `no function is longer than 70 lines`() {
        var long: [String] = []
        for source in Self.sources {
            for (start, line) in source.lines.enumerated() where line.contains("func ") {
                let indent = line.prefix { $0 == " " }
                guard !line.hasSuffix("}"), !line.contains("//"),
                    let end = source.lines[(start + 1)...].firstIndex(of: indent + "}")
                else { continue }
                if end - start > 70 { long.append("\(source.path):\(start + 1)") }
            }
        }
        #expect(long == [])
    }

    /// Who may import what. Foundation's parts, Synchronization and the C library are the toolchain's own.
    static let mayImport: [String: Set<String>] = {
        let model: Set<String> = ["DaybookModel"]
        let wire = model.union(["DaybookProtocol"])
        let sync = wire.union(["DaybookSync"])
        let ends = sync.union(["DaybookStorage", "DaybookWords", "DaybookFiles"])
        let network: Set<String> = [
            "AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL",
            "ServiceLifecycle",
        ]
        let commands = ends.union(["DaybookOperations", "DaybookCommands", "ArgumentParser"])
        return [
            "DaybookModel": [],
            "DaybookOperations": model,
            "DaybookProtocol": model.union([
                "CZlib", "SwiftProtobuf", "Crypto", "CryptoExtras",
            ]),
            "DaybookSync": wire,
            "DaybookStorage": sync.union(["GRDB", "GRDBSQLite"]),
            "DaybookWords": model,
            // Crypto names the content of an imported file; CIconv reads GB18030.
            "DaybookFiles": model.union(["CIconv", "Crypto"]),
            "DaybookServer": ends.union(network).union([
                "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HTTPTypes",
                "NIOFoundationCompat", "X509",
                "Crypto", "CoreMetrics", "NIOConcurrencyHelpers",
            ]),
            "DaybookAgent": ends.union(network).union(["NIOExtras"]),
            "DaybookDemo": model.union([
                "DaybookOperations", "DaybookWords", "DaybookFiles", "Subprocess", "SystemPackage",
            ]),
            "DaybookCommands": commands,
            "daybook": commands.union(["DaybookAgent", "Logging", "ServiceLifecycle"]),
            "daybook-server": commands.union([
                "DaybookServer", "DaybookDemo", "CQRencode", "Logging",
            ]),
            // For engineers: their words are English only.
            "daybook-bench": ends.union(network).union([
                "DaybookOperations", "DaybookServer", "DaybookAgent", "DaybookDemo",
                "ArgumentParser", "Hummingbird", "NIOConcurrencyHelpers", "AsyncHTTPClient",
                "CSQLiteLibrary", "GRDB",
            ]),
            "daybook-simulate": ["ArgumentParser", "DaybookSimulation"],
        ]
    }()
    static let toolchain: Set<String> = ["Foundation", "FoundationEssentials", "Synchronization"]

    @Test func `every target imports only what the table allows`() {
        var wrong: [String] = []
        for source in Self.sources where source.isShipped {
            guard let allowed = Self.mayImport[source.target] else {
                wrong.append("\(source.path): a target that the table does not name")
                continue
            }
            for line in source.lines {
                let words = line.split(separator: " ")
                guard let place = words.firstIndex(of: "import"), place <= 1,
                    words.count > place + 1
                else { continue }
                let module = String(words[place + 1])
                let mayFoundation =
                    Self.toolchain.contains(module)
                    && !["DaybookModel", "DaybookOperations", "DaybookSync"].contains(source.target)
                guard !allowed.contains(module), !mayFoundation else { continue }
                wrong.append("\(source.path) imports \(module)")
            }
        }
        #expect(wrong == [])
    }

    @Test func `nothing is left over`() {
        // Written apart so that this file does not find itself.
        let marks = [
            "TO" + "DO", "FIX" + "ME", "XX" + "X", "fatal" + "Error(", "try" + "!", "as" + "!",
        ]
        var found: [String] = []
        for source in Self.sources where source.isShipped {
            for (number, line) in source.lines.enumerated() {
                for mark in marks where line.contains(mark) {
                    found.append("\(source.path):\(number + 1) \(mark)")
                }
            }
        }
        #expect(found == [])
    }

    /// Nothing but the department, the command groups, the demo and the benchmark knows a collection by name.
    @Test func `the engine names no collection`() {
        let names = [
            "store", "staff", "product", "price", "event", "question", "signup", "answer", "gift",
            "loan", "movement", "count", "countline", "sale", "saleline",
        ]
        let knowing: Set<String> = [
            "DaybookOperations", "DaybookCommands", "daybook", "daybook-server", "DaybookDemo",
            "daybook-bench",
        ]
        var found: [String] = []
        for source in Self.sources where source.isShipped && !knowing.contains(source.target) {
            for (number, line) in source.lines.enumerated() {
                for name in names where line.contains("\"\(name)\"") {
                    found.append("\(source.path):\(number + 1) \(name)")
                }
            }
        }
        #expect(found == [])
    }

    /// What a person reads comes from the table of words: a literal with letters is not printed.
    @Test func `no literal stands where things are printed`() throws {
        let printing = try Regex(#"\b(print|say|note|fail)\(\s*"[^"\\]*[A-Za-z\u4e00-\u9fff]{2,}"#)
        var found: [String] = []
        for source in Self.sources
        where source.isShipped
            && !["DaybookWords", "daybook-simulate"].contains(source.target)
        {
            for (number, line) in source.lines.enumerated() where line.contains(printing) {
                found.append("\(source.path):\(number + 1)")
            }
        }
        #expect(found == [])
    }
}
