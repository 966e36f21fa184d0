import DaybookModel
import DaybookProtocol
import GRDB

extension RecordStore {
    /// Digests of all scopes from the rows themselves, not from the figures that are kept.
    ///
    /// - Parameter served: the served state of a row that something is laid over.
    fileprivate func digests(served: (Record) throws -> Record) throws -> [Stamp: Digest] {
        var digests: [Stamp: Digest] = [:]
        for table in tables.all {
            try Prepared(walking: db, table.selectSQL).forEach { row in
                let record = try served(table.record(row))
                digests[record.scope, default: Digest()].add(record)
                return true
            }
        }
        for row in try Row.fetchAll(db, cached: "SELECT state FROM _parked") {
            let record = try Canonical.record(row.bytes(0) ?? [])
            digests[record.scope, default: Digest()].add(record)
        }
        return digests
    }
}

extension LaptopStore {
    /// The digest of every scope held, computed from the rows; what waits to be posted counts in.
    public func recomputedDigests() throws -> [Stamp: Digest] {
        try reading { db in
            let records = RecordStore(db, tables)
            let overlaid = OverlaidRecords(records)
            return try records.digests { try overlaid.served($0.id) ?? $0 }
        }
    }
}

extension OfficeStore {
    /// The digest of every scope, computed from the rows.
    public func recomputedDigests() throws -> [Stamp: Digest] {
        try reading { db in try RecordStore(db, tables).digests { $0 } }
    }
}
