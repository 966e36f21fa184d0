import DaybookModel
import DaybookProtocol
import GRDB

/// What names persons: kept under the people's keys until head office has it, then for head office alone.
extension LaptopStore {
    /// Takes for how long the people here may read what names persons in each scope.
    func take(
        _ db: Database, personalDays days: [Stamp: Int], reading: [Stamp: UInt32]
    ) throws {
        for row in try Row.fetchAll(db, cached: "SELECT scope, personal_days, reading FROM _scope")
        {
            guard let scope = row.stamp(0) else { continue }
            let (held, wanted): (Int64, Int64) = (row[1], Int64(days[scope] ?? 0))
            let (heldKinds, kinds): (Int64, Int64) = (row[2], Int64(reading[scope] ?? 0))
            guard held != wanted || heldKinds != kinds else { continue }
            try db.run(
                cached: "UPDATE _scope SET personal_days = ?, reading = ? WHERE scope = ?",
                arguments: [wanted, kinds, scope.rawValue])
            // What was served without it, or with more, is fed again.
            if held < wanted || heldKinds != kinds && kinds != 0 { try db.feedAnew(scope) }
        }
    }

    /// What is posted, and whose days are over, is head office's alone from now on.
    func sealPosted(_ db: Database, at now: Moment) throws {
        let open = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM _lock WHERE people IS NOT NULL)
                  OR EXISTS (SELECT 1 FROM _sealed WHERE box IS NOT NULL)
                  OR EXISTS (SELECT 1 FROM _page)
                """)
        guard try Bool.fetchOne(open) == true else { return }
        try db.run(
            cached: """
                UPDATE _sealed SET box = NULL WHERE box IS NOT NULL AND answered
                  + coalesce((SELECT personal_days FROM _scope s WHERE s.scope = _sealed.scope), 0)
                  * 86400000 <= :now
                """,
            arguments: ["now": now.milliseconds])
        try db.run(
            cached: """
                UPDATE _lock SET people = NULL, open = 0 WHERE people IS NOT NULL AND NOT EXISTS (
                  SELECT 1 FROM _sealed WHERE lock = _lock.id AND box IS NOT NULL)
                """)
        let over = try Int64.fetchAll(
            db,
            cached: """
                SELECT id FROM _page WHERE latest
                  + coalesce((SELECT personal_days FROM _scope s WHERE s.scope = _page.scope), 0)
                  * 86400000 <= ?
                """,
            arguments: [now.milliseconds])
        for page in over { try db.dropPage(page) }
    }

    /// What is in head office's backup is not sealed anew.
    func trimSealed(_ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM _sealed WHERE box IS NULL AND NOT EXISTS (
                  SELECT 1 FROM _entry e WHERE e.node = _sealed.node AND e.first = _sealed.first);
                DELETE FROM _lock WHERE open = 0 AND NOT EXISTS (
                  SELECT 1 FROM _sealed WHERE lock = _lock.id)
                """)
    }
}

extension Database {
    /// The scope is fed from nothing at the next exchange; until it is whole, what is shown of it stays.
    func feedAnew(_ scope: Stamp) throws {
        try run(cached: "DELETE FROM _staged WHERE scope = ?", arguments: [scope.rawValue])
        // What was erased in the meantime is not named in what comes.
        try dropPages(of: scope)
        try run(
            cached: "UPDATE _scope SET cursor = 0, shown = 0 WHERE scope = ?",
            arguments: [scope.rawValue])
    }

    /// Keeps what head office served beside a page.
    func keepPersonal(of page: FeedPage) throws {
        guard !page.personal.isEmpty else { return }
        try run(
            cached: "INSERT INTO _page (scope, through, latest, box) VALUES (?, ?, ?, ?)",
            arguments: [
                page.scope.rawValue, Int64(clamping: page.through),
                page.records.map(\.at.milliseconds).max() ?? 0, blob(page.personal),
            ])
        let id = lastInsertedRowID
        let naming = try Prepared(
            self, "INSERT OR IGNORE INTO _personal (record, head, page) VALUES (?, ?, ?)")
        for one in page.personalHeads {
            try naming.run([
                .integer(one.record.rawValue), .integer(one.head.rawValue), .integer(id),
            ])
        }
    }

    func dropPage(_ page: Int64) throws {
        let row = try Row.fetchOne(
            self, cached: "SELECT scope, through FROM _page WHERE id = ?", arguments: [page])
        if let row {
            let kept = try Row.fetchAll(
                self, cached: "SELECT id, frame FROM _kept WHERE scope = ? AND through = ?",
                arguments: [row[0] as Int64, row[1] as Int64])
            for one in kept {
                let bare = try FeedPage.withoutPersonal(one.bytes(1) ?? [])
                try run(
                    cached: "UPDATE _kept SET frame = ? WHERE id = ?",
                    arguments: [blob(bare), one[0] as Int64])
            }
        }
        try execute(
            sql: "DELETE FROM _personal WHERE page = :page; DELETE FROM _page WHERE id = :page",
            arguments: ["page": page])
    }

    func dropPages(of scope: Stamp) throws {
        let pages = try Int64.fetchAll(
            self, cached: "SELECT id FROM _page WHERE scope = ?", arguments: [scope.rawValue])
        for page in pages { try dropPage(page) }
    }

    /// Head office emptied what named somebody: it goes from here too, with all that is sealed in one piece with it.
    /// True when that is others', who are to be served again.
    ///
    /// - Parameters:
    ///   - heads: those that are known to have been emptied.
    ///   - staying: those whose values stay.
    func forgetPersonal(of record: Stamp, heads: [Stamp], staying: Set<Stamp>) throws -> Bool {
        var isOthers = false
        for head in Set(heads + [record]) {
            let locks = try Int64.fetchAll(
                self,
                cached: """
                    SELECT lock FROM _sealed WHERE node = :node AND first <= :head AND last >= :head
                      AND box IS NOT NULL AND answered IS NOT NULL
                    """,
                arguments: ["node": head.node, "head": head.rawValue])
            // The posting that it came in is kept here too: nobody here opens it any more.
            for lock in locks {
                try execute(
                    sql: """
                        UPDATE _sealed SET box = NULL WHERE lock = :lock AND answered IS NOT NULL;
                        UPDATE _lock SET people = NULL, open = 0 WHERE id = :lock AND NOT EXISTS (
                          SELECT 1 FROM _sealed WHERE lock = :lock AND box IS NOT NULL)
                        """,
                    arguments: ["lock": lock])
                isOthers = true
            }
        }
        let rows = try Row.fetchAll(
            self, cached: "SELECT head, page FROM _personal WHERE record = ?",
            arguments: [record.rawValue])
        // What is served with it again holds no more than what stays: it is not dropped once more.
        let gone = rows.filter { $0.stamp(0).map { !staying.contains($0) } ?? true }
        for page in Set(gone.map { $0[1] as Int64 }).sorted() {
            isOthers =
                try Bool.fetchOne(
                    self,
                    cached:
                        "SELECT EXISTS (SELECT 1 FROM _personal WHERE page = ? AND record <> ?)",
                    arguments: [page, record.rawValue]) ?? false || isOthers
            try dropPage(page)
        }
        return isOthers
    }
}

/// What names persons in the entry under way, and what is sealed of it.
struct PersonalWriting {
    private let keys: PersonalKeys?
    /// Changes with what names persons in them, by their place in the entry.
    private var changes: [(place: Int, change: Change)] = []
    private var scopes: Set<Stamp> = []

    init(_ keys: PersonalKeys?) { self.keys = keys }

    /// A record's values with the hints that follow from them. Throws ``ChangeFault/personalLocked``.
    func hinted(
        _ fields: [FieldValue], _ definition: CollectionDefinition, in scope: Stamp
    ) throws -> [FieldValue] {
        guard fields.contains(where: { $0.value.storageClass == .personal }) else { return fields }
        guard let keys else { throw ChangeFault.personalLocked }
        return definition.hinted(fields) { keys.hint(of: $0, in: scope) }
    }

    /// Nil for an empty value. Throws ``ChangeFault/personalLocked``.
    func hint(of value: Value?, in scope: Stamp) throws -> Value? {
        guard case .personal(let text?) = value else { return nil }
        guard let keys else { throw ChangeFault.personalLocked }
        return .integer(keys.hint(of: text, in: scope))
    }

    mutating func note(_ change: Change, place: Int, in scope: Stamp) throws {
        guard change != change.told else { return }
        guard keys != nil else { throw ChangeFault.personalLocked }
        changes.append((place, change))
        scopes.insert(scope)
    }

    func finish(_ db: Database, first: Stamp, last: Stamp) throws {
        guard !changes.isEmpty, let keys else { return }
        let (id, lock, counter) = try lock(db, keys)
        guard let sealed = try SealedEntry(changes, under: lock, counter: UInt64(counter)) else {
            return
        }
        try Prepared(
            db,
            """
            INSERT INTO _sealed (node, first, last, lock, counter, scope, hash, box, size)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).run([
            .integer(first.node), .integer(first.rawValue), .integer(last.rawValue), .integer(id),
            .integer(counter), .stamp(scopes.count == 1 ? scopes.first : nil),
            .bytes(sealed.hash), .bytes(sealed.box), .integer(Int64(sealed.sizeBytes)),
        ])
        try Prepared(db, "UPDATE _lock SET next = ? WHERE id = ?")
            .run([.integer(counter + 1), .integer(id)])
    }

    /// The lock that is open, or a new one.
    private func lock(
        _ db: Database, _ keys: PersonalKeys
    ) throws -> (id: Int64, lock: PersonalLock, counter: Int64) {
        let open = try Prepared(db, "SELECT id, capsule, people, next FROM _lock WHERE open = 1")
            .first([]) { ($0.integer(0), $0.bytes(1), $0.bytes(2), $0.integer(3)) }
        if let (id, held, wrapped, next) = open, let capsule = held, let people = wrapped,
            let lock = try? keys.unwrap(people, capsule: capsule)
        {
            return (id, lock, next)
        }
        try db.run(cached: "UPDATE _lock SET open = 0 WHERE open = 1")
        let office = try Row.fetchOne(db, cached: "SELECT sealing_key FROM _book")?.bytes(0)
        let lock = try keys.newLock(try SealingKey(office ?? []))
        try db.run(
            cached: "INSERT INTO _lock (capsule, people) VALUES (?, ?)",
            arguments: [blob(lock.capsule), blob(try keys.wrap(lock))])
        return (db.lastInsertedRowID, lock, 0)
    }
}

/// What an entry's names of persons are posted by.
struct KeptSeal {
    let capsule: [UInt8]
    let sealed: SealedEntry

    /// Of the entry that begins with this stamp; nil when it names nobody.
    ///
    /// - Parameter posted: what an earlier posting of it holds, for when the box is gone from here.
    static func of(
        _ db: Database, _ first: Stamp, posted: (Int64) throws -> (counter: UInt64, box: [UInt8])?
    ) throws -> KeptSeal? {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT l.capsule, s.counter, s.box, s.hash, s.size
                FROM _sealed s JOIN _lock l ON l.id = s.lock WHERE s.node = ? AND s.first = ?
                """,
            arguments: [first.node, first.rawValue])
        guard let row else { return nil }
        let counter: Int64 = row[1]
        guard let box = try row.bytes(2) ?? posted(counter)?.box else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "the personal part of an entry is gone")
        }
        return KeptSeal(
            capsule: row.bytes(0) ?? [],
            sealed: SealedEntry(
                counter: UInt64(counter), box: box, hash: row.bytes(3) ?? [], sizeBytes: row[4]))
    }
}
