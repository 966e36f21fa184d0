import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Which stamps an entry wrote, and with what clocks.
struct EntryRange {
    let number: Int64
    let node: Int64
    let first: Stamp
    let last: Stamp
    let changes: Int
    let person: Stamp?
    let clock: ClockReading

    static let columns = "number, node, first, last, changes, person, wall, monotonic, boot"

    init(_ row: Row) throws {
        guard let first = row.stamp(2), let last = row.stamp(3) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an entry without stamps")
        }
        number = row[0]
        node = row[1]
        self.first = first
        self.last = last
        changes = row[4]
        person = row.stamp(5)
        clock = ClockReading(
            wall: Moment(milliseconds: row[6]), monotonicMilliseconds: row[7],
            boot: UInt64(bitPattern: row[8] as Int64))
    }

    /// Whether the other was written right after this one.
    func goesOn(with other: EntryRange) -> Bool {
        node == other.node && number + 1 == other.number && last < other.first
    }
}

extension LaptopStore {
    /// Postings of this incarnation that have no verdict.
    private static let unanswered = """
        FROM _posting WHERE answered IS NULL AND incarnation = (SELECT incarnation FROM _book)
          AND number > :number
        """

    public func postingsToSend(after number: UInt64, most: Int) throws -> [SealedPosting] {
        try transaction { db in
            // A chain that is not gone on with: what waits is sealed in the next.
            let isEnded = try Bool.fetchOne(db, cached: "SELECT wants_incarnation FROM _book")
            guard isEnded != true else { return [] }
            let number = Int64(clamping: number)
            var held = try Int.fetchOne(
                db, cached: "SELECT count(*) \(Self.unanswered)", arguments: ["number": number])
            while let count = held, count < most, try sealNext(db) { held = count + 1 }
            return try Row.fetchAll(
                db,
                cached: """
                    SELECT number, hash, frame, verdicts \(Self.unanswered) ORDER BY number
                    LIMIT :most
                    """,
                arguments: ["number": number, "most": most]
            ).map { row in
                let sealed = SealedPosting(
                    number: UInt64(row[0] as Int64), hash: row.bytes(1) ?? [],
                    frame: try packed(db, row.bytes(2) ?? []))
                // Head office has lost it, and is told what it said of it.
                return try row.bytes(3).map { try sealed.answered($0) } ?? sealed
            }
        }
    }

    /// As it was sealed; with what names persons packed closer, when somebody has unlocked that. What cannot be opened
    /// is head office's to judge, and is sent as it is: here it would stop the laptop.
    private func packed(_ db: Database, _ frame: [UInt8]) throws -> [UInt8] {
        guard let keys = unlocked else { return frame }
        guard let posting = try? ReceivedPosting(kept: frame),
            let capsule = posting.personal?.capsule
        else { return frame }
        let row = try Row.fetchOne(
            db, cached: "SELECT people FROM _lock WHERE capsule = ?", arguments: [blob(capsule)])
        guard let people = row?.bytes(0), let lock = try? keys.unwrap(people, capsule: capsule)
        else { return frame }
        return (try? posting.packed(under: lock)) ?? frame
    }

    public func hasUnanswered() throws -> Bool { try reading { try hasUnanswered($0) } }

    func hasUnanswered(_ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM _entry WHERE answered IS NULL AND posting IS NULL)
                  OR EXISTS (SELECT 1 \(Self.unanswered))
                  OR EXISTS (SELECT 1 FROM _kept WHERE owed = 1)
                """, arguments: ["number": 0]) ?? false
    }

    /// Seals one posting of the oldest entries; false when none waits. What nobody could read would be sent for ever:
    /// it is read first, and sealed in halves.
    func sealNext(_ db: Database) throws -> Bool {
        var most = Limits.postingEntriesMax
        while true {
            do {
                return try sealNext(db, most: most)
            } catch let malformed as MalformedBytes {
                most /= 2
                guard most > 0 else { throw malformed }
            }
        }
    }

    private func sealNext(_ db: Database, most: Int) throws -> Bool {
        let (entries, seals) = try entriesToSeal(db, most: most)
        guard let first = entries.first, let last = entries.last else { return false }
        let book = try Row.fetchOne(
            db, cached: "SELECT incarnation, last_posting, last_posting_hash FROM _book")
        guard let book, let incarnation: Int64 = book[0] else {
            throw BookFault.damaged(path: path, detail: "no incarnation")
        }
        let number = (book[1] as Int64) + 1
        let sealed = try SealedPosting(
            Posting(
                incarnation: UInt64(bitPattern: incarnation), number: UInt64(number),
                previousHash: book.bytes(2) ?? [], catalogue: catalogue.version,
                entries: entries), key: try signingKey(db),
            personal: seals.compactMap { $0 }.first.map { one in
                PersonalPart(capsule: one.capsule, seals.map { $0?.sealed })
            })
        _ = try sealed.content()
        // What is written from now on is under another lock: this one can go as soon as the posting has its verdicts.
        try db.run(cached: "UPDATE _lock SET open = 0 WHERE open = 1")
        try db.run(
            cached: """
                INSERT INTO _posting (incarnation, number, hash, frame, first_entry, last_entry)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                incarnation, number, blob(sealed.hash), blob(sealed.frame), first.number,
                last.number,
            ])
        try db.run(
            cached: "UPDATE _entry SET posting = ?, source = NULL WHERE number BETWEEN ? AND ?",
            arguments: [db.lastInsertedRowID, first.number, last.number])
        try db.run(
            cached: "UPDATE _book SET last_posting = ?, last_posting_hash = ?",
            arguments: [number, blob(sealed.hash)])
        return true
    }

    /// The oldest unsealed entries of one node, as many as one posting should hold, with what names persons in each,
    /// under one lock.
    private func entriesToSeal(
        _ db: Database, most: Int
    ) throws -> (entries: [Entry], seals: [KeptSeal?]) {
        let rows = try Row.fetchAll(
            db,
            cached: """
                SELECT \(EntryRange.columns), source FROM _entry WHERE answered IS NULL AND posting IS NULL
                ORDER BY number LIMIT ?
                """,
            arguments: [most])
        let ranges = try rows.map(EntryRange.init)
        guard let head = ranges.first else { return ([], []) }
        var room = Limits.postingChangesAim
        var (number, last) = (head.number - 1, Stamp?.none)
        // Entries stand in a posting in the order of their stamps, without a gap.
        let fitting = ranges.prefix { range in
            room -= range.changes
            defer { (number, last) = (range.number, range.last) }
            return range.node == head.node && room >= 0 && range.number == number + 1
                && last.map { $0 < range.first } ?? true
        }
        guard let end = fitting.last?.last else { return ([], []) }
        var source = PostingSource(store: self)
        let written = try changes(db, from: head.first, to: end, node: head.node)
        var next = written.startIndex
        var entries: [Entry] = []
        var seals: [KeptSeal?] = []
        var capsule: [UInt8]?
        var size = 0
        for (range, row) in zip(fitting, rows) {
            next = written[next...].firstIndex { $0.stamp >= range.first } ?? written.endIndex
            let after = written[next...].firstIndex { $0.stamp > range.last } ?? written.endIndex
            let own =
                if let posting: Int64 = row[9] {
                    try source.changes(db, of: range.first, in: posting)
                } else {
                    Array(written[next..<after])
                }
            guard own.count == range.changes else {
                throw BookFault.damaged(
                    path: path,
                    detail: "entry \(range.number) wrote \(range.changes), \(own.count) left")
            }
            let seal = try KeptSeal.of(db, range.first) { counter in
                guard let posting: Int64 = row[9] else { return nil }
                return try source.sealed(db, counter, in: posting)
            }
            size += own.reduce(0) { $0 + $1.sizeBytes } + (seal?.sealed.sizeBytes ?? 0)
            if !entries.isEmpty, size > Limits.postingBytesAim { break }
            if let capsule, let seal, seal.capsule != capsule { break }
            capsule = capsule ?? seal?.capsule
            seals.append(seal)
            entries.append(
                Entry(
                    number: range.number, person: range.person, clock: range.clock, changes: own,
                    personalHash: seal?.sealed.hash ?? []))
        }
        return (entries, seals)
    }

    /// What was written in a range of stamps, as it was written: births without their later edits.
    private func changes(
        _ db: Database, from first: Stamp, to last: Stamp, node: Int64
    ) throws -> [Change] {
        let records = RecordStore(db, tables)
        let overlaid = OverlaidRecords(records)
        let range: StatementArguments = [first.rawValue, last.rawValue, node]
        var changes: [Change] = try overlaid.born(from: first, to: last, node: node).map { state in
            .birth(
                Birth(
                    id: state.id, collection: state.collection, scope: state.scope,
                    fields: state.fields))
        }
        for row in try Row.fetchAll(
            db,
            cached: """
                SELECT stamp, record, collection, field, value, replaces FROM _pending
                WHERE stamp BETWEEN ? AND ? AND (stamp & \(Stamp.nodeMax)) = ?
                """,
            arguments: range)
        {
            changes.append(try pendingChange(row))
        }
        return changes.sorted { $0.stamp < $1.stamp }
    }

    private func pendingChange(_ row: Row) throws -> Change {
        guard let stamp = row.stamp(0), let record = row.stamp(1) else {
            throw BookFault.damaged(path: path, detail: "a pending edit without a name")
        }
        let field: Int64 = row[3]
        let named = try Canonical.stamps(row.bytes(5) ?? [])
        guard field != 0 else {
            return .removal(
                Removal(stamp: stamp, record: record, collection: row[2], seen: named))
        }
        return .edit(
            Edit(
                stamp: stamp, record: record, collection: row[2], field: UInt32(field),
                value: try Canonical.value(row.bytes(4) ?? []), replaces: named))
    }
}

/// Reads entries from the postings that they were once sealed in, by the names that things have now.
private struct PostingSource {
    let store: LaptopStore
    private var held: (id: Int64, entries: [Stamp: Entry])?
    private var personal: (id: Int64, part: PersonalPart?)?

    init(store: LaptopStore) { self.store = store }

    mutating func changes(_ db: Database, of first: Stamp, in posting: Int64) throws -> [Change] {
        if held?.id != posting {
            let entries = try store.entries(db, in: posting).compactMap { entry in
                entry.changes.first.map { ($0.stamp, entry) }
            }
            held = (posting, Dictionary(entries, uniquingKeysWith: { $1 }))
        }
        let names = Names(db, sealedIn: posting)
        return try (held?.entries[first]?.changes ?? []).map { try $0.renamed(names.now) }
    }
}

extension PostingSource {
    /// The box of that number under the lock of a posting.
    mutating func sealed(
        _ db: Database, _ counter: Int64, in posting: Int64
    ) throws -> (counter: UInt64, box: [UInt8])? {
        if personal?.id != posting {
            personal = (posting, try store.posting(db, posting).personal)
        }
        return personal?.part?.sealed(counter: UInt64(counter))
    }
}

extension LaptopStore {
    /// What a sealed posting says.
    func entries(_ db: Database, in posting: Int64) throws -> [Entry] {
        try self.posting(db, posting).posting.entries
    }

    func posting(_ db: Database, _ posting: Int64) throws -> ReceivedPosting {
        let row = try Row.fetchOne(
            db, cached: "SELECT number, hash, frame FROM _posting WHERE id = ?",
            arguments: [posting])
        guard let row else {
            throw BookFault.damaged(path: path, detail: "posting \(posting) is gone")
        }
        return try SealedPosting(
            number: UInt64(row[0] as Int64), hash: row.bytes(1) ?? [], frame: row.bytes(2) ?? []
        ).content()
    }
}
