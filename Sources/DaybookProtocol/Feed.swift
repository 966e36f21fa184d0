import DaybookModel
import FoundationEssentials

/// One page of a scope's present state. Source: `Protocol/SPEC.md`, "Feeds".
public struct FeedPage: Hashable, Sendable {
    public let scope: Stamp
    /// The scope's cursor after this page.
    public let through: UInt64
    public let records: [Record]
    public let removed: [Tombstone]

    public struct Tombstone: Hashable, Sendable {
        public let collection: UInt32
        public let id: Stamp

        public init(collection: UInt32, id: Stamp) {
            self.collection = collection
            self.id = id
        }
    }

    public init(scope: Stamp, through: UInt64, records: [Record], removed: [Tombstone]) {
        self.scope = scope
        self.through = through
        self.records = records
        self.removed = removed
    }
}

extension WireFeed {
    init(_ page: FeedPage) {
        scope = UInt64(page.scope.rawValue)
        through = page.through
        let records = Dictionary(grouping: page.records, by: \.collection)
        let removed = Dictionary(grouping: page.removed, by: \.collection)
        states = Set(records.keys).union(removed.keys).sorted().map { collection in
            WireStates(
                collection: collection,
                records: (records[collection] ?? []).sorted { $0.id < $1.id },
                removed: (removed[collection] ?? []).map(\.id).sorted())
        }
    }

    func page() throws(MalformedBytes) -> FeedPage {
        var budget = DecodeBudget(rowsMax: Limits.feedRecordsMax)
        let scope = try stamp(self.scope)
        var records: [Record] = []
        var removed: [FeedPage.Tombstone] = []
        for group in states {
            if group.count > 0 {
                records += try group.records(in: scope, budget: &budget)
            }
            if group.removedCount > 0 {
                let count = try budget.spendGroup(rows: group.removedCount)
                removed += try stampColumn(group.removed, count)
                    .map { FeedPage.Tombstone(collection: group.collection, id: $0) }
            }
        }
        return FeedPage(scope: scope, through: through, records: records, removed: removed)
    }
}

extension WireStates {
    fileprivate init(collection: UInt32, records: [Record], removed: [Stamp]) {
        self.collection = collection
        count = UInt32(records.count)
        id = column(records.map(\.id.rawValue))
        by = column(records.map { $0.by?.rawValue ?? 0 })
        atLessIDMs = column(records.map { $0.at.milliseconds &- $0.id.moment.milliseconds })
        fields = FieldColumns.encode(records.map(\.fields))
        var rows: [(index: Int, record: Record, held: FieldHeads)] = []
        for (index, record) in records.enumerated() {
            rows += record.heads.map { (index, record, $0) }
        }
        headIndex = column(rows.map { Int64($0.index) })
        headField = column(rows.map { Int64($0.held.tag) })
        headShown = column(rows.map { $0.held.shown.rawValue - $0.record.id.rawValue })
        headOthers = column(rows.map { Int64($0.held.others.count) })
        others = rows.flatMap { row in
            row.held.others.map { other in
                var wire = WireOtherHead()
                wire.stamp = UInt64(other.stamp.rawValue)
                if let value = other.value { wire.value = WireValue(value) }
                return wire
            }
        }
        removedCount = UInt32(removed.count)
        self.removed = column(removed.map(\.rawValue))
    }

    fileprivate func records(
        in scope: Stamp, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [Record] {
        let count = try budget.spendGroup(rows: self.count)
        let ids = try stampColumn(id, count)
        let persons = try integers(by, count)
        let moments = try integers(atLessIDMs, count)
        let rows = try FieldColumns.decode(fields, rowCount: count, budget: &budget)
        let heads = try heads(of: ids, budget: &budget)
        var records: [Record] = []
        for row in 0..<count {
            records.append(
                Record(
                    id: ids[row], collection: collection, scope: scope,
                    by: try optionalStamp(persons[row]),
                    at: Moment(milliseconds: ids[row].moment.milliseconds &+ moments[row]),
                    fields: rows[row], heads: heads[row]))
        }
        return records
    }

    private func heads(
        of ids: [Stamp], budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [[FieldHeads]] {
        var heads = [[FieldHeads]](repeating: [], count: ids.count)
        guard !headIndex.isEmpty else { return heads }
        // How many heads there are is told by the column itself.
        let indexes = try IntegerColumn.decodeAll([UInt8](headIndex), most: Limits.namedMax)
        try budget.spendNamed(indexes.count + others.count)
        let tags = try integers(headField, indexes.count)
        let shown = try integers(headShown, indexes.count)
        let counts = try integers(headOthers, indexes.count)
        var next = 0
        for (row, index) in indexes.enumerated() {
            guard ids.indices.contains(Int(clamping: index)),
                (1...Int64(FieldDefinition.tagMax)).contains(tags[row]),
                counts[row] >= 0, counts[row] <= Int64(others.count - next)
            else { throw .value("heads") }
            let id = ids[Int(index)]
            if let last = heads[Int(index)].last, Int64(last.tag) >= tags[row] {
                throw .value("heads out of order")
            }
            var list: [FieldHeads.Other] = []
            for other in others[next..<next + Int(counts[row])] {
                let value = other.hasValue ? try other.value.value() : nil
                list.append(FieldHeads.Other(stamp: try stamp(other.stamp), value: value))
            }
            next += Int(counts[row])
            heads[Int(index)].append(
                FieldHeads(
                    tag: UInt32(tags[row]), shown: try stamp(id.rawValue &+ shown[row]),
                    others: list))
        }
        guard next == others.count else { throw .value("other heads left over") }
        return heads
    }
}

extension WireValue {
    init(_ value: Value) {
        switch value {
        case .integer(let number): integer = number
        case .text(let text): self.text = text
        case .bytes(let bytes): self.bytes = Bytes(bytes)
        case .amount(let amount):
            self.amount.minor = amount.minor
            self.amount.currency = amount.currency.code
        }
    }

    func value() throws(MalformedBytes) -> Value {
        switch kind {
        case .integer(let number): return .integer(number)
        case .text(let text): return .text(try FieldColumns.text(Array(text.utf8)))
        case .bytes(let bytes): return .bytes([UInt8](bytes))
        case .amount(let amount):
            guard let currency = Currency(amount.currency) else { throw .value("currency") }
            return .amount(Amount(minor: amount.minor, currency: currency))
        case nil: throw .value("no value")
        }
    }
}
