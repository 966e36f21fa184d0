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

/// What can be decided, and by whom.
public enum Decisions {
    /// From the lowest to the highest.
    static let ranks = ["promoter", "specialist", "supervisor", "deputy", "manager", "director"]

    /// One thing whose stage moves by decisions.
    struct Subject {
        let record: Record
        let collection: CollectionDefinition
        let stage: FieldDefinition
        let stages: [String]
        var present: String? { record.fields.value(stage.tag).flatMap { String($0) } }

        init?(_ id: Stamp, _ view: any BookView) throws {
            for collection in view.catalogue.collections
            where collection.fields.contains(where: \.isStage) {
                guard let record = try view.record(id, in: collection.name) else { continue }
                self.init(record, collection)
                return
            }
            return nil
        }

        /// Nil for what has no stages.
        init?(_ record: Record, _ collection: CollectionDefinition) {
            guard let stage = collection.fields.first(where: \.isStage),
                case .choice(let choices) = stage.type
            else { return nil }
            self.record = record
            self.collection = collection
            self.stage = stage
            stages = choices.map(\.code)
        }

        /// The heads of everything but its stage.
        var version: [Stamp] {
            let content = collection.fields.filter { !$0.isStage && !$0.isHint }
            return Set(content.flatMap { record.allHeads(of: $0.tag) }).sorted()
        }

        /// A proposal ends at once, whichever way; the others go from stage to stage.
        func mayMove(to asked: String) -> Bool {
            guard let place = stages.firstIndex(of: asked) else { return false }
            if collection.name == Proposal.definition.name { return present == nil }
            guard let present, let at = stages.firstIndex(of: present) else { return true }
            return place == at + 1
        }

        func steps(for asked: String, _ view: any BookView) throws -> [Record] {
            let kind: String
            if collection.name == Proposal.definition.name {
                kind = "proposal.\(record[Proposal.kind] ?? "")"
            } else {
                kind = "\(collection.name).\(asked)"
            }
            return try view.records(in: "step", where: "kind", is: .text(kind))
                .filter { step in
                    // A laptop may have written one: it binds nobody.
                    guard try view.isOfHeadOffice(step.id) else { return false }
                    guard let above = step[Step.above] else { return true }
                    guard let amount = record[Proposal.amount] else { return false }
                    return amount.currency == above.currency && amount.minor >= above.minor
                }
                .sorted { ($0[Step.order] ?? 0, $0.id) < ($1[Step.order] ?? 0, $1.id) }
        }
    }

    /// What became of it; nil while it is a request.
    public static func result(of decision: Stamp, _ view: any BookView) throws -> String? {
        try outcome(of: decision, view)?[DecisionOutcome.result]
    }

    /// What head office itself said, the first time.
    private static func outcome(of decision: Stamp, _ view: any BookView) throws -> Record? {
        try view.records(in: "outcome", where: "decision", is: decision.value)
            .first { try view.isOfHeadOffice($0.id) }
    }

    /// Who has agreed to that version so far, in order; nobody after a no.
    static func agreed(
        to asked: String, of subject: Subject, _ view: any BookView
    ) throws -> [Record] {
        let version = subject.version.text
        let decided = try view.records(
            in: "decision", where: "about", is: subject.record.id.value
        ).filter { $0[Decision.asks] == asked && $0[Decision.version] == version }
        // In the order in which head office had them: laptops' clocks say nothing of that.
        let outcomes = try decided.compactMap { decision in
            try outcome(of: decision.id, view).map { (outcome: $0, decision: decision) }
        }.sorted { $0.outcome.id < $1.outcome.id }
        return outcomes.reduce(into: []) { agreed, one in
            switch one.outcome[DecisionOutcome.result] {
            case "counted": agreed.append(one.decision)
            case "rejected": agreed = []
            default: break
            }
        }
    }

    static func mayTake(
        _ step: Record?, _ person: Stamp, _ view: any BookView
    ) throws -> Bool {
        guard let staff = try view.record(person, in: "staff"),
            let rank = staff[Staff.rank].flatMap({ ranks.firstIndex(of: $0) }),
            let wanted = ranks.firstIndex(of: step?[Step.rank] ?? "manager")
        else { return false }
        let unit = step?[Step.unit]
        return rank >= wanted && (unit == nil || unit == staff[Staff.unit])
    }

    /// Writes a decision on the version that this book shows.
    @discardableResult
    public static func decide(
        _ writer: any EntryWriter, about id: Stamp, asks: String, agrees: Bool, why: String?
    ) throws -> Stamp {
        guard let subject = try Subject(id, writer) else {
            throw ChangeFault.refused(.recordUnknown)
        }
        return try writer.birth(
            draft(
                subject.record, subject.collection, asks: asks, agrees: agrees, why: why))
    }

    /// A decision on a record as somebody sees it. Throws ``ChangeFault`` for a stage that it has not.
    public static func draft(
        _ record: Record, _ collection: CollectionDefinition, asks: String, agrees: Bool,
        why: String?
    ) throws -> Draft {
        guard let subject = Subject(record, collection) else {
            throw ChangeFault.unknownField("stage")
        }
        guard subject.stages.contains(asks) else {
            throw ChangeFault.field(subject.stage.name, .unknownChoice(subject.stages))
        }
        var draft = Draft(Decision.self)
        draft[Decision.place] = record.scope
        draft[Decision.about] = record.id
        draft[Decision.asks] = asks
        draft[Decision.agrees] = agrees
        draft[Decision.version] = subject.version.text
        draft[Decision.why] = why
        return draft
    }

    static let effect = Effect { record, asking, view in
        func said(_ result: String, refused: RefusalReason? = nil, _ more: [Effect.Change] = [])
            -> Effect.Outcome
        {
            var draft = Draft(DecisionOutcome.self)
            draft[DecisionOutcome.decision] = record.id
            draft[DecisionOutcome.result] = result
            return Effect.Outcome(
                refused: refused, detail: result, changes: [.birth(draft)] + more)
        }
        guard let id = record[Decision.about], let asked = record[Decision.asks],
            let subject = try Subject(id, view)
        else { return said("unknown", refused: .recordUnknown) }
        guard subject.mayMove(to: asked) else { return said("not_next", refused: .againstRule) }
        guard record[Decision.version] == subject.version.text else {
            return said("moved_on", refused: .againstRule)
        }
        let steps = try subject.steps(for: asked, view)
        let agreed = try agreed(to: asked, of: subject, view)
        let step = agreed.count < steps.count ? steps[agreed.count] : nil
        // Head office itself is leadership's own hand.
        let isOffice = asking.laptop.isEmpty && record.by == nil
        let mayTake =
            try isOffice
            || record.by.map { person in
                try Self.mayTake(step, person, view) && !agreed.contains { $0.by == person }
            } ?? false
        guard asking.isAllowed, mayTake else {
            return said("not_allowed", refused: .notAllowed)
        }
        func move(to stage: String) -> Effect.Change {
            .edit(
                record: id, collection: subject.collection.name, field: subject.stage.name,
                value: .text(stage))
        }
        guard record[Decision.agrees] == true else {
            let isProposal = subject.collection.name == Proposal.definition.name
            return said("rejected", isProposal ? [move(to: "rejected")] : [])
        }
        guard agreed.count + 1 >= steps.count else { return said("counted") }
        return said("moved", [move(to: asked)])
    }

    /// Decisions with what became of them, the latest last.
    public static let report = Report("decisions", "Decisions", "决策") { view in
        var table = ReportTable(
            "decisions", "Decisions", "决策",
            columns: [
                .init("at", "When", "时间"), .init("about", "About", "事项"),
                .init("asks", "Asks for", "申请阶段"), .init("agrees", "Agrees", "同意"),
                .init("by", "By", "人员"), .init("result", "Result", "结果"),
                .init("why", "Why", "理由"), .init("id", "Id", "编号"),
            ])
        try view.forEach(in: "decision") { decision in
            let result = try result(of: decision.id, view)
            let about = decision[Decision.about]
            table.rows.append([
                .moment(decision.at), .text(try about.map { try view.title(of: $0) } ?? ""),
                .text(decision[Decision.asks] ?? ""),
                .word(
                    decision[Decision.agrees] == true ? Label("yes", "同意") : Label("no", "不同意")),
                .text(try Figures.name(decision.by, in: "staff", view)),
                result.map {
                    .value(.text($0), collection: "outcome", field: "result")
                } ?? .word(Label("a request; head office has not got it yet", "申请中，总部尚未收到")),
                .text(decision[Decision.why] ?? ""), .text("\(decision.id)"),
            ])
        }
        return [table]
    }
}
