import DaybookModel
import DaybookProtocol
import GRDB

/// Notes which subjects a written record touches; what follows from them is worked out once, at the end of the
/// transaction that wrote it.
final class DueSubjects {
    private let db: Database
    private let tables: RecordTables
    /// Made when it is first needed: most records touch nothing.
    private var view: StoreView?

    init(_ db: Database, _ tables: RecordTables) {
        self.db = db
        self.tables = tables
    }

    /// A record was just written, or is about to go.
    func touch(_ record: Record) throws {
        let rules = tables.catalogue.matterRules(of: record.collection)
        let settling = tables.catalogue.settling
        guard !rules.isEmpty || settling != nil else { return }
        let view = try self.view ?? StoreView(db, tables)
        self.view = view
        for rule in rules {
            for keys in try rule.subjects(record, view) {
                try note(DueSubject(rule: rule.name, keys: keys))
            }
        }
        if let key = try settling?.names(record, view) { try note(DueSubject(settled: key)) }
    }

    func note(_ subject: DueSubject) throws { try Self.note(subject, db) }

    static func note(_ subject: DueSubject, _ db: Database) throws {
        try Prepared(db, "INSERT OR IGNORE INTO _due (subject) VALUES (?)")
            .run([.bytes(subject.bytes)])
    }
}

/// What has to be looked at again: a rule's subject, or what somebody settled.
struct DueSubject: Equatable {
    let rule: String
    let keys: [Value]

    init(rule: String, keys: [Value]) {
        self.rule = rule
        self.keys = keys
    }

    init(settled key: MatterKey) {
        rule = ""
        keys = [.text(key.kind)] + key.about.map(\.value)
    }

    init?(_ bytes: [UInt8]) throws {
        let values = try Canonical.values(bytes).compactMap { $0 }
        guard case .text(let rule)? = values.first else { return nil }
        self.rule = rule
        keys = Array(values.dropFirst())
    }

    /// As a table keeps it.
    var bytes: [UInt8] { ([.text(rule)] + keys).flatMap { Canonical.bytes(of: $0 as Value?) } }

    /// What was settled, when it stands for that.
    var settled: MatterKey? {
        guard rule.isEmpty, case .text(let kind)? = keys.first else { return nil }
        let about = keys.dropFirst().compactMap { Stamp($0) }
        return about.isEmpty ? nil : MatterKey(kind: kind, about: about)
    }
}

/// Works out matters and figures of what was touched, inside the transaction that touched it.
struct Deriving {
    let db: Database
    let tables: RecordTables
    let view: StoreView

    /// The last act of a writing transaction.
    ///
    /// - Parameter makeView: made only when something is due.
    static func run(
        _ db: Database, _ tables: RecordTables, _ makeView: () throws -> StoreView
    ) throws {
        guard try Prepared(db, "SELECT 1 FROM _due LIMIT 1").finds([]) else { return }
        let deriving = Deriving(db: db, tables: tables, view: try makeView())
        // What was settled first: it adds the subject that its matter follows from.
        try deriving.each { subject in
            guard let key = subject.settled, let from = try deriving.settled(key) else { return }
            try DueSubjects.note(from, db)
        }
        try deriving.each { subject in
            if subject.settled == nil { try deriving.derive(subject) }
        }
        try db.run(cached: "DELETE FROM _due")
    }

    /// How many subjects are in memory at once: a first sync is one transaction, whatever its size.
    private static let heldMax = 512

    /// All that is due, in order.
    private func each(_ body: (DueSubject) throws -> Void) throws {
        var last: [UInt8] = []
        while true {
            let statement = try db.cachedStatement(
                sql: "SELECT subject FROM _due WHERE subject > ? ORDER BY subject LIMIT ?")
            let batch = try Row.fetchAll(statement, arguments: [blob(last), Self.heldMax])
                .compactMap { $0.bytes(0) }
            for bytes in batch {
                if let subject = try DueSubject(bytes) { try body(subject) }
            }
            guard let end = batch.last else { return }
            last = end
        }
    }

    /// A settlement has come or gone; the subject that the matter follows from, where there is one.
    private func settled(_ key: MatterKey) throws -> DueSubject? {
        let row = try Row.fetchOne(
            db, cached: "SELECT subject FROM _matter WHERE kind = ? AND about = ?",
            arguments: [key.kind, blob(key.about)])
        guard let row else { return nil }
        if let bytes = row.bytes(0), !bytes.isEmpty { return try DueSubject(bytes) }
        try set(try isSettled(key) ? .settled : .open, of: key)
        return nil
    }

    private func derive(_ subject: DueSubject) throws {
        // A rule of a catalogue that is gone.
        guard let rule = tables.catalogue.matterRule(named: subject.rule) else { return }
        let derived = try rule.derive(subject.keys, view)
        for figure in derived.figures { try keep(figure) }
        var held: [MatterKey: MatterState] = [:]
        for row in try Row.fetchAll(
            db, cached: "SELECT kind, about, state FROM _matter WHERE subject = ?",
            arguments: [blob(subject.bytes)])
        {
            let key = MatterKey(kind: row[0], about: try Canonical.stamps(row.bytes(1) ?? []))
            held[key] = MatterState(rawValue: row[2]) ?? .open
        }
        for matter in derived.matters {
            let state: MatterState = try isSettled(matter.key) ? .settled : .open
            if held.removeValue(forKey: matter.key) != nil {
                try set(state, of: matter.key, grade: matter.grade)
            } else {
                try insert(matter, state, subject)
            }
        }
        for (key, state) in held {
            let now: MatterState = try isSettled(key) ? .settled : .overtaken
            if now != state { try set(now, of: key) }
        }
    }

    private func isSettled(_ key: MatterKey) throws -> Bool {
        try tables.catalogue.settling?.settlements(key, view).isEmpty == false
    }

    private func insert(_ matter: Matter, _ state: MatterState, _ subject: DueSubject) throws {
        try db.run(
            cached: """
                INSERT INTO _matter (kind, about, scope, grade, subject, state)
                VALUES (?, ?, ?, ?, ?, ?)
                -- Another subject may come to the same.
                ON CONFLICT DO UPDATE SET scope = excluded.scope, grade = excluded.grade,
                  subject = excluded.subject, state = excluded.state
                """,
            arguments: [
                matter.key.kind, blob(matter.key.about), matter.scope.rawValue,
                matter.grade.rawValue, blob(subject.bytes), state.rawValue,
            ])
    }

    private func set(_ state: MatterState, of key: MatterKey, grade: Grade? = nil) throws {
        try db.run(
            cached: """
                UPDATE _matter SET state = :state, grade = coalesce(:grade, grade)
                WHERE kind = :kind AND about = :about
                  AND (state <> :state OR grade <> coalesce(:grade, grade))
                """,
            arguments: [
                "state": state.rawValue, "grade": grade?.rawValue, "kind": key.kind,
                "about": blob(key.about),
            ])
    }

    private func keep(_ figure: Derived.Figure) throws {
        try db.run(
            cached: """
                INSERT INTO _fold (name, keys, figure) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET figure = excluded.figure
                """,
            arguments: [
                figure.name, blob(figure.keys.flatMap { Canonical.bytes(of: $0) }), figure.figure,
            ])
    }
}

extension RecordStore {
    /// Looks at every record again: what stands open afterwards is what stood open before, unless the rules changed.
    func deriveAnew() throws {
        try db.run(cached: "UPDATE _matter SET state = 2 WHERE subject <> x'' AND state <> 1")
        for row in try Row.fetchAll(db, cached: "SELECT subject FROM _matter WHERE subject <> x''")
        {
            if let subject = try DueSubject(row.bytes(0) ?? []) { try due.note(subject) }
        }
        for table in tables.all {
            let isWatched = !tables.catalogue.matterRules(of: table.definition.tag).isEmpty
            guard isWatched else { continue }
            try Prepared(walking: db, table.selectSQL).forEach { row in
                try due.touch(table.record(row))
                return true
            }
        }
    }
}
