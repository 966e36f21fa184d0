import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookStorage
import DaybookWords
import Foundation

/// Which head office a command works on.
struct FolderOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(.folderHelp), completion: .directory)
    var folder: String?

    var office: OfficeFolder {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["DAYBOOK_OFFICE"].flatMap { $0.isEmpty ? nil : $0 }
        return OfficeFolder(path: folder ?? named ?? "daybook-office")
    }

    /// Through the running server if there is one, else directly.
    func open() throws -> Office {
        Office(
            door: try OfficeDoor(
                folder: office, catalogue: Department.catalogue, importers: importers,
                surroundings: SystemSurroundings()))
    }
}

/// Importers that head office's engine is given; each request names the currency of amounts without one.
let importers: [String: Importer] = {
    let generic = Department.catalogue.collections.map {
        Importer.collection($0, currency: nil)
    }
    return Dictionary(uniqueKeysWithValues: generic.map { ($0.name, $0) })
        .merging(Imports.all) { $1 }
}()

/// Head office's book as the commands use it.
struct Office {
    let door: OfficeDoor
    var catalogue: Catalogue { Department.catalogue }

    /// Laptops that are not heard from.
    func silent() async throws -> [(name: String, since: Moment)] {
        guard case .silent(let laptops) = try await door.ask(.manage(.silent)) else { return [] }
        return laptops.map { ($0.laptop, $0.since) }
    }

    func write(_ drafts: [AdminDraft]) async throws -> [Stamp] {
        guard case .written(let stamps) = try await door.ask(.write(drafts)) else {
            throw AdminUnreachable(status: 200)
        }
        return stamps
    }

    func records(_ request: AdminRequest) async throws -> [Record] {
        guard case .records(let records) = try await door.ask(request) else {
            throw AdminUnreachable(status: 200)
        }
        return records
    }

    /// The record that a person means.
    func find(_ text: String, in collection: String) async throws -> Record {
        try only(
            try await records(.find(collection: collection, text: text)), named: text,
            of: try catalogue.named(collection))
    }

    var currency: Currency? {
        get async throws {
            try await records(.list(collection: "organisation", last: 1)).first
                .flatMap { $0[Organisation.currency] }.flatMap { Currency($0) }
        }
    }
}

extension AdminFault: Explained {
    public var words: String {
        let catalogue = Department.catalogue
        switch self {
        case .unknownCollection(let name):
            let names = catalogue.collections.map(\.name).joined(separator: ", ")
            return Word.usageUnknownCollection.text(name, names)
        case .unknownField(let name): return Word.usageUnknownField.text(name, "")
        case .unknownReport(let name):
            let names = catalogue.reports.map(\.name).joined(separator: ", ")
            return Word.adminReport.text(name, names)
        case .recordUnknown: return Word.faultUnknownReference.text()
        case .missing(let name): return Word.faultMissingField.text(name)
        case .invalid(let detail): return Word.faultField.text(detail, "")
        case .laptopNameHeld(let name): return Word.adminNameHeld.text(name)
        case .laptopUnknown(let name): return Word.adminLaptopUnknown.text(name)
        case .notAScope(let name): return Word.adminNotAScope.text(name)
        case .bundleUnknown: return Word.adminBundle.text()
        case .backupWrong(let detail): return Word.adminBackupWrong.text(detail)
        case .bookWrong(let detail): return Word.verifiedWrong.text(detail)
        case .againstRule(let rule): return RuleWords.text(rule)
        case .matterUnknown(let code): return Word.matterUnknown.text(code)
        case .choiceUnknown(let typed, let known, let code):
            return ChoiceUnknown(typed: typed, known: known, code: code).words
        case .notServing: return Word.adminNotServing.text()
        case .refused(let reason): return RefusalWords.text(reason, detail: "")
        }
    }

    public var exitCode: Int32 { ExitCodes.refused }
}

extension CertificateFault: Explained {
    public var words: String { Word.usageCertificate.text(detail) }
    public var exitCode: Int32 { ExitCodes.usage }
}

extension AdminUnreachable: Explained {
    public var words: String { Word.adminUnreachable.text() }
    public var exitCode: Int32 { ExitCodes.offline }
}
