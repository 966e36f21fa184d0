import DaybookModel
import DaybookProtocol
import GRDB

/// A laptop's book as one person sees it: what names persons is read where that person's keys open it, and their
/// duty is to.
class LaptopView: StoreView {
    let person: Stamp?
    private let reader: PersonalReader?
    /// What the person is where.
    private var standings: [Stamp: Standing] = [:]

    init(
        _ db: Database, _ tables: RecordTables, person: Stamp?, keys: PersonalKeys?
    ) throws {
        self.person = person
        reader = keys.map { PersonalReader(db, $0) }
        try super.init(db, tables)
    }

    override func record(_ id: Stamp, in collection: String) throws -> Record? {
        try super.record(id, in: collection).map(opened)
    }

    override func forEach(in collection: String, _ body: (Record) throws -> Void) throws {
        try super.forEach(in: collection) { try body(try opened($0)) }
    }

    override func last(_ count: Int, in collection: String) throws -> [Record] {
        try super.last(count, in: collection).map(opened)
    }

    override func timeline(
        in collection: String, _ keys: [Value], _ body: (Record) throws -> Bool
    ) throws {
        try super.timeline(in: collection, keys) { try body(try opened($0)) }
    }

    override func uncertain(
        in collection: String, _ keys: [Value], beyond milliseconds: Int64
    ) throws -> [Record] {
        try super.uncertain(in: collection, keys, beyond: milliseconds).map(opened)
    }

    /// By a personal field what bears its hint, and nothing that can be read and says otherwise.
    override func records(
        in collection: String, where field: String, is value: Value
    ) throws -> [Record] {
        let definition = tables[collection].definition
        guard let declared = definition.field(field), declared.isPersonal else {
            return try super.records(in: collection, where: field, is: value).map(opened)
        }
        guard let reader, let hint = definition.hint(of: declared),
            case .personal(let wanted?) = declared.own(value)
        else { return [] }
        var scopes: [Stamp] = []
        for row in try Row.fetchAll(db, cached: "SELECT scope FROM _scope WHERE lost = 0") {
            if let scope = row.stamp(0) { scopes.append(scope) }
        }
        return try scopes.flatMap { scope in
            try super.records(
                in: collection, of: scope, where: hint.name,
                is: .integer(reader.keys.hint(of: wanted, in: scope))
            ).map(opened)
        }.filter {
            let held = $0.fields.value(declared.tag)
            return held == .personal(wanted) || held?.isSealed ?? false
        }.sorted { $0.id < $1.id }
    }

    override func records(in collection: String, of scope: Stamp) throws -> [Record] {
        try super.records(in: collection, of: scope).map(opened)
    }

    override func records(
        in collection: String, of scope: Stamp, where field: String, is value: Value
    ) throws -> [Record] {
        try super.records(in: collection, of: scope, where: field, is: value).map(opened)
    }

    override func records(
        in collection: String, where field: String, is value: Value, most: Int
    ) throws -> [Record] {
        Array(try records(in: collection, where: field, is: value).prefix(most))
    }

    /// What names persons in the record, as far as this person reads it.
    func opened(_ record: Record) throws -> Record {
        guard let reader, record.fields.contains(where: \.value.isSealed) else { return record }
        let pending = try OverlaidRecords(records).lastPending(record.id)
        return try record.opened { served, tag in
            // What is shown is this book's own edit, where one waits.
            let head = pending[tag]?.stamp ?? served
            if let own = try reader.own(head, tag) { return own }
            guard try readsPersonal(record) else { return nil }
            return try reader.served(head, tag, of: record.id)
        }
    }

    func standing(in scope: Stamp) throws -> Standing {
        // By what head office wrote, none of which names anybody: reading names asks for the standing itself.
        let standing =
            try standings[scope] ?? StoreView(db, tables).standing(of: person, in: scope)
        standings[scope] = standing
        return standing
    }

    private func readsPersonal(_ record: Record) throws -> Bool {
        let rights = tables[record.collection]?.definition.rights
        return try rights?.personal.includes(standing(in: record.scope)) ?? false
    }
}

/// Opens what names persons in one book, inside one transaction.
private final class PersonalReader {
    let keys: PersonalKeys
    private let db: Database
    private var locks: [Int64: PersonalLock] = [:]
    private var boxes: [Stamp: [Int: [UInt32: String]]] = [:]
    private var pages: [Int64: [Stamp: [UInt32: String]]] = [:]

    init(_ db: Database, _ keys: PersonalKeys) {
        self.db = db
        self.keys = keys
    }

    /// What this laptop wrote and still keeps, by the stamp of the change.
    func own(_ head: Stamp, _ tag: UInt32) throws -> String? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT s.first, s.last, s.lock, s.counter, s.box, l.capsule, l.people
                FROM _sealed s JOIN _lock l ON l.id = s.lock
                WHERE s.node = ? AND s.first <= ? ORDER BY s.first DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [head.node, head.rawValue]),
            let first = row.stamp(0), (row[1] as Int64) >= head.rawValue
        else { return nil }
        if boxes[first] == nil {
            guard let box = row.bytes(4), let capsule = row.bytes(5), let people = row.bytes(6)
            else { return nil }
            let lock = try locks[row[2]] ?? keys.unwrap(people, capsule: capsule)
            locks[row[2]] = lock
            boxes[first] = try SealedEntry.open(
                box, counter: UInt64(row[3] as Int64), under: lock)
        }
        // An entry draws its stamps one after the other.
        return boxes[first]?[Int(head.milliseconds - first.milliseconds)]?[tag]
    }

    /// What head office served for those whose duty is to read it.
    func served(_ head: Stamp, _ tag: UInt32, of record: Stamp) throws -> String? {
        let statement = try db.cachedStatement(
            sql: "SELECT max(page) FROM _personal WHERE record = ? AND head = ?")
        let held = try Int64.fetchOne(statement, arguments: [record.rawValue, head.rawValue])
        guard let page = held else { return nil }
        if pages[page] == nil {
            let row = try Row.fetchOne(
                db, cached: "SELECT scope, through, box FROM _page WHERE id = ?", arguments: [page])
            guard let row, let scope = row.stamp(0) else { return nil }
            pages[page] = try FeedPage.open(
                row.bytes(2) ?? [], scope: scope, through: UInt64(row[1] as Int64), by: keys)
        }
        return pages[page]?[head]?[tag]
    }
}
