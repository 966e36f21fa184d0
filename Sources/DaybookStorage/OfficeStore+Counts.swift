import DaybookModel
import GRDB

extension OfficeStore {
    /// How much head office holds.
    public struct Counts: Sendable {
        public let organisation: String
        public let records: [String: Int64]
        public let matters: Int64
        public let sequence: Int64
    }

    public func counts() throws -> Counts {
        try reading { db in
            var records: [String: Int64] = [:]
            for table in tables.all {
                let name = table.definition.name
                records[name] =
                    try Int64.fetchOne(db, cached: "SELECT count(*) FROM \(quoted(name))") ?? 0
            }
            let view = try OfficeView(db, tables)
            return Counts(
                organisation: try view.title(of: view.organisation), records: records,
                matters: try Int64.fetchOne(
                    db, cached: "SELECT count(*) FROM _matter WHERE state = 0")
                    ?? 0,
                sequence: try Int64.fetchOne(db, cached: "SELECT sequence FROM _book") ?? 0)
        }
    }
}
