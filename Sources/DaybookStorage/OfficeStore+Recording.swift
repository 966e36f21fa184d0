import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension OfficeStore {
    public func record(_ postings: [IncomingPosting]) throws -> [PostingAnswer] {
        try transaction { db in
            let applying = try Applying(db, tables)
            let answers = try postings.map { incoming -> PostingAnswer in
                let mark = applying.mark
                do {
                    var answer: PostingAnswer?
                    // One posting that fails leaves the others of the same commit whole.
                    try db.inSavepoint {
                        answer = try Recording(db, applying, incoming).record()
                        guard case .success? = answer else { return .rollback }
                        return .commit
                    }
                    if case .success? = answer {} else { applying.goBack(to: mark) }
                    return answer ?? .failure(Refusal(.internalFault, detail: "no answer"))
                } catch let error as MalformedBytes {
                    applying.goBack(to: mark)
                    return .failure(Refusal(.malformed, detail: "\(error)"))
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                    applying.goBack(to: mark)
                    return .failure(Refusal(.malformed, detail: error.message ?? "constraint"))
                }
            }
            try applying.flush()
            return answers
        }
    }

    /// Writes one entry as head office itself: durable when it returns.
    public func write<Result>(
        person: Stamp?, clock: ClockReading, _ body: (any EntryWriter) throws -> Result
    ) throws -> Result {
        try transaction { db in
            let writer = try OfficeWriter(db, tables, node: node, person: person, clock: clock)
            let result = try body(writer)
            try writer.finish()
            return result
        }
    }
}

/// Records one posting, or says why not.
private struct Recording {
    private let db: Database
    private let applying: Applying
    private let incoming: IncomingPosting
    private var posting: Posting { incoming.received.posting }

    init(_ db: Database, _ applying: Applying, _ incoming: IncomingPosting) {
        self.db = db
        self.applying = applying
        self.incoming = incoming
    }

    func record() throws -> PostingAnswer {
        if let known = try known() { return known }
        if let refusal = try refusal() { return .failure(refusal) }
        var verdicts = Verdicts(
            posting: posting.number, hash: incoming.received.hash,
            firstEntry: posting.entries[0].number, corrections: [], uncertainties: [],
            sequence: 0, refused: [], nameTaken: [])
        let scopes = Set(incoming.laptop.scopes)
        for entry in posting.entries {
            let happening = Happening(
                written: entry.clock, sent: incoming.sent, received: incoming.arrived)
            verdicts.corrections.append(happening.at.since(entry.clock.wall))
            verdicts.uncertainties.append(happening.uncertaintyMilliseconds)
            let outcome = try applying.apply(
                entry,
                from: Applying.Source(
                    laptop: incoming.laptop.id, posting: posting.number, scopes: scopes,
                    happening: happening, arrived: incoming.arrived))
            switch outcome {
            case .recorded(nil): continue
            case .recorded(let refused?):
                verdicts.refused.append(
                    Verdicts.RefusedEdit(
                        entry: entry.number, stamp: refused.stamp,
                        reason: refused.reason.rawValue, detail: refused.detail))
            case .nameTaken: verdicts.nameTaken.append(entry.number)
            }
        }
        verdicts.sequence = UInt64(applying.sequence)
        try keep(verdicts)
        return .success(verdicts)
    }

    /// A posting that is here already: the same bytes get the same verdicts, others none.
    private func known() throws -> PostingAnswer? {
        let row = try Row.fetchOne(
            db, sql: "SELECT hash, verdicts FROM _posting WHERE laptop = ? AND number = ?",
            arguments: [incoming.laptop.id, Int64(clamping: posting.number)])
        guard let row else { return nil }
        guard row.bytes(0) == incoming.received.hash else {
            return .failure(
                Refusal(.postingForked, detail: "posting \(posting.number) has other content"))
        }
        let frame = Frame(kind: .verdicts, raw: row.bytes(1) ?? [])
        guard case .verdicts(let verdicts) = try Message(frame) else {
            return .failure(Refusal(.internalFault, detail: "verdicts are damaged"))
        }
        return .success(verdicts)
    }

    private func refusal() throws -> Refusal? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT last_posting, last_posting_hash, next_entry, revoked FROM _laptop WHERE id = ?
                """,
            arguments: [incoming.laptop.id])
        guard let row else { return Refusal(.notEnrolled, detail: "no such laptop") }
        guard !(row[3] as Bool) else { return Refusal(.revoked, detail: incoming.laptop.name) }
        let next = (row[0] as Int64) + 1
        guard posting.number == UInt64(next) else {
            return Refusal(.postingGap, detail: "posting \(next) comes next")
        }
        guard posting.previousHash == row.bytes(1) ?? [] else {
            return Refusal(.postingForked, detail: "posting \(next - 1) was another")
        }
        guard posting.entries[0].number == (row[2] as Int64) else {
            return Refusal(.postingGap, detail: "entry \(row[2] as Int64) comes next")
        }
        return nil
    }

    private func keep(_ verdicts: Verdicts) throws {
        let raw = try Message.verdicts(verdicts).frame().raw
        try db.execute(
            sql: """
                INSERT INTO _posting (laptop, number, hash, verdicts, arrived)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                incoming.laptop.id, Int64(posting.number), blob(incoming.received.hash),
                blob(raw), incoming.arrived.milliseconds,
            ])
        try db.execute(
            sql: """
                UPDATE _laptop SET last_posting = ?, last_posting_hash = ?, next_entry = ?
                WHERE id = ?
                """,
            arguments: [
                Int64(posting.number), blob(incoming.received.hash),
                posting.entries[0].number + Int64(posting.entries.count), incoming.laptop.id,
            ])
    }
}

/// Writes one entry as head office, inside its transaction.
private final class OfficeWriter: EntryWriter {
    let person: Stamp?
    private let applying: Applying
    private let clock: ClockReading
    private var stamps: StampClock
    private var changes: [Change] = []
    private let number: Int64
    private var bornHere: [Stamp: Record] = [:]

    var catalogue: Catalogue { applying.view.catalogue }
    var organisation: Stamp { applying.view.organisation }

    init(
        _ db: Database, _ tables: RecordTables, node: Int64, person: Stamp?, clock: ClockReading
    ) throws {
        precondition(node > 0, "a run is begun before head office writes")
        self.person = person
        self.clock = clock
        applying = try Applying(db, tables)
        let row = try Row.fetchOne(db, sql: "SELECT clock_last, next_entry FROM _book")
        stamps = StampClock(node: node, last: row?[0] ?? -1)
        number = row?[1] ?? 1
    }

    func birth(_ draft: Draft) throws -> Stamp {
        let definition = applying.records.tables[draft.collection].definition
        if let fault = definition.fault(ofBirth: draft.fields) { throw fault }
        let id = try stamps.draw(wall: clock.wall)
        let scope = try scope(of: draft.fields, in: definition) ?? id
        changes.append(
            .birth(
                Birth(
                    id: id, collection: definition.tag, scope: scope, fields: draft.fields)))
        bornHere[id] = Record(
            id: id, collection: definition.tag, scope: scope, by: person, at: clock.wall,
            fields: draft.fields)
        return id
    }

    func edit(
        _ id: Stamp, in collection: String, field name: String, to value: Value?, settling: Bool
    ) throws {
        let definition = applying.records.tables[collection].definition
        guard let field = definition.field(name) else { throw ChangeFault.unknownField(name) }
        guard let record = try record(id, in: collection) else {
            throw ChangeFault.refused(.recordUnknown)
        }
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
        let entry = Entry(number: number, person: person, clock: clock, changes: changes)
        let outcome = try applying.apply(
            entry,
            from: Applying.Source(
                laptop: 0, posting: 0, scopes: nil,
                happening: Happening(at: clock.wall, uncertaintyMilliseconds: 0),
                arrived: clock.wall))
        switch outcome {
        case .recorded(nil): break
        case .recorded(let refused?): throw ChangeFault.refused(refused.reason)
        case .nameTaken: throw ChangeFault.refused(.againstRule)
        }
        try applying.flush()
        try applying.db.execute(
            sql: "UPDATE _book SET clock_last = ?, next_entry = ?",
            arguments: [stamps.last, number + 1])
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
            $0.collection == definition.tag && $0.fields.value(tag) == value
        }
        return try applying.view.records(in: collection, where: field, is: value)
            + born.sorted { $0.id < $1.id }
    }

    func forEach(in collection: String, _ body: (Record) throws -> Void) throws {
        try applying.view.forEach(in: collection, body)
    }

    func fold(_ name: String, _ keys: [Value?]) throws -> Int64 {
        try applying.view.fold(name, keys)
    }

    func foldRows(_ name: String) throws -> [FoldRow] { try applying.view.foldRows(name) }

    func provenance(of id: Stamp) throws -> Provenance? { try applying.view.provenance(of: id) }

    func history(of id: Stamp, field: UInt32) throws -> [PastEdit] {
        try applying.view.history(of: id, field: field)
    }
}
