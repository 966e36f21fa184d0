import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookWords

struct LaptopGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .laptopAbstract, name: "laptop",
        [
            LaptopAdd.self, LaptopCode.self, LaptopList.self, LaptopScopes.self, LaptopPeople.self,
            LaptopRevoke.self,
        ])
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
        var places: [Place] = []
        for text in scopes { places.append(try await office.place(text)) }
        for one in people { try await office.assign(one, to: places) }
        let request = LaptopRequest.add(
            name: name, people: people, scopes: places.map(\.id))
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
    to name: String, _ request: LaptopRequest, _ office: Office, _ folder: FolderOptions,
    _ output: OutputOptions
) async throws {
    guard case .code(let code, let certificate) = try await office.door.ask(.manage(request))
    else { return }
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
        guard case .laptops(let laptops) = try await office.door.ask(.manage(.list)) else { return }
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
        for text in scopes { held.append(try await office.place(text).id) }
        _ = try await office.door.ask(.manage(.setScopes(laptop: name, scopes: held)))
        output.say(Word.done.text(), json: ["laptop": name])
    }
}

struct LaptopPeople: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopPeopleAbstract, name: "people")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Argument(help: ArgumentHelp(.personHelp)) var people: [String] = []
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        var ids: [Stamp] = []
        for text in people { ids.append(try await office.find(text, in: "staff").id) }
        _ = try await office.door.ask(.manage(.setPeople(laptop: name, people: ids)))
        output.say(Word.done.text(), json: ["laptop": name])
    }
}

struct LaptopRevoke: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopRevokeAbstract, name: "revoke")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        _ = try await folder.open().door.ask(.manage(.revoke(laptop: name)))
        output.say(Word.done.text(), json: ["laptop": name])
    }
}
