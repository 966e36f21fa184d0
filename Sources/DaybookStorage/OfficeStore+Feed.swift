import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension OfficeStore: HeadOfficeStore {
    public var catalogueVersion: UInt32 { catalogue.version }

    public func end(ofRun run: UInt64) throws -> UInt64? {
        try reading { db in
            let ended = try Int64.fetchOne(
                db, cached: "SELECT ended FROM _run WHERE run = ? AND ended IS NOT NULL",
                arguments: [Int64(bitPattern: run)])
            return ended.map { UInt64($0) }
        }
    }

    public func page(
        scope: Stamp, after: UInt64, isGaining: Bool, for laptop: KnownLaptop
    ) throws -> FeedRead {
        try reading { db in
            let view = try OfficeView(db, tables)
            let read = try view.feed(
                scope: scope, run: run.run, after: after, own: isGaining ? nil : laptop.book)
            return FeedRead(
                page: try sealing(read.page, for: laptop), reachesPresent: read.reachesPresent)
        }
    }

    public func digests(
        of scopes: [Stamp], ifNothingAfter sequence: UInt64
    ) throws -> [Stamp: Digest]? {
        try reading { db -> [Stamp: Digest]? in
            var digests: [Stamp: Digest] = [:]
            for scope in scopes {
                let next = try db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM _feed WHERE scope = ? AND sequence > ?)")
                let isPast = try Bool.fetchOne(
                    next, arguments: [scope.rawValue, Int64(clamping: sequence)])
                guard isPast == false else { return nil }
                digests[scope] = try digest(db, of: scope)
            }
            return digests
        }
    }

    private func digest(_ db: Database, of scope: Stamp) throws -> Digest {
        let statement = try db.cachedStatement(
            sql: "SELECT digest, count FROM _digest WHERE scope = ?")
        let row = try Row.fetchOne(statement, arguments: [scope.rawValue])
        return row.flatMap { Digest(bytes: $0.bytes(0) ?? [], count: $0[1]) } ?? Digest()
    }

    public func moment(
        cursors: [Stamp: UInt64], gaining: Set<Stamp>, comparing: [Compare],
        for laptop: KnownLaptop
    ) throws -> MomentRead? {
        try reading { db -> MomentRead? in
            let view = try OfficeView(db, tables)
            var pages: [FeedPage] = []
            var digests: [[UInt8]] = []
            // As much as one page holds, of all scopes together: it is in memory at once.
            var room = Limits.feedRecordsMax
            for (scope, after) in cursors.sorted(by: { $0.key < $1.key }) {
                let read = try view.feed(
                    scope: scope, run: run.run, after: after,
                    own: gaining.contains(scope) ? nil : laptop.book)
                room -= read.page.records.count + read.page.removed.count
                guard read.reachesPresent, room >= 0 else { return nil }
                if !read.page.isEmpty { pages.append(try sealing(read.page, for: laptop)) }
                digests.append(try digest(db, of: scope).name)
            }
            let sequence = try Int64.fetchOne(db, cached: "SELECT sequence FROM _book") ?? 0
            return MomentRead(
                pages: pages,
                moment: WholeMoment(
                    cursor: Cursor(run: run.run, sequence: UInt64(sequence)), digestNames: digests),
                compared: try comparing.flatMap { try view.parts(of: $0, run: run.run) }
                    .map { try sealing($0, for: laptop) })
        }
    }
}

extension OfficeView {
    /// One page.
    ///
    /// - Parameter own: the book whose own records, still as they were born, are left out since it holds
    ///   them; nil sends all.
    fileprivate func feed(
        scope: Stamp, run: UInt64, after: UInt64, own: Int64?
    ) throws -> FeedRead {
        let statement = try db.cachedStatement(
            sql: """
                SELECT sequence, record, collection, origin FROM _feed
                WHERE scope = ? AND sequence > ? ORDER BY sequence LIMIT ?
                """)
        let most = Limits.feedRecordsMax
        let rows = try Row.fetchAll(
            statement, arguments: [scope.rawValue, Int64(clamping: after), most])
        var through = after
        var size = PageSize()
        var found: [FeedPage.Served] = []
        var removed: [FeedPage.Tombstone] = []
        for row in rows {
            let sequence = UInt64(row[0] as Int64)
            guard let id = row.stamp(1) else { continue }
            if let own, row[3] == own {
                through = sequence
                continue
            }
            let tag: UInt32 = row[2]
            if let record = try records.record(id, tag: tag) {
                let record = try timed(record)
                guard size.take(record) else { break }
                found.append(FeedPage.Served(record, sequence: sequence))
            } else if after > 0 {
                // New laptops skip old tombstones.
                guard size.takeTombstone(of: tag) else { break }
                removed.append(FeedPage.Tombstone(collection: tag, id: id, sequence: sequence))
            }
            through = sequence
        }
        let last = rows.last.map { UInt64($0[0] as Int64) } ?? after
        return FeedRead(
            page: FeedPage(
                scope: scope, run: run, after: after, through: through, served: found,
                removed: removed),
            reachesPresent: rows.count < most && last == through)
    }
}

extension OfficeView {
    /// The record with the times of its heads, which its row does not keep.
    func timed(_ record: Record) throws -> Record {
        guard !record.heads.isEmpty else { return record }
        let statement = try db.cachedStatement(
            sql: "SELECT field, stamp, time FROM _history WHERE record = ? AND head = 1")
        var times: [UInt32: [Stamp: Moment]] = [:]
        for row in try Row.fetchAll(statement, arguments: [record.id.rawValue]) {
            guard let stamp = row.stamp(1) else { continue }
            times[row[0], default: [:]][stamp] = Moment(milliseconds: row[2])
        }
        var record = record
        record.heads = record.heads.map { held in
            FieldHeads(
                tag: held.tag, shown: held.shown, by: held.shownBy,
                others: held.others.map {
                    .init(
                        stamp: $0.stamp, value: $0.value, by: $0.by,
                        time: times[held.tag]?[$0.stamp])
                }, shownTime: times[held.tag]?[held.shown])
        }
        return record
    }
}

/// What a frame of states costs its reader, so that it ends before it breaks a limit of the protocol.
struct PageSize {
    private var bytes = 0
    private var named = 0
    private var rows: [UInt32: Int] = [:]
    private var columns: [UInt32: Set<UInt64>] = [:]
    private var groups: Set<UInt32> = []
    private var cells = 0

    /// Takes the record in; false when the frame, which holds something already, has no room for it.
    mutating func take(_ record: Record) -> Bool {
        let tag = record.collection
        let (rows, held) = (rows[tag] ?? 0, columns[tag]?.count ?? 0)
        let added = record.fields.map {
            UInt64($0.tag) << 8 | UInt64($0.value.storageClass.rawValue)
        }.filter { columns[tag]?.contains($0) != true }
        let isTaken = take(
            bytes: record.fields.reduce(48) { $0 + 4 + $1.value.sizeBytes }
                + record.headsSizeBytes,
            named: record.heads.reduce(0) { $0 + 1 + $1.others.count },
            cells: (rows + 1) * (held + added.count) - rows * held, of: tag)
        guard isTaken else { return false }
        self.rows[tag] = rows + 1
        columns[tag, default: []].formUnion(added)
        return true
    }

    mutating func takeTombstone(of collection: UInt32) -> Bool {
        take(bytes: 16, named: 0, cells: 0, of: collection)
    }

    /// All of a leaf; false when one of its records has no room.
    mutating func take(_ page: FeedPage) -> Bool {
        for record in page.records where !take(record) { return false }
        for tombstone in page.removed where !takeTombstone(of: tombstone.collection) {
            return false
        }
        return true
    }

    private mutating func take(bytes: Int, named: Int, cells: Int, of collection: UInt32) -> Bool {
        let groups = groups.count + (groups.contains(collection) ? 0 : 1)
        guard
            self.groups.isEmpty
                || self.bytes + bytes <= Limits.feedBytesAim
                    && self.cells + cells <= Limits.cellsMax
                    && self.named + named <= Limits.namedMax && groups <= Limits.groupsMax
        else { return false }
        self.bytes += bytes
        self.named += named
        self.cells += cells
        self.groups.insert(collection)
        return true
    }
}
