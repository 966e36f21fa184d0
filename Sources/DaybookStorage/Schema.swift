import DaybookModel
import GRDB

/// The tables of a book: those of the engine (names begin with `_`) and one per collection of the catalogue.
struct Schema {
    static let version: Int64 = 8
    /// Books of earlier builds were never released.
    static let oldest: Int64 = 7

    let role: BookFile.Role
    let tables: RecordTables
    private var catalogue: Catalogue { tables.catalogue }

    /// Brings a book to this release: engine tables by version, collection tables by catalogue, which only adds.
    func migrate(_ db: Database) throws {
        let held = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if held == 0 {
            try db.execute(sql: Self.common)
            try db.execute(sql: role == .laptop ? Self.laptop : Self.headOffice)
            try db.execute(
                sql: "INSERT INTO _book (id, role, catalogue) VALUES (1, ?, 0)",
                arguments: [role.rawValue])
        } else if held < 8 {
            try bringTo8(db)
        }
        if held < Self.version {
            try db.execute(sql: "PRAGMA user_version = \(Self.version)")
        }
        let heldCatalogue = try Int64.fetchOne(db, sql: "SELECT catalogue FROM _book") ?? 0
        guard heldCatalogue < Int64(catalogue.version) || held < Self.version else { return }
        for table in tables.all { try migrate(db, table) }
        for table in tables.all { try place(db, table) }
        try unpark(db)
        try RecordStore(db, tables).foldAnew()
        try db.execute(
            sql: "UPDATE _book SET catalogue = ?", arguments: [Int64(catalogue.version)])
        try Deriving.run(db, tables) {
            try role == .laptop ? StoreView(db, tables) : OfficeView(db, tables)
        }
    }

    /// Matters in both roles, with what they are about; before, head office noted kind and record only.
    private func bringTo8(_ db: Database) throws {
        let noted =
            role == .headOffice
            ? try Row.fetchAll(
                db,
                sql: """
                    SELECT m.kind, m.record, f.scope FROM _matter m
                    JOIN _feed f ON f.record = m.record
                    """) : []
        if role == .headOffice { try db.execute(sql: "DROP TABLE _matter") }
        // What is looked up in scopes now was not then: all indexes are made anew.
        for collection in catalogue.collections {
            let indexes = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sqlite_master
                    WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL
                    """,
                arguments: [collection.name])
            for index in indexes { try db.execute(sql: "DROP INDEX \(quoted(index))") }
        }
        try db.execute(sql: Self.matters + (role == .headOffice ? Self.unjudged : ""))
        for row in noted {
            guard let record = row.stamp(1) else { continue }
            let kind: String = row[0]
            try db.execute(
                sql: """
                    INSERT INTO _matter (kind, about, scope, grade, subject, state)
                    VALUES (?, ?, ?, ?, x'', 0)
                    """,
                arguments: [
                    kind, blob([record]), row[2] as Int64,
                    (catalogue.matterKind(kind)?.grade ?? .attention).rawValue,
                ])
        }
    }

    private func migrate(_ db: Database, _ table: RecordTable) throws {
        let name = table.definition.name
        let exists = try db.tableExists(name)
        let held = exists ? Set(try db.columns(in: name).map(\.name)) : []
        if held.isEmpty {
            for sql in table.creation(guardName: BookFile.guardName) { try db.execute(sql: sql) }
        } else {
            for column in table.fieldColumns where !held.contains(column.name) {
                try db.execute(
                    sql: "ALTER TABLE \(quoted(name)) ADD COLUMN \(column.declaration)")
            }
        }
        for sql in table.indexCreation(isLaptop: role == .laptop) { try db.execute(sql: sql) }
    }

    /// What a newer laptop sent while this catalogue did not know the field; rules look at all tables by then.
    private func place(_ db: Database, _ table: RecordTable) throws {
        let records = RecordStore(db, tables)
        let ids = try Int64.fetchAll(
            db, sql: "SELECT id FROM \(quoted(table.definition.name)) WHERE _more IS NOT NULL")
        for id in ids.compactMap({ Stamp(rawValue: $0) }) {
            if let record = try records.record(id, in: table) { try records.update(record) }
        }
    }

    /// Moves records of collections that an older release did not know into their tables.
    private func unpark(_ db: Database) throws {
        let records = RecordStore(db, tables)
        for row in try Row.fetchAll(db, sql: "SELECT id, collection FROM _parked") {
            guard catalogue[tag: row["collection"]] != nil, let id = Stamp(rawValue: row["id"]),
                let record = try records.parked(id)
            else { continue }
            try db.execute(sql: "DELETE FROM _parked WHERE id = ?", arguments: [id.rawValue])
            try records.insert(record)
            guard role == .headOffice, catalogue[tag: record.collection]?.effect != nil else {
                continue
            }
            try db.execute(
                sql: "INSERT INTO _unjudged (record, collection) VALUES (?, ?)",
                arguments: [id.rawValue, Int64(record.collection)])
        }
    }
}

func quoted(_ name: String) -> String { "\"\(name)\"" }

extension Schema {
    /// In books of both roles.
    fileprivate static let common = """
        CREATE TABLE _book (
          id INTEGER PRIMARY KEY CHECK (id = 1), role INTEGER NOT NULL, catalogue INTEGER NOT NULL,
          organisation INTEGER, incarnation INTEGER, node INTEGER,
          clock_last INTEGER NOT NULL DEFAULT -1, next_entry INTEGER NOT NULL DEFAULT 1,
          name TEXT, office TEXT, secret BLOB, terms_name BLOB,
          last_posting INTEGER NOT NULL DEFAULT 0, last_posting_hash BLOB,
          shown_run INTEGER, shown_sequence INTEGER, wants_node INTEGER NOT NULL DEFAULT 0,
          backup_mark INTEGER NOT NULL DEFAULT 0, synced INTEGER, run INTEGER,
          sequence INTEGER NOT NULL DEFAULT 0, key BLOB, certificate BLOB,
          wants_incarnation INTEGER NOT NULL DEFAULT 0, heard INTEGER NOT NULL DEFAULT 0,
          signing_key BLOB, next_key BLOB, key_known BLOB, key_since INTEGER NOT NULL DEFAULT 0,
          office_key BLOB, sealing_key BLOB, office_certificate BLOB, authority_key TEXT,
          retiring INTEGER NOT NULL DEFAULT 0, wipe_time INTEGER, wipe_signature BLOB
        ) STRICT;
        -- Records of collections that this catalogue does not know, kept untouched.
        CREATE TABLE _parked (
          id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, scope INTEGER NOT NULL,
          state BLOB NOT NULL
        ) STRICT;
        -- How far imports have come.
        CREATE TABLE _mark (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE _fold (
          name TEXT NOT NULL, keys BLOB NOT NULL, figure INTEGER NOT NULL,
          PRIMARY KEY (name, keys)
        ) STRICT, WITHOUT ROWID;
        """ + matters

    /// In head office's books.
    fileprivate static let unjudged = """

        -- Facts that an older release kept unread, and whose effects are still to be decided.
        CREATE TABLE _unjudged (record INTEGER PRIMARY KEY, collection INTEGER NOT NULL) STRICT;
        """

    fileprivate static let matters = """

        -- What a person must settle, and what became of it; the subject that it follows from, empty when head office
        -- noted it as something arrived.
        CREATE TABLE _matter (
          kind TEXT NOT NULL, about BLOB NOT NULL, scope INTEGER NOT NULL, grade INTEGER NOT NULL,
          subject BLOB NOT NULL, state INTEGER NOT NULL, PRIMARY KEY (kind, about)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX _matter_subject ON _matter (subject);
        CREATE INDEX _matter_open ON _matter (scope, kind) WHERE state = 0;
        -- Subjects that the transaction under way has touched.
        CREATE TABLE _due (subject BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
        """

    fileprivate static let laptop = """
        -- What each local transaction wrote; its births are the rows in its range of stamps. What was once
        -- sealed and has to be sealed anew is read from the posting that is its source.
        CREATE TABLE _entry (
          number INTEGER PRIMARY KEY, node INTEGER NOT NULL, first INTEGER NOT NULL,
          last INTEGER NOT NULL, changes INTEGER NOT NULL, person INTEGER, wall INTEGER NOT NULL,
          monotonic INTEGER NOT NULL, boot INTEGER NOT NULL, posting INTEGER,
          answered INTEGER, correction INTEGER NOT NULL DEFAULT 0,
          uncertainty INTEGER NOT NULL DEFAULT 0,
          source INTEGER, name_taken INTEGER NOT NULL DEFAULT 0, shown INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX _entry_range ON _entry (node, first);
        CREATE INDEX _entry_unanswered ON _entry (number) WHERE answered IS NULL;
        CREATE INDEX _entry_unshown ON _entry (number) WHERE shown = 0;
        -- Sealed bytes, sent again as they are until head office's backup holds them, with its verdicts.
        CREATE TABLE _posting (
          id INTEGER PRIMARY KEY AUTOINCREMENT, incarnation INTEGER NOT NULL, number INTEGER NOT NULL,
          hash BLOB NOT NULL, frame BLOB NOT NULL, first_entry INTEGER NOT NULL,
          last_entry INTEGER NOT NULL, answered INTEGER, verdicts BLOB,
          UNIQUE (incarnation, number)
        ) STRICT;
        CREATE INDEX _posting_unanswered ON _posting (number) WHERE answered IS NULL;
        CREATE INDEX _entry_source ON _entry (source) WHERE source IS NOT NULL;
        -- The key that it enrolled with, and those that took the place of the one before, which signed them.
        CREATE TABLE _key_change (
          id INTEGER PRIMARY KEY, key BLOB NOT NULL, signature BLOB NOT NULL
        ) STRICT;
        -- Who may work on the laptop: the start code as head office said it, the PIN as chosen here by the code that
        -- was issued then, the laptop's personal keys as either unlocks them, wrong tries in a row.
        CREATE TABLE _person (
          person INTEGER PRIMARY KEY, code_issued INTEGER, code_salt BLOB, code_hash BLOB,
          code_keys BLOB, pin_salt BLOB, pin_hash BLOB, pin_keys BLOB,
          pin_code INTEGER NOT NULL DEFAULT 0,
          tries INTEGER NOT NULL DEFAULT 0, waits_until INTEGER NOT NULL DEFAULT 0,
          here INTEGER NOT NULL DEFAULT 1
        ) STRICT;
        -- Who works on it now, since when by the monotonic clock of which boot.
        CREATE TABLE _session (
          id INTEGER PRIMARY KEY CHECK (id = 1), person INTEGER NOT NULL, boot INTEGER NOT NULL,
          since INTEGER NOT NULL
        ) STRICT;
        -- Other laptops that had not been heard from when head office was.
        CREATE TABLE _silent (
          laptop TEXT PRIMARY KEY, since INTEGER NOT NULL, scopes BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Head office's signed word on each posting.
        CREATE TABLE _receipt (
          incarnation INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
          arrived INTEGER NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (incarnation, number)
        ) STRICT, WITHOUT ROWID;
        -- Feed frames as they came, until head office's backup holds what they say; those that it is owed.
        CREATE TABLE _kept (
          id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, through INTEGER NOT NULL,
          frame BLOB NOT NULL, owed INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX _kept_owed ON _kept (id) WHERE owed = 1;
        -- Earlier runs of head office, and how far this book has seen them.
        CREATE TABLE _seen (run INTEGER PRIMARY KEY, sequence INTEGER NOT NULL) STRICT;
        -- What is served under the name of an own entry before the verdict on it came: the same, or another's. It
        -- waits beside, so that what is shown under the name is this book's own until then.
        CREATE TABLE _early (
          id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, collection INTEGER NOT NULL, state BLOB
        ) STRICT;
        -- Names that were taken, what is called so now, and the last posting sealed before: what was sealed up to
        -- it means this book's own by the old name, what was written since means whoever has it.
        CREATE TABLE _renamed (
          old INTEGER PRIMARY KEY, new INTEGER NOT NULL, sealed INTEGER NOT NULL
        ) STRICT;
        -- Edits and removals (field 0) that are laid on top of the served record.
        CREATE TABLE _pending (
          stamp INTEGER PRIMARY KEY, entry INTEGER NOT NULL, record INTEGER NOT NULL,
          collection INTEGER NOT NULL, field INTEGER NOT NULL, value BLOB NOT NULL,
          replaces BLOB NOT NULL
        ) STRICT;
        CREATE INDEX _pending_record ON _pending (record);
        -- The served state of a record that has pending edits.
        CREATE TABLE _served (id INTEGER PRIMARY KEY, state BLOB NOT NULL) STRICT;
        CREATE TABLE _scope (
          scope INTEGER PRIMARY KEY, cursor INTEGER NOT NULL DEFAULT 0,
          shown INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0,
          digest BLOB NOT NULL DEFAULT x'00000000000000000000000000000000',
          count INTEGER NOT NULL DEFAULT 0, differs INTEGER NOT NULL DEFAULT 0,
          personal_days INTEGER NOT NULL DEFAULT 0, reading INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        -- Keys that names of persons are kept under until they are posted: for head office by the capsule, for the
        -- laptop's people by their keys until nothing here needs it any more.
        CREATE TABLE _lock (
          id INTEGER PRIMARY KEY, capsule BLOB NOT NULL UNIQUE, people BLOB,
          next INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 1
        ) STRICT;
        -- What names persons in an entry, by the entry's first and last stamp; the box goes when it is not needed
        -- here any more. All in it is of one scope, or of none.
        CREATE TABLE _sealed (
          node INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
          lock INTEGER NOT NULL REFERENCES _lock, counter INTEGER NOT NULL, scope INTEGER,
          hash BLOB NOT NULL, box BLOB, size INTEGER NOT NULL, answered INTEGER,
          PRIMARY KEY (node, first)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX _sealed_open ON _sealed (answered) WHERE box IS NOT NULL;
        CREATE INDEX _sealed_lock ON _sealed (lock);
        -- What head office served beside a page of a feed, and the heads whose values are in it; when the latest of
        -- it happened.
        CREATE TABLE _page (
          id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, through INTEGER NOT NULL,
          latest INTEGER NOT NULL, box BLOB NOT NULL
        ) STRICT;
        CREATE TABLE _personal (
          record INTEGER NOT NULL, head INTEGER NOT NULL, page INTEGER NOT NULL,
          PRIMARY KEY (record, head, page)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX _personal_page ON _personal (page);
        -- Received, not yet part of a whole moment; no state for a tombstone.
        CREATE TABLE _staged (
          id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, collection INTEGER NOT NULL, state BLOB
        ) STRICT;
        -- Edits that head office refused, for the person who made them.
        CREATE TABLE _inbox (
          stamp INTEGER PRIMARY KEY, entry INTEGER NOT NULL, record INTEGER NOT NULL,
          collection INTEGER NOT NULL, field INTEGER NOT NULL, value BLOB NOT NULL,
          reason INTEGER NOT NULL, detail TEXT NOT NULL, read INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        """

    fileprivate static let headOffice = """
        -- A run in which nothing was written begins where the next one does: both are kept.
        CREATE TABLE _run (
          id INTEGER PRIMARY KEY, run INTEGER NOT NULL UNIQUE, first INTEGER NOT NULL, ended INTEGER
        ) STRICT;
        CREATE TABLE _laptop (
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, secret_hash BLOB UNIQUE,
          code_hash BLOB UNIQUE, code_expires INTEGER, enrolled INTEGER,
          revoked INTEGER NOT NULL DEFAULT 0, heard INTEGER, clock_error INTEGER,
          retiring INTEGER NOT NULL DEFAULT 0, wipeable INTEGER,
          nameless INTEGER NOT NULL DEFAULT 0,
          matter_bytes INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        -- Public keys; the latest last, each but the first signed by one before it. A dead one enrolled by a code that
        -- was replaced.
        CREATE TABLE _laptop_key (
          id INTEGER PRIMARY KEY, laptop INTEGER NOT NULL REFERENCES _laptop, key BLOB NOT NULL,
          dead INTEGER NOT NULL DEFAULT 0, signature BLOB, UNIQUE (laptop, key)
        ) STRICT;
        -- One life of one book: a copy gets another. Its chain of postings, which ends at a name taken.
        CREATE TABLE _incarnation (
          id INTEGER PRIMARY KEY, laptop INTEGER NOT NULL REFERENCES _laptop,
          incarnation INTEGER NOT NULL UNIQUE, node INTEGER NOT NULL,
          last_posting INTEGER NOT NULL DEFAULT 0, last_posting_hash BLOB,
          next_entry INTEGER NOT NULL DEFAULT 0, renews_node INTEGER NOT NULL DEFAULT 0,
          ended INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX _incarnation_laptop ON _incarnation (laptop);
        CREATE TABLE _node (node INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE _laptop_scope (
          laptop INTEGER NOT NULL REFERENCES _laptop, scope INTEGER NOT NULL,
          PRIMARY KEY (laptop, scope)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE _laptop_person (
          laptop INTEGER NOT NULL REFERENCES _laptop, person INTEGER NOT NULL,
          PRIMARY KEY (laptop, person)
        ) STRICT, WITHOUT ROWID;
        -- By which a person may choose a PIN on a laptop.
        CREATE TABLE _start_code (
          person INTEGER PRIMARY KEY, issued INTEGER NOT NULL, salt BLOB NOT NULL,
          hash BLOB NOT NULL, wrapping_key BLOB NOT NULL
        ) STRICT;
        -- Laptop 0 is head office itself.
        CREATE TABLE _entry (
          node INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
          laptop INTEGER NOT NULL, number INTEGER NOT NULL, book INTEGER NOT NULL,
          posting INTEGER NOT NULL,
          person INTEGER, wall INTEGER NOT NULL, monotonic INTEGER NOT NULL, boot INTEGER NOT NULL,
          at INTEGER NOT NULL, uncertainty INTEGER NOT NULL, arrived INTEGER NOT NULL,
          sequence INTEGER NOT NULL, hash BLOB NOT NULL,
          refused INTEGER, reason INTEGER, detail TEXT, PRIMARY KEY (node, first)
        ) STRICT, WITHOUT ROWID;
        -- Signed bytes as they came; verdicts as they were said, to be said again.
        CREATE TABLE _posting (
          book INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
          frame BLOB NOT NULL, verdicts BLOB NOT NULL, arrived INTEGER NOT NULL,
          PRIMARY KEY (book, number)
        ) STRICT, WITHOUT ROWID;
        -- What revoked laptops brought, unread, with the clocks of the exchange that brought it.
        CREATE TABLE _quarantine (
          laptop INTEGER NOT NULL REFERENCES _laptop, hash BLOB NOT NULL,
          incarnation INTEGER NOT NULL, number INTEGER NOT NULL, frame BLOB NOT NULL,
          wall INTEGER NOT NULL, monotonic INTEGER NOT NULL, boot INTEGER NOT NULL,
          sent_at INTEGER NOT NULL, arrived INTEGER NOT NULL,
          PRIMARY KEY (laptop, hash)
        ) STRICT, WITHOUT ROWID;
        -- States that laptops returned: of each record the newest that is known, by the sequence it had.
        CREATE TABLE _regained (
          record INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, removed INTEGER NOT NULL,
          proven INTEGER NOT NULL
        ) STRICT;
        -- What is born anew since its name was taken when it came back.
        CREATE TABLE _reborn (record INTEGER PRIMARY KEY, old INTEGER NOT NULL) STRICT;
        -- Runs that began with less than some laptop holds, and the laptops that have returned it.
        CREATE TABLE _regression (
          run INTEGER NOT NULL, base INTEGER NOT NULL, laptop INTEGER NOT NULL,
          noticed INTEGER NOT NULL, PRIMARY KEY (run, laptop)
        ) STRICT, WITHOUT ROWID;
        -- Entries that a book wrote and that never came, by its numbers.
        CREATE TABLE _missing (
          laptop INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
          PRIMARY KEY (laptop, first)
        ) STRICT, WITHOUT ROWID;
        -- The feed: each record's latest change; origin is the book that holds it as it was born.
        CREATE TABLE _feed (
          scope INTEGER NOT NULL, sequence INTEGER NOT NULL, record INTEGER NOT NULL UNIQUE,
          collection INTEGER NOT NULL, origin INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (scope, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE _digest (
          scope INTEGER PRIMARY KEY, digest BLOB NOT NULL, count INTEGER NOT NULL
        ) STRICT;
        -- Every edit, and the birth value of every edited field: for people, and for heads.
        CREATE TABLE _history (
          record INTEGER NOT NULL, field INTEGER NOT NULL, stamp INTEGER NOT NULL,
          value BLOB NOT NULL, by INTEGER, time INTEGER NOT NULL, head INTEGER NOT NULL,
          sequence INTEGER NOT NULL, regained INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (record, field, stamp)
        ) STRICT, WITHOUT ROWID;
        -- Stamps that some known edit replaces, known themselves or not yet.
        CREATE TABLE _replaced (
          record INTEGER NOT NULL, field INTEGER NOT NULL, stamp INTEGER NOT NULL,
          PRIMARY KEY (record, field, stamp)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE _removal (
          record INTEGER NOT NULL, stamp INTEGER NOT NULL, seen BLOB NOT NULL,
          PRIMARY KEY (record, stamp)
        ) STRICT, WITHOUT ROWID;
        -- The state of removed documents: an edit that the removal did not see brings them back.
        CREATE TABLE _tombstone (
          id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, state BLOB NOT NULL
        ) STRICT;
        -- Whose names are in which kept posting, and in which entry by the beginning of its personal hash: what was
        -- posted again, or named anew since, has the same.
        CREATE TABLE _named (
          record INTEGER NOT NULL, hash INTEGER NOT NULL, book INTEGER NOT NULL,
          posting INTEGER NOT NULL, PRIMARY KEY (record, hash, book, posting)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX _named_hash ON _named (hash);
        -- Whose names were erased, and when.
        CREATE TABLE _erased (record INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        """ + unjudged
}
