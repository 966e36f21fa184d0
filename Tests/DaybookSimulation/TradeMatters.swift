import DaybookModel

/// Shares that head office lends, what is issued from them, and what people settle: small ones of the department's.
enum TradeMatters {
    static let share = CollectionDefinition(
        "share", 8, .fact, scope: .of("place"), "Share", "额度",
        fields: [
            FieldDefinition("place", 1, .reference("place"), "Place", "地点", isRequired: true),
            FieldDefinition("laptop", 2, .text(maxBytes: 200), "Laptop", "电脑", isRequired: true),
            FieldDefinition("quantity", 3, .integer, "Quantity", "数量", isRequired: true),
        ], rights: .headOfficeOnly)

    static func share(_ quantity: Int64, for laptop: String, at place: Stamp) -> Draft {
        Draft(
            collection: "share",
            fields: [
                FieldValue(1, place.value), FieldValue(2, .text(laptop)),
                FieldValue(3, .integer(quantity)),
            ])
    }

    static let issue = CollectionDefinition(
        "issue", 9, .fact, scope: .of("place"), "Issue", "发放",
        fields: [
            FieldDefinition("place", 1, .reference("place"), "Place", "地点", isRequired: true),
            FieldDefinition("share", 2, .reference("share"), "Share", "额度"),
            FieldDefinition("forced", 3, .flag, "Beyond", "超出"),
        ], indexes: ["share"], rules: [withinShare],
        folds: [FoldDefinition("issued", keys: ["share"], .count)])

    static let settled = CollectionDefinition(
        "settled", 10, .fact, scope: .root("place"), "Settled", "处理",
        fields: [
            FieldDefinition("place", 1, .record, "Place", "地点", isRequired: true),
            FieldDefinition("kind", 2, .text(maxBytes: 100), "Kind", "类型", isRequired: true),
            FieldDefinition(
                "about", 3, .records(maxBytes: 16_000), "About", "事项", isRequired: true),
            FieldDefinition("first", 4, .record, "First", "首条", isRequired: true),
        ], indexes: ["first"])

    /// Of a share that this book has not, or of none that is left: head office may only record it.
    private static let withinShare = Rule("withinShare") { change, _, view in
        guard case .birth(let birth) = change else { return .fine }
        guard let id = birth.fields.value(2).flatMap({ Stamp($0) }) else {
            return birth.fields.value(3) == nil ? .refused(.againstRule) : .fine
        }
        guard let share = try view.record(id, in: "share") else { return .refused(.againstRule) }
        return try left(of: share, view) < 1 ? .refused(.againstRule) : .fine
    }

    static func left(of share: Record, _ view: any BookView) throws -> Int64 {
        let quantity = share.fields.value(3).flatMap { Int64($0) } ?? 0
        return try quantity - view.fold("issued", [share.id.value])
    }

    static let overspent = kind("overspent", "More issued than lent", "超出额度")
    static let beyond = kind("beyond", "Issued beyond a share", "额度外发放")
    static let twice = kind("twice", "A task tallied more than once", "重复计数")

    private static func kind(_ code: String, _ english: String, _ chinese: String) -> MatterKind {
        MatterKind(
            code, .attention, duty: .everybody, english, chinese,
            why: Label("People look at it.", "由人查看。"))
    }

    static let settling = Settling(
        rules: [shares, tallies],
        names: { record, _ in
            guard record.collection == settled.tag else { return nil }
            return key(of: record)
        },
        settlements: { key, view in
            try view.records(in: "settled", where: "first", is: key.about[0].value)
                .filter { Self.key(of: $0) == key }
                .sorted { ($0.at, $0.id) < ($1.at, $1.id) }
                .map {
                    Settled(
                        id: $0.id, choice: "seen", chosen: nil, by: $0.by, at: $0.at, note: nil)
                }
        },
        settle: { writer, matter, _, _ in
            _ = try writer.birth(settlement(of: matter))
        }, undo: { _, _ in })

    static func settlement(of matter: Matter) -> Draft {
        Draft(
            collection: "settled",
            fields: [
                FieldValue(1, matter.scope.value), FieldValue(2, .text(matter.key.kind)),
                FieldValue(3, .text(matter.key.about.text)),
                FieldValue(4, matter.key.about[0].value),
            ])
    }

    private static func key(of record: Record) -> MatterKey? {
        guard let kind = record.fields.value(2).flatMap({ String($0) }),
            let about = record.fields.value(3).flatMap({ String($0) }).flatMap({
                [Stamp](text: $0)
            }), !about.isEmpty
        else { return nil }
        return MatterKey(kind: kind, about: about)
    }

    private static let shares = MatterRule(
        "shares", kinds: [overspent, beyond], watches: ["share", "issue"],
        subjects: { record, view in
            guard record.collection == issue.tag else {
                return try left(of: record, view) < 0 ? [[record.id.value]] : []
            }
            guard let id = record.fields.value(2).flatMap({ Stamp($0) }) else {
                return [[record.id.value, .text("beyond")]]
            }
            guard let share = try view.record(id, in: "share") else { return [] }
            // Also when this one takes it over, or brings it back.
            return try left(of: share, view) < 1 ? [[id.value]] : []
        },
        derive: { subject, view in
            guard let id = Stamp(subject[0]) else { return Derived() }
            if subject.count > 1 {
                guard let issued = try view.record(id, in: "issue") else { return Derived() }
                return Derived(matters: [
                    Matter(
                        beyond, about: [id], scope: issued.scope, sides: [], choices: [.seen])
                ])
            }
            guard let share = try view.record(id, in: "share"), try left(of: share, view) < 0
            else { return Derived() }
            return Derived(matters: [
                Matter(overspent, about: [id], scope: share.scope, sides: [], choices: [.seen])
            ])
        })

    private static let tallies = MatterRule(
        "tallies", kinds: [twice], watches: ["tally"],
        subjects: { tally, _ in
            tally.fields.value(3).flatMap { Stamp($0) }.map { [[$0.value]] } ?? []
        },
        derive: { subject, view in
            let tallies = try view.records(in: "tally", where: "task", is: subject[0])
            guard tallies.count > 1 else { return Derived() }
            return Derived(matters: [
                Matter(
                    twice, about: tallies.map(\.id), scope: tallies[0].scope, sides: [],
                    choices: [.seen])
            ])
        })
}
