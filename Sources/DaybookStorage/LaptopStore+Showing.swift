import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension LaptopStore {
    public func show(_ moment: WholeMoment) throws -> [Stamp] {
        try transaction { db in
            // An older answer, by another way: something is shown already that it does not know, or staged.
            let known = try Int64.fetchOne(
                db,
                cached: """
                    SELECT max(coalesce(shown_sequence, 0),
                      coalesce((SELECT max(cursor) FROM _scope WHERE lost = 0), 0)) FROM _book
                    """)
            guard moment.cursor.sequence >= UInt64(known ?? 0) else { return [] }
            let showing = try Showing(db, tables, sequence: Int64(clamping: moment.cursor.sequence))
            try showing.dropGained()
            try showing.showStaged()
            try showing.showAnswered()
            try showing.dropLost()
            let differing = try showing.keepDigests(comparing: moment.digestNames)
            let sequence = Int64(clamping: moment.cursor.sequence)
            try db.run(
                cached: """
                    UPDATE _scope SET shown = 1, cursor = max(cursor, :sequence)
                    WHERE lost = 0 AND (shown = 0 OR cursor < :sequence)
                    """,
                arguments: ["sequence": sequence])
            try db.run(
                cached: """
                    UPDATE _book SET shown_run = :run, shown_sequence = :sequence
                    WHERE shown_run IS NOT :run OR shown_sequence IS NOT :sequence
                    """,
                arguments: [
                    "run": Int64(bitPattern: moment.cursor.run), "sequence": sequence,
                ])
            for scope in showing.fedAnew { try db.feedAnew(scope) }
            try trim(db, mark: nil)
            return differing
        }
    }
}

/// Makes one moment visible, inside its transaction.
private final class Showing {
    /// Records of a scope that goes, in memory at a time.
    private static let dropSlice: Int64 = 500
    /// Changes of entries that are shown in one go: they are in memory then.
    private static let runChangesMax = 2_000

    private let db: Database
    private let records: RecordStore
    private let overlaid: OverlaidRecords
    private let sequence: Int64
    private var digests: [Stamp: Digest] = [:]
    /// Scopes of which something went that was sealed in one piece with others'.
    private(set) var fedAnew: Set<Stamp> = []
    /// Scopes that were fed from nothing, with what the laptop posted itself.
    private var gained: Set<Stamp> = []
    private let node: Int64?
    /// The farthest stamp of this book's own node that it did not draw in this life.
    private var ahead: Int64 = -1

    init(_ db: Database, _ tables: RecordTables, sequence: Int64) throws {
        self.db = db
        self.sequence = sequence
        node = try Int64.fetchOne(db, cached: "SELECT node FROM _book")
        records = RecordStore(db, tables)
        overlaid = OverlaidRecords(records)
    }

    func showStaged() throws {
        try Prepared(walking: db, "SELECT id, scope, collection, state FROM _staged ORDER BY id")
            .forEach { row in
                guard let id = row.stamp(0), let scope = row.stamp(1) else { return true }
                let tag = UInt32(row.integer(2))
                let state = try row.bytes(3).map { try Canonical.record($0) }
                let isOwn = try overlaid.isOwnUnshown(id)
                if id.node == node, !isOwn { ahead = max(ahead, id.milliseconds) }
                let held = isOwn ? nil : try overlaid.state(id, tag: tag)
                let old = try held.map(\.served) ?? overlaid.early(id)
                try forgetPersonal(of: id, old: old, now: state, in: scope)
                if let old { try change(scope) { $0.remove(old) } }
                if let state { try change(scope) { $0.add(state) } }
                if let held {
                    try overlaid.serve(state, over: held, id: id, tag: tag)
                } else {
                    try overlaid.setEarly(state, id: id, tag: tag, in: scope)
                }
                return true
            }
        try passOwnNode()
    }

    /// What head office emptied that named somebody is kept nowhere here. It may never have been shown here before: a
    /// personal field with heads and without a value says so by itself.
    private func forgetPersonal(
        of id: Stamp, old: Record?, now state: Record?, in scope: Stamp
    ) throws {
        let gone = (old?.fields ?? []).filter {
            $0.value.isSealed && state?.fields.value($0.tag) == nil
        }
        let definition = (state ?? old).flatMap { records.tables[$0.collection]?.definition }
        let isEmptied =
            state.map { state in
                state.heads.contains {
                    definition?.field(tag: $0.tag)?.isPersonal ?? false
                        && state.fields.value($0.tag) == nil
                }
            } ?? true
        guard !gone.isEmpty || isEmptied else { return }
        let heads = gone.flatMap { old?.allHeads(of: $0.tag) ?? [] }
        let staying = Set((state?.personalHeads ?? []))
        if try db.forgetPersonal(of: id, heads: heads, staying: staying) { fedAnew.insert(scope) }
    }

    /// Another draws stamps from this book's node, a copy or an earlier life of it: none of them is drawn again,
    /// and a node of its own is asked for.
    private func passOwnNode() throws {
        guard ahead >= 0 else { return }
        try db.run(
            cached:
                "UPDATE _book SET clock_last = :ahead, wants_node = 1 WHERE clock_last < :ahead",
            arguments: ["ahead": ahead])
    }

    /// Entries that head office answered at or before this moment: what they wrote is served now.
    func showAnswered() throws {
        let rows = try Row.fetchAll(
            db,
            cached: """
                SELECT \(EntryRange.columns), correction, uncertainty FROM _entry
                WHERE shown = 0 AND answered <= ? AND name_taken = 0 ORDER BY number
                """,
            arguments: [sequence])
        var run: [Answered] = []
        var changes = 0
        for row in rows {
            let answered = Answered(
                range: try EntryRange(row), correction: row[9], uncertainty: row[10])
            changes += answered.range.changes
            if let last = run.last,
                changes > Self.runChangesMax || !last.range.goesOn(with: answered.range)
            {
                try show(run)
                run = []
                changes = answered.range.changes
            }
            run.append(answered)
        }
        try show(run)
        // A delete without a condition clears the root page, which writes even when nothing is there.
        try db.run(cached: "DELETE FROM _staged WHERE id > 0")
    }

    /// An entry with what head office said of its time.
    private struct Answered {
        let range: EntryRange
        let correction: Int64
        let uncertainty: Int64
    }

    /// Entries without a gap between them.
    private func show(_ run: [Answered]) throws {
        guard let first = run.first?.range, let last = run.last?.range else { return }
        try showBirths(of: run, from: first.first, to: last.last, node: first.node)
        try overlaid.settlePending(from: first.first, to: last.last, node: first.node)
        try db.run(
            cached: "UPDATE _entry SET shown = 1 WHERE number BETWEEN ? AND ?",
            arguments: [first.number, last.number])
    }

    /// Head office did not send them back: they are served as they were posted, at the corrected time.
    private func showBirths(
        of run: [Answered], from first: Stamp, to last: Stamp, node: Int64
    ) throws {
        var rest = run[...]
        let born = try overlaid.born(from: first, to: last, node: node).sorted { $0.id < $1.id }
        for var state in born where try !overlaid.isEarly(state.id) {
            while let next = rest.first, next.range.last < state.id { rest.removeFirst() }
            guard let answered = rest.first else { break }
            // A copy of this book draws from its node, too, between the stamps of its entries.
            guard answered.range.first <= state.id else { continue }
            let (correction, uncertainty) = (answered.correction, answered.uncertainty)
            // Of what was removed in the meantime a scope that is fed from nothing does not say so.
            if gained.contains(state.scope) {
                try overlaid.serve(nil, id: state.id, tag: state.collection)
                continue
            }
            state.at = answered.range.clock.wall.adding(milliseconds: correction)
            state.uncertaintyMilliseconds = uncertainty
            if correction != 0 || uncertainty != 0 {
                try overlaid.serve(state, id: state.id, tag: state.collection)
            }
            try change(state.scope) { $0.add(state) }
        }
        try overlaid.showEarly(from: first, to: last, node: node)
    }

    /// Scopes that the laptop may not hold any more go, except for what head office has not answered yet.
    func dropLost() throws {
        let rows = try Row.fetchAll(db, cached: "SELECT scope FROM _scope WHERE lost = 1")
        for scope in rows.compactMap({ $0.stamp(0) }) {
            try db.dropPages(of: scope)
            guard try drop(scope) == 0 else { continue }
            try db.run(
                cached: "DELETE FROM _scope WHERE scope = ?", arguments: [scope.rawValue])
        }
    }

    /// Scopes gained were fed from nothing: what was here of them before (a scope lost and given back) makes
    /// room, so that nothing stays that head office does not have.
    func dropGained() throws {
        let rows = try Row.fetchAll(
            db, cached: "SELECT scope FROM _scope WHERE lost = 0 AND shown = 0")
        gained = Set(rows.compactMap { $0.stamp(0) })
        for scope in gained.sorted() {
            _ = try drop(scope)
        }
    }

    /// Takes a scope's served records away; how many of the laptop's own unanswered ones stay.
    private func drop(_ scope: Stamp) throws -> Int {
        var kept = 0
        for table in records.tables.all {
            var last: Int64 = 0
            while case let slice = try records.records(
                in: table, "WHERE _scope = ? AND id > ? ORDER BY id LIMIT ?",
                [.integer(scope.rawValue), .integer(last), .integer(Self.dropSlice)]),
                let end = slice.last
            {
                last = end.id.rawValue
                for record in slice {
                    if try overlaid.isOwnUnshown(record.id) {
                        kept += 1
                    } else {
                        try records.delete(record)
                    }
                }
            }
        }
        // Pending edits stay to be posted: head office says what becomes of them.
        for row in try Row.fetchAll(db, cached: "SELECT id, state FROM _served") {
            let record = try Canonical.record(row.bytes(1) ?? [])
            guard record.scope == scope else { continue }
            if try overlaid.isOwnUnshown(record.id) {
                kept += 1
            } else {
                try db.run(
                    cached: "DELETE FROM _served WHERE id = ?", arguments: [record.id.rawValue])
            }
        }
        try db.execute(
            sql: """
                DELETE FROM _parked WHERE scope = :scope;
                DELETE FROM _early WHERE scope = :scope;
                UPDATE _scope SET digest = zeroblob(16), count = 0
                WHERE scope = :scope AND count <> 0
                """,
            arguments: ["scope": scope.rawValue])
        digests[scope] = nil
        return kept
    }

    /// - Parameter names: of the digests of the scopes that this laptop holds, in their order.
    func keepDigests(comparing names: [[UInt8]]) throws -> [Stamp] {
        let scopes = try Row.fetchAll(
            db, cached: "SELECT scope FROM _scope WHERE lost = 0 ORDER BY scope"
        ).compactMap { $0.stamp(0) }
        guard scopes.count == names.count else { throw OutOfOrder(kind: .moment) }
        var differing: [Stamp] = []
        for (scope, theirs) in zip(scopes, names) {
            let ours = try digest(scope)
            let differs = ours.name != theirs
            if differs { differing.append(scope) }
            try db.run(
                cached: """
                    UPDATE _scope SET digest = :digest, count = :records, differs = :differs
                    WHERE scope = :scope AND (digest, count, differs) <> (:digest, :records, :differs)
                    """,
                arguments: [
                    "digest": blob(ours.bytes), "records": ours.count, "differs": differs,
                    "scope": scope.rawValue,
                ])
        }
        return differing
    }

    private func change(_ scope: Stamp, _ body: (inout Digest) -> Void) throws {
        var digest = try digest(scope)
        body(&digest)
        digests[scope] = digest
    }

    private func digest(_ scope: Stamp) throws -> Digest {
        if let digest = digests[scope] { return digest }
        let row = try Row.fetchOne(
            db, cached: "SELECT digest, count FROM _scope WHERE scope = ?",
            arguments: [scope.rawValue])
        return row.flatMap { Digest(bytes: $0.bytes(0) ?? [], count: $0[1]) } ?? Digest()
    }
}
