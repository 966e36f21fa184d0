import DaybookModel

/// That a matter is settled, or that such a settlement does not hold: a fact, undone only by another.
public enum Settlement: RecordType {
    /// The store or event, or the organisation itself, that the matter belongs to.
    public static let place = Field<Stamp>(
        .init("place", 1, .record, "Place", "地点", isRequired: true))
    /// A matter's kind; ``undo`` for what takes a settlement back.
    public static let kind = Field<String>(
        .init("kind", 2, .text(maxBytes: 100), "Matter", "待处理事项", isRequired: true))
    /// The first record that the matter is about; of an undoing the settlement that does not hold.
    public static let record = Field<Stamp>(
        .init("record", 3, .record, "Record", "记录", isRequired: true))
    /// The other records that it is about.
    public static let others = Field<String>(
        .init("others", 4, .records(maxBytes: 16_000), "Other records", "其他记录"))
    public static let choice = Field<String>(
        .init("choice", 5, .text(maxBytes: 100), "Choice", "处理方式"))
    public static let chosen = Field<Stamp>(.init("chosen", 6, .record, "Chosen", "选定"))
    public static let note = Field<String>(
        .init("note", 7, .text(maxBytes: 4_000), "Note", "备注"))

    public static let undo = "undo"

    public static let definition = CollectionDefinition(
        "settlement", 18, .fact, scope: .root("place"), "Settlement", "处理结果",
        fields: [
            place.definition, kind.definition, record.definition, others.definition,
            choice.definition, chosen.definition, note.definition,
        ], indexes: ["record"], effect: effect)

    /// What a settlement says that it settles; through undoings, what they undo.
    static func key(of held: Record, _ view: any BookView) throws -> MatterKey? {
        var record = held
        // An undoing of an undoing of …: nobody means more.
        for _ in 0..<8 {
            guard let kind = record[kind], let first = record[Self.record] else { return nil }
            guard kind == undo else {
                return MatterKey(
                    kind: kind,
                    about: [first] + (record[others].flatMap { [Stamp](text: $0) } ?? []))
            }
            guard let undone = try view.record(first, in: "settlement") else { return nil }
            record = undone
        }
        return nil
    }

    /// Those of a matter that hold, the earliest first.
    static func holding(_ key: MatterKey, _ view: any BookView) throws -> [Settled] {
        try about(key.about[0], view).filter { $0.key == key }.map(\.settled)
    }

    /// Whatever was settled that holds and has the record first.
    static func about(
        _ first: Stamp, _ view: any BookView
    ) throws -> [(key: MatterKey, settled: Settled)] {
        try view.records(in: "settlement", where: "record", is: first.value)
            .filter { try $0[kind] != undo && !isUndone($0.id, view, depth: 0) }
            .sorted { ($0.at, $0.id) < ($1.at, $1.id) }
            .compactMap { held in
                try key(of: held, view).map {
                    (
                        $0,
                        Settled(
                            id: held.id, choice: held[choice] ?? "", chosen: held[chosen],
                            by: held.by, at: held.at, note: held[note])
                    )
                }
            }
    }

    private static func isUndone(
        _ id: Stamp, _ view: any BookView, depth: Int
    ) throws -> Bool {
        guard depth < 8 else { return false }
        return try view.records(in: "settlement", where: "record", is: id.value).contains {
            try $0[kind] == undo && !isUndone($0.id, view, depth: depth + 1)
        }
    }

    /// Who has not the duty settles nothing: the fact stays, and head office says that it does not hold.
    private static let effect = Effect { record, asking, view in
        var mayIt = asking.isAllowed
        if mayIt, let by = record.by, let key = try key(of: record, view) {
            mayIt = try may(by, settle: key, said: record.scope, view)
        }
        guard !mayIt else { return Effect.Outcome() }
        return Effect.Outcome(
            refused: .notAllowed, detail: "settlement",
            changes: [.birth(undoing(record.id, in: record.scope))])
    }

    /// Whoever settles a matter has the duty wherever it is about something, and files it where it belongs.
    private static func may(
        _ person: Stamp, settle key: MatterKey, said scope: Stamp, _ view: any BookView
    ) throws -> Bool {
        guard let kind = view.catalogue.matterKind(key.kind) else { return true }
        var scopes: Set<Stamp> = []
        for id in key.about {
            for collection in view.catalogue.collections {
                guard let record = try view.record(id, in: collection.name) else { continue }
                scopes.insert(record.scope)
                break
            }
        }
        let home = scopes.count == 1 ? scopes.first : view.organisation
        guard scopes.isEmpty || home == scope else { return false }
        return try scopes.union([scope]).subtracting(
            scopes.count > 1 ? [view.organisation] : []
        ).allSatisfy { kind.duty.includes(try view.standing(of: person, in: $0)) }
    }

    static func undoing(_ id: Stamp, in place: Stamp) -> Draft {
        var draft = Draft(Settlement.self)
        draft[Self.place] = place
        draft[kind] = undo
        draft[record] = id
        return draft
    }
}

extension Department {
    static let settling = Settling(
        rules: [
            StockMatters.rule, VisitorMatters.rule, SaleMatters.rule,
            Allowances.rule, EventRules.rule,
            EventRules.voids,
            SettledTwice.rule,
        ],
        names: { record, view in
            record.collection == Settlement.definition.tag
                ? try Settlement.key(of: record, view) : nil
        },
        settlements: { try Settlement.holding($0, $1) },
        settle: { writer, matter, choice, note in
            try mayOne(writer, settle: matter.key.kind, in: matter.scope)
            switch choice.act {
            case .settlement:
                var draft = Draft(Settlement.self)
                draft[Settlement.place] = matter.scope
                draft[Settlement.kind] = matter.key.kind
                draft[Settlement.record] = matter.key.about[0]
                let others = Array(matter.key.about.dropFirst())
                draft[Settlement.others] = others.isEmpty ? nil : others.text
                draft[Settlement.choice] = choice.code
                draft[Settlement.chosen] = choice.chosen
                draft[Settlement.note] = note
                _ = try writer.birth(draft)
            case .edit(let record, let collection, let field, let value):
                try writer.edit(record, in: collection, field: field, to: value, settling: true)
            case .undoing(let settlements):
                for id in settlements {
                    _ = try writer.birth(Settlement.undoing(id, in: matter.scope))
                }
            }
        },
        undo: { writer, id in
            guard let held = try writer.record(id, in: "settlement"),
                let key = try Settlement.key(of: held, writer)
            else { throw ChangeFault.refused(.recordUnknown) }
            try mayOne(writer, settle: key.kind, in: held.scope)
            _ = try writer.birth(Settlement.undoing(id, in: held.scope))
        })

    /// The laptop says at once what head office would say later.
    private static func mayOne(
        _ writer: any EntryWriter, settle kind: String, in scope: Stamp
    ) throws {
        guard let person = writer.person, let kind = writer.catalogue.matterKind(kind) else {
            return
        }
        guard kind.duty.includes(try writer.standing(of: person, in: scope)) else {
            throw ChangeFault.refused(.notAllowed)
        }
    }
}

/// One matter settled twice by people who did not know of each other.
enum SettledTwice {
    static let kind = MatterKind(
        "settledTwice", .attention, duty: .duties([.operations, .warehouse, .supervision]),
        "Settled twice", "重复处理",
        why: Label(
            "Two people settled one matter without knowing of each other; the earlier holds until somebody says which.",
            "两人在互不知情时处理了同一事项；确定之前以较早者为准。"))

    static let rule = MatterRule(
        "settledTwice", kinds: [kind], watches: ["settlement"],
        subjects: { record, view in
            guard let key = try Settlement.key(of: record, view),
                try view.records(
                    in: "settlement", where: "record", is: key.about[0].value, most: 2
                ).count > 1
            else { return [] }
            return [[.text(key.kind)] + key.about.map(\.value)]
        },
        derive: { subject, view in
            guard case .text(let code)? = subject.first else { return Derived() }
            let key = MatterKey(kind: code, about: subject.dropFirst().compactMap { Stamp($0) })
            let holding = try Settlement.holding(key, view)
            guard holding.count > 1,
                let scope = try view.record(holding[0].id, in: "settlement")?.scope
            else { return Derived() }
            let agree = Set(holding.map { [$0.choice, $0.chosen?.description ?? ""] }).count == 1
            let label = view.catalogue.matterKind(code)?.label ?? Label(code, code)
            return Derived(matters: [
                Matter(
                    kind, about: holding.map(\.id), scope: scope,
                    grade: agree ? .information : .attention,
                    sides: holding.map { .init($0.id, in: "settlement") },
                    remarks: [.init("Matter", "事项", .word(label))],
                    choices: holding.map { one in
                        MatterChoice(
                            "keep", chosen: one.id, "This one holds", "以此为准",
                            effect: Label("The others are undone.", "其余的处理结果撤销。"),
                            act: .undoing(holding.map(\.id).filter { $0 != one.id }))
                    })
            ])
        })
}
