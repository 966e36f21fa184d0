import DaybookModel
import DaybookProtocol
import GRDB

extension LaptopStore {
    /// Writes one entry: what the closure writes becomes durable together, or not at all.
    ///
    /// Throws ``ChangeFault`` for what the book does not take, ``BookFault`` for the file's faults. A closure
    /// that writes nothing makes no entry.
    ///
    /// - Parameter keys: what the person unlocked; without them nobody can be named.
    public func write<Result>(
        person: Stamp?, clock: ClockReading, keys: PersonalKeys? = nil,
        _ body: (any EntryWriter) throws -> Result
    ) throws -> Result {
        try transaction { db in
            guard try !isRetiring(db) else { throw BookRetiring() }
            let writer = try LaptopWriter(
                db, tables, person: person, clock: clock, keys: keys)
            let result = try body(writer)
            try writer.finish()
            return result
        }
    }
}

/// Writes one entry into a laptop's book, inside its transaction.
private final class LaptopWriter: LaptopView, EntryWriter {
    private let clock: ClockReading
    let laptop: String?
    var now: Moment { clock.wall }
    private let number: Int64
    private var stamps: StampClock
    private var first: Stamp?
    private var last: Stamp?
    private var personal: PersonalWriting
    /// What this entry wrote that names persons, as it was written.
    private var written: [Stamp: [UInt32: String]] = [:]
    private var changeCount = 0
    private var sizeBytes = 0
    /// Scopes that this laptop holds, as this entry found them.
    private var held: Set<Stamp> = []

    init(
        _ db: Database, _ tables: RecordTables, person: Stamp?, clock: ClockReading,
        keys: PersonalKeys?
    ) throws {
        self.clock = clock
        personal = PersonalWriting(keys)
        let book = try Prepared(db, "SELECT node, clock_last, next_entry, name FROM _book")
            .first([]) { ($0.optionalInteger(0), $0.integer(1), $0.integer(2), $0.text(3)) }
        guard let (held, last, next, name) = book, let node = held else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "no node")
        }
        laptop = name
        stamps = StampClock(node: node, last: last)
        number = next
        try super.init(db, tables, person: person, keys: keys)
    }

    func birth(_ draft: Draft) throws -> Stamp {
        let table = tables[draft.collection]
        let fields = table.definition.own(draft.fields)
        if let fault = table.definition.fault(ofBirth: fields) { throw fault }
        // What cannot be read here cannot be said again.
        guard !fields.contains(where: \.value.isSealed) else { throw ChangeFault.personalLocked }
        let id = try draw()
        let scope = try scope(of: fields, in: table.definition) ?? id
        let birth = Birth(
            id: id, collection: table.definition.tag, scope: scope,
            fields: try personal.hinted(fields, table.definition, in: scope))
        try checkRight(.birth(birth), in: scope, table.definition)
        try checkHeld(scope)
        // Head office would take it: what a person may still record says so itself.
        for rule in table.definition.rules {
            if case .refused = try rule.judge(.birth(birth), nil, self) {
                throw ChangeFault.againstRule(rule.name)
            }
        }
        try note(.birth(birth), in: scope)
        try records.insert(
            Record(
                id: id, collection: birth.collection, scope: scope, by: person, at: clock.wall,
                fields: birth.fields.map { FieldValue($0.tag, $0.value.told) }))
        return id
    }

    func edit(
        _ id: Stamp, in collection: String, field name: String, to value: Value?, settling: Bool
    ) throws {
        let table = tables[collection]
        guard let field = table.definition.field(name) else { throw ChangeFault.unknownField(name) }
        guard let record = try records.record(id, in: table) else {
            throw ChangeFault.refused(.recordUnknown)
        }
        if field.isHint { throw ChangeFault.unknownField(name) }
        if field.isStage { throw ChangeFault.refused(.stageMovesByDecision) }
        if value == nil, field.isRequired { throw ChangeFault.missing(name) }
        let value = value.map(field.own)
        guard value?.isSealed != true else { throw ChangeFault.personalLocked }
        if let fault = value.flatMap({ field.fault(of: $0) }) {
            throw ChangeFault.field(name, fault)
        }
        try put(value, in: field, of: record, table.definition, settling: settling)
        guard let hint = table.definition.hint(of: field),
            let record = try records.record(id, in: table)
        else { return }
        try put(
            try personal.hint(of: value, in: record.scope), in: hint, of: record,
            table.definition, settling: settling)
    }

    private func put(
        _ value: Value?, in field: FieldDefinition, of record: Record,
        _ definition: CollectionDefinition, settling: Bool
    ) throws {
        var record = record
        let id = record.id
        let base = try keepServed(record)
        let own = try OverlaidRecords(records).lastPending(id)[field.tag]
        let shown = own.map { [$0.stamp] + $0.seen } ?? [base.shownHead(of: field.tag)]
        let replaces =
            settling ? base.allHeads(of: field.tag) + (own.map { [$0.stamp] } ?? []) : shown
        let edit = Edit(
            stamp: try draw(), record: id, collection: record.collection, field: field.tag,
            value: value, replaces: replaces)
        try judge(.edit(edit), on: record, definition)
        try keepPending(.edit(edit), in: record.scope)
        record.fields.set(field.tag, value?.told)
        try records.update(record)
    }

    func remove(_ id: Stamp, in collection: String) throws {
        let table = tables[collection]
        guard let record = try records.record(id, in: table) else {
            throw ChangeFault.refused(.recordUnknown)
        }
        let base = try keepServed(record)
        // Of a field with a pending edit its writer saw that edit, and what it replaced: not what came since.
        let own = try OverlaidRecords(records).lastPending(id)
        let untouched = base.heads.filter { own[$0.tag] == nil }
            .flatMap { [$0.shown] + $0.others.map(\.stamp) }
        let removal = Removal(
            stamp: try draw(), record: id, collection: record.collection,
            seen: [id] + untouched + own.values.flatMap { [$0.stamp] + $0.seen })
        try judge(.removal(removal), on: record, table.definition)
        try keepPending(.removal(removal), in: record.scope)
        try records.delete(record)
    }

    func mark(_ name: String) throws -> Int64? { try records.mark(name) }

    func setMark(_ name: String, _ number: Int64) throws { try records.setMark(name, number) }

    /// What this entry has written so far is read as it was written.
    override func opened(_ record: Record) throws -> Record {
        try super.opened(record.opened { head, tag in written[head]?[tag] })
    }

    func finish() throws {
        guard let first, let last else { return }
        try personal.finish(db, first: first, last: last)
        try Prepared(
            db,
            """
            INSERT INTO _entry (number, node, first, last, changes, person, wall, monotonic, boot)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run([
            .integer(number), .integer(stamps.node), .integer(first.rawValue),
            .integer(last.rawValue), .integer(Int64(changeCount)), .stamp(person),
            .integer(clock.wall.milliseconds), .integer(clock.monotonicMilliseconds),
            .integer(Int64(bitPattern: clock.boot)),
        ])
        try Prepared(db, "UPDATE _book SET clock_last = ?, next_entry = ?")
            .run([.integer(stamps.last), .integer(number + 1)])
    }

    // MARK: - Parts

    private func draw() throws -> Stamp {
        let stamp = try stamps.draw(wall: clock.wall)
        first = first ?? stamp
        last = stamp
        return stamp
    }

    private func note(_ change: Change, in scope: Stamp) throws {
        try personal.note(change, place: changeCount, in: scope)
        written[change.stamp] = change.texts
        try count(change)
    }

    private func count(_ change: Change) throws {
        changeCount += 1
        sizeBytes += change.sizeBytes
        guard changeCount <= Entry.changesMax else {
            throw ChangeFault.tooLarge(sizeBytes: changeCount, sizeBytesMax: Entry.changesMax)
        }
        if case .removal(let removal) = change {
            guard removal.seen.count <= Limits.replacedMax else {
                throw ChangeFault.tooLarge(
                    sizeBytes: removal.seen.count, sizeBytesMax: Limits.replacedMax)
            }
        }
        guard sizeBytes <= Entry.sizeBytesMax else {
            throw ChangeFault.tooLarge(sizeBytes: sizeBytes, sizeBytesMax: Entry.sizeBytesMax)
        }
    }

    /// A laptop says at once what head office would say later.
    private func judge(
        _ change: Change, on record: Record, _ collection: CollectionDefinition
    ) throws {
        guard collection.kind == .document else {
            throw ChangeFault.refused(.factIsNeverEdited)
        }
        try checkRight(change, in: record.scope, collection)
        try checkHeld(record.scope)
        for rule in collection.rules {
            if case .refused = try rule.judge(change, record, self) {
                throw ChangeFault.againstRule(rule.name)
            }
        }
    }

    private func checkRight(
        _ change: Change, in scope: Stamp, _ collection: CollectionDefinition
    ) throws {
        let standing = try standing(in: scope)
        guard collection.allows(change, standing) else { throw ChangeFault.refused(.notAllowed) }
    }

    private func checkHeld(_ scope: Stamp) throws {
        guard !held.contains(scope) else { return }
        guard
            try Prepared(db, "SELECT 1 FROM _scope WHERE scope = ? AND lost = 0")
                .finds([.integer(scope.rawValue)])
        else { throw ChangeFault.refused(.notInScope) }
        held.insert(scope)
    }

    /// The served state of the record, kept beside from now on.
    private func keepServed(_ record: Record) throws -> Record {
        if let served = try OverlaidRecords(records).served(record.id) { return served }
        try OverlaidRecords(records).keep(record)
        return record
    }

    private func keepPending(_ change: Change, in scope: Stamp) throws {
        try note(change, in: scope)
        let cells: StatementArguments
        switch change {
        case .birth: return
        case .edit(let edit):
            cells = [
                number, edit.stamp.rawValue, edit.record.rawValue, Int64(edit.collection),
                Int64(edit.field), blob(Canonical.bytes(of: edit.value?.told)), blob(edit.replaces),
            ]
        case .removal(let removal):
            cells = [
                number, removal.stamp.rawValue, removal.record.rawValue,
                Int64(removal.collection), 0,
                blob(Canonical.bytes(of: nil as Value?)), blob(removal.seen),
            ]
        }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO _pending (entry, stamp, record, collection, field, value, replaces)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: cells)
    }
}
