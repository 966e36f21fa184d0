import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookStorage
import DaybookWords
import Foundation

struct LaptopGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .laptopAbstract, name: "laptop",
        [
            LaptopAdd.self, LaptopCode.self, LaptopList.self, LaptopScopes.self, LaptopPeople.self,
            LaptopShow.self, LaptopRevoke.self, LaptopRetire.self, LaptopAllow.self,
            LaptopNameless.self,
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
        let places = try await office.places(scopes)
        // Before anybody is assigned: a name that is held changes nothing.
        guard case .laptops(let held) = try await office.door.ask(.manage(.list)),
            !held.contains(where: { $0.name == name })
        else { throw AdminFault.laptopNameHeld(name) }
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
    // For a person beside the screen; a script, a pipe and a file have no use for it.
    guard !output.json, isatty(STDOUT_FILENO) == 1 else { return }
    for line in QRCode.lines(invitation) ?? [] { print(line) }
}

struct LaptopList: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopListAbstract, name: "list")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard case .laptops(let laptops) = try await office.door.ask(.manage(.list)) else { return }
        if output.json {
            return output.emit(laptops.map(Self.json))
        }
        guard !laptops.isEmpty else { return print(Word.laptopEmpty.text()) }
        var table = TextTable(
            header: [
                Word.headLaptop, .headEnrolled, .headHeard, .headClock, .headPostings, .headPeople,
                .headScopes,
            ].map { $0.text() })
        for laptop in laptops {
            table.add([
                .init(laptop.name), .init(laptop.state.text()),
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

    fileprivate static func json(_ laptop: LaptopStatus) -> [String: Any] {
        var object: [String: Any] = [
            "name": laptop.name, "enrolled": laptop.isEnrolled, "revoked": laptop.isRevoked,
            "postings": laptop.postings, "scopes": laptop.scopes, "people": laptop.people,
            "retiring": laptop.isRetiring,
        ]
        object["heard"] = laptop.heard.map { "\($0)" }
        object["safeToWipe"] = laptop.wipeable.map { "\($0)" }
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
        let held = try await office.places(scopes).map(\.id)
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

struct LaptopRetire: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopRetireAbstract, name: "retire")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Flag(help: ArgumentHelp(.undoHelp)) var undo = false
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        _ = try await folder.open().door.ask(.manage(.retire(laptop: name, undo: undo)))
        output.say(Word.done.text(), json: ["laptop": name])
        if !undo { output.note(Word.retireNext.text(name)) }
    }
}

struct LaptopAllow: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopAllowAbstract, name: "allow")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        _ = try await folder.open().door.ask(.manage(.allowMatters(laptop: name)))
        output.say(Word.done.text(), json: ["laptop": name])
    }
}

struct LaptopNameless: DaybookCommand {
    static let configuration = CommandConfiguration.word(
        .laptopNamelessAbstract, name: "nameless")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Flag(help: ArgumentHelp(.undoHelp)) var undo = false
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        _ = try await folder.open().door.ask(
            .manage(.allowNameless(laptop: name, undo: undo)))
        output.say(Word.done.text(), json: ["laptop": name])
        if !undo { output.note(Word.laptopNamelessNext.text(name)) }
    }
}

struct LaptopShow: DaybookCommand {
    static let configuration = CommandConfiguration.word(.laptopShowAbstract, name: "show")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard
            case .laptop(let detail) = try await office.door.ask(.manage(.show(laptop: name)))
        else { return }
        guard !output.json else {
            var object = LaptopList.json(detail.status)
            object["keys"] = detail.keys
            object["incarnations"] = detail.incarnations
            object["enrolledAt"] = detail.enrolled.map { "\($0)" }
            object["lastPosting"] = detail.lastArrived.map { "\($0)" }
            object["matterBytes"] = detail.matterBytes
            object["records"] = pairs(detail.records)
            object["personal"] = pairs(detail.personal)
            return output.emit(object)
        }
        let status = detail.status
        func line(_ word: Word, _ text: String) { print("\(word.text()): \(text)") }
        let state: Word = status.state == .yes ? .headEnrolled : status.state
        line(.headLaptop, "\(status.name) (\(state.text()))")
        line(.headHeard, status.heard.map(Listing.local) ?? Word.never.text())
        line(.headArrived, detail.lastArrived.map(Listing.local) ?? Word.never.text())
        line(.headPostings, "\(status.postings)")
        line(.headPeople, status.people.joined(separator: ", "))
        line(.headKey, "\(detail.keys)")
        line(.headBooks, "\(detail.incarnations)")
        print(Word.laptopHolds.text())
        for one in detail.records { print("  \(one.name): \(one.records)") }
        print(Word.laptopPersonal.text())
        for one in detail.personal {
            let label = office.catalogue[one.name]?.label.text() ?? one.name
            print("  \(label): \(one.records)")
        }
        if detail.matterBytes >= OfficeStore.matterBytesMax {
            print(Word.laptopMatters.text("\(detail.matterBytes >> 20)", status.name))
        }
        if status.isRevoked { print(Word.laptopRevoked.text()) }
    }

    private func pairs(_ counts: [LaptopDetail.Count]) -> [String: Any] {
        Dictionary(counts.map { ($0.name, $0.records) }) { $1 }
    }
}

extension LaptopStatus {
    /// What became of it.
    var state: Word {
        if isRevoked { return .revoked }
        if wipeable != nil { return .safeToWipe }
        if isRetiring { return .retiring }
        return isEnrolled ? .yes : .no
    }
}
