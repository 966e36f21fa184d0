import ArgumentParser
import DaybookCommands
import DaybookModel
import DaybookOperations
import DaybookWords

struct DecideCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.decideAbstract, name: "decide")
    @Argument(help: ArgumentHelp(.decideAboutHelp)) var about: String
    @Argument(help: ArgumentHelp(.decideStageHelp)) var stage: String
    @Flag(help: ArgumentHelp(.decideNoHelp)) var no = false
    @Option(help: ArgumentHelp(.whyHelp)) var why: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let (record, collection) = try await staged(about) { text, name in
            try open.read { try $0.records(named: text, in: name) }
        }
        let draft = try Decisions.draft(record, collection, asks: stage, agrees: !no, why: why)
        let id = try open.write { try $0.birth(draft) }
        output.say(Word.decidedHere.text("\(id)"), json: ["id": "\(id)"])
    }
}

struct DecisionsCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.decisionsAbstract, name: "decisions")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        output.show(
            try open.read { try Decisions.report.make($0, [:]) }, silent: try open.silent())
    }
}
