import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage

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
            case .tooManyPeople: return .refused(.invalid("people"))
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
        case .lookUp(let collection, let field, let value):
            guard store.catalogue[collection]?.indexes.contains(field) == true else {
                throw AdminFault.unknownField(field)
            }
            return .records(
                try store.read { try $0.records(in: collection, where: field, is: value) })
        case .remove(let record, let collection):
            try known(collection)
            try store.write(person: nil, clock: surroundings.reading()) {
                try $0.remove(record, in: collection)
            }
            return .done
        case .report(let name, let options):
            guard let report = store.catalogue.reports.first(where: { $0.name == name }) else {
                throw AdminFault.unknownReport(name)
            }
            return .report(try store.read { try report.make($0, options) })
        case .importRows(let kind, let rows, let options, let file):
            guard let importer = importers[kind] else { throw AdminFault.unknownCollection(kind) }
            return .imported(
                try store.write(person: nil, clock: surroundings.reading()) {
                    try importer.write($0, rows: rows, options: options, file: file)
                })
        case .importMark(let file):
            return .mark(
                try store.write(person: nil, clock: surroundings.reading()) { try $0.mark(file) })
        case .matters(let filter):
            let (matters, total) = try store.matters(filter)
            return .matters(matters, of: total)
        case .settle(let filter, let choice, let note):
            return .settled(try settle(filter, as: choice, note: note))
        case .undoSettlement(let id):
            guard let settling = store.catalogue.settling else { throw AdminFault.recordUnknown }
            try store.write(person: nil, clock: surroundings.reading()) {
                try settling.undo($0, id)
            }
            return .done
        case .manage(let request): return try manage(request)
        case .backUp(let path): return try keeping.backUp(to: path)
        case .verify(let path): return try keeping.verify(against: path)
        case .recovery: return try keeping.recovery()
        case .readBundle(let path, let answer):
            return try keeping.readBundle(path, answer: answer)
        case .prove(let record):
            guard try store.knows(record) else { throw AdminFault.recordUnknown }
            return .proofs(try store.proofs(of: record))
        case .erase(let record):
            return .erased(try store.erase(record, clock: surroundings.reading()))
        case .metrics: throw AdminFault.notServing
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

    private static func fault(_ fault: ChangeFault) -> AdminFault {
        switch fault {
        case .field(let name, let fault): .invalid("\(name): \(fault)")
        case .missing(let name): .missing(name)
        case .tooLarge(let size, let most): .invalid("\(size) > \(most)")
        case .unknownCollection(let tag): .unknownCollection("\(tag)")
        case .unknownField(let name): .unknownField(name)
        case .againstRule(let rule): .againstRule(rule)
        case .personalLocked: .refused(RefusalReason.notAllowed.rawValue)
        case .refused(.recordUnknown): .recordUnknown
        case .refused(let reason): .refused(reason.rawValue)
        }
    }
}
