import DaybookModel

/// One step of an approval chain: which kind of decision needs whom, in what order, above what amount.
public enum Step: RecordType {
    /// What is decided: `event.approved`, `product.listed`, `proposal.budget`.
    public static let kind = Field<String>(
        .init("kind", 1, .text(maxBytes: 100), "Decision", "决策", isRequired: true))
    public static let order = Field<Int64>(
        .init("order", 2, .integer, "Order", "顺序", isRequired: true))
    /// Somebody of that rank, or above it.
    public static let rank = Field<String>(
        .init("rank", 3, Staff.rank.definition.type, "Rank", "职级", isRequired: true))
    public static let unit = Field<String>(
        .init("unit", 4, Staff.unit.definition.type, "Unit", "部门"))
    /// The step is needed from this amount on; always, when it is empty.
    public static let above = Field<Amount>(.init("above", 5, .amount, "From amount", "起始金额"))

    public static let definition = CollectionDefinition(
        "step", 24, .document, scope: .organisation, "Approval step", "审批步骤",
        fields: [
            kind.definition, order.definition, rank.definition, unit.definition, above.definition,
        ], indexes: ["kind"], rights: .headOfficeOnly)
}

/// What somebody wants decided that is no event's or product's stage: a budget line, a supplier, an article, leave.
public enum Proposal: RecordType {
    public static let place = Field<Stamp>(
        .init("place", 1, .record, "Place", "地点", isRequired: true))
    public static let title = Field<String>(
        .init("title", 2, .text(maxBytes: 500), "Title", "标题", isRequired: true))
    public static let kind = Field<String>(
        .init(
            "kind", 3,
            .choice([
                Choice("promotion", "Promotion", "促销"), Choice("supplier", "Supplier", "供应商"),
                Choice("article", "Article", "文章"), Choice("work_plan", "Work plan", "工作计划"),
                Choice("budget", "Budget line", "预算"), Choice("leave", "Leave", "请假"),
            ]), "Kind", "类型", isRequired: true))
    public static let text = Field<String>(
        .init("text", 4, .text(maxBytes: 16_000), "Text", "内容"))
    public static let amount = Field<Amount>(.init("amount", 5, .amount, "Amount", "金额"))
    public static let stage = Field<String>(
        .init(
            "stage", 6,
            .choice([
                Choice("approved", "Approved", "已批准"), Choice("rejected", "Rejected", "已否决"),
            ]), "Stage", "阶段", isStage: true))

    public static let definition = CollectionDefinition(
        "proposal", 25, .document, scope: .root("place"), "Proposal", "提案",
        fields: [
            place.definition, title.definition, kind.definition, text.definition,
            amount.definition, stage.definition,
        ])
}

/// A yes or no to moving something's stage, of the version that its maker saw. Until head office has said what became
/// of it, it is a request.
public enum Decision: RecordType {
    public static let place = Field<Stamp>(
        .init("place", 1, .record, "Place", "地点", isRequired: true))
    /// The event, product or proposal.
    public static let about = Field<Stamp>(
        .init("about", 2, .record, "About", "事项", isRequired: true))
    /// The stage that it asks for.
    public static let asks = Field<String>(
        .init("asks", 3, .text(maxBytes: 100), "Asks for", "申请阶段", isRequired: true))
    public static let agrees = Field<Bool>(
        .init("agrees", 4, .flag, "Agrees", "同意", isRequired: true))
    /// The heads of what was decided on.
    public static let version = Field<String>(
        .init("version", 5, .records(maxBytes: 8_000), "Version", "版本", isRequired: true))
    public static let why = Field<String>(
        .init("why", 6, .text(maxBytes: 4_000), "Why", "理由"))

    public static let definition = CollectionDefinition(
        "decision", 26, .fact, scope: .root("place"), "Decision", "决策",
        fields: [
            place.definition, about.definition, asks.definition, agrees.definition,
            version.definition, why.definition,
        ], indexes: ["about"], effect: Decisions.effect)
}

/// What head office says became of a decision.
public enum DecisionOutcome: RecordType {
    public static let decision = Field<Stamp>(
        .init("decision", 1, .reference("decision"), "Decision", "决策", isRequired: true))
    public static let result = Field<String>(
        .init(
            "result", 2,
            .choice([
                Choice("moved", "The stage moved", "已生效"),
                Choice("counted", "Counted; others have to agree", "已计入，待其他人审批"),
                Choice("rejected", "Rejected", "已否决"),
                Choice("moved_on", "Void: it had changed since", "无效：内容已变更"),
                Choice("not_next", "Void: that stage is not the next", "无效：不是下一阶段"),
                Choice("unknown", "Void: what it is about is not here", "无效：事项不存在"),
                Choice("not_allowed", "Void: not this person's to decide", "无效：无审批权限"),
            ]), "Result", "结果", isRequired: true))

    public static let definition = CollectionDefinition(
        "outcome", 27, .fact, scope: .of("decision"), "Outcome", "决策结果",
        fields: [decision.definition, result.definition], indexes: ["decision"],
        rights: .headOfficeOnly)
}
