import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Taking back, after head office has lost something, what laptops were served before.
///
/// A state at a lost sequence s stands for every edit that was known at s. So a record's heads are those of its
/// newest known state, less what edits unknown at s replace, and the heads that were unknown at s; in
/// whatever order states and entries come back.
extension Applying {
    /// A returned state or tombstone.
    struct ComingBack {
        let id: Stamp
        let tag: UInt32
        let scope: Stamp
        /// Nil for a tombstone.
        let state: Record?
        /// When it was served, in a run that began later than all that this book knows.
        let sequence: Int64
        /// Whether head office's own proof stands beside it.
        let isProven: Bool
    }

    /// What is known of a record by states that came back.
    func regained(_ id: Stamp) throws -> (sequence: Int64, isRemoved: Bool)? {
        try Prepared(db, "SELECT sequence, removed FROM _regained WHERE record = ?")
            .first([.integer(id.rawValue)]) { ($0.integer(0), $0.integer(1) != 0) }
    }

    func regain(_ back: ComingBack) throws {
        let held = try view.held(back.id, tag: back.tag)
        if let known = try regained(back.id), known.sequence >= back.sequence {
            guard let held, let state = back.state, back.isProven else { return }
            return try read(held) { head, tag in
                state.shownHead(of: tag) == head ? state.fields.value(tag) : nil
            }
        }
        // Without a proof only what is in neither form here: then it is certainly lost, or its name is another's.
        guard try back.isProven || !isKnown(back.id) || isKnownElsewhere(back) else { return }
        if try held == nil ? isKnown(back.id) : isOther(back, than: held) {
            return try rebear(back)
        }
        try db.run(
            cached: """
                INSERT OR REPLACE INTO _regained (record, sequence, removed, proven)
                VALUES (?, ?, ?, ?)
                """,
            arguments: [
                back.id.rawValue, back.sequence, back.state == nil, back.isProven,
            ])
        if let state = back.state {
            try take(state, over: held, sequence: back.sequence)
        } else {
            try take(tombstone: back, over: held)
        }
        if !back.isProven { try note(Judgement.Matter(kind: "regainedUnproven", record: back.id)) }
    }

    /// The entry of a record whose state was here before it.
    func complete(_ held: Record, with birth: Record, _ source: Source) throws {
        let sequence = source.earlier?.sequence ?? 0
        // What a state could not say of persons its entry does.
        try read(held) { head, tag in head == birth.id ? birth.fields.value(tag) : nil }
        for field in held.heads {
            try FieldHistory(db, record: held, field: field.tag).insert(
                Head(
                    stamp: birth.id, value: birth.fields.value(field.tag), by: birth.by,
                    time: min(birth.id.moment, birth.at)),
                sequence: sequence)
        }
        guard try isBareTombstone(held) else { return }
        // Of what was removed before it came back only the name is known.
        var whole = birth
        whole.heads = held.heads
        try db.run(
            cached: "UPDATE _tombstone SET state = ? WHERE id = ?",
            arguments: [blob(Canonical.bytes(of: whole)), held.id.rawValue])
        try cover(held.id, with: held.id)
    }

    /// Whether an edit was known to a state that came back and was no head in it any more; also keeps an edit
    /// that a returned tombstone has seen from bringing the record back.
    func isForgotten(_ edit: Edit, _ sequence: Int64, _ record: Record) throws -> Bool {
        guard let known = try regained(edit.record), known.sequence >= sequence else {
            return false
        }
        if known.isRemoved {
            try cover(edit.record, with: edit.stamp)
            return false
        }
        return !record.allHeads(of: edit.field).contains(edit.stamp)
    }

    /// A tombstone that came back without the record: only its name is known.
    func isBareTombstone(_ record: Record) throws -> Bool {
        try record.fields.isEmpty && regained(record.id)?.isRemoved == true
            && provenanceSequence(of: record.id) == nil
    }

    // MARK: - Parts

    /// Takes what names persons in a record of which only that was known that there is something.
    private func read(_ held: Record, _ value: (Stamp, UInt32) -> Value?) throws {
        let whole = held.opened { head, tag in value(head, tag).flatMap { String($0) } }
        guard whole != held else { return }
        if try view.tombstone(held.id) == nil {
            try records.put(whole)
            // Who may read it is served it.
            try feed(whole, origin: 0)
        } else {
            try db.run(
                cached: "UPDATE _tombstone SET state = ? WHERE id = ?",
                arguments: [blob(Canonical.bytes(of: whole)), held.id.rawValue])
        }
    }

    /// Whether anything is known under the name.
    private func isKnown(_ id: Stamp) throws -> Bool {
        try Row.fetchOne(
            db, cached: "SELECT 1 FROM _feed WHERE record = ?", arguments: [id.rawValue]) != nil
    }

    /// Whether the name belongs to something in another scope or of another collection.
    private func isKnownElsewhere(_ back: ComingBack) throws -> Bool {
        try Row.fetchOne(
            db,
            cached: "SELECT 1 FROM _feed WHERE record = ? AND (scope <> ? OR collection <> ?)",
            arguments: [back.id.rawValue, back.scope.rawValue, Int64(back.tag)]) != nil
    }

    /// Whether the record here was born after that state was served: then it is another one of the same name.
    private func isOther(_ back: ComingBack, than held: Record?) throws -> Bool {
        guard let held else { return false }
        if held.scope != back.scope { return true }
        guard let known = try provenanceSequence(of: back.id) else { return false }
        // Its writer may have posted it again, never having heard that it was recorded.
        if let state = back.state, held.isOfOneBirth(with: state) { return false }
        // Its entry may have come back too, at the last sequence of its posting: it is another's only if it was
        // recorded in a run that began after that state was served.
        return try Bool.fetchOne(
            db, cached: "SELECT EXISTS (SELECT 1 FROM _run WHERE first > ? AND first <= ?)",
            arguments: [back.sequence, known]) ?? false
    }

    /// The sequence at which the entry that wrote this stamp was known; nil when no entry is here.
    private func provenanceSequence(of id: Stamp) throws -> Int64? {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT last, sequence FROM _entry WHERE node = ? AND first <= ?
                ORDER BY first DESC LIMIT 1
                """,
            arguments: [id.node, id.rawValue])
        guard let row, (row[0] as Int64) >= id.rawValue else { return nil }
        return row[1]
    }

    private func take(_ state: Record, over held: Record?, sequence: Int64) throws {
        var new = try reading(state, over: held)
        new.heads = []
        for tag in Set(state.heads.map(\.tag) + (held?.heads.map(\.tag) ?? [])).sorted() {
            let history = FieldHistory(db, record: held ?? state, field: tag)
            let theirs = state.listedHeads(of: tag)
            var heads = try theirs.filter { try !history.isReplaced($0.stamp) }
                .map { try history.read($0) }
            if held != nil {
                for head in try history.heads() where !theirs.map(\.stamp).contains(head.stamp) {
                    if try history.sequence(of: head.stamp) > sequence { heads.append(head) }
                }
            }
            for head in theirs where head.stamp != state.id {
                try history.insert(head, sequence: sequence, isRegained: true)
            }
            heads.sort { $0.stamp < $1.stamp }
            try history.mark(heads)
            new = new.showing(heads, of: tag)
        }
        if let held {
            try show(new, over: held)
        } else {
            try records.insert(new)
            try change(new.scope) { $0.add(new) }
            try feed(new, origin: 0)
        }
    }

    private func take(tombstone back: ComingBack, over held: Record?) throws {
        let state =
            held
            ?? Record(
                id: back.id, collection: back.tag, scope: back.scope, by: nil,
                at: back.id.moment, fields: [])
        // It saw every head that was known then.
        var seen = [state.id]
        for held in state.heads {
            let history = FieldHistory(db, record: state, field: held.tag)
            for head in try history.heads() {
                if try history.sequence(of: head.stamp) <= back.sequence { seen.append(head.stamp) }
            }
        }
        try db.run(
            cached: "INSERT OR REPLACE INTO _removal (record, stamp, seen) VALUES (?, ?, ?)",
            arguments: [state.id.rawValue, Self.returnedRemoval, blob(Set(seen).sorted())])
        if held != nil {
            try show(state, over: state)
        } else {
            try db.run(
                cached: "INSERT INTO _tombstone (id, collection, state) VALUES (?, ?, ?)",
                arguments: [
                    state.id.rawValue, Int64(state.collection),
                    blob(Canonical.bytes(of: state)),
                ])
            try feed(state, origin: 0)
        }
    }

    /// With what is known here of persons in it already.
    private func reading(_ state: Record, over held: Record?) throws -> Record {
        try state.opened { head, tag in
            if let held, held.shownHead(of: tag) == head,
                let text = held.fields.value(tag).flatMap({ String($0) })
            {
                return text
            }
            let history = FieldHistory(db, record: held ?? state, field: tag)
            return try history.read(
                Head(stamp: head, value: .personal(nil), by: nil, time: state.at)
            ).value
                .flatMap { String($0) }
        }
    }

    /// In place of the stamp of a removal of which only the effect came back.
    private static let returnedRemoval: Int64 = -1

    /// The returned removal of a record saw this too.
    private func cover(_ record: Stamp, with stamp: Stamp) throws {
        let row = try Row.fetchOne(
            db, cached: "SELECT seen FROM _removal WHERE record = ? AND stamp = ?",
            arguments: [record.rawValue, Self.returnedRemoval])
        guard let row else { return }
        let seen = Set(try Canonical.stamps(row.bytes(0) ?? [])).union([stamp]).sorted()
        try db.run(
            cached: "UPDATE _removal SET seen = ? WHERE record = ? AND stamp = ?",
            arguments: [blob(seen), record.rawValue, Self.returnedRemoval])
    }

    /// Its name was given to something else in the meantime: it is born anew by head office, and a person is
    /// told, since what refers to it by name refers to the other.
    private func rebear(_ back: ComingBack) throws {
        guard let state = back.state else { return }
        let done = try Row.fetchOne(
            db, cached: "SELECT 1 FROM _reborn WHERE old = ?", arguments: [back.id.rawValue])
        guard done == nil else { return }
        let row = try Row.fetchOne(db, cached: "SELECT node, clock_last FROM _book")
        guard let row, let node: Int64 = row[0] else { return }
        var clock = StampClock(node: node, last: row[1])
        // A name from a clock that ran ahead does not carry head office's own clock with it.
        let id = try clock.draw(wall: min(back.id.moment, state.at))
        try db.run(cached: "UPDATE _book SET clock_last = ?", arguments: [clock.last])
        let new = Record(
            id: id, collection: state.collection,
            scope: state.scope == state.id ? id : state.scope, by: state.by, at: state.at,
            uncertaintyMilliseconds: state.uncertaintyMilliseconds, fields: state.fields)
        try records.insert(new)
        try change(new.scope) { $0.add(new) }
        try feed(new, origin: 0)
        try db.run(
            cached: "INSERT INTO _reborn (record, old) VALUES (?, ?)",
            arguments: [id.rawValue, back.id.rawValue])
        try note(Judgement.Matter(kind: "renamed", record: id))
    }
}

extension Record {
    /// Whether two states may be of one record: what neither has edited is as it was born.
    fileprivate func isOfOneBirth(with other: Record) -> Bool {
        guard collection == other.collection, scope == other.scope, by == other.by else {
            return false
        }
        let edited = Set(heads.map(\.tag) + other.heads.map(\.tag))
        return Set(fields.map(\.tag) + other.fields.map(\.tag)).subtracting(edited)
            .allSatisfy { fields.value($0)?.told == other.fields.value($0)?.told }
    }

    /// The heads of one field as a state says them; the birth when nothing is listed.
    fileprivate func listedHeads(of tag: UInt32) -> [Head] {
        guard let held = heads.first(where: { $0.tag == tag }) else {
            return [
                Head(stamp: id, value: fields.value(tag), by: by, time: min(id.moment, at))
            ]
        }
        return [
            Head(
                stamp: held.shown, value: fields.value(tag), by: held.shownBy,
                time: held.shownTime)
        ]
            + held.others.map {
                Head(stamp: $0.stamp, value: $0.value, by: $0.by, time: $0.time)
            }
    }
}
