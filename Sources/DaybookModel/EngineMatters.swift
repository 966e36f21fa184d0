/// What every catalogue's book may have to say to a person, whatever it is about.
extension MatterKind {
    static let seenOnly = Label(
        "It stays as it is; nobody is asked again.", "保持原样，不再提示。")

    private static func noted(
        _ code: String, _ grade: Grade, _ english: String, _ chinese: String, why: Label
    ) -> MatterKind {
        MatterKind(code, grade, duty: .duties([]), english, chinese, why: why)
    }

    /// Noted by head office as something arrived; each is about one record.
    public static let noted: [MatterKind] = [
        noted(
            "outOfScope", .attention, "Written where the laptop does not work", "写在该电脑无权使用的范围",
            why: Label(
                "The laptop was not given this store or event when it arrived.",
                "到达时该电脑并未分配到此门店或活动。")),
        noted(
            "wrongScope", .attention, "Filed under another place", "归属地点不符",
            why: Label(
                "It says that it belongs elsewhere than what it refers to.", "其归属与所引用的记录不一致。")),
        noted(
            "notAllowed", .attention, "Written without the right to", "无权限的记录",
            why: Label(
                "The person had not the right to record this when it arrived. It is kept and counts.",
                "到达时记录人没有此权限。记录仍保留并计入。")),
        noted(
            "invalidValue", .attention, "A value outside its limits", "数值超出限制",
            why: Label("It is kept as written, and summed nowhere.", "按原样保留，但不计入合计。")),
        noted(
            "removedButEdited", .attention, "Removed by one, edited by another", "一人删除、另一人修改",
            why: Label(
                "Whoever removed it had not seen the edit, so that it stays.", "删除者未看到该修改，故记录保留。")),
        noted(
            "regainedUnproven", .information, "Came back without its proof", "恢复时缺少证明",
            why: Label(
                "A laptop returned it after head office had lost it; its entry has not come.",
                "总部丢失后由电脑交还，但尚无原始记录佐证。")),
        noted(
            "renamed", .information, "Called otherwise since a name was taken", "因重名而改名",
            why: Label("Two copies of a laptop wrote under one name.", "同一电脑的两个副本使用了相同编号。")),
        noted(
            "namesLost", .attention, "Names that cannot be opened", "姓名无法解密",
            why: Label(
                "What happened is recorded, whom it names is lost.", "事情已记录，但所涉姓名已丢失。")),
    ]

    public static let dispute = MatterKind(
        "dispute", .attention, duty: .everybody, "Edits that did not see each other", "互不知情的修改",
        why: Label("One value is shown, the others are kept beside it.", "显示其中一个值，其余并存。"))
}

extension MatterChoice {
    /// For what only wants to be seen.
    public static let seen = MatterChoice(
        "seen", "Seen", "已知悉", effect: MatterKind.seenOnly)
}

extension MatterRule {
    /// Heads of different values, in whatever document: who has the right swaps another in.
    static let disputes = MatterRule(
        "disputes", kinds: [.dispute], watches: nil,
        subjects: { record, _ in
            record.disputes.isEmpty
                ? [] : [[.integer(Int64(record.collection)), record.id.value]]
        },
        derive: { subject, view in
            guard case .integer(let tag) = subject[0], let id = Stamp(subject[1]),
                let collection = view.catalogue[tag: UInt32(clamping: tag)],
                let record = try view.record(id, in: collection.name)
            else { return Derived() }
            return Derived(
                matters: record.disputes.compactMap { held in
                    // A hint follows from what it hints at.
                    guard let field = collection.field(tag: held.tag), !field.isHint else {
                        return nil
                    }
                    return dispute(held, field, record, collection)
                })
        })

    private static func dispute(
        _ held: FieldHeads, _ field: FieldDefinition, _ record: Record,
        _ collection: CollectionDefinition
    ) -> Matter {
        let heads =
            [(held.shown, record.fields.value(held.tag))]
            + held.others.map { ($0.stamp, $0.value) }
        return Matter(
            .dispute, about: [record.id] + heads.map(\.0), scope: record.scope,
            sides: [.init(record.id, in: collection.name)],
            remarks: [.init("Field", "字段", .word(field.label))]
                + heads.enumerated().map { place, head in
                    .init(
                        place == 0 ? "Shown" : "Kept", place == 0 ? "显示" : "保留",
                        .value(head.1, collection: collection.name, field: field.name))
                },
            choices: heads.map { head in
                MatterChoice(
                    "show", chosen: head.0, "Show this value", "显示此值",
                    effect: Label(
                        "It becomes the value; the others go to the record's history.",
                        "成为该字段的值，其余转入历史。"),
                    act: .edit(
                        record: record.id, collection: collection.name, field: field.name,
                        value: head.1))
            })
    }
}
