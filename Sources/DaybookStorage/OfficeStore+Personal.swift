import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Who reads what names persons, and how it is erased.
extension OfficeStore {
    /// The page with what names persons in it, for those on the laptop whose duty is to read it.
    func sealing(_ page: FeedPage, for laptop: KnownLaptop) throws -> FeedPage {
        guard let reading = laptop.personal[page.scope] else { return page }
        let since = surroundings.reading().wall
            .adding(milliseconds: -Int64(reading.days) * 86_400_000)
        return try page.sealing(
            for: key.personalKeys(ofSecret: laptop.secretHash), since: since,
            of: reading.collections)
    }

    func sealing(_ compared: Compared, for laptop: KnownLaptop) throws -> Compared {
        Compared(
            scope: compared.scope, ranges: compared.ranges,
            leaves: try compared.leaves.map {
                Compared.Leaf(range: $0.range, page: try sealing($0.page, for: laptop))
            })
    }
}

extension OfficeView {
    /// For how many days a laptop's people read what names persons in each scope, and in which collections: as the
    /// scope's root says, and as their duties are.
    func personalReading(
        of people: [Stamp], in scopes: [Stamp]
    ) throws -> [Stamp: KnownLaptop.PersonalReading] {
        var readings: [Stamp: KnownLaptop.PersonalReading] = [:]
        for scope in scopes {
            guard let days = try personalDays(in: scope), days > 0 else { continue }
            let standings = try people.map { try standing(of: $0, in: scope) }
            let collections = catalogue.collections.filter { collection in
                collection.fields.contains(where: \.isPersonal)
                    && standings.contains(where: collection.rights.personal.includes)
            }
            if !collections.isEmpty {
                readings[scope] = KnownLaptop.PersonalReading(
                    days: days, collections: Set(collections.map(\.tag)))
            }
        }
        return readings
    }

    private func personalDays(in scope: Stamp) throws -> Int? {
        for collection in catalogue.collections {
            guard let field = collection.personalDays.flatMap({ collection.field($0) }),
                let root = try record(scope, in: collection.name)
            else { continue }
            guard case .integer(let days)? = root.fields.value(field.tag) else { return nil }
            return Int(clamping: min(days, Int64(Limits.personalDaysMax)))
        }
        return nil
    }
}

extension OfficeStore {
    /// What an erasure took away.
    public struct Erasure: Codable, Sendable {
        /// The record, and what others said of the same person.
        public let records: [Stamp]
        public let values: Int
        /// Kept postings that it was taken out of; what was signed of them stays.
        public let postings: Int
        /// Whether the log beside the book was emptied too: not while something reads the book.
        public let isLogClear: Bool
    }

    /// Takes what names a person out of a record and out of what refers to it, with all that it ever said; what
    /// happened stays. Nil when head office has no such record, or nothing in it names anybody.
    public func erase(_ id: Stamp, clock: ClockReading) throws -> Erasure? {
        let erasure: Erasure
        do {
            erasure = try transaction { db in
                try Erasing(db, tables, key: key, node: node, clock: clock).erase(id)
            }
        } catch is NothingToErase {
            return nil
        }
        // Nothing of it stays in the log beside the file either, unless somebody reads there.
        do {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        } catch let busy as DatabaseError where busy.resultCode == .SQLITE_BUSY {
            return Erasure(
                records: erasure.records, values: erasure.values, postings: erasure.postings,
                isLogClear: false)
        }
        return erasure
    }

    /// Whose names were erased, and when.
    public func erased() throws -> [(record: Stamp, at: Moment)] {
        try reading { db in
            try Row.fetchAll(db, cached: "SELECT record, at FROM _erased ORDER BY at, record")
                .compactMap { row in row.stamp(0).map { ($0, Moment(milliseconds: row[1])) } }
        }
    }
}

/// Takes back what was done so far.
private struct NothingToErase: Error {}

/// Erases one person, inside one transaction.
private final class Erasing {
    private let db: Database
    private let applying: Applying
    private let key: OfficeKey
    private let clock: ClockReading
    private var stamps: StampClock
    private let number: Int64
    private var values = 0

    init(
        _ db: Database, _ tables: RecordTables, key: OfficeKey, node: Int64, clock: ClockReading
    ) throws {
        self.db = db
        self.key = key
        self.clock = clock
        applying = try Applying(db, tables)
        let row = try Row.fetchOne(db, cached: "SELECT clock_last, next_entry FROM _book")
        stamps = StampClock(node: node, last: row?[0] ?? -1)
        number = row?[1] ?? 1
    }

    func erase(_ id: Stamp) throws -> OfficeStore.Erasure {
        guard let record = try applying.records.find(id) ?? applying.view.tombstone(id) else {
            throw NothingToErase()
        }
        let whole = try [record] + referring(to: record)
        let changes = try whole.flatMap(emptying)
        if !changes.isEmpty {
            _ = try applying.apply(
                Entry(number: number, person: nil, clock: clock, changes: changes),
                from: Applying.Source(
                    laptop: 0, isErasure: true, posting: 0, rights: nil,
                    happening: Happening(at: clock.wall, uncertaintyMilliseconds: 0),
                    arrived: clock.wall))
        }
        for record in whole { try forget(record) }
        let postings = try Stripping(db, key: key).strip(whole.map(\.id))
        guard values > 0 || postings > 0 else { throw NothingToErase() }
        for record in whole {
            try db.run(
                cached: "INSERT OR REPLACE INTO _erased (record, at) VALUES (?, ?)",
                arguments: [record.id.rawValue, clock.wall.milliseconds])
        }
        try applying.flush()
        try db.run(
            cached: "UPDATE _book SET clock_last = ?, next_entry = ?",
            arguments: [stamps.last, number + 1])
        return OfficeStore.Erasure(
            records: whole.map(\.id), values: values, postings: postings, isLogClear: true)
    }

    /// What says something of the same person.
    private func referring(to record: Record) throws -> [Record] {
        let tables = applying.records.tables
        guard let name = tables[record.collection]?.definition.name else { return [] }
        return try tables.all.filter { $0.definition.fields.contains(where: \.isPersonal) }
            .flatMap { table in
                try table.definition.fields.filter { $0.type == .reference(name) }.flatMap {
                    try applying.records.records(
                        in: table, "WHERE \(quoted($0.name)) = ? ORDER BY id",
                        [.integer(record.id.rawValue)])
                }
            }
    }

    private func fields(of record: Record) -> [UInt32] {
        let definition = applying.records.tables[record.collection]?.definition
        let declared = (definition?.fields ?? []).filter { $0.isPersonal || $0.isHint }.map(\.tag)
        let held = record.fields.filter { $0.value.storageClass == .personal }.map(\.tag)
        return Set(declared + held).sorted()
    }

    /// Edits that empty what is live; a tombstone stays one.
    private func emptying(_ record: Record) throws -> [Change] {
        guard try applying.records.record(record.id, tag: record.collection) != nil else {
            return []
        }
        return try fields(of: record).filter { tag in
            record.fields.value(tag) != nil
                || record.heads.contains { $0.tag == tag && $0.others.contains { $0.value != nil } }
        }.map { tag in
            .edit(
                Edit(
                    stamp: try stamps.draw(wall: clock.wall), record: record.id,
                    collection: record.collection, field: tag, value: nil,
                    replaces: record.allHeads(of: tag)))
        }
    }

    /// Of what it once said only that it said something is kept.
    private func forget(_ record: Record) throws {
        for tag in fields(of: record) {
            let rows = try Row.fetchAll(
                db, cached: "SELECT stamp, value FROM _history WHERE record = ? AND field = ?",
                arguments: [record.id.rawValue, Int64(tag)])
            for row in rows {
                let value = try Canonical.value(row.bytes(1) ?? [])
                guard let value, value != value.told else { continue }
                values += 1
                try db.run(
                    cached: """
                        UPDATE _history SET value = ?
                        WHERE record = ? AND field = ? AND stamp = ?
                        """,
                    arguments: [
                        blob(Canonical.bytes(of: value.told)), record.id.rawValue, Int64(tag),
                        row[0] as Int64,
                    ])
            }
        }
        guard var gone = try applying.view.tombstone(record.id) else { return }
        let held = gone
        gone = held.told
        guard gone != held else { return }
        values += 1
        try db.run(
            cached: "UPDATE _tombstone SET state = ? WHERE id = ?",
            arguments: [blob(Canonical.bytes(of: gone)), gone.id.rawValue])
    }
}
