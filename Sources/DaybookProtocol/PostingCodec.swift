import DaybookModel
import FoundationEssentials

/// Entries as columns and back. Source: `Protocol/SPEC.md`, "Postings".
enum PostingCodec {
    static func wire(_ posting: Posting) -> WirePosting {
        var wire = WirePosting()
        wire.incarnation = posting.incarnation
        wire.number = posting.number
        wire.previousHash = Bytes(posting.previousHash)
        wire.catalogue = posting.catalogue
        wire.personalHash = Bytes(posting.personalHash)
        wire.firstEntry = UInt64(posting.entries.first?.number ?? 0)
        wire.entryCount = UInt32(posting.entries.count)
        let entries = posting.entries
        wire.person = column(entries.map { $0.person?.rawValue ?? 0 })
        wire.wallLessStampMs = column(
            entries.map { $0.clock.wall.milliseconds &- $0.begun.milliseconds })
        wire.monotonicLessWallMs = column(
            entries.map { $0.clock.monotonicMilliseconds &- $0.clock.wall.milliseconds })
        wire.boot = column(entries.map { Int64(bitPattern: $0.clock.boot) })
        wire.changeCount = column(entries.map { Int64($0.changes.count) })
        var births: [UInt32: [Birth]] = [:]
        var edits: [UInt64: [Edit]] = [:]
        var removals: [UInt32: [Removal]] = [:]
        for change in entries.flatMap(\.changes) {
            switch change {
            case .birth(let birth): births[birth.collection, default: []].append(birth)
            case .edit(let edit):
                // A value's storage class is its column's, so emptied and other ones stand apart.
                let storage = UInt64(edit.value?.storageClass.rawValue ?? 0)
                let key = UInt64(edit.collection) << 32 | UInt64(edit.field) << 8 | storage
                edits[key, default: []].append(edit)
            case .removal(let removal): removals[removal.collection, default: []].append(removal)
            }
        }
        wire.births = births.sorted { $0.key < $1.key }.map { Self.wire($0.value) }
        wire.edits = edits.sorted { $0.key < $1.key }.map { Self.wire($0.value) }
        wire.removals = removals.sorted { $0.key < $1.key }.map { Self.wire($0.value) }
        return wire
    }

    private static func wire(_ births: [Birth]) -> WireBirths {
        var wire = WireBirths()
        wire.collection = births[0].collection
        wire.count = UInt32(births.count)
        wire.id = column(births.map(\.id.rawValue))
        // Most belong to what one of their fields refers to.
        let tag = births[0].fields.first { field in
            births.allSatisfy { $0.fields.value(field.tag) == $0.scope.value }
        }?.tag
        if let tag {
            wire.scopeField = tag
        } else {
            wire.scope = column(births.map(\.scope.rawValue))
        }
        wire.fields = FieldColumns.encode(births.map(\.fields))
        return wire
    }

    private static func wire(_ edits: [Edit]) -> WireEdits {
        var wire = WireEdits()
        wire.collection = edits[0].collection
        wire.count = UInt32(edits.count)
        wire.stamp = column(edits.map(\.stamp.rawValue))
        wire.record = column(edits.map(\.record.rawValue))
        let cells = edits.enumerated().compactMap { row, edit in
            edit.value.map { (row: row, value: $0) }
        }
        wire.value = FieldColumns.column(tag: edits[0].field, cells: cells, rowCount: edits.count)
        wire.replacedCount = column(edits.map { Int64($0.replaces.count) })
        wire.replaced = column(
            edits.flatMap { edit in edit.replaces.map { $0.rawValue - edit.record.rawValue } })
        return wire
    }

    private static func wire(_ removals: [Removal]) -> WireRemovals {
        var wire = WireRemovals()
        wire.collection = removals[0].collection
        wire.count = UInt32(removals.count)
        wire.stamp = column(removals.map(\.stamp.rawValue))
        wire.record = column(removals.map(\.record.rawValue))
        wire.seenCount = column(removals.map { Int64($0.seen.count) })
        wire.seen = column(
            removals.flatMap { removal in
                removal.seen.map { $0.rawValue - removal.record.rawValue }
            })
        return wire
    }

    // MARK: - Decoding

    static func posting(_ wire: WirePosting) throws(MalformedBytes) -> Posting {
        let count = Int(wire.entryCount)
        guard (1...Limits.postingEntriesMax).contains(count) else {
            throw .tooLarge(what: "entries", limit: Limits.postingEntriesMax)
        }
        guard wire.number >= 1, wire.firstEntry >= 1, wire.firstEntry < 1 << 62,
            wire.previousHash.count == (wire.number == 1 ? 0 : 32)
        else { throw .value("posting number, first entry or previous hash") }
        guard [0, 32].contains(wire.personalHash.count) else { throw .value("personal hash") }
        let changes = try changes(wire)
        let persons = try integers(wire.person, count)
        let walls = try integers(wire.wallLessStampMs, count)
        let monotonics = try integers(wire.monotonicLessWallMs, count)
        let boots = try integers(wire.boot, count)
        let changeCounts = try integers(wire.changeCount, count)
        var entries: [Entry] = []
        var next = 0
        for index in 0..<count {
            let size = changeCounts[index]
            guard (1...Int64(Entry.changesMax)).contains(size), next + Int(size) <= changes.count
            else { throw .value("changes of an entry") }
            let own = Array(changes[next..<next + Int(size)])
            guard own.reduce(0, { $0 + $1.sizeBytes }) <= Entry.sizeBytesMax else {
                throw .tooLarge(what: "entry", limit: Entry.sizeBytesMax)
            }
            next += Int(size)
            let wall = own[0].stamp.moment.milliseconds &+ walls[index]
            entries.append(
                Entry(
                    number: Int64(wire.firstEntry) + Int64(index),
                    person: try optionalStamp(persons[index]),
                    clock: ClockReading(
                        wall: Moment(milliseconds: wall),
                        monotonicMilliseconds: wall &+ monotonics[index],
                        boot: UInt64(bitPattern: boots[index])),
                    changes: own))
        }
        guard next == changes.count else { throw .value("changes outside entries") }
        return Posting(
            incarnation: wire.incarnation, number: wire.number,
            previousHash: [UInt8](wire.previousHash), catalogue: wire.catalogue, entries: entries,
            personalHash: [UInt8](wire.personalHash))
    }

    /// All changes, in the order of their stamps, which never repeat in a posting.
    private static func changes(_ wire: WirePosting) throws(MalformedBytes) -> [Change] {
        var budget = DecodeBudget(rowsMax: Limits.postingChangesMax)
        var changes: [Change] = []
        for group in wire.births {
            changes += try births(group, budget: &budget).map { .birth($0) }
        }
        for group in wire.edits { changes += try edits(group, budget: &budget).map { .edit($0) } }
        for group in wire.removals {
            changes += try removals(group, budget: &budget).map { .removal($0) }
        }
        for case .birth(let birth) in changes
        where Change.birth(birth).sizeBytes > Record.sizeBytesMax {
            throw .tooLarge(what: "record", limit: Record.sizeBytesMax)
        }
        changes.sort { $0.stamp < $1.stamp }
        if let first = changes.first, changes.contains(where: { $0.stamp.node != first.stamp.node })
        {
            throw .value("stamps of several nodes")
        }
        for (one, next) in zip(changes, changes.dropFirst()) where one.stamp == next.stamp {
            throw .value("one stamp for two changes")
        }
        return changes
    }

    private static func births(
        _ wire: WireBirths, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [Birth] {
        let count = try budget.spendGroup(rows: wire.count)
        try checkCollection(wire.collection)
        let ids = try risingStamps(wire.id, count)
        let rows = try FieldColumns.decode(wire.fields, rowCount: count, budget: &budget)
        let scopes = try scopes(wire, rows)
        var births: [Birth] = []
        for row in 0..<count {
            guard rows[row].count <= Record.fieldsMax else {
                throw .tooLarge(what: "fields", limit: Record.fieldsMax)
            }
            births.append(
                Birth(
                    id: ids[row], collection: wire.collection, scope: scopes[row],
                    fields: rows[row]))
        }
        return births
    }

    /// As they are told, or as a field of each says.
    private static func scopes(
        _ wire: WireBirths, _ rows: [[FieldValue]]
    ) throws(MalformedBytes) -> [Stamp] {
        guard wire.scopeField != 0 else { return try stampColumn(wire.scope, rows.count) }
        guard wire.scope.isEmpty else { throw .value("scopes told twice") }
        var scopes: [Stamp] = []
        for row in rows {
            guard case .integer(let number)? = row.value(wire.scopeField) else {
                throw .value("a scope that no field says")
            }
            scopes.append(try stamp(number))
        }
        return scopes
    }

    private static func edits(
        _ wire: WireEdits, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [Edit] {
        let count = try budget.spendGroup(rows: wire.count)
        guard (1...FieldDefinition.tagMax).contains(wire.value.field) else {
            throw .value("field tag")
        }
        try checkCollection(wire.collection)
        let stamps = try risingStamps(wire.stamp, count)
        let records = try stampColumn(wire.record, count)
        let replaced = try lists(
            wire.replacedCount, wire.replaced, of: records, budget: &budget)
        var values = [Value?](repeating: nil, count: count)
        // Edits of a field that carry no value at all send no presence bit either.
        if wire.value.storage != 0 || !wire.value.presence.isEmpty {
            for (row, value) in try FieldColumns.cells(
                of: wire.value, rowCount: count, budget: &budget)
            {
                values[row] = value
            }
        }
        var edits: [Edit] = []
        for row in 0..<count {
            guard stamps[row] != records[row] else { throw .value("an edit named as its record") }
            edits.append(
                Edit(
                    stamp: stamps[row], record: records[row], collection: wire.collection,
                    field: wire.value.field, value: values[row], replaces: replaced[row]))
        }
        return edits
    }

    private static func removals(
        _ wire: WireRemovals, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [Removal] {
        let count = try budget.spendGroup(rows: wire.count)
        try checkCollection(wire.collection)
        let stamps = try risingStamps(wire.stamp, count)
        let records = try stampColumn(wire.record, count)
        let seen = try lists(wire.seenCount, wire.seen, of: records, budget: &budget)
        var removals: [Removal] = []
        for row in 0..<count {
            removals.append(
                Removal(
                    stamp: stamps[row], record: records[row], collection: wire.collection,
                    seen: seen[row]))
        }
        return removals
    }

    /// For each record a list of stamps, told as differences from the record's id.
    private static func lists(
        _ counts: Bytes, _ differences: Bytes, of records: [Stamp], budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [[Stamp]] {
        let counts = try integers(counts, records.count)
        var total = 0
        for count in counts {
            guard (1...Int64(Limits.replacedMax)).contains(count) else {
                throw .tooLarge(what: "replaced stamps", limit: Limits.replacedMax)
            }
            total += Int(count)
        }
        try budget.spendNamed(total)
        let flat = try integers(differences, total)
        var next = 0
        var lists: [[Stamp]] = []
        for (count, record) in zip(counts, records) {
            var list: [Stamp] = []
            for difference in flat[next..<next + Int(count)] {
                let named = try stamp(record.rawValue &+ difference)
                if let last = list.last, last >= named { throw .value("named stamps out of order") }
                list.append(named)
            }
            next += Int(count)
            lists.append(list)
        }
        return lists
    }
}

extension Entry {
    /// When its first stamp says that it was begun.
    fileprivate var begun: Moment { changes.first?.stamp.moment ?? clock.wall }
}
