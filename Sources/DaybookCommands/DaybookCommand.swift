import ArgumentParser
import DaybookModel
import DaybookProtocol
import DaybookWords
import Foundation

/// Exit codes that a script can rely on (sysexits where there is one).
public enum ExitCodes {
    public static let usage: Int32 = 64
    /// Understood, and not to be: a rule, a bad row, head office's no.
    public static let refused: Int32 = 65
    public static let noBook: Int32 = 66
    /// Head office does not answer; everything is safe.
    public static let offline: Int32 = 69
    public static let unexpected: Int32 = 70
    public static let damagedBook: Int32 = 72
    /// Disk full, read-only, busy.
    public static let disk: Int32 = 74
}

/// An error that a person can read: what happened, what it means for the data, what to do.
public protocol Explained: Error {
    var words: String { get }
    var exitCode: Int32 { get }
}

/// What a command line got wrong beyond what the parser sees.
public struct UsageFault: Explained {
    public let words: String
    public var exitCode: Int32 { ExitCodes.usage }

    public init(_ words: String) { self.words = words }
}

/// A command whose errors are told in words and end in an exit code.
public protocol DaybookCommand: AsyncParsableCommand {
    var output: OutputOptions { get }
    func act() async throws
}

extension DaybookCommand {
    public func run() async throws {
        // Only the owner may read what visitors left, whatever a command writes.
        umask(0o077)
        do {
            try await act()
        } catch let error as any Explained {
            output.fail(error.words, code: error.exitCode)
            throw ExitCode(error.exitCode)
        } catch let exit as ExitCode {
            throw exit
        } catch {
            output.fail(Word.unexpected.text("\(error)"), code: ExitCodes.unexpected)
            throw ExitCode(ExitCodes.unexpected)
        }
    }
}

extension ArgumentHelp {
    public init(_ word: Word) { self.init(stringLiteral: word.text()) }
}

extension CommandConfiguration {
    /// A command with its words from the table.
    public static func word(
        _ word: Word, name: String? = nil, _ subcommands: [any ParsableCommand.Type] = []
    ) -> CommandConfiguration {
        CommandConfiguration(commandName: name, abstract: word.text(), subcommands: subcommands)
    }
}

/// How a command prints.
public struct OutputOptions: ParsableArguments {
    @Flag(help: ArgumentHelp(.jsonHelp)) public var json = false

    public init() {}

    /// One line for a person, or one JSON object for a script.
    public func say(_ words: String, json object: [String: Any]) {
        if json { emit(object) } else { print(words) }
    }

    public func note(_ words: String) {
        if !json { print(words) }
    }

    /// A JSON object or array on one line, keys sorted.
    public func emit(_ object: Any) {
        guard
            let data = try? JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        else { preconditionFailure("only JSON's own types are emitted") }
        print(String(decoding: data, as: UTF8.self))
    }

    public func fail(_ words: String, code: Int32) {
        let line = Word.errorPrefix.text(words) + "\n"
        FileHandle.standardError.write(Data(line.utf8))
        if json { emit(["error": words, "exitCode": Int(code)]) }
    }

    public func table(_ table: TextTable) {
        for line in table.lines { print(line) }
    }
}
