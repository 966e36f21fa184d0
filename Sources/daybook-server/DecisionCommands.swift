import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookWords
import Foundation

struct DecideCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.decideAbstract, name: "decide")
    @Argument(help: ArgumentHelp(.decideAboutHelp)) var about: String
    @Argument(help: ArgumentHelp(.decideStageHelp)) var stage: String
    @Flag(help: ArgumentHelp(.decideNoHelp)) var no = false
    @Option(help: ArgumentHelp(.whyHelp)) var why: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let (record, collection) = try await staged(about) { text, name in
            try await office.records(.find(collection: name, text: text))
        }
        let draft = try Decisions.draft(record, collection, asks: stage, agrees: !no, why: why)
        let ids = try await office.write([AdminDraft(draft)])
        output.say(Word.decided.text("\(ids[0])"), json: ["id": "\(ids[0])"])
    }
}

/// A report of head office's, printed.
func show(
    _ report: String, _ office: Office, _ output: OutputOptions, options: [String: String] = [:]
) async throws {
    let asked = AdminRequest.report(report, options: options)
    guard case .report(let tables) = try await office.door.ask(asked) else { return }
    output.show(tables, silent: try await office.silent())
}

struct DecisionsCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.decisionsAbstract, name: "decisions")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws { try await show("decisions", folder.open(), output) }
}

struct EventMilestones: DaybookCommand {
    static let configuration = CommandConfiguration.word(.milestonesAbstract, name: "milestones")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let today = SystemSurroundings().reading().wall.day
        try await show("milestones", folder.open(), output, options: ["today": "\(today)"])
    }
}

struct EventClose: DaybookCommand {
    static let configuration = CommandConfiguration.word(.eventCloseAbstract, name: "close")
    @Argument(help: ArgumentHelp(.eventHelp)) var event: String
    @Flag(help: ArgumentHelp(.csvHelp)) var csv = false
    @Flag(help: ArgumentHelp(.lookOnlyHelp)) var lookOnly = false
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let found = try await office.find(event, in: "event")
        let asked = AdminRequest.report("event", options: ["event": "\(found.id)"])
        guard case .report(let tables) = try await office.door.ask(asked) else { return }
        if csv {
            print(TableText.csv(tables), terminator: "")
        } else {
            output.show(tables, silent: try await office.silent())
        }
        guard !lookOnly else { return }
        var drafts: [AdminDraft] = []
        if found[Event.stage] == "running" {
            drafts.append(
                AdminDraft(
                    try Decisions.draft(
                        found, Event.definition, asks: "closed", agrees: true, why: nil)))
        }
        var summary = Draft(EventSummary.self)
        summary[EventSummary.event] = found.id
        summary[EventSummary.figures] = EventClosing.kept(tables)
        _ = try await office.write(drafts + [AdminDraft(summary)])
        if !csv { output.note(Word.eventClosed.text()) }
    }
}

struct AddCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.addAbstract, name: "add")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Argument(help: ArgumentHelp(.assignmentsHelp)) var assignments: [String] = []
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let definition = try office.catalogue.named(collection)
        // References are looked up first: what is typed is a name.
        var named: [String: Stamp] = [:]
        for text in assignments {
            guard let sign = text.firstIndex(of: "="),
                case .reference(let target)? = definition.field(String(text[..<sign]))?.type
            else { continue }
            let typed = String(text[text.index(after: sign)...])
            named[target + "=" + typed] = try await office.find(typed, in: target).id
        }
        let parsed = try DaybookCommands.Assignment.parse(
            assignments, definition, currency: try await office.currency
        ) { target, typed in
            guard let id = named[target + "=" + typed] else {
                throw UsageFault(Word.usageUnknownRecord.text(target, typed))
            }
            return id
        }
        let fields = parsed.compactMap { one in
            one.value.map { FieldValue(one.field.tag, $0) }
        }
        let draft = Draft(collection: definition.name, fields: fields)
        let ids = try await office.write([AdminDraft(draft)])
        output.say(Word.written.text("\(ids[0])"), json: ["id": "\(ids[0])"])
    }
}
