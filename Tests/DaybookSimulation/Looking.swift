import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB

// What only the simulator looks at or breaks, past the stores' own methods.

extension OfficeStore {
    func allRecords() throws -> [Stamp: DaybookModel.Record] {
        try read { view in
            var records: [Stamp: DaybookModel.Record] = [:]
            for collection in view.catalogue.collections {
                try view.forEach(in: collection.name) { records[$0.id] = $0 }
            }
            return records
        }
    }

    /// Records that are here by a state that came back, their entries not.
    func regainedWithoutEntry() throws -> Set<Stamp> {
        let all = try pool.read { db in
            try Int64.fetchAll(
                db,
                sql: "SELECT record FROM _regained UNION SELECT record FROM _reborn")
        }.compactMap { Stamp(rawValue: $0) }
        return try read { view in
            Set(try all.filter { try view.provenance(of: $0) == nil })
        }
    }

    /// Whether the entry is here, content and all: of a lost one another may have the name.
    func has(_ entry: Entry) throws -> Bool {
        guard let first = entry.changes.first?.stamp else { return false }
        let hash = Data(sha256(Canonical.bytes(of: entry)))
        return try pool.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM _entry WHERE node = ? AND first = ?
                      AND (hash = ? OR laptop = 0))
                    """,
                arguments: [first.node, first.rawValue, hash]) ?? false
        }
    }

    /// The first stamps of those of the postings' entries that are here already.
    func knownEntries(_ postings: [IncomingPosting]) throws -> Set<Stamp> {
        let firsts = postings.flatMap { posting in
            posting.received.posting.entries.compactMap { $0.changes.first?.stamp }
        }
        return try read { view in
            Set(try firsts.filter { try view.provenance(of: $0) != nil })
        }
    }

    func wasRegained(_ id: Stamp) throws -> Bool {
        try pool.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM _regained WHERE record = ?)",
                arguments: [id.rawValue]) ?? false
        }
    }
}

extension LaptopStore {
    /// A bad disk changes a record that was served; its digest does not hear of it.
    func damage(place: UInt64) throws {
        try pool.write { db in
            let ids = try Int64.fetchAll(
                db,
                sql: """
                    SELECT id FROM task WHERE id NOT IN (SELECT id FROM _served) AND NOT EXISTS (
                      SELECT 1 FROM _entry e WHERE e.shown = 0 AND task.id BETWEEN e.first AND e.last)
                    """)
            guard !ids.isEmpty else { return }
            let id = ids[Int(place % UInt64(ids.count))]
            switch place % 3 {
            case 0: try db.execute(sql: "DELETE FROM task WHERE id = ?", arguments: [id])
            case 1:
                try db.execute(
                    sql: "UPDATE task SET title = 'rotten' WHERE id = ?", arguments: [id])
            default:
                try db.execute(
                    sql:
                        "UPDATE _scope SET digest = zeroblob(16) WHERE scope = (SELECT _scope FROM task WHERE id = ?)",
                    arguments: [id])
            }
            // The disk noticed it: without that only a check of the rows would.
            try db.execute(sql: "UPDATE _scope SET differs = 1")
        }
        for scope in try status().scopes.map(\.scope) { try recount(scope) }
    }

    /// Both draw stamps from the twin's node, from where it stands.
    func takeNode(of twin: LaptopStore) throws {
        let (node, last) = try twin.pool.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT node, clock_last FROM _book")
            return (row?[0] as Int64?, row?[1] as Int64?)
        }
        let own = try pool.read { try Int64.fetchOne($0, sql: "SELECT node FROM _book") }
        guard let node, let last, node != own else { return }
        try pool.write { db in
            try db.execute(
                sql: "UPDATE _book SET node = ?, clock_last = ?", arguments: [node, last])
        }
    }
}
