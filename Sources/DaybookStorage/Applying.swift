import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Applies entries to head office's state inside one transaction: records, feed, digests, heads, matters.
///
/// The sequence and the digests are written by ``flush()``, the last act before the commit, so that nothing
/// is ever skipped.
final class Applying {
    let db: Database
    let records: RecordStore
    let view: OfficeView
    private(set) var sequence: Int64
    private var digests: [Stamp: Digest] = [:]
    /// Scopes in which something is new.
    private(set) var touched: Set<Stamp> = []
    /// What the posting under way wrote and could not keep the names of.
    var taken: Set<Stamp> = []
    /// What people are where; forgotten when something changes that may say otherwise.
    var standings: [Place: Standing] = [:]

    struct Place: Hashable {
        let person: Stamp?
        let scope: Stamp
    }

    init(_ db: Database, _ tables: RecordTables) throws {
        self.db = db
        records = RecordStore(db, tables)
        view = try OfficeView(db, tables)
        sequence = try Int64.fetchOne(db, cached: "SELECT sequence FROM _book") ?? 0
    }

    /// What a failed posting must give back.
    struct Mark {
        fileprivate let sequence: Int64
        fileprivate let digests: [Stamp: Digest]
    }

    /// Gives what was recorded a sequence of its own, though it changed no record: a backup that holds it is told
    /// from one that does not.
    func advance() { sequence += 1 }

    var mark: Mark { Mark(sequence: sequence, digests: digests) }

    func goBack(to mark: Mark) {
        standings = [:]
        sequence = mark.sequence
        digests = mark.digests
    }

    func flush() throws {
        for (scope, digest) in digests {
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO _digest (scope, digest, count) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET digest = excluded.digest, count = excluded.count
                    """)
            try statement.execute(arguments: [scope.rawValue, blob(digest.bytes), digest.count])
        }
        try db.run(cached: "UPDATE _book SET sequence = ?", arguments: [sequence])
    }

    /// Where an entry came from.
    struct Source {
        /// 0 for head office itself.
        let laptop: Int64
        /// The laptop's book, by its incarnation here; 0 for head office itself.
        var book: Int64 = 0
        /// Head office erases a person on a lawful request: no rule says whether.
        var isErasure = false
        /// Set for what head office once judged and lost: it is judged as it was.
        var earlier: Earlier?
        let posting: UInt64
        /// The laptop's scopes and people; nil for head office, which may write everywhere.
        let rights: LaptopRights?
        let happening: Happening
        let arrived: Moment
    }

    /// What a laptop may hold, and who may work on it.
    struct LaptopRights {
        let scopes: Set<Stamp>
        let people: Set<Stamp>
    }

    /// What head office said of an entry before it lost it.
    struct Earlier {
        /// The sequence at which it was known then.
        let sequence: Int64
        let refused: Judgement.RefusedChange?
    }

    enum Outcome {
        case recorded(refused: Judgement.RefusedChange?)
        /// It is here already, content and all: it happened then, and was judged so.
        case recognised(Happening, refused: Judgement.RefusedChange?)
        case nameTaken
    }

    func apply(_ entry: Entry, from source: Source) throws -> Outcome {
        if let known = try recognised(entry) { return known }
        let clashes = try namesTaken(entry) || isTaken(entry)
        if try clashes || entry.changes.contains(where: { try isTaken($0) }) {
            noteTaken(entry)
            return .nameTaken
        }
        // Births are never refused, and the rules for the rest may look at them.
        for case .birth(let birth) in entry.changes { try apply(birth, entry, source) }
        var judgement = Judgement()
        if !source.isErasure {
            judgement = try Judge(view: view, writer: writer(of: entry, source)) { [view] id, tag in
                try view.held(id, tag: tag)
            }.judge(entry)
        }
        let own = try effects(of: entry, source, &judgement)
        if let earlier = source.earlier { judgement.refused = earlier.refused }
        if judgement.refused == nil {
            for change in entry.changes {
                switch change {
                case .birth: continue
                case .edit(let edit): try apply(edit, by: entry.person, source)
                case .removal(let removal): try apply(removal, source)
                }
            }
        }
        for matter in judgement.matters { try note(matter) }
        if source.earlier == nil { try count(judgement.matters, of: entry, in: source.laptop) }
        try keep(entry, source, judgement.refused)
        try write(own, at: source.arrived)
        return .recorded(refused: judgement.refused)
    }

    /// The organisation's own record: its id is its scope.
    func foundOrganisation(_ draft: Draft, id: Stamp, clock: ClockReading) throws {
        let table = records.tables[draft.collection]
        let birth = Birth(
            id: id, collection: table.definition.tag, scope: id, fields: draft.fields)
        let entry = Entry(number: 1, person: nil, clock: clock, changes: [.birth(birth)])
        _ = try apply(
            entry,
            from: Source(
                laptop: 0, posting: 0, rights: nil,
                happening: Happening(at: clock.wall, uncertaintyMilliseconds: 0),
                arrived: clock.wall))
        try db.run(cached: "UPDATE _book SET next_entry = 2")
    }

    // MARK: - Changes

    private func apply(_ birth: Birth, _ entry: Entry, _ source: Source) throws {
        let record = Record(
            id: birth.id, collection: birth.collection, scope: birth.scope, by: entry.person,
            at: source.happening.at,
            uncertaintyMilliseconds: source.happening.uncertaintyMilliseconds, fields: birth.fields)
        // A state of it came back before its entry did.
        if try regained(birth.id) != nil, let held = try view.held(birth.id, tag: birth.collection)
        {
            return try complete(held, with: record, source)
        }
        try records.insert(record)
        try change(birth.scope) { $0.add(record) }
        try feed(record, origin: source.book, isNew: true)
    }

    private func apply(_ edit: Edit, by person: Stamp?, _ source: Source) throws {
        guard let old = try view.held(edit.record, tag: edit.collection) else { return }
        let history = FieldHistory(db, record: old, field: edit.field)
        let known = source.earlier?.sequence ?? sequence + 1
        let merged = try history.take(
            edit, by: person, time: min(edit.stamp.moment, source.arrived), sequence: known,
            isForgotten: try isForgotten(edit, known, old))
        try show(old.showing(merged, of: edit.field), over: old)
    }

    private func apply(_ removal: Removal, _ source: Source) throws {
        guard let old = try view.held(removal.record, tag: removal.collection) else { return }
        try db.run(
            cached: "INSERT INTO _removal (record, stamp, seen) VALUES (?, ?, ?)",
            arguments: [removal.record.rawValue, removal.stamp.rawValue, blob(removal.seen)])
        try show(old, over: old)
    }

    /// Writes the new present state: live, or a tombstone when a removal saw every head.
    func show(_ new: Record, over old: Record) throws {
        let removals = try Row.fetchAll(
            db, cached: "SELECT seen FROM _removal WHERE record = ?", arguments: [new.id.rawValue]
        ).map { try Canonical.stamps($0.bytes(0) ?? []) }
        let presence = Presence(heads: new.allHeads, removals: removals)
        if let live = try records.record(old.id, tag: old.collection) {
            try change(old.scope) { $0.remove(live) }
        }
        if presence == .removed {
            try records.delete(old)
            try db.run(
                cached:
                    "INSERT OR REPLACE INTO _tombstone (id, collection, state) VALUES (?, ?, ?)",
                arguments: [
                    new.id.rawValue, Int64(new.collection), blob(Canonical.bytes(of: new)),
                ])
        } else {
            try db.run(
                cached: "DELETE FROM _tombstone WHERE id = ?", arguments: [new.id.rawValue])
            try records.put(new)
            try change(new.scope) { $0.add(new) }
        }
        if presence == .keptByUnseenEdit {
            try note(Judgement.Matter(kind: "removedButEdited", record: new.id))
        }
        try feed(new, origin: 0)
    }

    // MARK: - What is kept beside

    private func keep(
        _ entry: Entry, _ source: Source, _ refused: Judgement.RefusedChange?
    ) throws {
        guard let first = entry.changes.first?.stamp, let last = entry.changes.last?.stamp else {
            return
        }
        try Prepared(
            db,
            """
            INSERT INTO _entry (node, first, last, laptop, number, book, posting, person, wall,
              monotonic, boot, at, uncertainty, arrived, sequence, hash, refused, reason, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run([
            .integer(first.node), .integer(first.rawValue), .integer(last.rawValue),
            .integer(source.laptop), .integer(entry.number), .integer(source.book),
            .integer(Int64(source.posting)), .stamp(entry.person),
            .integer(entry.clock.wall.milliseconds),
            .integer(entry.clock.monotonicMilliseconds),
            .integer(Int64(bitPattern: entry.clock.boot)),
            .integer(source.happening.at.milliseconds),
            .integer(source.happening.uncertaintyMilliseconds),
            .integer(source.arrived.milliseconds),
            .integer(source.earlier?.sequence ?? sequence),
            .bytes(sha256(Canonical.bytes(of: entry))), .stamp(refused?.stamp),
            .optional(refused.map { Int64($0.reason.rawValue) }), .optional(refused?.detail),
        ])
    }

    func note(_ matter: Judgement.Matter) throws {
        let scope = try records.find(matter.record)?.scope ?? view.organisation
        try db.run(
            cached: """
                INSERT OR IGNORE INTO _matter (kind, about, scope, grade, subject, state)
                VALUES (?, ?, ?, ?, x'', 0)
                """,
            arguments: [
                matter.kind, blob([matter.record]), scope.rawValue,
                (view.catalogue.matterKind(matter.kind)?.grade ?? .attention).rawValue,
            ])
        // It may have been settled already, by somebody who heard of it before this book did.
        try records.due.note(
            DueSubject(settled: MatterKey(kind: matter.kind, about: [matter.record])))
    }

    /// - Parameter isNew: nothing is fed of it yet.
    func feed(_ record: Record, origin: Int64, isNew: Bool = false) throws {
        sequence += 1
        touched.insert(record.scope)
        if !isNew {
            try Prepared(db, "DELETE FROM _feed WHERE record = ?").run([
                .integer(record.id.rawValue)
            ])
        }
        try Prepared(
            db,
            "INSERT INTO _feed (scope, sequence, record, collection, origin) VALUES (?, ?, ?, ?, ?)"
        ).run([
            .integer(record.scope.rawValue), .integer(sequence), .integer(record.id.rawValue),
            .integer(Int64(record.collection)), .integer(origin),
        ])
    }

    func change(_ scope: Stamp, _ body: (inout Digest) -> Void) throws {
        // Who is what, and where, is written in the organisation's own scope.
        if scope == view.organisation { standings = [:] }
        if digests[scope] == nil {
            let row = try Row.fetchOne(
                db, cached: "SELECT digest, count FROM _digest WHERE scope = ?",
                arguments: [scope.rawValue])
            digests[scope] =
                row.flatMap { Digest(bytes: $0.bytes(0) ?? [], count: $0[1]) } ?? Digest()
        }
        body(&digests[scope, default: Digest()])
    }
}

extension Record {
    /// The record with these heads of one field.
    func showing(_ heads: [Head], of field: UInt32) -> Record {
        var record = self
        record.fields.set(field, heads.shown?.value)
        record.heads.removeAll { $0.tag == field }
        if let shown = heads.shown, heads.map(\.stamp) != [id] {
            record.heads.append(
                FieldHeads(
                    tag: field, shown: shown.stamp, by: shown.by,
                    others: heads.filter { $0.stamp != shown.stamp }
                        .map { .init(stamp: $0.stamp, value: $0.value, by: $0.by, time: $0.time) },
                    shownTime: shown.time))
            record.heads.sort { $0.tag < $1.tag }
        }
        return record
    }
}
