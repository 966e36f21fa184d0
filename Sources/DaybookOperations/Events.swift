import DaybookModel

/// An online or offline event; its stage moves by decisions only.
public enum Event: RecordType {
    public static let name = Field<String>(
        .init("name", 1, .text(maxBytes: 200), "Name", "名称", isRequired: true))
    public static let place = Field<String>(
        .init("place", 2, .text(maxBytes: 500), "Place", "地点"))
    public static let startsOn = Field<Day>(.init("starts_on", 3, .day, "Starts on", "开始日期"))
    public static let stage = Field<String>(
        .init(
            "stage", 4,
            .choice([
                Choice("idea", "Idea", "头脑风暴"), Choice("plan", "Plan", "计划"),
                Choice("approved", "Approved", "已批准"), Choice("published", "Published", "已发布"),
                Choice("running", "Running", "进行中"), Choice("closed", "Closed", "已结束"),
                Choice("summed_up", "Summed up", "已总结"),
            ]), "Stage", "阶段", isStage: true))
    public static let note = Field<String>(
        .init("note", 5, .text(maxBytes: 4_000), "Note", "备注"))
    public static let personalDays = Field<Int64>(
        .init(
            "personal_days", 6, .integer, "Days that names stay readable on laptops", "姓名在电脑上可读的天数")
    )

    public static let definition = CollectionDefinition(
        "event", 6, .document, scope: .itself, "Event", "活动",
        fields: [
            name.definition, place.definition, startsOn.definition, stage.definition,
            note.definition, personalDays.definition,
        ], naturalKey: "name", personalDays: "personal_days",
        rights: Rights(
            record: .headOffice, edit: .duties([.operations, .supervision]),
            fields: [
                "name": .managers, "note": .everybody, "personal_days": .managers,
            ], remove: .headOffice))
}

/// One question of an event's own sign-up form.
public enum Question: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    public static let order = Field<Int64>(.init("order", 2, .integer, "Order", "顺序"))
    public static let prompt = Field<String>(
        .init("prompt", 3, .text(maxBytes: 500), "Question", "问题", isRequired: true))
    public static let kind = Field<String>(
        .init(
            "kind", 4,
            .choice([
                Choice("text", "Text", "文本"), Choice("number", "Number", "数字"),
                Choice("choice", "Choice", "单选"), Choice("choices", "Multiple choice", "多选"),
                Choice("day", "Date", "日期"), Choice("phone", "Phone", "电话"),
                Choice("photo", "Photo", "照片"),
            ]), "Kind", "类型", isRequired: true))
    /// The choices, separated by `|`.
    public static let choices = Field<String>(
        .init("choices", 5, .text(maxBytes: 2_000), "Choices", "选项"))
    public static let isRequired = Field<Bool>(
        .init("required", 6, .flag, "Required", "必填"))

    public static let definition = CollectionDefinition(
        "question", 7, .document, scope: .of("event"), "Question", "问题",
        fields: [
            event.definition, order.definition, prompt.definition, kind.definition,
            choices.definition, isRequired.definition,
        ], indexes: ["event"], rights: .headOfficeOnly)
}

/// A visitor's registration at an event. What happened in the field is never refused.
public enum SignUp: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    public static let booth = Field<String>(
        .init("booth", 2, .text(maxBytes: 200), "Booth", "展位"))
    public static let name = Field<String>(
        .init("name", 3, .text(maxBytes: 200), "Name", "姓名", isPersonal: true, isRequired: true))
    public static let phone = Field<PhoneNumber>(
        .init("phone", 4, .phone, "Phone", "电话", isPersonal: true))
    public static let note = Field<String>(
        .init("note", 5, .text(maxBytes: 2_000), "Note", "备注"))
    /// By which a laptop that may not read the number says that it may have signed up already.
    public static let phoneHint = Field<Int64>(
        .init("phone_hint", 6, .hint(of: "phone"), "Hint of the phone", "电话提示"))

    public static let definition = CollectionDefinition(
        "signup", 8, .fact, scope: .of("event"), "Sign-up", "资料登记",
        fields: [
            event.definition, booth.definition, name.definition, phone.definition,
            note.definition, phoneHint.definition,
        ], indexes: ["phone"], scopeIndexes: ["phone_hint", "name"],
        rights: Rights(
            personal: .duties([.operations, .customerService, .sales, .supervision])),
        folds: [
            FoldDefinition("signupsByBooth", keys: ["event", "booth"], .count)
        ])
}

/// One answer to one question of the form.
public enum Answer: RecordType {
    public static let signup = Field<Stamp>(
        .init("signup", 1, .reference("signup"), "Sign-up", "资料登记", isRequired: true))
    public static let question = Field<Stamp>(
        .init("question", 2, .reference("question"), "Question", "问题", isRequired: true))
    /// As typed; several choices separated by `|`.
    public static let text = Field<String>(
        .init(
            "text", 3, .text(maxBytes: 4_000), "Answer", "回答", isPersonal: true, isRequired: true))

    public static let definition = CollectionDefinition(
        "answer", 9, .fact, scope: .of("signup"), "Answer", "回答",
        fields: [signup.definition, question.definition, text.definition], indexes: ["signup"],
        rights: Rights(
            personal: .duties([.operations, .customerService, .sales, .supervision])))
}

/// A gift handed out: one gift, one registration (一奖品一登记).
public enum Gift: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    public static let signup = Field<Stamp>(
        .init("signup", 2, .reference("signup"), "Sign-up", "资料登记", isRequired: true))
    public static let product = Field<Stamp>(
        .init("product", 3, .reference("product"), "Gift", "礼品", isRequired: true))
    public static let quantity = Field<Int64>(
        .init("quantity", 4, .quantity, "Quantity", "数量", isRequired: true))

    /// The share that it was issued from, where there is a limit.
    public static let allowance = Field<Stamp>(
        .init("allowance", 5, .reference("allowance"), "Allowance", "额度"))
    /// Given though the laptop's share was used up, knowingly.
    public static let forced = Field<Bool>(
        .init("forced", 6, .flag, "Beyond the share", "超出额度"))

    public static let definition = CollectionDefinition(
        "gift", 10, .fact, scope: .of("event"), "Gift", "礼品发放",
        fields: [
            event.definition, signup.definition, product.definition, quantity.definition,
            allowance.definition, forced.definition,
        ], indexes: ["signup"],
        rules: [
            Allowances.withinShare(
                allowance: allowance.tag, forced: forced.tag, quantity: quantity.tag,
                product: product.tag)
        ],
        folds: [
            FoldDefinition("giftsByAllowance", keys: ["allowance"], .sum("quantity")),
            FoldDefinition("giftsByEvent", keys: ["event", "product"], .sum("quantity")),
            FoldDefinition("giftsBySignup", keys: ["signup"], .count),
        ])
}

/// Material lent for an event (X展架, 相机, 车辆), out or back.
public enum Loan: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    public static let item = Field<String>(
        .init("item", 2, .text(maxBytes: 200), "Item", "物料", isRequired: true))
    /// Positive when lent out, negative when it comes back.
    public static let quantity = Field<Int64>(
        .init("quantity", 3, .quantity, "Quantity", "数量", isRequired: true))
    public static let holder = Field<String>(
        .init("holder", 4, .text(maxBytes: 200), "Holder", "领用人"))
    public static let damage = Field<String>(
        .init("damage", 5, .text(maxBytes: 2_000), "Damage", "损坏情况"))

    public static let definition = CollectionDefinition(
        "loan", 11, .fact, scope: .of("event"), "Loan", "物料借还",
        fields: [
            event.definition, item.definition, quantity.definition, holder.definition,
            damage.definition,
        ], indexes: ["event"],
        folds: [FoldDefinition("loansOut", keys: ["event", "item"], .sum("quantity"))])
}
