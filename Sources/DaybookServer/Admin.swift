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
    /// Records whose indexed field has the value.
    case lookUp(collection: String, field: String, value: Value)
    case remove(record: Stamp, collection: String)
    /// The last so many records of a collection.
    case list(collection: String, last: Int)
    case report(String, options: [String: String])
    /// Rows of an import, taken by one of the injected importers; `file` and `through` mark how far it came.
    case importRows(kind: String, rows: [ImportRow], options: [String: String], file: String)
    case importMark(file: String)
    case matters(MatterFilter)
    /// Settles every open matter that the filter finds in one way.
    case settle(MatterFilter, as: String, note: String?)
    /// Says that a settlement does not hold.
    case undoSettlement(Stamp)
    case manage(LaptopRequest)
    /// Paths are absolute: the process that holds the book reads and writes the files.
    case backUp(path: String)
    case verify(against: String?)
    case recovery
    case readBundle(path: String, answer: String)
    case prove(record: Stamp)
    /// On a lawful request of the person whom the record names.
    case erase(record: Stamp)
    /// Of the running server, in Prometheus's text format.
    case metrics
}

/// What the engineer asks of laptops and of those who work on them.
public enum LaptopRequest: Codable, Sendable {
    case add(name: String, people: [Stamp], scopes: [Stamp])
    /// Another code for a laptop that was never heard from.
    case renewCode(laptop: String)
    case list
    case setScopes(laptop: String, scopes: [Stamp])
    case setPeople(laptop: String, people: [Stamp])
    /// By which a person may choose a PIN on a laptop.
    case giveStartCode(person: Stamp)
    case revoke(laptop: String)
    /// Asks it for a last sync, or takes that back.
    case retire(laptop: String, undo: Bool)
    case show(laptop: String)
    /// Takes its postings again, though it left much to be settled.
    case allowMatters(laptop: String)
    /// Takes its postings though names in them cannot be opened, or takes that back.
    case allowNameless(laptop: String, undo: Bool)
    /// The last so many changes that revoked laptops brought, of all or of one.
    case quarantined(laptop: String?, last: Int)
    /// Laptops that are not heard from: what is shown may lack what they have not posted.
    case silent
    /// Records what a revoked laptop brought.
    case release(laptop: String)
}

/// A laptop that nothing came from after a moment.
public struct Silence: Codable, Sendable {
    public let laptop: String
    public let since: Moment
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
    case matters([ListedMatter], of: Int)
    case settled(Int)
    /// With the certificate that laptops know head office by.
    case code(String, certificate: [UInt8])
    case laptops([LaptopStatus])
    case startCode(String)
    case laptop(LaptopDetail)
    case done
    case backedUp(sequence: UInt64, records: Int64)
    case verified(OfficeCheck)
    case recovery(OfficeRecovery)
    case bundleRead(postings: Int, refusal: UInt32?)
    case proofs([OfficeStore.Proof])
    /// Nil when nothing named anybody.
    case erased(OfficeStore.Erasure?)
    case metrics(String)
    case quarantined([QuarantinedChange], of: Int)
    case released(OfficeStore.Release)
    case silent([Silence])
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
    /// The server does not run.
    case notServing
    case matterUnknown(String)
    /// The rule's name.
    case againstRule(String)
    /// What was typed, and what may be chosen for that matter.
    case choiceUnknown(String, [String], code: String)
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
    public let nameless: Int64
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
    public let isRetiring: Bool
    /// When head office signed that it may be wiped.
    public let wipeable: Moment?
}

/// One laptop, and what somebody has who has it.
public struct LaptopDetail: Codable, Sendable {
    public let status: LaptopStatus
    public let enrolled: Moment?
    public let keys: Int64
    /// Lives of its book: more than one after a copy or a restore.
    public let incarnations: Int64
    public let lastArrived: Moment?
    /// What it left to be looked at since somebody did.
    public let matterBytes: Int64
    /// Records in each of its scopes.
    public let records: [Count]
    /// Records of its scopes that name somebody, by collection.
    public let personal: [Count]

    public struct Count: Codable, Sendable {
        public let name: String
        public let records: Int64
    }
}
