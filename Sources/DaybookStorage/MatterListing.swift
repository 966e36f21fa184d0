import DaybookModel
import DaybookProtocol
import GRDB

/// Which matters are asked for.
public struct MatterFilter: Codable, Sendable {
    /// Codes of kinds; empty for all.
    public var kinds: [String] = []
    public var scope: Stamp?
    /// The least urgent that is wanted.
    public var grade = Grade.information
    /// Settled and overtaken ones too.
    public var isAll = false
    /// What a person typed for one of them; nil for any.
    public var code: String?
    /// Only those about one of these records.
    public var about: [Stamp] = []
    /// The most urgent and latest so many.
    public var most = 50

    public init() {}
}

/// A matter with all that a person needs to settle it.
public struct ListedMatter: Codable, Sendable {
    /// One of what disagrees, with who wrote it where and when.
    public struct Side: Codable, Sendable {
        public let collection: String
        public let record: DaybookModel.Record
        /// The laptop; empty for head office itself, nil where this book does not know.
        public let laptop: String?
        /// What the writer's own clock said.
        public let recorded: Moment?
        public let arrived: Moment?
    }

    public let matter: Matter
    public let state: MatterState
    public let sides: [Side]
    /// The settlements that hold, the earliest first.
    public let settled: [Settled]
    /// What people call the records that it refers to.
    public let titles: [Stamp: String]

    public var code: String { matter.key.code }
}

/// Reads matters as they stand, inside one look into a book.
struct MatterListing {
    let db: Database
    let view: StoreView
    /// With names of persons as far as the reader may; the rules themselves never need them.
    let reader: any BookView

    /// - Parameter isHis: whether the matter concerns whoever asks.
    func list(
        _ filter: MatterFilter, isHis: (MatterKind, Stamp) throws -> Bool
    ) throws -> (matters: [ListedMatter], total: Int) {
        let rows = try filter.about.isEmpty ? rows(filter) : rows(filter, about: filter.about)
        var found: [ListedMatter] = []
        var total = 0
        let wanted = filter.code.map(Self.typed)
        for row in rows {
            let key = MatterKey(kind: row[0], about: try Canonical.stamps(row.bytes(1) ?? []))
            guard filter.kinds.isEmpty || filter.kinds.contains(key.kind),
                wanted.map({ key.code == $0 }) ?? true,
                filter.about.isEmpty || !Set(filter.about).isDisjoint(with: key.about),
                let kind = view.catalogue.matterKind(key.kind), let scope = row.stamp(2),
                try isHis(kind, scope)
            else { continue }
            total += 1
            guard found.count < filter.most else { continue }
            found.append(
                try listed(
                    key, kind, in: scope, subject: row.bytes(3) ?? [],
                    MatterState(rawValue: row[4]) ?? .open))
        }
        return (found, total)
    }

    private static let columns = "kind, about, scope, subject, state"

    private func rows(_ filter: MatterFilter) throws -> [Row] {
        try Row.fetchAll(
            db,
            cached: """
                SELECT \(Self.columns) FROM _matter
                WHERE grade >= ? AND (state = 0 OR ?) AND (scope = ? OR ? IS NULL)
                ORDER BY state, grade DESC, about DESC
                """,
            arguments: [
                filter.grade.rawValue, filter.isAll, filter.scope?.rawValue,
                filter.scope?.rawValue,
            ])
    }

    /// What may be about these records: what follows from the subjects that they touch, and what was noted of them. It
    /// costs what they touch, and not what stands open.
    private func rows(_ filter: MatterFilter, about ids: [Stamp]) throws -> [Row] {
        let condition = "grade >= ? AND (state = 0 OR ?) AND (scope = ? OR ? IS NULL)"
        let arguments: StatementArguments = [
            filter.grade.rawValue, filter.isAll, filter.scope?.rawValue, filter.scope?.rawValue,
        ]
        var rows: [Row] = []
        for record in try ids.compactMap({ try view.records.find($0) }) {
            for rule in view.catalogue.matterRules(of: record.collection) {
                let subjects = try rule.subjects(record, view)
                    .map { DueSubject(rule: rule.name, keys: $0).bytes }
                for subject in Set(subjects) {
                    rows += try Row.fetchAll(
                        db,
                        cached: """
                            SELECT \(Self.columns) FROM _matter WHERE subject = ? AND \(condition)
                            """,
                        arguments: [blob(subject)] + arguments)
                }
            }
            for kind in view.catalogue.matterKinds {
                rows += try Row.fetchAll(
                    db,
                    cached: """
                        SELECT \(Self.columns) FROM _matter
                        WHERE kind = ? AND about = ? AND subject = x'' AND \(condition)
                        """,
                    arguments: [kind.code, blob([record.id])] + arguments)
            }
        }
        return rows
    }

    /// As Crockford has it: what looks alike is the same.
    private static func typed(_ code: String) -> String {
        String(
            code.uppercased().map { letter in
                switch letter {
                case "O": "0"
                case "I", "L": "1"
                default: letter
                }
            })
    }

    private func listed(
        _ key: MatterKey, _ kind: MatterKind, in scope: Stamp, subject: [UInt8],
        _ state: MatterState
    ) throws -> ListedMatter {
        let matter = try derived(key, subject) ?? noted(key, kind, in: scope)
        var titles: [Stamp: String] = [:]
        func name(_ id: Stamp?) throws {
            guard let id, titles[id] == nil else { return }
            titles[id] = try reader.title(of: id)
        }
        let sides = try matter.sides.compactMap { side -> ListedMatter.Side? in
            guard let record = try reader.record(side.record, in: side.collection) else {
                return nil
            }
            try name(record.by)
            for field in view.catalogue[side.collection]?.fields ?? [] where field.isReference {
                try name(record.fields.value(field.tag).flatMap { Stamp($0) })
            }
            let from = try view.provenance(of: record.id)
            return ListedMatter.Side(
                collection: side.collection, record: record, laptop: from?.laptop,
                recorded: from?.recorded, arrived: from?.arrived)
        }
        let settled = try view.catalogue.settling?.settlements(key, view) ?? []
        for one in settled { try name(one.by) }
        try name(scope)
        for case .value(let value?, let collection, let field) in matter.remarks.map(\.cell)
        where view.catalogue[collection]?.field(field)?.isReference ?? false {
            try name(Stamp(value))
        }
        return ListedMatter(
            matter: matter, state: state, sides: sides, settled: settled, titles: titles)
    }

    private func derived(_ key: MatterKey, _ subject: [UInt8]) throws -> Matter? {
        guard !subject.isEmpty, let due = try DueSubject(subject),
            let rule = view.catalogue.matterRule(named: due.rule)
        else { return nil }
        return try rule.derive(due.keys, view).matters.first { $0.key == key }
    }

    /// Of what nothing more is known than what it is about.
    private func noted(_ key: MatterKey, _ kind: MatterKind, in scope: Stamp) throws -> Matter {
        let sides = try key.about.compactMap { id in
            try view.records.find(id).flatMap { record in
                view.catalogue[tag: record.collection].map {
                    Matter.Side(id, in: $0.name)
                }
            }
        }
        let isSettledByHand = view.catalogue.settling != nil && key.about.count == 1
        return Matter(
            kind, about: key.about, scope: scope, sides: sides,
            choices: isSettledByHand ? [.seen] : [])
    }
}

extension FieldDefinition {
    fileprivate var isReference: Bool {
        switch type {
        case .reference, .record: true
        default: false
        }
    }
}

extension OfficeStore {
    /// Matters as they stand, the most urgent first; how many there are in all.
    public func matters(
        _ filter: MatterFilter
    ) throws -> (matters: [ListedMatter], total: Int) {
        try reading { db in
            let view = try OfficeView(db, tables)
            return try MatterListing(db: db, view: view, reader: view)
                .list(filter) { _, _ in true }
        }
    }

    /// Works out every matter and kept figure again, as after an upgrade.
    public func deriveMatters() throws {
        try transaction { db in try RecordStore(db, tables).foldAnew() }
    }
}

extension LaptopStore {
    /// Matters as this book has them.
    ///
    /// - Parameters:
    ///   - person: whose they are to settle; nil for all.
    ///   - keys: what the reader unlocked.
    public func matters(
        _ filter: MatterFilter, of person: Stamp?, keys: PersonalKeys? = nil
    ) throws -> (matters: [ListedMatter], total: Int) {
        try reading { db in
            let view = try LaptopView(db, tables, person: person, keys: keys)
            return try MatterListing(db: db, view: StoreView(db, tables), reader: view)
                .list(filter) { kind, scope in
                    try person == nil || kind.duty.includes(view.standing(in: scope))
                }
        }
    }

    /// Works out every matter and kept figure again, as after an upgrade.
    public func deriveMatters() throws {
        try transaction { db in try RecordStore(db, tables).foldAnew() }
    }
}
