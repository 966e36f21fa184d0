import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension OfficeStore: HeadOfficeStore {
    public var catalogueVersion: UInt32 { catalogue.version }

    public func end(ofRun run: UInt64) throws -> UInt64? {
        try reading { db in
            let ended = try Int64.fetchOne(
                db, sql: "SELECT ended FROM _run WHERE run = ? AND ended IS NOT NULL",
                arguments: [Int64(bitPattern: run)])
            return ended.map { UInt64($0) }
        }
    }

    public func page(scope: Stamp, after: UInt64, for laptop: KnownLaptop) throws -> FeedRead {
        try reading { db in
            let view = try OfficeView(db, tables)
            return try view.feed(
                scope: scope, after: after, laptop: laptop, most: Limits.feedRecordsMax,
                bytesMost: Limits.feedBytesAim)
        }
    }

    public func moment(
        cursors: [Stamp: UInt64], for laptop: KnownLaptop
    ) throws -> MomentRead? {
        try reading { db -> MomentRead? in
            let view = try OfficeView(db, tables)
            var pages: [FeedPage] = []
            var digests: [Stamp: Digest] = [:]
            for (scope, after) in cursors.sorted(by: { $0.key < $1.key }) {
                let read = try view.feed(
                    scope: scope, after: after, laptop: laptop, most: Limits.feedRecordsMax,
                    bytesMost: Limits.feedBytesAim)
                guard read.reachesPresent else { return nil }
                if !read.page.records.isEmpty || !read.page.removed.isEmpty {
                    pages.append(read.page)
                }
                let row = try Row.fetchOne(
                    db, sql: "SELECT digest, count FROM _digest WHERE scope = ?",
                    arguments: [scope.rawValue])
                digests[scope] =
                    row.flatMap { Digest(bytes: $0.bytes(0) ?? [], count: $0[1]) } ?? Digest()
            }
            let sequence = try Int64.fetchOne(db, sql: "SELECT sequence FROM _book") ?? 0
            return MomentRead(
                pages: pages,
                moment: WholeMoment(
                    cursor: Cursor(run: run.run, sequence: UInt64(sequence)), digests: digests))
        }
    }
}

extension OfficeView {
    fileprivate func feed(
        scope: Stamp, after: UInt64, laptop: KnownLaptop, most: Int, bytesMost: Int
    ) throws -> FeedRead {
        let statement = try db.cachedStatement(
            sql: """
                SELECT sequence, record, collection, origin FROM _feed
                WHERE scope = ? AND sequence > ? ORDER BY sequence LIMIT ?
                """)
        let rows = try Row.fetchAll(
            statement, arguments: [scope.rawValue, Int64(clamping: after), most])
        var through = after
        var size = 0
        var found: [Record] = []
        var removed: [FeedPage.Tombstone] = []
        for row in rows {
            guard size <= bytesMost else { break }
            through = UInt64(row[0] as Int64)
            guard let id = row.stamp(1) else { continue }
            // A laptop holds what it posted; what it is fed from nothing it may have dropped before.
            if after > 0, row[3] == laptop.id { continue }
            let tag: UInt32 = row[2]
            if let record = try records.record(id, tag: tag) {
                found.append(record)
                size += record.fields.reduce(48) { $0 + 4 + $1.value.sizeBytes }
                size += record.heads.reduce(0) { sum, held in
                    held.others.reduce(sum + 24) { $0 + 16 + ($1.value?.sizeBytes ?? 0) }
                }
            } else if after > 0 {
                // New laptops skip old tombstones.
                removed.append(FeedPage.Tombstone(collection: tag, id: id))
                size += 16
            }
        }
        let isWhole =
            rows.count < most && (rows.last.map { UInt64($0[0] as Int64) } ?? after) == through
        return FeedRead(
            page: FeedPage(scope: scope, through: through, records: found, removed: removed),
            reachesPresent: isWhole)
    }
}
