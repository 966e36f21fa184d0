import DaybookModel
import DaybookProtocol
import GRDB

extension OfficeStore {
    /// Records that are not the same in two books.
    public struct Differences: Sendable {
        public struct One: Hashable, Sendable {
            public let id: Stamp
            public let collection: UInt32
            public let isHere: Bool
            public let isThere: Bool
        }

        /// How many records the other book has of the scopes compared.
        public let compared: Int64
        /// The first of them.
        public let records: [One]
    }

    /// The most that are listed.
    private static let differencesMax = 1_000

    /// Compares with another book, a laptop's or a backup, scope by scope as the other holds them.
    public func differences(from path: String) throws -> Differences {
        if let other = try? LaptopStore.open(path: path, catalogue: catalogue) {
            let scopes = try other.status().scopes.filter(\.isShown).map(\.scope)
            return try differences(try other.servedRecords(), of: Set(scopes), by: Canonical.told)
        }
        let other = try OfficeStore.open(path: path, catalogue: catalogue)
        let records = try other.reading { db in
            try RecordStore(db, tables).all { $0 }
        }
        return try differences(records, of: nil, by: Canonical.bytes)
    }

    private func differences(
        _ theirs: [Stamp: Record], of scopes: Set<Stamp>?, by form: @escaping (Record) -> [UInt8]
    ) throws -> Differences {
        let ours = try reading { db in try RecordStore(db, tables).all { $0 } }
            .filter { scopes?.contains($0.value.scope) ?? true }
        let ids = Set(ours.keys).union(theirs.keys).sorted()
        let differing = ids.lazy.filter {
            ours[$0].map(form) != theirs[$0].map(form)
        }
        return Differences(
            compared: Int64(theirs.count),
            records: differing.prefix(Self.differencesMax).map { id in
                Differences.One(
                    id: id, collection: (ours[id] ?? theirs[id])?.collection ?? 0,
                    isHere: ours[id] != nil, isThere: theirs[id] != nil)
            })
    }
}

extension RecordStore {
    /// Every record, by id.
    func all(_ state: (Record) throws -> Record?) throws -> [Stamp: Record] {
        var all: [Stamp: Record] = [:]
        for table in tables.all {
            for row in try records(in: table, "") {
                if let record = try state(row) { all[record.id] = record }
            }
        }
        for row in try Row.fetchAll(db, cached: "SELECT state FROM _parked") {
            let parked = try Canonical.record(row.bytes(0) ?? [])
            if let record = try state(parked) { all[record.id] = record }
        }
        return all
    }
}

extension LaptopStore {
    /// Everything as head office served it.
    package func servedRecords() throws -> [Stamp: DaybookModel.Record] {
        try reading { db in
            let records = RecordStore(db, tables)
            let overlaid = OverlaidRecords(records)
            var served = try records.all { row in
                guard try !overlaid.isOwnUnshown(row.id) else { return nil }
                return try overlaid.served(row.id) ?? row
            }
            for row in try Row.fetchAll(db, cached: "SELECT state FROM _early WHERE state NOT NULL")
            {
                let record = try Canonical.record(row.bytes(0) ?? [])
                served[record.id] = record
            }
            return served
        }
    }
}
