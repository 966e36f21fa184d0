import DaybookModel

/// A small catalogue with every kind of thing that the engine knows, in three versions that only add.
enum Trade {
    static let newest: UInt32 = 3

    /// - Parameter isOffice: head office alone knows the rule: laptops hear of the refusal later.
    static func catalogue(_ version: UInt32, isOffice: Bool) -> Catalogue {
        var collections = [
            organisation, place, task(version, isOffice), tally, gift, decision,
            TradeMatters.share, TradeMatters.issue, TradeMatters.settled,
        ]
        if version >= 3 { collections.append(visit) }
        return Catalogue(
            version: version, collections: collections, settling: TradeMatters.settling)
    }

    private static let organisation = CollectionDefinition(
        "organisation", 1, .document, scope: .itself, "Organisation", "组织",
        fields: [FieldDefinition("name", 1, .text(maxBytes: 200), "Name", "名称")],
        rights: .headOfficeOnly)

    private static let place = CollectionDefinition(
        "place", 2, .document, scope: .itself, "Place", "地点",
        fields: [
            FieldDefinition("name", 1, .text(maxBytes: 200), "Name", "名称"),
            FieldDefinition("note", 2, .text(maxBytes: 200), "Note", "备注"),
            FieldDefinition("days", 3, .integer, "Days", "天数"),
        ], personalDays: "days", rights: Rights(record: .headOffice, remove: .headOffice))

    private static func task(_ version: UInt32, _ isOffice: Bool) -> CollectionDefinition {
        var fields = [
            FieldDefinition("place", 1, .reference("place"), "Place", "地点", isRequired: true),
            FieldDefinition("title", 2, .text(maxBytes: 200), "Title", "标题"),
            FieldDefinition("note", 3, .text(maxBytes: 200), "Note", "备注"),
            FieldDefinition(
                "contact", 6, .text(maxBytes: 200), "Contact", "联系人", isPersonal: true),
            FieldDefinition("contact_hint", 7, .hint(of: "contact"), "Hint", "提示"),
        ]
        fields.append(
            FieldDefinition(
                "stage", 5,
                .choice([Choice("open", "Open", "进行中"), Choice("done", "Done", "完成")]),
                "Stage", "阶段", isStage: true))
        if version >= 2 {
            fields.append(FieldDefinition("due", 4, .integer, "Due", "期限"))
        }
        return CollectionDefinition(
            "task", 3, .document, scope: .of("place"), "Task", "任务", fields: fields,
            rights: Rights(personal: .everybody), rules: isOffice ? [noForbiddenNote] : [])
    }

    static let forbidden = "forbidden"
    /// Begins whatever names a person: no laptop's disk holds it.
    static let named = "秘密"

    private static let noForbiddenNote = Rule("noForbiddenNote") { change, _, _ in
        guard case .edit(let edit) = change, edit.value == .text(forbidden) else { return .fine }
        return .refused(.againstRule)
    }

    private static let tally = CollectionDefinition(
        "tally", 4, .fact, scope: .of("place"), "Tally", "计数",
        fields: [
            FieldDefinition("place", 1, .reference("place"), "Place", "地点", isRequired: true),
            FieldDefinition("quantity", 2, .integer, "Quantity", "数量", isRequired: true),
            FieldDefinition("task", 3, .reference("task"), "Task", "任务"),
            FieldDefinition("who", 4, .text(maxBytes: 200), "Who", "何人", isPersonal: true),
        ], indexes: ["task"], rights: Rights(personal: .everybody),
        folds: [FoldDefinition("total", keys: ["place"], .sum("quantity"))])

    static let giftTag: UInt32 = 5

    /// Written in one entry with a tally elsewhere: both are seen, or neither.
    private static let gift = CollectionDefinition(
        "gift", giftTag, .fact, scope: .of("place"), "Gift", "赠品",
        fields: [
            FieldDefinition("place", 1, .reference("place"), "Place", "地点", isRequired: true),
            FieldDefinition("tally", 2, .reference("tally"), "Tally", "计数", isRequired: true),
        ])

    /// Asks to move a task's stage.
    private static let decision = CollectionDefinition(
        "decision", 7, .fact, scope: .of("place"), "Decision", "决定",
        fields: [
            FieldDefinition("place", 1, .reference("place"), "Place", "地点", isRequired: true),
            FieldDefinition("task", 2, .reference("task"), "Task", "任务", isRequired: true),
            FieldDefinition("why", 3, .text(maxBytes: 200), "Why", "理由"),
        ])

    private static let visit = CollectionDefinition(
        "visit", 6, .fact, scope: .of("place"), "Visit", "到访",
        fields: [
            FieldDefinition("place", 1, .reference("place"), "Place", "地点", isRequired: true)
        ])
}
