import DaybookModel
import DaybookProtocol

/// What must be true, written from the laws alone: no SQLite, no feeds, no postings.
struct Model {
    /// An entry that head office has judged.
    struct Judged {
        let entry: Entry
        /// When it happened.
        let at: Moment
        let uncertaintyMilliseconds: Int64
        /// When head office accepted it: no edit counts as later.
        let arrived: Moment
        let isRefused: Bool
    }

    /// By the entry's first stamp and content: an entry that is posted twice is one.
    private(set) var entries: [[UInt8]: Judged] = [:]

    func holds(_ entry: Entry) -> Bool { entries[sha256(Canonical.bytes(of: entry))] != nil }

    /// - Parameter mayChange: head office has lost what it said once, and may say something else.
    mutating func add(_ judged: Judged, mayChange: Bool) throws {
        let name = sha256(Canonical.bytes(of: judged.entry))
        if let held = entries[name], !mayChange,
            held.at != judged.at || held.isRefused != judged.isRefused
        {
            throw Broken("another verdict on the same entry: \(judged), before \(held)")
        }
        if mayChange || entries[name] == nil { entries[name] = judged }
    }

    /// The records that must be there, from those entries that the condition lets through.
    func records(where isKnown: (Entry) throws -> Bool) rethrows -> [Stamp: Record] {
        var records: [Stamp: Record] = [:]
        var births: [Stamp: (fields: [FieldValue], time: Moment)] = [:]
        var edits: [Stamp: [UInt32: [(edit: Edit, by: Stamp?, time: Moment)]]] = [:]
        var removals: [Stamp: [[Stamp]]] = [:]
        for judged in entries.values where try isKnown(judged.entry) {
            for change in judged.entry.changes {
                switch change {
                case .birth(let birth):
                    births[birth.id] = (birth.fields, min(birth.id.moment, judged.at))
                    records[birth.id] = Record(
                        id: birth.id, collection: birth.collection, scope: birth.scope,
                        by: judged.entry.person, at: judged.at,
                        uncertaintyMilliseconds: judged.uncertaintyMilliseconds,
                        fields: birth.fields)
                case .edit(let edit) where !judged.isRefused:
                    let time = min(edit.stamp.moment, judged.arrived)
                    edits[edit.record, default: [:]][edit.field, default: []].append(
                        (edit, judged.entry.person, time))
                case .removal(let removal) where !judged.isRefused:
                    removals[removal.record, default: []].append(removal.seen)
                case .edit, .removal: continue
                }
            }
        }
        for (id, fields) in edits {
            guard var record = records[id], let birth = births[id] else { continue }
            for (tag, list) in fields {
                let replaced = Set(list.flatMap(\.edit.replaces))
                var heads = list.map {
                    Head(stamp: $0.edit.stamp, value: $0.edit.value, by: $0.by, time: $0.time)
                }
                heads.append(
                    Head(
                        stamp: id, value: birth.fields.value(tag), by: record.by, time: birth.time))
                heads = heads.filter { !replaced.contains($0.stamp) }
                let shown = heads.max { ($0.time, $0.stamp) < ($1.time, $1.stamp) }
                record.fields.set(tag, shown?.value)
                if let shown, heads.map(\.stamp) != [id] {
                    record.heads.append(
                        FieldHeads(
                            tag: tag, shown: shown.stamp, by: shown.by,
                            others: heads.filter { $0.stamp != shown.stamp }
                                .map { .init(stamp: $0.stamp, value: $0.value, by: $0.by) }))
                }
            }
            record.heads.sort { $0.tag < $1.tag }
            records[id] = record
        }
        return records.filter { id, record in
            !(removals[id] ?? []).contains { seen in record.allHeads.allSatisfy(seen.contains) }
        }
    }
}
