import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// What a laptop does when head office has lost something, or when the laptop's own book is a copy.
extension LaptopStore {
    public func framesToReturn(after name: Int64, most: Int) throws -> ReturningFrames {
        try reading { db in
            let rows = try Row.fetchAll(
                db,
                cached: "SELECT id, frame FROM _kept WHERE owed = 1 AND id > ? ORDER BY id LIMIT ?",
                arguments: [name, most + 1])
            let now = rows.prefix(most)
            return ReturningFrames(
                names: now.map { $0[0] }, frames: now.map { $0.bytes(1) ?? [] },
                hasMore: rows.count > most)
        }
    }

    public func take(_ taken: Taken, of frames: ReturningFrames) throws {
        try transaction { db in
            for name in frames.names.prefix(taken.count) {
                // From now on it is part of what head office has, and waits for its backup as all does.
                try db.run(
                    cached: "UPDATE _kept SET owed = 0, through = ? WHERE id = ? AND owed = 1",
                    arguments: [Int64(clamping: taken.sequence), name])
            }
        }
    }

    public func noteFork() throws {
        try transaction { db in
            try db.run(cached: "UPDATE _book SET wants_incarnation = 1, wants_node = 1")
        }
    }

    func keepFrame(_ db: Database, _ raw: [UInt8], scope: Stamp, through: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO _kept (scope, through, frame) VALUES (?, ?, ?)")
        try statement.execute(arguments: [scope.rawValue, through, blob(raw)])
    }

    /// The farthest sequence of head office that this book has heard of, by feed or by verdict.
    static let farthest = """
        max(coalesce(shown_sequence, 0), coalesce((SELECT max(cursor) FROM _scope), 0),
          coalesce((SELECT max(answered) FROM _posting), 0))
        """

    /// Keeps how far the run before was seen: what head office and this book have in common is found by it.
    func noteRun(_ db: Database, _ welcome: Welcome) throws {
        let run = Int64(bitPattern: welcome.run)
        let row = try Row.fetchOne(
            db,
            cached: "SELECT run, \(Self.farthest) FROM _book")
        guard let row, (row[0] as Int64?) != run else { return }
        if let before: Int64 = row[0] {
            try db.run(
                cached: "INSERT OR REPLACE INTO _seen (run, sequence) VALUES (?, ?)",
                arguments: [before, row[1] as Int64])
            try db.run(
                cached: """
                    DELETE FROM _seen WHERE run NOT IN (
                      SELECT run FROM _seen ORDER BY sequence DESC LIMIT ?)
                    """,
                arguments: [Limits.pastRunsMax])
        }
        try db.run(cached: "UPDATE _book SET run = ?", arguments: [run])
    }

    /// Head office has nothing past the base: its cursors go back there, and what was served since is owed.
    func goBack(_ db: Database, to base: Int64) throws {
        try db.execute(
            sql: """
                UPDATE _kept SET owed = 1 WHERE through > :base;
                DELETE FROM _staged WHERE id > 0;
                UPDATE _scope SET cursor = CASE shown WHEN 0 THEN 0 ELSE
                  min(cursor, :base, (SELECT coalesce(shown_sequence, 0) FROM _book)) END;
                UPDATE _book SET shown_sequence = min(shown_sequence, :base);
                UPDATE _seen SET sequence = :base WHERE sequence > :base;
                UPDATE _entry SET answered = NULL
                  WHERE posting IN (SELECT id FROM _posting WHERE answered > :base);
                UPDATE _posting SET answered = NULL WHERE answered > :base;
                -- A chain that head office has forgotten whole is begun anew.
                UPDATE _book SET wants_incarnation = 1 WHERE EXISTS (
                  SELECT 1 FROM _posting p
                  WHERE p.answered IS NULL AND p.incarnation <> _book.incarnation)
                """,
            arguments: ["base": base])
    }

    /// Postings past what head office acknowledges have no answer any more: they go again as they are.
    func unanswer(_ db: Database, after acknowledged: Int64) throws {
        let lost = """
            SELECT id FROM _posting WHERE number > :number AND answered IS NOT NULL
              AND incarnation = (SELECT incarnation FROM _book)
            """
        let count = try Int.fetchOne(
            db, cached: "SELECT count(*) FROM (\(lost))", arguments: ["number": acknowledged])
        guard count ?? 0 > 0 else { return try checkChain(db, after: acknowledged) }
        try db.execute(
            sql: """
                UPDATE _entry SET answered = NULL WHERE posting IN (\(lost));
                UPDATE _posting SET answered = NULL WHERE id IN (\(lost))
                """,
            arguments: ["number": acknowledged])
        try checkChain(db, after: acknowledged)
    }

    /// The next posting may be gone: a backup held it that head office was not restored from.
    private func checkChain(_ db: Database, after acknowledged: Int64) throws {
        let next = try Int64.fetchOne(
            db,
            cached: """
                SELECT min(number) FROM _posting WHERE answered IS NULL
                  AND incarnation = (SELECT incarnation FROM _book)
                """)
        if let next, next > acknowledged + 1 {
            try db.run(cached: "UPDATE _book SET wants_incarnation = 1")
        }
    }

    /// Begins an incarnation of its own: what head office has not answered, or has lost, is sealed anew in it.
    func adopt(_ db: Database, _ incarnation: UInt64) throws {
        try unseal(db)
        try db.run(
            cached: """
                UPDATE _book SET incarnation = :incarnation, last_posting = 0,
                  last_posting_hash = NULL, wants_incarnation = 0
                """,
            arguments: ["incarnation": Int64(bitPattern: incarnation)])
    }
}
