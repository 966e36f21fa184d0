import DaybookModel
import DaybookProtocol
import GRDB

extension RecordStore {
    /// The ids of a scope in a range, in order.
    func ids(of scope: Stamp, in range: StampRange) throws -> [Int64] {
        let tables = tables.all.map { quoted($0.definition.name) }
        let selects = tables.map { ($0, "_scope") } + [("_parked", "scope")]
        let sql = selects.map { name, column in
            "SELECT id FROM \(name) WHERE \(column) = :scope AND id BETWEEN :first AND :last"
        }.joined(separator: " UNION ALL ")
        return try Int64.fetchAll(
            db, cached: sql + " ORDER BY id",
            arguments: [
                "scope": scope.rawValue, "first": range.first.rawValue,
                "last": range.last.rawValue,
            ])
    }

    /// Every record of a scope in a range, collection by collection.
    func forEach(
        of scope: Stamp, in range: StampRange, _ body: (Record) throws -> Void
    ) throws {
        let arguments: StatementArguments = [
            scope.rawValue, range.first.rawValue, range.last.rawValue,
        ]
        for table in tables.all {
            try Prepared(walking: db, table.selectSQL + "WHERE _scope = ? AND id BETWEEN ? AND ?")
                .forEach([
                    .integer(scope.rawValue), .integer(range.first.rawValue),
                    .integer(range.last.rawValue),
                ]) { row in
                    try body(table.record(row))
                    return true
                }
        }
        let parked = try Row.fetchCursor(
            db, sql: "SELECT state FROM _parked WHERE scope = ? AND id BETWEEN ? AND ?",
            arguments: arguments)
        while let row = try parked.next() {
            try body(try Canonical.record(row.bytes(0) ?? []))
        }
    }

    /// The digests of parts of a scope, which stand in order and do not overlap.
    ///
    /// - Parameter state: the state that counts, or nothing for a record that does not.
    func digests(
        of scope: Stamp, parts: [StampRange], state: (Record) throws -> Record?
    ) throws -> [Digest] {
        var digests = [Digest](repeating: Digest(), count: parts.count)
        guard let first = parts.first?.first, let last = parts.last?.last,
            let whole = StampRange(first: first, last: last)
        else { return [] }
        try forEach(of: scope, in: whole) { row in
            guard let record = try state(row) else { return }
            // The last part that begins at or before it.
            var (low, high) = (0, parts.count)
            while high - low > 1 {
                let middle = (low + high) / 2
                if parts[middle].first <= record.id { low = middle } else { high = middle }
            }
            if parts[low].contains(record.id) { digests[low].add(record) }
        }
        return digests
    }
}

extension OfficeView {
    /// Bytes of one leaf with more than one record, and of the leaves of one frame, by their canonical form.
    private static let leafBytesMax = 256 * 1_024
    private static let frameBytesMax = 512 * 1_024

    /// The parts of the ranges that a laptop asks about: digests of sixteenths, or all of a small one; in as many
    /// frames as it takes.
    func parts(of compare: Compare, run: UInt64) throws -> [Compared] {
        var parts: [Compared.Part] = []
        var frames: [Compared] = []
        var leaves: [Compared.Leaf] = []
        var (bytes, room) = (0, PageSize())
        for range in compare.ranges {
            let ids = try ids(of: compare.scope, in: range)
            if ids.count <= Limits.leafRecordsMax {
                let leaf = try leaf(compare.scope, range, run: run)
                let size = leaf.page.records.reduce(0) { $0 + Canonical.bytes(of: $1).count }
                if ids.count <= 1 || size <= Self.leafBytesMax {
                    if !room.take(leaf.page) || bytes + size > Self.frameBytesMax, !leaves.isEmpty {
                        frames.append(Compared(scope: compare.scope, ranges: [], leaves: leaves))
                        (leaves, bytes, room) = ([], 0, PageSize())
                        _ = room.take(leaf.page)
                    }
                    leaves.append(leaf)
                    bytes += size
                    continue
                }
            }
            let split = Self.split(range, ids)
            let digests = try records.digests(of: compare.scope, parts: split) { $0 }
            parts += zip(split, digests).map { Compared.Part(range: $0, digest: $1) }
        }
        return frames + [Compared(scope: compare.scope, ranges: parts, leaves: leaves)]
    }

    /// Live and removed: nothing removed may be taken for lost, so tombstones are all there in a leaf.
    private func ids(of scope: Stamp, in range: StampRange) throws -> [Int64] {
        let live = try records.ids(of: scope, in: range)
        let removed = try Row.fetchAll(
            db,
            cached: """
                SELECT t.id FROM _tombstone t JOIN _feed f ON f.record = t.id
                WHERE t.id BETWEEN ? AND ? AND f.scope = ?
                """,
            arguments: [range.first.rawValue, range.last.rawValue, scope.rawValue])
        return removed.isEmpty ? live : (live + removed.map { $0[0] }).sorted()
    }

    /// Parts with about as many records each, which together are the whole range.
    private static func split(_ range: StampRange, _ ids: [Int64]) -> [StampRange] {
        let size = (ids.count + Limits.rangeParts - 1) / Limits.rangeParts
        var starts = stride(from: size, to: ids.count, by: size).map { ids[$0] }
        starts.insert(range.first.rawValue, at: 0)
        let ends = starts.dropFirst().map { $0 - 1 } + [range.last.rawValue]
        return zip(starts, ends).compactMap { start, end in
            guard let first = Stamp(rawValue: start), let last = Stamp(rawValue: end) else {
                return nil
            }
            return StampRange(first: first, last: last)
        }
    }

    private func leaf(_ scope: Stamp, _ range: StampRange, run: UInt64) throws -> Compared.Leaf {
        var served: [FeedPage.Served] = []
        try records.forEach(of: scope, in: range) { record in
            served.append(FeedPage.Served(try timed(record), sequence: 0))
        }
        let rows = try Row.fetchAll(
            db,
            cached: """
                SELECT f.record, f.collection FROM _tombstone t JOIN _feed f ON f.record = t.id
                WHERE t.id BETWEEN :first AND :last AND f.scope = :scope
                -- What was born anew is not called so in this scope any more.
                UNION SELECT r.old, f.collection FROM _reborn r JOIN _feed f ON f.record = r.record
                WHERE r.old BETWEEN :first AND :last AND f.scope = :scope
                  AND NOT EXISTS (SELECT 1 FROM _feed o WHERE o.record = r.old AND o.scope = f.scope)
                """,
            arguments: [
                "first": range.first.rawValue, "last": range.last.rawValue,
                "scope": scope.rawValue,
            ])
        let removed = rows.compactMap { row in
            row.stamp(0).map {
                FeedPage.Tombstone(collection: row[1], id: $0, sequence: 0)
            }
        }
        return Compared.Leaf(
            range: range,
            page: FeedPage(
                scope: scope, run: run, after: 0, through: 0, served: served, removed: removed))
    }
}
