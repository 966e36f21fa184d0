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
