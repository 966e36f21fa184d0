import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension LaptopStore {
    public func recount(_ scope: Stamp) throws {
        try transaction { db in
            try Comparing(db, tables).recount(scope)
            // What is wrong in a row is not what was folded.
            try RecordStore(db, tables).foldAnew()
        }
    }

    public func compare(_ compared: Compared) throws -> Comparison {
        try transaction { db in
            let comparing = Comparing(db, tables)
            var found = Comparison()
            let own = try comparing.digests(of: compared.scope, parts: compared.ranges.map(\.range))
            for (part, digest) in zip(compared.ranges, own) where part.digest != digest {
                found.differing.append(part.range)
            }
            for leaf in compared.leaves { try comparing.take(leaf, &found) }
            if found.mended + found.removed > 0 {
                try comparing.recount(compared.scope)
                try RecordStore(db, tables).foldAnew()
            }
            return found
        }
    }
}

/// Compares a laptop's served state with parts of head office's, inside one transaction.
private struct Comparing {
    /// Records in one frame that is handed back, and their bytes: with one record more, and the columns, it
    /// stays well under a frame.
    private static let handBackMax = 200
    private static let handBackBytesAim = 256 * 1_024

    private let db: Database
    private let records: RecordStore
    private let overlaid: OverlaidRecords

    init(_ db: Database, _ tables: RecordTables) {
        self.db = db
        records = RecordStore(db, tables)
        overlaid = OverlaidRecords(records)
    }

    /// - Parameter parts: in order, without overlap.
    func digests(of scope: Stamp, parts: [StampRange]) throws -> [Digest] {
        let sorted = parts.enumerated().sorted { $0.element.first < $1.element.first }
        var digests = [Digest](repeating: Digest(), count: parts.count)
        let found = try records.digests(of: scope, parts: sorted.map(\.element), state: served)
        for (place, digest) in zip(sorted.map(\.offset), found) { digests[place] = digest }
        for record in try hidden(scope) {
            if let place = parts.firstIndex(where: { $0.contains(record.id) }) {
                digests[place].add(record)
            }
        }
        return digests
    }

    func recount(_ scope: Stamp) throws {
        let digest = try digests(of: scope, parts: [.all])[0]
        try db.run(
            cached: "UPDATE _scope SET digest = ?, count = ? WHERE scope = ?",
            arguments: [blob(digest.bytes), digest.count, scope.rawValue])
    }

    func take(_ leaf: Compared.Leaf, _ found: inout Comparison) throws {
        let scope = leaf.page.scope
        var own: [Stamp: Record] = [:]
        var strays: [Record] = []
        let wanted = Dictionary(
            leaf.page.records.map { ($0.id, $0.collection) }, uniquingKeysWith: { $1 })
        try records.forEach(of: scope, in: leaf.range) { row in
            guard let record = try served(row) else { return }
            guard wanted[row.id] ?? row.collection == row.collection else {
                strays.append(row)
                return
            }
            own[record.id] = record
        }
        // Head office lost them, and gave their names to something else since.
        for stray in strays { try records.delete(stray) }
        found.removed += strays.count
        for record in try hidden(scope) where leaf.range.contains(record.id) {
            own[record.id] = record
        }
        for record in leaf.page.records {
            let held = own.removeValue(forKey: record.id)
            guard held.map(Canonical.bytes) != Canonical.bytes(of: record) else { continue }
            try serve(record, id: record.id, tag: record.collection, in: scope)
            found.mended += 1
        }
        if found.mended > 0 { try db.keepPersonal(of: leaf.page) }
        let removed = Set(leaf.page.removed.map(\.id))
        var lost: [Record] = []
        for record in own.values.sorted(by: { $0.id < $1.id }) {
            if removed.contains(record.id) {
                try serve(nil, id: record.id, tag: record.collection, in: scope)
                found.removed += 1
            } else if try !overlaid.isOwnUnshown(record.id), try isInAnother(record) {
                // As the strays, with its name in another scope.
                try records.delete(record)
                found.removed += 1
            } else {
                lost.append(record)
            }
        }
        try handBack(lost, scope, run: leaf.page.run)
        found.handedBack += lost.count
    }

    /// Whether a record of another collection has the name here.
    private func isInAnother(_ record: Record) throws -> Bool {
        let others = records.tables.all.filter { $0.definition.tag != record.collection }
        if try others.contains(where: { try records.record(record.id, in: $0) != nil }) {
            return true
        }
        return try records.parked(record.id).map { $0.collection != record.collection } ?? false
    }

    /// What bears the name of an own entry without a verdict waits beside it.
    private func serve(_ record: Record?, id: Stamp, tag: UInt32, in scope: Stamp) throws {
        if try overlaid.isOwnUnshown(id) {
            try overlaid.setEarly(record, id: id, tag: tag, in: scope)
        } else {
            try overlaid.serve(record, id: id, tag: tag)
        }
    }

    /// Neither live nor removed at head office means that it lost them.
    private func handBack(_ lost: [Record], _ scope: Stamp, run: UInt64) throws {
        var some: [Record] = []
        var bytes = 0
        for (index, record) in lost.enumerated() {
            some.append(record)
            bytes += Canonical.bytes(of: record).count
            guard
                index + 1 == lost.count || some.count == Self.handBackMax
                    || bytes > Self.handBackBytesAim
            else { continue }
            let page = FeedPage(
                scope: scope, run: run, after: 0, through: 0,
                served: some.map { FeedPage.Served($0, sequence: 0) }, removed: [])
            try db.run(
                cached: "INSERT INTO _kept (scope, through, frame, owed) VALUES (?, 0, ?, 1)",
                arguments: [scope.rawValue, blob(try page.unproven())])
            (some, bytes) = ([], 0)
        }
    }

    /// The state as head office served it; nothing for what it has not answered yet.
    private func served(_ row: Record) throws -> Record? {
        guard try !overlaid.isOwnUnshown(row.id) else { return nil }
        return try overlaid.served(row.id) ?? row
    }

    /// Served records that are not shown: the laptop has taken them away and head office has not heard of it yet,
    /// or they bear the name of an own entry.
    private func hidden(_ scope: Stamp) throws -> [Record] {
        try overlaid.early(of: scope)
            + Row.fetchAll(db, cached: "SELECT state FROM _served").compactMap { row in
                let record = try Canonical.record(row.bytes(0) ?? [])
                guard record.scope == scope, try served(record) != nil,
                    try records.record(record.id, tag: record.collection) == nil
                else { return nil }
                return record
            }
    }
}
