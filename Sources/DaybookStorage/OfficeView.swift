import DaybookModel
import DaybookProtocol
import GRDB

/// Head office's book as rules and figures see it: with provenance and history.
final class OfficeView: StoreView {
    /// The present state, or the state of a removed document, which an edit may bring back.
    func held(_ id: Stamp, tag: UInt32) throws -> Record? {
        let held = try records.record(id, tag: tag) ?? tombstone(id)
        return held?.collection == tag ? held : nil
    }

    func tombstone(_ id: Stamp) throws -> Record? {
        try Prepared(db, "SELECT state FROM _tombstone WHERE id = ?")
            .first([.integer(id.rawValue)]) { try Canonical.record($0.bytes(0) ?? []) }
    }

    override func provenance(of id: Stamp) throws -> Provenance? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT e.last, e.person, e.wall, e.at, e.uncertainty, e.arrived, l.name
                FROM _entry e LEFT JOIN _laptop l ON l.id = e.laptop
                WHERE e.node = ? AND e.first <= ? ORDER BY e.first DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id.node, id.rawValue]),
            (row[0] as Int64) >= id.rawValue
        else { return nil }
        return Provenance(
            laptop: row[6] as String? ?? "", person: row.stamp(1),
            recorded: Moment(milliseconds: row[2]),
            happening: Happening(
                at: Moment(milliseconds: row[3]), uncertaintyMilliseconds: row[4]),
            arrived: Moment(milliseconds: row[5]))
    }

    /// An entry of its own, or a state that came back as it once proved it, without its entry. What the entry under
    /// judgement bears has neither yet.
    override func isOfHeadOffice(_ id: Stamp) throws -> Bool {
        let entry = try db.cachedStatement(
            sql: """
                SELECT last, laptop FROM _entry WHERE node = ? AND first <= ?
                ORDER BY first DESC LIMIT 1
                """)
        if let row = try Row.fetchOne(entry, arguments: [id.node, id.rawValue]),
            (row[0] as Int64) >= id.rawValue
        {
            return row[1] as Int64 == 0
        }
        return try Bool.fetchOne(
            db,
            cached: "SELECT EXISTS (SELECT 1 FROM _regained WHERE record = ? AND proven = 1)",
            arguments: [id.rawValue]) ?? false
    }

    override func laptops(in scope: Stamp) throws -> [KnownHolder] {
        let awaited = Set(try OfficeStore.awaited(db))
        return try Row.fetchAll(
            db,
            cached: """
                SELECT l.name, l.heard FROM _laptop l JOIN _laptop_scope s ON s.laptop = l.id
                WHERE (s.scope = :scope OR :scope = :organisation) AND l.enrolled IS NOT NULL
                  AND l.revoked = 0 GROUP BY l.id ORDER BY l.name
                """,
            arguments: ["scope": scope.rawValue, "organisation": organisation.rawValue]
        ).map { row in
            KnownHolder(
                name: row[0], heard: (row[1] as Int64?).map { Moment(milliseconds: $0) },
                isAwaited: awaited.contains(row[0]))
        }
    }

    override func history(of id: Stamp, field: UInt32) throws -> [PastEdit] {
        try Row.fetchAll(
            db,
            cached: """
                SELECT stamp, value, time FROM _history WHERE record = ? AND field = ?
                ORDER BY time, stamp
                """,
            arguments: [id.rawValue, Int64(field)]
        ).compactMap { row in
            guard let stamp = row.stamp(0) else { return nil }
            let provenance = try provenance(of: stamp)
            return PastEdit(
                stamp: stamp, value: try Canonical.value(row.bytes(1) ?? []),
                time: Moment(milliseconds: row[2]), person: provenance?.person,
                laptop: provenance?.laptop ?? "")
        }
    }
}
