import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookWords

struct StaffGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .staffAbstract, name: "staff",
        [StaffAdd.self, StaffAssign.self, StaffUnassign.self, StaffPin.self])
}

struct StaffAdd: DaybookCommand {
    static let configuration = CommandConfiguration.word(.staffAddAbstract, name: "add")
    @Argument(help: ArgumentHelp(.nameHelp)) var name: String
    @Option(help: ArgumentHelp(.rankHelp)) var rank = "promoter"
    @Option(help: ArgumentHelp(.unitHelp)) var unit: String?
    @Option(help: ArgumentHelp(.phoneHelp)) var phone: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        var fields = [FieldValue(Staff.name.tag, name.value)]
        fields.append(
            FieldValue(Staff.rank.tag, try Staff.rank.definition.typed(rank, currency: nil)))
        if let unit {
            let value = try Staff.unit.definition.typed(unit, currency: nil)
            fields.append(FieldValue(Staff.unit.tag, value))
        }
        if let phone {
            let value = try Staff.phone.definition.typed(phone, currency: nil)
            fields.append(FieldValue(Staff.phone.tag, value))
        }
        try await add(Draft(collection: "staff", fields: fields), folder, output)
    }
}

/// Somebody, and stores and events.
struct PlacesOptions: ParsableArguments {
    @Argument(help: ArgumentHelp(.personHelp)) var person: String
    @Argument(help: ArgumentHelp(.scopesHelp)) var places: [String]

    func find(in office: Office) async throws -> (person: Stamp, places: [Place]) {
        (
            try await office.find(person, in: "staff").id, try await office.places(places)
        )
    }
}

struct StaffAssign: DaybookCommand {
    static let configuration = CommandConfiguration.word(.staffAssignAbstract, name: "assign")
    @OptionGroup var named: PlacesOptions
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let (person, places) = try await named.find(in: office)
        try await office.assign(person, to: places)
        output.say(Word.done.text(), json: ["person": "\(person)"])
    }
}

struct StaffUnassign: DaybookCommand {
    static let configuration = CommandConfiguration.word(.staffUnassignAbstract, name: "unassign")
    @OptionGroup var named: PlacesOptions
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let (person, places) = try await named.find(in: office)
        let ends = Set(places.map(\.id))
        for assignment in try await office.assignments(of: person)
        where Assignment.place(of: assignment).map(ends.contains) ?? false {
            _ = try await office.door.ask(
                .remove(record: assignment.id, collection: "assignment"))
        }
        output.say(Word.done.text(), json: ["person": "\(person)"])
    }
}

struct StaffPin: DaybookCommand {
    static let configuration = CommandConfiguration.word(.staffPinAbstract, name: "pin")
    @Argument(help: ArgumentHelp(.personHelp)) var person: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let found = try await office.find(person, in: "staff")
        guard
            case .startCode(let code) = try await office.door.ask(
                .manage(.giveStartCode(person: found.id)))
        else { return }
        let shown = Invitation.grouped(code)
        let name = found[Staff.name] ?? person
        output.say(
            Word.startCodeGiven.text(name, shown), json: ["person": "\(found.id)", "code": shown])
        output.note(Word.startCodeNext.text(name))
    }
}

/// A store or an event, where people work.
struct Place {
    let id: Stamp
    let collection: String
}

extension Office {
    func place(_ text: String) async throws -> Place {
        for collection in ["store", "event"] {
            let found = try await records(.find(collection: collection, text: text))
            if found.count == 1 { return Place(id: found[0].id, collection: collection) }
        }
        throw AdminFault.notAScope(text)
    }

    func places(_ texts: [String]) async throws -> [Place] {
        var places: [Place] = []
        for text in texts { places.append(try await place(text)) }
        return places
    }

    func assignments(of person: Stamp) async throws -> [Record] {
        try await records(
            .lookUp(collection: "assignment", field: "person", value: person.value))
    }

    /// Says that somebody works there, where it is not said yet.
    func assign(_ person: Stamp, to places: [Place]) async throws {
        let held = Set(try await assignments(of: person).compactMap { Assignment.place(of: $0) })
        let drafts = places.filter { !held.contains($0.id) }.map { place in
            var draft = Draft(Assignment.self)
            draft[Assignment.person] = person
            draft[place.collection == "store" ? Assignment.store : Assignment.event] = place.id
            return AdminDraft(draft)
        }
        if !drafts.isEmpty { _ = try await write(drafts) }
    }
}
