import DaybookModel
import DaybookSync
import GRDB

/// What head office does of its own when a fact has come that asks for something: decided once, by what is known when
/// it arrives, and written down as head office's own change, so that it can be served, and served again.
extension Applying {
    /// Decides; a refusal goes into the judgement, and with it the edits of the same entry.
    func effects(
        of entry: Entry, _ source: Source, _ judgement: inout Judgement
    ) throws -> [Effect.Change] {
        // Judged before head office lost it: what it did then comes back from laptops, as it was.
        guard source.earlier == nil else { return [] }
        var own: [Effect.Change] = []
        for case .birth(let birth) in entry.changes {
            guard let effect = view.catalogue[tag: birth.collection]?.effect,
                let record = try view.held(birth.id, tag: birth.collection)
            else { continue }
            let isAllowed = !judgement.matters.contains { matter in
                matter.record == birth.id && ["notAllowed", "outOfScope"].contains(matter.kind)
            }
            let name = try String.fetchOne(
                db, cached: "SELECT name FROM _laptop WHERE id = ?", arguments: [source.laptop])
            let outcome = try effect.decide(
                record,
                Effect.Asking(isAllowed: isAllowed, laptop: name ?? ""), view)
            own += outcome.changes
            guard let reason = outcome.refused, judgement.refused == nil else { continue }
            judgement.refused = Judgement.RefusedChange(
                stamp: birth.id, reason: reason, detail: outcome.detail)
        }
        return own
    }

    /// Decides what facts ask for that an older release of head office kept unread: as they would have been decided
    /// then, by what is known now.
    func decideLate(at moment: Moment) throws {
        let waiting = try Row.fetchAll(
            db, cached: "SELECT record, collection FROM _unjudged ORDER BY record")
        for row in waiting {
            // A state that came back without its entry: what it led to comes back by itself, and nobody answers for it.
            guard let id = row.stamp(0), let record = try view.held(id, tag: row[1]),
                let source = try source(ofEntryWith: id, at: moment)
            else { continue }
            let birth = Birth(
                id: id, collection: record.collection, scope: record.scope, fields: record.fields)
            let entry = Entry(
                number: 0, person: record.by,
                clock: ClockReading(wall: record.at, monotonicMilliseconds: 0, boot: 0),
                changes: [.birth(birth)])
            var judgement = try Judge(view: view, writer: writer(of: entry, source)) {
                [view] id, tag in try view.held(id, tag: tag)
            }.judge(entry)
            let own = try effects(of: entry, source, &judgement)
            for matter in judgement.matters { try note(matter) }
            try write(own, at: moment)
        }
        if !waiting.isEmpty { try db.run(cached: "DELETE FROM _unjudged") }
    }

    /// Where the entry that holds the stamp came from, with what its laptop may do now; nil when it is not here.
    private func source(ofEntryWith id: Stamp, at moment: Moment) throws -> Source? {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT laptop, last FROM _entry WHERE node = ? AND first <= ?
                ORDER BY first DESC LIMIT 1
                """,
            arguments: [id.node, id.rawValue])
        guard let row, (row[1] as Int64) >= id.rawValue else { return nil }
        let laptop: Int64 = row[0]
        let rights = LaptopRights(
            scopes: Set(
                try OfficeStore.stamps(
                    db, "SELECT scope FROM _laptop_scope WHERE laptop = ? ORDER BY scope", laptop)),
            people: Set(
                try OfficeStore.stamps(
                    db, "SELECT person FROM _laptop_person WHERE laptop = ? ORDER BY person",
                    laptop)))
        return Source(
            laptop: laptop, posting: 0, rights: laptop == 0 ? nil : rights,
            happening: Happening(at: moment, uncertaintyMilliseconds: 0), arrived: moment)
    }

    /// One entry of head office's own.
    func write(_ own: [Effect.Change], at moment: Moment) throws {
        guard !own.isEmpty,
            let row = try Row.fetchOne(
                db, cached: "SELECT node, clock_last, next_entry FROM _book"),
            let node: Int64 = row[0]
        else { return }
        var stamps = StampClock(node: node, last: row[1])
        let number: Int64 = row[2]
        var changes: [Change] = []
        for change in own {
            let stamp = try stamps.draw(wall: moment)
            switch change {
            case .birth(let draft):
                let definition = records.tables[draft.collection].definition
                let fields = definition.own(draft.fields)
                let scope = try view.scope(of: fields, in: definition) ?? stamp
                changes.append(
                    .birth(
                        Birth(
                            id: stamp, collection: definition.tag, scope: scope, fields: fields)))
            case .edit(let id, let collection, let name, let value):
                let definition = records.tables[collection].definition
                guard let field = definition.field(name),
                    let record = try view.held(id, tag: definition.tag)
                else { continue }
                changes.append(
                    .edit(
                        Edit(
                            stamp: stamp, record: id, collection: definition.tag,
                            field: field.tag, value: value,
                            replaces: record.allHeads(of: field.tag))))
            }
        }
        try db.run(
            cached: "UPDATE _book SET clock_last = ?, next_entry = ?",
            arguments: [stamps.last, number + 1])
        _ = try apply(
            Entry(
                number: number, person: nil,
                clock: ClockReading(wall: moment, monotonicMilliseconds: 0, boot: 0),
                changes: changes),
            from: Source(
                laptop: 0, posting: 0, rights: nil,
                happening: Happening(at: moment, uncertaintyMilliseconds: 0), arrived: moment))
    }
}
