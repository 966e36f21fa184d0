import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookWords

/// Writes one draft and says its id.
private func add(
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

struct StaffGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .staffAbstract, name: "staff", [StaffAdd.self])
}

struct StaffAdd: DaybookCommand {
    static let configuration = CommandConfiguration.word(.staffAddAbstract, name: "add")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Option(help: ArgumentHelp(.rankHelp)) var rank = "promoter"
    @Option(help: ArgumentHelp(.phoneHelp)) var phone: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        var fields = [FieldValue(Staff.name.tag, name.value)]
        fields.append(
            FieldValue(Staff.rank.tag, try Staff.rank.definition.typed(rank, currency: nil)))
        if let phone {
            let value = try Staff.phone.definition.typed(phone, currency: nil)
            fields.append(FieldValue(Staff.phone.tag, value))
        }
        try await add(Draft(collection: "staff", fields: fields), folder, output)
    }
}

struct EventGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .eventAbstract, name: "event", [EventOpen.self, QuestionAdd.self])
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

struct LaptopGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .laptopAbstract, name: "laptop",
        [LaptopAdd.self, LaptopCode.self, LaptopList.self, LaptopScopes.self, LaptopRevoke.self])
}

struct LaptopAdd: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopAddAbstract, name: "add")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Option(help: ArgumentHelp(.personHelp)) var person: [String] = []
    @Option(parsing: .upToNextOption, help: ArgumentHelp(.scopesHelp)) var scopes: [String] = []
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        var people: [Stamp] = []
        for text in person { people.append(try await office.find(text, in: "staff").id) }
        var held: [Stamp] = []
        for text in scopes { held.append(try await office.scope(text)) }
        let request = AdminRequest.addLaptop(name: name, people: people, scopes: held)
        try await giveCode(to: name, request, office, folder, output)
    }
}

struct LaptopCode: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopCodeAbstract, name: "code")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        do {
            try await giveCode(
                to: name, .renewCode(laptop: name), folder.open(), folder, output)
        } catch AdminFault.laptopUnknown {
            throw UsageFault(Word.usageNoCode.text(name))
        }
    }
}

private func giveCode(
    to name: String, _ request: AdminRequest, _ office: Office, _ folder: FolderOptions,
    _ output: OutputOptions
) async throws {
    guard case .code(let code, let certificate) = try await office.door.ask(request) else { return }
    let invitation = "\(folder.office.invitation(code: code, certificate: certificate))"
    output.say(Word.codeGiven.text(name, invitation), json: ["laptop": name, "code": invitation])
    output.note(Word.codeNext.text(invitation))
}

struct LaptopList: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopListAbstract, name: "list")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard case .laptops(let laptops) = try await office.door.ask(.laptops) else { return }
        if output.json {
            return output.emit(laptops.map(json))
        }
        guard !laptops.isEmpty else { return print(Word.laptopEmpty.text()) }
        var table = TextTable(
            header: [
                Word.headLaptop, .headEnrolled, .headHeard, .headClock, .headPostings, .headPeople,
                .headScopes,
            ].map { $0.text() })
        for laptop in laptops {
            let state: Word = laptop.isRevoked ? .revoked : laptop.isEnrolled ? .yes : .no
            table.add([
                .init(laptop.name), .init(state.text()),
                .init(laptop.heard.map(Listing.local) ?? Word.never.text()),
                .init(
                    laptop.clockErrorMilliseconds.map { "\($0 / 1_000) s" } ?? "", isNumber: true),
                .init("\(laptop.postings)", isNumber: true),
                .init(laptop.people.joined(separator: ", ")),
                .init(laptop.scopes.joined(separator: ", ")),
            ])
        }
        output.table(table)
    }

    private func json(_ laptop: LaptopStatus) -> [String: Any] {
        var object: [String: Any] = [
            "name": laptop.name, "enrolled": laptop.isEnrolled, "revoked": laptop.isRevoked,
            "postings": laptop.postings, "scopes": laptop.scopes, "people": laptop.people,
        ]
        object["heard"] = laptop.heard.map { "\($0)" }
        object["clockErrorMilliseconds"] = laptop.clockErrorMilliseconds
        return object
    }
}

struct LaptopScopes: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopScopesAbstract, name: "scopes")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Argument(help: ArgumentHelp(.scopesHelp)) var scopes: [String] = []
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        var held: [Stamp] = []
        for text in scopes { held.append(try await office.scope(text)) }
        _ = try await office.door.ask(.setScopes(laptop: name, scopes: held))
        output.say(Word.done.text(), json: ["laptop": name])
    }
}

struct LaptopRevoke: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopRevokeAbstract, name: "revoke")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        _ = try await folder.open().door.ask(.revoke(laptop: name))
        output.say(Word.done.text(), json: ["laptop": name])
    }
}
