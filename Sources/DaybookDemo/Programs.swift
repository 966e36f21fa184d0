import DaybookWords
import Foundation
import Subprocess
import SystemPackage

/// Why the demo could not go on.
public enum DemoFault: Error, Sendable {
    case programFailed(command: String, code: Int32, said: String)
    case notUnderstood(command: String)
    case missingInput(path: String)
    case neverHeld
    case tooFewProducts
}

/// The real executables, beside the one that runs.
package struct Programs: Sendable {
    package let daybook: String
    package let server: String
    private static let outputBytesMax = 64 << 20

    package init(beside executable: String) {
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent().path
        daybook = folder + "/daybook"
        server = folder + "/daybook-server"
    }

    package struct Outcome: Sendable {
        package let code: Int32
        package let output: String
        package let error: String
    }

    /// - Parameter typed: what a person types while it runs.
    package func run(
        _ program: String, _ arguments: [String], typed: String = ""
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments),
            input: .string(typed), output: .string(limit: Self.outputBytesMax),
            error: .string(limit: Self.outputBytesMax))
        let code: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return Outcome(
            code: code, output: result.standardOutput, error: result.standardError)
    }

    /// Runs a command that must succeed, and reads its JSON.
    @discardableResult
    package func json(
        _ program: String, _ arguments: [String], typed: String = ""
    ) async throws -> JSON {
        let outcome = try await run(program, arguments + ["--json"], typed: typed)
        let command = arguments.joined(separator: " ")
        guard outcome.code == 0 else {
            throw DemoFault.programFailed(
                command: command, code: outcome.code, said: outcome.error)
        }
        guard let line = outcome.output.split(separator: "\n").last else {
            throw DemoFault.notUnderstood(command: command)
        }
        return try JSONDecoder().decode(JSON.self, from: Data(line.utf8))
    }
}

/// What the programs print for scripts.
package enum JSON: Decodable, Sendable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case list([JSON])
    case object([String: JSON])
    case none

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    package subscript(key: String) -> JSON {
        if case .object(let object) = self { object[key] ?? .none } else { .none }
    }

    package var string: String { if case .text(let text) = self { text } else { "" } }
    package var int: Int { if case .number(let number) = self { Int(number) } else { 0 } }
    package var array: [JSON] { if case .list(let list) = self { list } else { [] } }
}
