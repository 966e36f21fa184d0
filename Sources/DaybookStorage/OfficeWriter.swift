import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Writes one entry as head office, inside its transaction.
final class OfficeWriter: EntryWriter {
    let person: Stamp?
    private let applying: Applying
    private let clock: ClockReading
    private let hints: PersonalKeys
    private var stamps: StampClock
    private var changes: [Change] = []
    private let number: Int64
    private var bornHere: [Stamp: Record] = [:]

    var catalogue: Catalogue { applying.view.catalogue }
    var laptop: String? { nil }
    var now: Moment { clock.wall }
    var organisation: Stamp { applying.view.organisation }

    init(
        _ db: Database, _ tables: RecordTables, node: Int64, person: Stamp?, clock: ClockReading,
        hints: PersonalKeys
    ) throws {
        self.hints = hints
        precondition(node > 0, "a run is begun before head office writes")
        self.person = person
        self.clock = clock
        applying = try Applying(db, tables)
        let row = try Row.fetchOne(db, cached: "SELECT clock_last, next_entry FROM _book")
        stamps = StampClock(node: node, last: row?[0] ?? -1)
        number = row?[1] ?? 1
    }

    func birth(_ draft: Draft) throws -> Stamp {
        let definition = applying.records.tables[draft.collection].definition
        var fields = definition.own(draft.fields)
        if let fault = definition.fault(ofBirth: fields) { throw fault }
        let id = try stamps.draw(wall: clock.wall)
        let scope = try scope(of: fields, in: definition) ?? id
        fields = definition.hinted(fields) { hints.hint(of: $0, in: scope) }
        let birth = Birth(id: id, collection: definition.tag, scope: scope, fields: fields)
        // A person waits for the answer: what a laptop may only record is refused here.
        for rule in definition.rules {
            if case .refused = try rule.judge(.birth(birth), nil, self) {
                throw ChangeFault.againstRule(rule.name)
            }
        }
        changes.append(.birth(birth))
        bornHere[id] = Record(
            id: id, collection: definition.tag, scope: scope, by: person, at: clock.wall,
            fields: fields)
        return id
    }

    func edit(
        _ id: Stamp, in collection: String, field name: String, to value: Value?, settling: Bool
    ) throws {
        let definition = applying.records.tables[collection].definition
        guard let field = definition.field(name) else { throw ChangeFault.unknownField(name) }
        if field.isHint { throw ChangeFault.unknownField(name) }
        guard let record = try record(id, in: collection) else {
            throw ChangeFault.refused(.recordUnknown)
        }
        let value = value.map(field.own)
        try put(value, in: field, of: record, definition, settling: settling)
        guard let hint = definition.hint(of: field) else { return }
        let text = value.flatMap { String($0) }
        try put(
            text.map { .integer(hints.hint(of: $0, in: record.scope)) }, in: hint, of: record,
            definition, settling: settling)
    }

    private func put(
        _ value: Value?, in field: FieldDefinition, of record: Record,
        _ definition: CollectionDefinition, settling: Bool
    ) throws {
        let id = record.id
        let heads =
            settling ? record.allHeads(of: field.tag) : [record.shownHead(of: field.tag)]
        let earlier = changes.compactMap { change -> Stamp? in
            guard case .edit(let edit) = change, edit.record == id, edit.field == field.tag else {
                return nil
            }
            return edit.stamp
        }
        changes.append(
            .edit(
                Edit(
                    stamp: try stamps.draw(wall: clock.wall), record: id,
                    collection: definition.tag, field: field.tag, value: value,
                    replaces: heads + earlier)))
    }

    func remove(_ id: Stamp, in collection: String) throws {
        let definition = applying.records.tables[collection].definition
        guard let record = try record(id, in: collection) else {
            throw ChangeFault.refused(.recordUnknown)
        }
        changes.append(
            .removal(
                Removal(
                    stamp: try stamps.draw(wall: clock.wall), record: id,
                    collection: definition.tag, seen: record.allHeads)))
    }

    func mark(_ name: String) throws -> Int64? { try applying.records.mark(name) }

    func setMark(_ name: String, _ number: Int64) throws {
        try applying.records.setMark(name, number)
    }

    /// Applies all as one entry; what a rule refuses is an error here, since a person waits for the answer.
    func finish() throws {
        guard !changes.isEmpty else { return }
        guard changes.count <= Entry.changesMax else {
            throw ChangeFault.tooLarge(sizeBytes: changes.count, sizeBytesMax: Entry.changesMax)
        }
        // What follows from it is written after it.
        try applying.db.run(
            cached: "UPDATE _book SET clock_last = ?, next_entry = ?",
            arguments: [stamps.last, number + 1])
        let entry = Entry(number: number, person: person, clock: clock, changes: changes)
        let outcome = try applying.apply(
            entry,
            from: Applying.Source(
                laptop: 0, posting: 0, rights: nil,
                happening: Happening(at: clock.wall, uncertaintyMilliseconds: 0),
                arrived: clock.wall))
        switch outcome {
        case .recorded(nil), .recognised(_, nil): break
        case .recorded(let refused?), .recognised(_, let refused?):
            throw refused.reason == .againstRule && !refused.detail.isEmpty
                ? ChangeFault.againstRule(refused.detail) : ChangeFault.refused(refused.reason)
        case .nameTaken: throw ChangeFault.refused(.againstRule)
        }
        try applying.flush()
    }

    // MARK: - Looking, with what this entry has born so far

    func record(_ id: Stamp, in collection: String) throws -> Record? {
        if let born = bornHere[id] { return born }
        return try applying.view.record(id, in: collection)
    }

    func records(in collection: String, where field: String, is value: Value) throws -> [Record] {
        let definition = applying.records.tables[collection].definition
        guard let tag = definition.field(field)?.tag else { return [] }
        let born = bornHere.values.filter {
            $0.collection == definition.tag
                && $0.fields.value(tag) == definition.field(field)?.own(value)
        }
        return try applying.view.records(in: collection, where: field, is: value)
            + born.sorted { $0.id < $1.id }
    }

    func records(
        in collection: String, of scope: Stamp, where field: String, is value: Value
    ) throws -> [Record] {
        let definition = applying.records.tables[collection].definition
        guard let declared = definition.field(field) else { return [] }
        let born = bornHere.values.filter {
            $0.collection == definition.tag && $0.scope == scope
                && $0.fields.value(declared.tag) == declared.own(value)
        }
        return try applying.view.records(in: collection, of: scope, where: field, is: value)
            + born.sorted { $0.id < $1.id }
    }

    func records(in collection: String, of scope: Stamp) throws -> [Record] {
        let tag = applying.records.tables[collection].definition.tag
        let born = bornHere.values.filter { $0.collection == tag && $0.scope == scope }
        return try applying.view.records(in: collection, of: scope)
            + born.sorted { $0.id < $1.id }
    }

    func timeline(
        in collection: String, _ keys: [Value], _ body: (Record) throws -> Bool
    ) throws {
        try applying.view.timeline(in: collection, keys, body)
    }

    func uncertain(
        in collection: String, _ keys: [Value], beyond milliseconds: Int64
    ) throws -> [Record] {
        try applying.view.uncertain(in: collection, keys, beyond: milliseconds)
    }

    func forEach(in collection: String, _ body: (Record) throws -> Void) throws {
        try applying.view.forEach(in: collection, body)
    }

    func fold(_ name: String, _ keys: [Value?]) throws -> Int64 {
        try applying.view.fold(name, keys)
    }

    func foldRows(_ name: String) throws -> [FoldRow] { try applying.view.foldRows(name) }

    func provenance(of id: Stamp) throws -> Provenance? { try applying.view.provenance(of: id) }

    func isOfHeadOffice(_ id: Stamp) throws -> Bool { try applying.view.isOfHeadOffice(id) }

    func laptops(in scope: Stamp) throws -> [KnownHolder] {
        try applying.view.laptops(in: scope)
    }

    func history(of id: Stamp, field: UInt32) throws -> [PastEdit] {
        try applying.view.history(of: id, field: field)
    }
}
