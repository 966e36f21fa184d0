import ArgumentParser
import DaybookAgent
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookStorage
import DaybookSync
import DaybookWords
import Foundation

/// Which book a command works on.
struct BookOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(.bookHelp), completion: .file()) var book: String?

    var path: String {
        let environment = ProcessInfo.processInfo.environment
        if let named = book ?? environment["DAYBOOK_BOOK"], !named.isEmpty { return named }
        let home = environment["HOME"] ?? "."
        let data = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (data ?? home + "/.local/share") + "/daybook/book.daybook"
    }

    func open() throws -> OpenBook {
        let book = OpenBook(
            store: try LaptopStore.open(path: path, catalogue: Department.catalogue))
        let session = book.session
        // Names that cannot be read now travel as they were sealed.
        book.store.pack { try? session.keys() }
        return book
    }
}

/// A book as the commands use it.
struct OpenBook {
    let store: LaptopStore
    let surroundings = SystemSurroundings()
    var catalogue: Catalogue { store.catalogue }

    /// Writes one entry as the person who works on the laptop.
    func write<Result>(_ body: (any EntryWriter) throws -> Result) throws -> Result {
        guard let person = try store.worker(clock: surroundings.reading()) else {
            try session.keep(nil)
            throw UsageFault(Word.usageNoPerson.text())
        }
        return try store.write(
            person: person, clock: surroundings.reading(), keys: try session.keys(), body)
    }

    /// Looks into the book as the person who works on the laptop; as nobody when nobody does.
    func read<Result>(_ body: (any BookView) throws -> Result) throws -> Result {
        let person = try store.worker(clock: surroundings.reading())
        // Whose time is over has nothing unlocked any more.
        if person == nil { try session.keep(nil) }
        return try store.read(person: person, keys: person == nil ? nil : session.keys(), body)
    }

    /// Other laptops of its scopes that had not been heard from when head office was.
    func silent() throws -> [(name: String, since: Moment)] {
        try store.silentLaptops().map { ($0.name, $0.since) }
    }

    /// What the person who works on the laptop has unlocked.
    var session: SessionKeys { SessionKeys(book: store.path) }

    /// The record that a person means.
    func find(_ text: String, in collection: String) throws -> Record {
        try read { view in
            let found = try only(
                try view.records(named: text, in: collection), named: text,
                of: try catalogue.named(collection))
            // By a hint it may be somebody else: only who says the id means that one.
            if found.fields.contains(where: \.value.isSealed), Stamp(text: text) != found.id,
                PhoneNumber(text) != nil
            {
                throw UsageFault(Word.usageOnlyHint.text(text, "\(found.id)"))
            }
            return found
        }
    }

    func id(_ text: String, in collection: String) throws -> Stamp {
        try find(text, in: collection).id
    }

    func optionalID(_ text: String?, in collection: String) throws -> Stamp? {
        try text.map { try id($0, in: collection) }
    }

    /// The only record of a collection when none is named: a laptop at one event need not say which.
    func id(_ text: String?, orOnlyOneIn collection: String) throws -> Stamp {
        if let text { return try id(text, in: collection) }
        let all = try read { view in
            var all: [Record] = []
            try view.forEach(in: collection) { if all.count < 2 { all.append($0) } }
            return all
        }
        return try only(all, named: "", of: try catalogue.named(collection)).id
    }

    var currency: Currency? {
        get throws {
            try read { view in
                try view.record(view.organisation, in: "organisation")?[Organisation.currency]
                    .flatMap { Currency($0) }
            }
        }
    }

    /// What people call the records that others refer to.
    func titles(_ view: any BookView) -> (Stamp) -> String {
        { id in (try? view.title(of: id)) ?? "\(id)" }
    }

    func link() throws -> OfficeLink {
        let identity = try store.identity()
        return try OfficeLink(
            office: identity.office, certificate: identity.officeCertificate,
            surroundings: surroundings,
            environment: ProcessInfo.processInfo.environment)
    }
}

/// An answer that does not fit what was asked is no fault of the book.
extension OutOfOrder: Explained {
    public var words: String { Word.faultMalformed.text("\(kind)") }
    public var exitCode: Int32 { ExitCodes.offline }
}

extension LinkFault: Explained {
    public var words: String {
        switch self {
        case .offline(let detail): Word.faultOffline.text(detail)
        case .notHeadOffice(let status): Word.faultNotHeadOffice.text("\(status)")
        case .busy(let after): Word.faultOfficeBusy.text("\(after)")
        case .malformed(let detail): Word.faultMalformed.text(detail)
        case .syncing: Word.faultSyncing.text()
        case .untrusted: Word.faultUntrusted.text()
        }
    }

    public var exitCode: Int32 { ExitCodes.offline }
}
