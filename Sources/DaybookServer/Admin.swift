import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage

/// What the engineer at head office asks of the book; the same request works through the running server and
/// directly on the file.
public enum AdminRequest: Codable, Sendable {
    case status
    case write([AdminDraft])
    case edit(record: Stamp, collection: String, field: String, value: Value?, settling: Bool)
    /// What a person means by a text: an id or a natural key.
    case find(collection: String, text: String)
    /// The last so many records of a collection.
    case list(collection: String, last: Int)
    case report(String)
    /// Rows of an import, taken by one of the injected importers; `file` and `through` mark how far it came.
    case importRows(kind: String, rows: [ImportRow], options: [String: String], file: String)
    case importMark(file: String)
    case addLaptop(name: String, people: [Stamp], scopes: [Stamp])
    case laptops
    case setScopes(laptop: String, scopes: [Stamp])
    case revoke(laptop: String)
    /// Paths are absolute: the process that holds the book reads and writes the files.
    case backUp(path: String)
    case verify(against: String?)
    case recovery
    case readBundle(path: String, answer: String)
    case prove(record: Stamp)
}

/// A record to be born, its references perhaps to others of the same request.
public struct AdminDraft: Codable, Sendable {
    public var draft: Draft
    /// Field tag → place in the request of the record that it refers to.
    public var links: [UInt32: Int]

    public init(_ draft: Draft, links: [UInt32: Int] = [:]) {
        self.draft = draft
        self.links = links
    }
}

public enum AdminAnswer: Codable, Sendable {
    case status(OfficeStatus)
    case written([Stamp])
    case records([Record])
    case report([ReportTable])
    case imported(ImportTally)
    case mark(Int64?)
    case code(String)
    case laptops([LaptopStatus])
    case done
    case backedUp(sequence: UInt64, records: Int64)
    case verified(OfficeCheck)
    case recovery(OfficeRecovery)
    case bundleRead(postings: Int, refusal: UInt32?)
    case proofs([OfficeStore.Proof])
    /// The book or a file that was named has a fault.
    case faulty(AdminFileFault)
    /// The request was understood and cannot be.
    case refused(AdminFault)
}

public enum AdminFault: Codable, Error, Sendable, Hashable {
    case unknownCollection(String)
    case unknownField(String)
    case unknownReport(String)
    case recordUnknown
    case missing(String)
    case invalid(String)
    case laptopNameHeld(String)
    case laptopUnknown(String)
    case notAScope(String)
    case refused(UInt32)
    /// No bundle of a laptop that head office knows, or not whole.
    case bundleUnknown
    case backupWrong(String)
    case bookWrong(String)
}

/// A file's fault as it crosses between processes.
public enum AdminFileFault: Codable, Error, Sendable {
    case missing(String), exists(String), foreign(String), newer(String), readOnly(String)
    case damaged(String, String), diskFull(String), busy(String), io(String, String)

    init(_ fault: BookFault) {
        switch fault {
        case .missing(let path): self = .missing(path)
        case .exists(let path): self = .exists(path)
        case .foreign(let path): self = .foreign(path)
        case .newer(let path): self = .newer(path)
        case .readOnly(let path): self = .readOnly(path)
        case .damaged(let path, let detail): self = .damaged(path, detail)
        case .diskFull(let path): self = .diskFull(path)
        case .busy(let path): self = .busy(path)
        case .io(let path, let detail): self = .io(path, detail)
        case .notDurable(let path): self = .io(path, "not durable")
        }
    }

    init(_ fault: FileFault) {
        switch fault.kind {
        case .missing: self = .missing(fault.path)
        case .exists: self = .exists(fault.path)
        case .readOnly: self = .readOnly(fault.path)
        case .full: self = .diskFull(fault.path)
        case .other: self = .io(fault.path, fault.detail)
        }
    }

    /// The fault as it was.
    var fault: BookFault {
        switch self {
        case .missing(let path): .missing(path: path)
        case .exists(let path): .exists(path: path)
        case .foreign(let path): .foreign(path: path)
        case .newer(let path): .newer(path: path)
        case .readOnly(let path): .readOnly(path: path)
        case .damaged(let path, let detail): .damaged(path: path, detail: detail)
        case .diskFull(let path): .diskFull(path: path)
        case .busy(let path): .busy(path: path)
        case .io(let path, let detail): .io(path: path, detail: detail)
        }
    }
}

/// What a check of head office's book found.
public struct OfficeCheck: Codable, Sendable {
    public let records: Int64
    /// What SQLite's own check found in the file.
    public let faults: [String]
    /// Scopes whose records are not those that their digest says.
    public let wrongScopes: [String]
    /// How many records of another book were compared.
    public let compared: Int64?
    public let differing: [DifferingRecord]
}

public struct DifferingRecord: Codable, Sendable {
    public let id: Stamp
    public let collection: UInt32
    public let isHere: Bool
    public let isThere: Bool
}

/// What came back after head office had lost something, and what did not.
public struct OfficeRecovery: Codable, Sendable {
    public let base: UInt64?
    public let returned: [String]
    public let awaited: [String]
    public let regained: Int64
    public let withoutEntry: Int64
    public let renamed: [Stamp]
    public let missing: [String]
}

public struct OfficeStatus: Codable, Sendable {
    public let organisation: String
    public let catalogue: UInt32
    public let records: [String: Int64]
    public let laptops: Int
    public let matters: Int64
    public let sequence: Int64
}

public struct LaptopStatus: Codable, Sendable {
    public let name: String
    public let isEnrolled: Bool
    public let isRevoked: Bool
    public let heard: Moment?
    public let clockErrorMilliseconds: Int64?
    public let postings: Int64
    public let scopes: [String]
    public let people: [String]
}

/// Answers admin requests from a store.
public struct AdminDesk: Sendable {
    /// Most records in one list.
    private static let listMax = 10_000

    let store: OfficeStore
    let surroundings: any Surroundings
    let importers: [String: Importer]

    public init(
        store: OfficeStore, surroundings: any Surroundings, importers: [String: Importer]
    ) {
        self.store = store
        self.surroundings = surroundings
        self.importers = importers
    }

    /// What the request got wrong is an answer, and so is a fault of the book or of a file that it names.
    public func answer(_ request: AdminRequest) throws -> AdminAnswer {
        do {
            return try carryOut(request)
        } catch let fault as AdminFault {
            return .refused(fault)
        } catch let fault as ChangeFault {
            return .refused(Self.fault(fault))
        } catch let fault as OfficeStore.BackupFault {
            return .refused(.backupWrong(fault.detail))
        } catch is MalformedBytes {
            return .refused(.bundleUnknown)
        } catch let fault as BookFault {
            return .faulty(AdminFileFault(fault))
        } catch let fault as FileFault {
            return .faulty(AdminFileFault(fault))
        } catch let fault as OfficeStore.LaptopFault {
            switch fault {
            case .nameHeld(let name): return .refused(.laptopNameHeld(name))
            case .unknown(let name): return .refused(.laptopUnknown(name))
            case .notAScope(let stamp): return .refused(.notAScope("\(stamp)"))
            case .tooManyScopes: return .refused(.invalid("scopes"))
            }
        }
    }

    private func carryOut(_ request: AdminRequest) throws -> AdminAnswer {
        switch request {
        case .status: return .status(try status())
        case .write(let drafts): return .written(try write(drafts))
        case .edit(let record, let collection, let field, let value, let settling):
            try known(collection)
            try store.write(person: nil, clock: surroundings.reading()) {
                try $0.edit(
                    record, in: collection, field: field, to: value, settling: settling)
            }
            return .done
        case .list(let collection, let last):
            try known(collection)
            return .records(try list(collection, last: last))
        case .find(let collection, let text):
            try known(collection)
            return .records(try store.read { try $0.records(named: text, in: collection) })
        case .report(let name):
            guard let report = store.catalogue.reports.first(where: { $0.name == name }) else {
                throw AdminFault.unknownReport(name)
            }
            return .report(try store.read { try report.make($0) })
        case .importRows(let kind, let rows, let options, let file):
            guard let importer = importers[kind] else { throw AdminFault.unknownCollection(kind) }
            return .imported(
                try store.write(person: nil, clock: surroundings.reading()) {
                    try importer.write($0, rows: rows, options: options, file: file)
                })
        case .importMark(let file):
            return .mark(
                try store.write(person: nil, clock: surroundings.reading()) { try $0.mark(file) })
        case .addLaptop(let name, let people, let scopes):
            let code = Invitation.code(randomBytes: surroundings.randomBytes(7))
            try store.addLaptop(
                name: name, people: people, scopes: scopes, code: code,
                now: surroundings.reading().wall)
            return .code(code)
        case .laptops: return .laptops(try laptops())
        case .setScopes(let laptop, let scopes):
            try store.setScopes(of: laptop, to: scopes)
            return .done
        case .revoke(let laptop):
            try store.revoke(laptop)
            return .done
        case .backUp(let path): return try keeping.backUp(to: path)
        case .verify(let path): return try keeping.verify(against: path)
        case .recovery: return try keeping.recovery()
        case .readBundle(let path, let answer):
            return try keeping.readBundle(path, answer: answer)
        case .prove(let record):
            guard try store.read({ try $0.provenance(of: record) }) != nil else {
                throw AdminFault.recordUnknown
            }
            return .proofs(try store.proofs(of: record))
        }
    }

    private var keeping: OfficeKeeping {
        OfficeKeeping(store: store, surroundings: surroundings)
    }

    private func known(_ collection: String) throws {
        guard store.catalogue[collection] != nil else {
            throw AdminFault.unknownCollection(collection)
        }
    }

    private func write(_ drafts: [AdminDraft]) throws -> [Stamp] {
        for draft in drafts { try known(draft.draft.collection) }
        return try store.write(person: nil, clock: surroundings.reading()) { writer in
            var born: [Stamp] = []
            for one in drafts {
                var fields = one.draft.fields
                for (tag, place) in one.links {
                    guard born.indices.contains(place) else { throw AdminFault.recordUnknown }
                    fields.set(tag, born[place].value)
                }
                born.append(
                    try writer.birth(Draft(collection: one.draft.collection, fields: fields)))
            }
            return born
        }
    }

    private func list(_ collection: String, last: Int) throws -> [Record] {
        let most = min(max(last, 1), Self.listMax)
        return try store.read { try $0.last(most, in: collection) }
    }

    private func status() throws -> OfficeStatus {
        let counts = try store.counts()
        return OfficeStatus(
            organisation: counts.organisation, catalogue: store.catalogue.version,
            records: counts.records, laptops: try store.laptops().count, matters: counts.matters,
            sequence: counts.sequence)
    }

    private func laptops() throws -> [LaptopStatus] {
        let lines = try store.laptops()
        return try store.read { view in
            try lines.map { line in
                LaptopStatus(
                    name: line.name, isEnrolled: line.isEnrolled, isRevoked: line.isRevoked,
                    heard: line.heard, clockErrorMilliseconds: line.clockErrorMilliseconds,
                    postings: line.postings, scopes: try line.scopes.map { try view.title(of: $0) },
                    people: try line.people.map { try view.title(of: $0) })
            }
        }
    }

    private static func fault(_ fault: ChangeFault) -> AdminFault {
        switch fault {
        case .field(let name, let fault): .invalid("\(name): \(fault)")
        case .missing(let name): .missing(name)
        case .tooLarge(let size, let most): .invalid("\(size) > \(most)")
        case .unknownCollection(let tag): .unknownCollection("\(tag)")
        case .unknownField(let name): .unknownField(name)
        case .againstRule: .refused(RefusalReason.againstRule.rawValue)
        case .refused(.recordUnknown): .recordUnknown
        case .refused(let reason): .refused(reason.rawValue)
        }
    }
}
