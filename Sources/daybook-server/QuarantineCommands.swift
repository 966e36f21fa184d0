import ArgumentParser
import DaybookCommands
import DaybookModel
import DaybookServer
import DaybookWords

/// What revoked laptops still brought: nothing of it is recorded until somebody says so.
struct QuarantineGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .quarantineAbstract, name: "quarantine",
        [QuarantineList.self, QuarantineTake.self])
}

struct QuarantineList: DaybookCommand {
    static let configuration = CommandConfiguration.word(.quarantineListAbstract, name: "list")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String?
    @Option(help: ArgumentHelp(.lastHelp)) var last = 50
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        guard last > 0 else { throw UsageFault(Word.usageLast.text("\(last)")) }
        let office = try folder.open()
        let request = LaptopRequest.quarantined(laptop: name, last: last)
        guard
            case .quarantined(let changes, let count) = try await office.door.ask(.manage(request))
        else { return }
        guard !output.json else {
            return output.emit(changes.map { Self.json($0, office.catalogue) })
        }
        guard !changes.isEmpty else { return print(Word.quarantineEmpty.text()) }
        var table = TextTable(
            header: [
                Word.headLaptop, .headPosting, .headArrived, .headWritten, .headBy, .headWhat,
                .headId, .headContent,
            ].map { $0.text() })
        for change in changes {
            table.add([
                .init(change.laptop), .init("\(change.posting)", isNumber: true),
                .init(Listing.local(change.arrived)), .init(Listing.local(change.written)),
                .init(change.person ?? ""), .init(Self.what(change, office.catalogue)),
                .init("\(change.record)"), .init(Self.content(change, office.catalogue)),
            ])
        }
        output.table(table)
        if count > changes.count { output.note(Word.quarantineMore.text("\(count)")) }
        output.note(Word.quarantineNext.text())
    }

    private static func what(_ change: QuarantinedChange, _ catalogue: Catalogue) -> String {
        let word: Word =
            switch change.kind {
            case .birth: .headRecorded
            case .edit: .headEdited
            case .removal: .headRemoved
            }
        let label = catalogue[change.collection]?.label.text() ?? "?"
        return "\(label) \(word.text())"
    }

    private static func content(_ change: QuarantinedChange, _ catalogue: Catalogue) -> String {
        change.fields.compactMap { held in
            guard let field = catalogue[change.collection]?.field(tag: held.tag), !field.isHint
            else { return nil }
            let text = Listing.text(held.value, field) { "\($0)" }
            return "\(field.label.text())=\(text)"
        }.joined(separator: " ")
    }

    private static func json(
        _ change: QuarantinedChange, _ catalogue: Catalogue
    ) -> [String: Any] {
        var fields: [String: Any] = [:]
        for held in change.fields {
            guard let field = catalogue[change.collection]?.field(tag: held.tag) else { continue }
            fields[field.name] = Listing.text(held.value, field) { "\($0)" }
        }
        var object: [String: Any] = [
            "laptop": change.laptop, "posting": change.posting, "arrived": "\(change.arrived)",
            "written": "\(change.written)", "kind": change.kind.rawValue,
            "record": "\(change.record)", "collection": change.collection, "fields": fields,
        ]
        object["person"] = change.person
        return object
    }
}

struct QuarantineTake: DaybookCommand {
    static let configuration = CommandConfiguration.word(.quarantineTakeAbstract, name: "take")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let request = AdminRequest.manage(.release(laptop: name))
        guard case .released(let release) = try await folder.open().door.ask(request) else {
            return
        }
        var object: [String: Any] = [
            "postings": release.postings, "entries": release.entries,
            "namesTaken": release.namesTaken,
        ]
        object["refusal"] = release.refusal
        output.say(
            Word.quarantineTaken.text("\(release.postings)", "\(release.entries)"), json: object)
        if release.namesTaken > 0 {
            output.note(Word.quarantineNamesTaken.text("\(release.namesTaken)"))
        }
        guard release.refusal != nil else { return }
        output.note(Word.quarantineStays.text(release.detail))
        throw ExitCode(ExitCodes.refused)
    }
}
