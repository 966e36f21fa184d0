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

    /// Whether head office's own people wrote an entry at that moment of its clock.
    func wrote(at wall: Moment) throws -> Bool {
        try pool.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM _entry WHERE laptop = 0 AND wall = ?)",
                arguments: [wall.milliseconds]) ?? false
        }
    }

    /// First stamps of entries that laptops wrote once, by all their clocks, and that are here more than once.
    func entriesTwice() throws -> [Stamp] {
        try pool.read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT first FROM _entry WHERE laptop <> 0
                    GROUP BY person, wall, monotonic, boot HAVING count(*) > 1
                    """)
        }.compactMap { Stamp(rawValue: $0) }
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
    /// A bad disk changes a record that was served; its digest does not hear of it. False when there was none.
    func damage(place: UInt64) throws -> Bool {
        let table = place % 5 < 3 ? "task" : "tally"
        let isDamaged = try pool.write { db in
            let ids = try Int64.fetchAll(
                db,
                sql: """
                    SELECT id FROM \(table) WHERE id NOT IN (SELECT id FROM _served) AND NOT EXISTS (
                      SELECT 1 FROM _entry e WHERE e.shown = 0 AND \(table).id BETWEEN e.first AND e.last)
                    """)
            guard !ids.isEmpty else { return false }
            let id = ids[Int(place % UInt64(ids.count))]
            switch (place % 3, table) {
            case (0, _):
                try db.execute(sql: "DELETE FROM \(table) WHERE id = ?", arguments: [id])
            case (1, "task"):
                try db.execute(
                    sql: "UPDATE task SET title = 'rotten' WHERE id = ?", arguments: [id])
            case (1, _):
                try db.execute(
                    sql: "UPDATE tally SET quantity = quantity + 100 WHERE id = ?", arguments: [id])
            default:
                try db.execute(
                    sql: """
                        UPDATE _scope SET digest = zeroblob(16)
                        WHERE scope = (SELECT _scope FROM \(table) WHERE id = ?)
                        """,
                    arguments: [id])
            }
            // The disk noticed it: without that only a check of the rows would.
            try db.execute(sql: "UPDATE _scope SET differs = 1")
            return true
        }
        if isDamaged { for scope in try status().scopes.map(\.scope) { try recount(scope) } }
        return isDamaged
    }

    /// Names that this book gave to what could not keep its own.
    func newNames() throws -> [Stamp] {
        try pool.read { try Int64.fetchAll($0, sql: "SELECT new FROM _renamed") }
            .compactMap { Stamp(rawValue: $0) }
    }

    /// Both draw stamps from the twin's node, one after another from where the later stands: the same ones. False
    /// when they did so before.
    func takeNode(of twin: LaptopStore) throws -> Bool {
        func state(_ book: LaptopStore) throws -> (node: Int64?, last: Int64) {
            try book.pool.read { db in
                let row = try Row.fetchOne(db, sql: "SELECT node, clock_last FROM _book")
                return (row?[0], row?[1] ?? -1)
            }
        }
        let (own, its) = (try state(self), try state(twin))
        guard let node = its.node, node != own.node else { return false }
        // A clock that ran ahead, and was set right since.
        let last = max(own.last, its.last) + 3_600_000
        for book in [self, twin] {
            try book.pool.write { db in
                try db.execute(
                    sql: "UPDATE _book SET node = ?, clock_last = ?", arguments: [node, last])
            }
        }
        return true
    }
}
