import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension LaptopStore: LaptopBook {
    /// Stamps further ahead of head office's time than this call for a new node.
    private static let aheadMilliseconds: Int64 = 86_400_000
    /// Pages of room that are given back to the disk when head office has a new backup: 32 MiB.
    private static let givenBackMax = 8_192

    public func hello(clock: ClockReading) throws -> Hello {
        try reading { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT incarnation, run, last_posting, last_posting_hash, wants_node,
                      wants_incarnation, \(Self.farthest) FROM _book
                    """)
            guard let row, let incarnation: Int64 = row[0] else {
                throw BookFault.damaged(path: path, detail: "no incarnation")
            }
            var scopes: [Stamp: UInt64] = [:]
            var gaining: Set<Stamp> = []
            var personalDays: [Stamp: Int] = [:]
            var reading: [Stamp: UInt32] = [:]
            for scope in try Row.fetchAll(
                db,
                cached:
                    "SELECT scope, cursor, shown, personal_days, reading FROM _scope WHERE lost = 0"
            ) {
                guard let id = scope.stamp(0) else { continue }
                scopes[id] = UInt64(scope[1] as Int64)
                if !(scope[2] as Bool) { gaining.insert(id) }
                if scope[3] as Int64 > 0 { personalDays[id] = Int(scope[3] as Int64) }
                if scope[4] as Int64 != 0 { reading[id] = UInt32(clamping: scope[4] as Int64) }
            }
            let run: Int64? = row[1]
            var hello = Hello(
                catalogue: catalogue.version, incarnation: UInt64(bitPattern: incarnation),
                clock: clock,
                held: run.map {
                    Cursor(run: UInt64(bitPattern: $0), sequence: UInt64(row[6] as Int64))
                },
                scopes: scopes, gaining: gaining, lastPosting: UInt64(row[2] as Int64),
                lastPostingName: Array((row.bytes(3) ?? []).prefix(Terms.nameBytes)),
                wantsNode: row[4])
            hello.wantsIncarnation = row[5]
            hello.personalDays = personalDays
            hello.reading = reading
            hello.keys = try keyChanges(db)
            hello.termsName = try termsName(db)
            let isEven =
                !scopes.isEmpty && gaining.isEmpty
                && scopes.values.allSatisfy { $0 == hello.held?.sequence }
            if isEven {
                hello.scopesName = Terms.scopesName(
                    Array(scopes.keys), personalDays: personalDays, reading: reading)
            }
            hello.isRetiring = try isRetiring(db) && holdsNothingOfItsOwn(db)
            hello.past = try Row.fetchAll(
                db, cached: "SELECT run, sequence FROM _seen ORDER BY sequence DESC LIMIT ?",
                arguments: [Limits.pastRunsMax]
            ).map { Cursor(run: UInt64(bitPattern: $0[0]), sequence: UInt64($0[1] as Int64)) }
            return hello
        }
    }

    public func take(
        _ welcome: Welcome, clock: ClockReading, isOfFile: Bool
    ) throws -> AnswerUse {
        try transaction { db in
            if isOfFile {
                let use = try use(db, of: welcome)
                guard case .whole = use else { return use }
            }
            let before = db.totalChangesCount
            try takeWhole(db, welcome, clock: clock)
            // An idle exchange writes nothing, not even this.
            if db.totalChangesCount != before { try noteHeard(db, welcome.officeTime) }
            return .whole
        }
    }

    private func takeWhole(_ db: Database, _ welcome: Welcome, clock: ClockReading) throws {
        if let terms = welcome.terms {
            try takeScopes(db, Set(terms.scopes))
            try take(db, personalDays: terms.personalDays, reading: terms.reading)
        }
        try noteRun(db, welcome)
        if let terms = welcome.terms {
            try take(db, keyName: terms.keyName, officeTime: welcome.officeTime)
            try take(db, people: terms.people, silent: terms.silent)
            try db.run(
                cached: "UPDATE _book SET terms_name = ?, retiring = ?",
                arguments: [blob(terms.name), terms.isRetiring])
        }
        try takeWipeReceipt(db, welcome)
        if let base = welcome.base { try goBack(db, to: Int64(clamping: base)) }
        if let incarnation = welcome.incarnation {
            try adopt(db, incarnation)
        } else {
            try unanswer(db, after: Int64(clamping: welcome.acknowledgedPosting))
        }
        if let node = welcome.node {
            try db.run(
                cached: "UPDATE _book SET node = ?, clock_last = -1, wants_node = 0",
                arguments: [node])
        } else {
            try noteStampsAhead(db, officeTime: welcome.officeTime, clock: clock)
        }
        if welcome.base == nil { try trim(db, mark: welcome.terms?.backupMark) }
        try sealPosted(db, at: welcome.officeTime)
    }

    private func takeScopes(_ db: Database, _ wanted: Set<Stamp>) throws {
        let held = try Row.fetchAll(db, cached: "SELECT scope, lost FROM _scope")
        for row in held {
            guard let scope = row.stamp(0) else { continue }
            let isLost = !wanted.contains(scope)
            guard isLost != (row[1] as Bool) else { continue }
            // A scope that comes back is fed from nothing: its records may be gone already.
            try db.feedAnew(scope)
            try db.run(
                cached: "UPDATE _scope SET lost = ? WHERE scope = ?",
                arguments: [isLost, scope.rawValue])
        }
        for scope in wanted.subtracting(held.compactMap { $0.stamp(0) }) {
            try db.run(
                cached: "INSERT INTO _scope (scope) VALUES (?)", arguments: [scope.rawValue])
        }
    }

    /// What to take of an answer that came as a file, and may have been overtaken.
    private func use(_ db: Database, of welcome: Welcome) throws -> AnswerUse {
        let run = Int64(bitPattern: welcome.run)
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT run IS NULL OR run = :run, heard < :time,
                  EXISTS (SELECT 1 FROM _seen WHERE run = :run) FROM _book
                """,
            arguments: ["run": run, "time": welcome.officeTime.milliseconds])
        let (isOfRun, isLater, isPast): (Bool, Bool, Bool) = (
            row?[0] ?? true, row?[1] ?? true, row?[2] ?? false
        )
        if isLater, isOfRun || !isPast { return .whole }
        return isOfRun ? .verdicts : .nothing
    }

    /// Keeps how late head office was last heard from, by its own clock.
    private func noteHeard(_ db: Database, _ time: Moment) throws {
        try db.run(
            cached: """
                UPDATE _book SET heard = :time, key_since = iif(key_since = 0, :time, key_since)
                WHERE heard < :time
                """,
            arguments: ["time": time.milliseconds])
    }

    /// A wall clock that is right now but once ran far ahead left stamps there: a new node starts afresh.
    func noteStampsAhead(_ db: Database, officeTime: Moment, clock: ClockReading) throws {
        let error = clock.wall.since(officeTime)
        guard error.magnitude < UInt64(Self.aheadMilliseconds) else { return }
        let limit =
            officeTime.milliseconds - Stamp.epochMilliseconds + Self.aheadMilliseconds
        try db.run(
            cached: "UPDATE _book SET wants_node = 1 WHERE clock_last > ? AND wants_node = 0",
            arguments: [limit])
    }

    /// What head office's verified backup holds need not be kept for refilling it.
    ///
    /// - Parameter told: nil when it is as it was.
    func trim(_ db: Database, mark told: UInt64?) throws {
        let held = try Int64.fetchOne(db, cached: "SELECT backup_mark FROM _book") ?? 0
        let mark = told.map { Int64(clamping: $0) } ?? held
        let isNew = mark != held
        if isNew {
            try db.run(cached: "UPDATE _book SET backup_mark = ?", arguments: [mark])
        }
        guard mark > 0 else { return }
        for sql in [
            "DELETE FROM _kept WHERE owed = 0 AND through <= :mark",
            // The last of them is what a head office restored from that backup has in common with this book.
            """
            DELETE FROM _seen WHERE sequence < (
              SELECT max(sequence) FROM _seen WHERE sequence <= :mark)
            """,
            """
            DELETE FROM _posting WHERE answered <= :mark
              AND id NOT IN (SELECT posting FROM _entry WHERE shown = 0 AND posting NOT NULL)
              AND id NOT IN (SELECT source FROM _entry WHERE source IS NOT NULL)
            """,
            "DELETE FROM _entry WHERE shown = 1 AND answered <= :mark AND source IS NULL",
        ] {
            try db.run(cached: sql, arguments: ["mark": mark])
        }
        guard isNew else { return }
        try trimSealed(db)
        // As much as a day brings, and no more at once.
        try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.givenBackMax))")
    }

    public func take(_ verdicts: Verdicts, raw: [UInt8]) throws {
        try transaction { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT hash, first_entry, last_entry, answered, id FROM _posting
                    WHERE number = ? AND incarnation = (SELECT incarnation FROM _book)
                    """,
                arguments: [Int64(clamping: verdicts.posting)])
            guard let row else { return try checkIsPast(db, verdicts) }
            guard row[1] == verdicts.firstEntry,
                row[2] == verdicts.firstEntry + Int64(verdicts.corrections.count) - 1
            else { throw OutOfOrder(kind: .verdicts) }
            guard (row[3] as Int64?) == nil else { return }
            try keepReceipt(db, verdicts, hash: row.bytes(0) ?? [])
            let sequence = Int64(clamping: verdicts.sequence)
            let posting: Int64 = row[4]
            try db.run(
                cached: "UPDATE _posting SET answered = ?, verdicts = ? WHERE id = ?",
                arguments: [sequence, blob(raw), posting])
            try db.run(
                cached: "UPDATE _entry SET answered = ? WHERE posting = ?",
                arguments: [sequence, posting])
            let correcting = try Prepared(
                db,
                "UPDATE _entry SET correction = ?, uncertainty = ? WHERE number = ? AND posting = ?"
            )
            for (index, times) in zip(verdicts.corrections, verdicts.uncertainties).enumerated()
            where times != (0, 0) {
                try correcting.run([
                    .integer(times.0), .integer(times.1),
                    .integer(verdicts.firstEntry + Int64(index)), .integer(posting),
                ])
            }
            for refused in verdicts.refused { try takeOff(db, refused, posting) }
            try db.run(
                cached: """
                    UPDATE _sealed SET answered = ? WHERE (node, first) IN (
                      SELECT node, first FROM _entry WHERE posting = ?)
                    """,
                arguments: [verdicts.arrived.milliseconds, posting])
            try noteHeard(db, verdicts.arrived)
            if !verdicts.nameTaken.isEmpty {
                try rename(db, Set(verdicts.nameTaken), of: posting)
            }
            try sealPosted(db, at: verdicts.arrived)
        }
    }

    /// Of a posting that a backup holds, bytes and verdicts are gone; an answer that lay about may still tell them.
    private func checkIsPast(_ db: Database, _ verdicts: Verdicts) throws {
        let last = try Int64.fetchOne(db, cached: "SELECT last_posting FROM _book") ?? 0
        guard verdicts.posting <= UInt64(last) else { throw OutOfOrder(kind: .verdicts) }
    }

    /// All edits of the entry go to the inbox with the reason, and the served value shows again.
    private func takeOff(
        _ db: Database, _ refused: Verdicts.RefusedEdit, _ posting: Int64
    ) throws {
        let row = try Row.fetchOne(
            db, cached: "SELECT \(EntryRange.columns) FROM _entry WHERE number = ? AND posting = ?",
            arguments: [refused.entry, posting])
        guard let row else { throw OutOfOrder(kind: .verdicts) }
        let range = try EntryRange(row)
        try db.run(
            cached: """
                INSERT OR IGNORE INTO _inbox
                  (stamp, entry, record, collection, field, value, reason, detail)
                SELECT stamp, ?, record, collection, field, value, ?, ? FROM _pending
                WHERE stamp BETWEEN ? AND ? AND (stamp & \(Stamp.nodeMax)) = ?
                """,
            arguments: [
                refused.entry, Int64(refused.reason), refused.detail, range.first.rawValue,
                range.last.rawValue, range.node,
            ])
        let records = RecordStore(db, tables)
        // What it asked for does not take effect; that it was asked for stays.
        if let asked = try records.find(refused.stamp) {
            try db.run(
                cached: """
                    INSERT OR IGNORE INTO _inbox
                      (stamp, entry, record, collection, field, value, reason, detail)
                    VALUES (?, ?, ?, ?, 0, ?, ?, ?)
                    """,
                arguments: [
                    asked.id.rawValue, refused.entry, asked.id.rawValue, Int64(asked.collection),
                    blob(Canonical.bytes(of: nil as Value?)), Int64(refused.reason),
                    refused.detail,
                ])
        }
        try OverlaidRecords(records)
            .settlePending(from: range.first, to: range.last, node: range.node)
    }

    public func stage(_ page: FeedPage, raw: [UInt8]) throws {
        try transaction { db in
            let held = try Int64.fetchOne(
                db, cached: "SELECT cursor FROM _scope WHERE scope = ? AND lost = 0",
                arguments: [page.scope.rawValue])
            let (after, through) = (Int64(clamping: page.after), Int64(clamping: page.through))
            // A page of a scope or from a place that was not asked for.
            guard let cursor = held, after <= cursor else { throw OutOfOrder(kind: .feed) }
            // An older answer, by another way: all of it is here.
            guard through > cursor else { return }
            // Fed from nothing it does not say what was removed: it takes the place of all that is here.
            let isAnew = after == 0 && cursor > 0
            if isAnew { try db.feedAnew(page.scope) }
            let known = isAnew ? 0 : cursor
            try db.run(
                cached: "UPDATE _scope SET cursor = ? WHERE scope = ?",
                arguments: [through, page.scope.rawValue])
            let staging = try Prepared(
                db,
                "INSERT OR REPLACE INTO _staged (id, scope, collection, state) VALUES (?, ?, ?, ?)")
            for served in page.served where Int64(clamping: served.sequence) > known {
                try staging.run([
                    .integer(served.record.id.rawValue), .integer(page.scope.rawValue),
                    .integer(Int64(served.record.collection)),
                    .bytes(Canonical.bytes(of: served.record)),
                ])
            }
            for tombstone in page.removed where Int64(clamping: tombstone.sequence) > known {
                try staging.run([
                    .integer(tombstone.id.rawValue), .integer(page.scope.rawValue),
                    .integer(Int64(tombstone.collection)), .null,
                ])
            }
            try db.keepPersonal(of: page)
            try keepFrame(db, raw, scope: page.scope, through: through)
        }
    }
}
