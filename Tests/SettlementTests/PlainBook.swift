import DaybookModel
import DaybookOperations

/// A book in memory, by the plainest reading of ``BookView``: what the rules are checked against.
final class PlainBook: BookView {
    let catalogue = Department.catalogue
    let organisation = Stamp(milliseconds: 1, node: 1)
    private(set) var held: [Stamp: Record] = [:]
    /// Figures that a rule derived.
    var figures: [String: [[Value?]: Int64]] = [:]

    /// A record as if it had happened at that millisecond since 2025 on that laptop.
    @discardableResult
    func add(
        _ draft: Draft, at milliseconds: Int64, node: Int64 = 7, within: Int64 = 0,
        scope: Stamp? = nil, by: Stamp? = nil
    ) -> Record {
        let definition = catalogue[draft.collection]!
        var id = Stamp(milliseconds: milliseconds, node: node)
        // A laptop's clock of stamps never stands still.
        while held[id] != nil { id = Stamp(milliseconds: id.milliseconds + 1, node: node) }
        let record = Record(
            id: id, collection: definition.tag, scope: scope ?? organisation, by: by,
            at: Moment(milliseconds: Stamp.epochMilliseconds + milliseconds),
            uncertaintyMilliseconds: within, fields: definition.own(draft.fields))
        held[id] = record
        return record
    }

    private func all(_ collection: String) -> [Record] {
        held.values.filter { $0.collection == catalogue[collection]!.tag }
            .sorted { $0.id < $1.id }
    }

    func record(_ id: Stamp, in collection: String) throws -> Record? {
        held[id].flatMap { $0.collection == catalogue[collection]!.tag ? $0 : nil }
    }

    func records(in collection: String, where field: String, is value: Value) throws -> [Record] {
        let field = catalogue[collection]!.field(field)!
        return all(collection).filter { $0.fields.value(field.tag) == field.own(value) }
    }

    private func keyed(_ collection: String, _ keys: [Value]) -> [Record] {
        let definition = catalogue[collection]!
        return all(collection).filter { record in
            zip(definition.timeline, keys).allSatisfy { name, key in
                name == "_scope"
                    ? record.scope.value == key
                    : record.fields.value(definition.field(name)!.tag) == key
            }
        }
    }

    func timeline(
        in collection: String, _ keys: [Value], _ body: (Record) throws -> Bool
    ) throws {
        for record in keyed(collection, keys).sorted(by: { ($0.at, $0.id) > ($1.at, $1.id) }) {
            guard try body(record) else { return }
        }
    }

    func uncertain(
        in collection: String, _ keys: [Value], beyond milliseconds: Int64
    ) throws -> [Record] {
        keyed(collection, keys).filter { $0.uncertaintyMilliseconds > milliseconds }
    }

    func forEach(in collection: String, _ body: (Record) throws -> Void) throws {
        try all(collection).forEach(body)
    }

    func fold(_ name: String, _ keys: [Value?]) throws -> Int64 {
        figures[name]?[keys] ?? rows(name)[keys] ?? 0
    }

    func foldRows(_ name: String) throws -> [FoldRow] {
        rows(name).map { FoldRow(keys: $0.key, figure: $0.value) }
    }

    private func rows(_ name: String) -> [[Value?]: Int64] {
        var rows: [[Value?]: Int64] = [:]
        for collection in catalogue.collections {
            for fold in collection.folds where fold.name == name {
                for record in all(collection.name) {
                    let keys = fold.keys.map { record.fields.value(collection.field($0)!.tag) }
                    var figure: Int64 = 1
                    if case .sum(let field) = fold.measure {
                        figure = Int64(record.fields.value(collection.field(field)!.tag)!)!
                    }
                    rows[keys, default: 0] += figure
                }
            }
        }
        return rows
    }

    func provenance(of id: Stamp) throws -> Provenance? { nil }
    func laptops(in scope: Stamp) throws -> [KnownHolder] { [] }
    func isOfHeadOffice(_ id: Stamp) throws -> Bool { true }
    func history(of id: Stamp, field: UInt32) throws -> [PastEdit] { [] }

    /// What every rule finds, looking at everything.
    func matters() throws -> [Matter] {
        var found: [MatterKey: Matter] = [:]
        for record in held.values {
            for rule in catalogue.matterRules(of: record.collection) {
                for subject in try rule.subjects(record, self) {
                    for matter in try rule.derive(subject, self).matters {
                        found[matter.key] = matter
                    }
                }
            }
        }
        return found.values.sorted { $0.key.about.lexicographicallyPrecedes($1.key.about) }
    }
}
