import DaybookModel
import FoundationEssentials

/// One page of a scope's present state. Source: `Protocol/SPEC.md`, "Feeds".
public struct FeedPage: Hashable, Sendable {
    public let scope: Stamp
    /// The run that serves it.
    public let run: UInt64
    /// The scope's cursor before this page.
    public var after: UInt64
    /// The scope's cursor after this page.
    public let through: UInt64
    public let served: [Served]
    public let removed: [Tombstone]
    /// What names persons in it, for those on the laptop whose duty is to read it; empty for none.
    public var personal: [UInt8] = []
    public var records: [Record] { served.map(\.record) }
    public var isEmpty: Bool { served.isEmpty && removed.isEmpty }

    /// A record's state with the sequence of its latest change.
    public struct Served: Hashable, Sendable {
        public let record: Record
        public let sequence: UInt64

        public init(_ record: Record, sequence: UInt64) {
            self.record = record
            self.sequence = sequence
        }
    }

    public struct Tombstone: Hashable, Sendable {
        public let collection: UInt32
        public let id: Stamp
        public let sequence: UInt64

        public init(collection: UInt32, id: Stamp, sequence: UInt64) {
            self.collection = collection
            self.id = id
            self.sequence = sequence
        }
    }

    public init(
        scope: Stamp, run: UInt64, after: UInt64, through: UInt64, served: [Served],
        removed: [Tombstone]
    ) {
        self.scope = scope
        self.run = run
        self.after = after
        self.through = through
        self.served = served
        self.removed = removed
    }
}

extension FeedPage {
    /// Takes what is sealed beside it.
    mutating func take(_ personal: [UInt8], hash: [UInt8]) throws(MalformedBytes) {
        guard !personal.isEmpty else { return }
        guard sha256(personal) == hash else { throw .personal }
        self.personal = personal
    }
}

extension WireFeed {
    init(_ page: FeedPage) {
        scope = UInt64(page.scope.rawValue)
        run = page.run
        after = page.after
        through = page.through
        personalHash = Bytes(page.personal.isEmpty ? [] : sha256(page.personal))
        let served = Dictionary(grouping: page.served, by: \.record.collection)
        let removed = Dictionary(grouping: page.removed, by: \.collection)
        states = Set(served.keys).union(removed.keys).sorted().map { collection in
            WireStates(
                collection: collection, after: page.after,
                served: (served[collection] ?? []).sorted { $0.record.id < $1.record.id },
                removed: (removed[collection] ?? []).sorted { $0.id < $1.id })
        }
    }

    func page() throws(MalformedBytes) -> FeedPage {
        var budget = DecodeBudget(rowsMax: Limits.feedRecordsMax)
        return try page(budget: &budget)
    }

    /// The page with what is sealed beside it, if that was not let go.
    func page(beside personal: Bytes) throws(MalformedBytes) -> FeedPage {
        var page = try page()
        try page.take([UInt8](personal), hash: [UInt8](personalHash))
        return page
    }

    func page(budget: inout DecodeBudget) throws(MalformedBytes) -> FeedPage {
        let scope = try stamp(self.scope)
        guard after <= through else { throw .value("cursor") }
        var served: [FeedPage.Served] = []
        var removed: [FeedPage.Tombstone] = []
        var last: UInt32?
        for group in states {
            // One order only: what is read says the same when it is written again.
            guard last.map({ $0 < group.collection }) ?? true else {
                throw .value("collections out of order")
            }
            last = group.collection
            try checkCollection(group.collection)
            try budget.spendGroup()
            if group.count > 0 {
                served += try group.served(in: scope, after: after, budget: &budget)
            }
            if group.removedCount > 0 {
                let count = try budget.spend(rows: group.removedCount)
                let ids = try risingStamps(group.removed, count)
                let sequences = try integers(group.removedSequence, count)
                for (id, sequence) in zip(ids, sequences) {
                    removed.append(
                        FeedPage.Tombstone(
                            collection: group.collection, id: id,
                            sequence: try feedSequence(sequence, after: after)))
                }
            }
        }
        let page = FeedPage(
            scope: scope, run: run, after: after, through: through, served: served,
            removed: removed)
        guard [0, 32].contains(personalHash.count) else { throw .value("personal hash") }
        return page
    }
}

/// A sequence is told less the page's beginning.
private func feedSequence(_ rest: Int64, after: UInt64) throws(MalformedBytes) -> UInt64 {
    let (sum, overflow) = after.addingReportingOverflow(UInt64(bitPattern: rest))
    guard rest >= 0, !overflow, sum <= UInt64(Int64.max) else { throw .value("sequence") }
    return sum
}

extension WireStates {
    fileprivate init(
        collection: UInt32, after: UInt64, served: [FeedPage.Served],
        removed: [FeedPage.Tombstone]
    ) {
        self.collection = collection
        let records = served.map(\.record)
        count = UInt32(records.count)
        id = column(records.map(\.id.rawValue))
        by = column(records.map { $0.by?.rawValue ?? 0 })
        atLessIDMs = column(records.map { $0.at.milliseconds &- $0.id.moment.milliseconds })
        // Most clocks are right: nothing is said of them.
        if records.contains(where: { $0.uncertaintyMilliseconds != 0 }) {
            uncertaintyMs = column(records.map(\.uncertaintyMilliseconds))
        }
        fields = FieldColumns.encode(records.map(\.fields))
        var rows: [(index: Int, record: Record, held: FieldHeads)] = []
        for (index, record) in records.enumerated() {
            rows += record.heads.map { (index, record, $0) }
        }
        headIndex = Bytes(IntegerColumn.encodeAlone(rows.map { Int64($0.index) }))
        headField = column(rows.map { Int64($0.held.tag) })
        headShown = column(rows.map { $0.held.shown.rawValue - $0.record.id.rawValue })
        headOthers = column(rows.map { Int64($0.held.others.count) })
        headBy = column(rows.map { $0.held.shownBy?.rawValue ?? 0 })
        headEarlierMs = column(rows.map { $0.held.shown.moment.since($0.held.shownTime) })
        others = rows.flatMap { row in
            row.held.others.map { other in
                var wire = WireOtherHead()
                wire.stamp = UInt64(other.stamp.rawValue)
                if let value = other.value { wire.value = WireValue(value) }
                wire.by = UInt64(other.by?.rawValue ?? 0)
                wire.earlierMs = UInt64(clamping: other.stamp.moment.since(other.time))
                return wire
            }
        }
        sequence = column(served.map { Int64(clamping: $0.sequence - after) })
        removedCount = UInt32(removed.count)
        self.removed = column(removed.map(\.id.rawValue))
        removedSequence = column(removed.map { Int64(clamping: $0.sequence - after) })
    }

    fileprivate func served(
        in scope: Stamp, after: UInt64, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [FeedPage.Served] {
        let count = try budget.spend(rows: self.count)
        let ids = try risingStamps(id, count)
        let persons = try integers(by, count)
        let moments = try integers(atLessIDMs, count)
        let uncertainties =
            uncertaintyMs.isEmpty
            ? [Int64](repeating: 0, count: count) : try integers(uncertaintyMs, count)
        guard uncertainties.allSatisfy({ $0 >= 0 }) else { throw .value("uncertainty") }
        let rows = try FieldColumns.decode(fields, rowCount: count, budget: &budget)
        let heads = try heads(of: ids, budget: &budget)
        let sequences = try integers(sequence, count)
        var served: [FeedPage.Served] = []
        for row in 0..<count {
            let record = Record(
                id: ids[row], collection: collection, scope: scope,
                by: try optionalStamp(persons[row]),
                at: Moment(milliseconds: ids[row].moment.milliseconds &+ moments[row]),
                uncertaintyMilliseconds: uncertainties[row], fields: rows[row], heads: heads[row])
            served.append(
                FeedPage.Served(
                    record, sequence: try feedSequence(sequences[row], after: after)))
        }
        return served
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
        let earlier = try integers(headEarlierMs, indexes.count)
        let persons = try integers(headBy, indexes.count)
        var next = 0
        for (row, index) in indexes.enumerated() {
            guard ids.indices.contains(Int(clamping: index)),
                (1...Int64(FieldDefinition.tagMax)).contains(tags[row]),
                counts[row] >= 0, counts[row] <= Int64(others.count - next)
            else { throw .value("heads") }
            let id = ids[Int(index)]
            if row > 0, (indexes[row - 1], tags[row - 1]) >= (index, tags[row]) {
                throw .value("heads out of order")
            }
            var list: [FieldHeads.Other] = []
            for other in others[next..<next + Int(counts[row])] {
                let value = other.hasValue ? try other.value.value() : nil
                let name = try stamp(other.stamp)
                guard list.last.map({ $0.stamp < name }) ?? true else {
                    throw .value("other heads out of order")
                }
                list.append(
                    FieldHeads.Other(
                        stamp: name, value: value,
                        by: try optionalStamp(Int64(bitPattern: other.by)),
                        time: name.moment.adding(milliseconds: -Int64(clamping: other.earlierMs))))
            }
            next += Int(counts[row])
            let name = try stamp(id.rawValue &+ shown[row])
            guard earlier[row] >= 0 else { throw .value("a head later than its stamp") }
            heads[Int(index)].append(
                FieldHeads(
                    tag: UInt32(tags[row]), shown: name, by: try optionalStamp(persons[row]),
                    others: list,
                    shownTime: name.moment.adding(milliseconds: -earlier[row])))
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
        case .personal: personal = true
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
        case .personal: return .personal(nil)
        case nil: throw .value("no value")
        }
    }
}
