import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookWords

/// Writes one draft and says its id.
func add(
    _ draft: Draft, _ folder: FolderOptions, _ output: OutputOptions
) async throws {
    let ids = try await folder.open().write([AdminDraft(draft)])
    output.say(
        Word.written.text("\(ids[0])"), json: ["id": "\(ids[0])"])
}

struct StoreGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .storeAbstract, name: "store", [StoreAdd.self])
}

struct StoreAdd: DaybookCommand {
    static let configuration = CommandConfiguration.word(.storeAddAbstract, name: "add")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Option(help: ArgumentHelp(.addressHelp)) var address: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        var draft = Draft(Store.self)
        draft[Store.name] = name
        draft[Store.address] = address
        try await add(draft, folder, output)
    }
}

struct EventGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .eventAbstract, name: "event",
        [EventOpen.self, QuestionAdd.self, EventClose.self, EventMilestones.self])
}

struct EventOpen: DaybookCommand {
    static let configuration = CommandConfiguration.word(.eventOpenAbstract, name: "open")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Option(help: ArgumentHelp(.placeHelp)) var place: String?
    @Option(help: ArgumentHelp(.startsOnHelp)) var startsOn: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        var draft = Draft(Event.self)
        draft[Event.name] = name
        draft[Event.place] = place
        draft[Event.stage] = "running"
        if let startsOn {
            draft[Event.startsOn] = Day(
                try Event.startsOn.definition.typed(startsOn, currency: nil))
        }
        try await add(draft, folder, output)
    }
}

struct QuestionAdd: DaybookCommand {
    static let configuration = CommandConfiguration.word(.questionAddAbstract, name: "ask")
    @Argument(help: ArgumentHelp(.eventHelp)) var event: String
    @Argument(help: ArgumentHelp(.promptHelp)) var prompt: String
    @Option(help: ArgumentHelp(.questionKindHelp)) var kind = "text"
    @Option(help: ArgumentHelp(.choicesHelp)) var choices: String?
    @Flag(help: ArgumentHelp(.requiredHelp)) var required = false
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let event = try await office.find(event, in: "event")
        _ = try Question.kind.definition.typed(kind, currency: nil)
        var draft = Draft(Question.self)
        draft[Question.event] = event.id
        draft[Question.prompt] = prompt
        draft[Question.kind] = kind
        draft[Question.choices] = choices
        draft[Question.isRequired] = required
        let ids = try await office.write([AdminDraft(draft)])
        output.say(Word.written.text("\(ids[0])"), json: ["id": "\(ids[0])"])
    }
}
