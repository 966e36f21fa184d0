import DaybookModel

/// A unit was told an event's time and rules.
public enum Told: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    public static let unit = Field<String>(
        .init("unit", 2, Staff.unit.definition.type, "Unit", "部门", isRequired: true))

    public static let definition = CollectionDefinition(
        "told", 28, .fact, scope: .of("event"), "Unit told", "已告知部门",
        fields: [event.definition, unit.definition], indexes: ["event"],
        rights: Rights(record: .duties([.operations, .supervision])))
}

/// Something of an event's preparation was done.
public enum Milestone: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    public static let kind = Field<String>(
        .init(
            "kind", 2,
            .choice([
                Choice("planning", "Planning begun", "开始策划"),
                Choice("products", "Products submitted", "提交参与商品"),
                Choice("setup", "Technical set-up begun", "开始技术搭建"),
                Choice("meeting", "Joint meeting held", "召开联合会议"),
                Choice("summary", "Summary written", "完成活动总结"),
            ]), "Milestone", "里程碑", isRequired: true))
    public static let note = Field<String>(
        .init("note", 3, .text(maxBytes: 4_000), "Note", "备注"))

    public static let definition = CollectionDefinition(
        "milestone", 29, .fact, scope: .of("event"), "Milestone", "里程碑",
        fields: [event.definition, kind.definition, note.definition], indexes: ["event"],
        rights: Rights(record: .duties([.operations, .design, .productCentre, .supervision])))

    /// Days before the event's start by which each is due; the summary is due so many days after.
    static let due: [(kind: String, days: Int64)] = [
        ("planning", 15), ("products", 10), ("setup", 3), ("meeting", 1), ("summary", -3),
    ]
}

/// An event goes live when every unit knows and leadership has agreed.
public enum EventRules {
    private static let duty = Rights.Holder.duties([.operations, .supervision])

    static let notTold = MatterKind(
        "eventNotTold", .urgent, duty: duty, "Live without having told every unit", "未告知全部部门即上线",
        why: Label(
            "Every unit is to be told an event's time and rules before it goes live: a breach.",
            "活动上线前须告知各部门时间和规则，属违规。"))
    static let notApproved = MatterKind(
        "eventNotApproved", .urgent, duty: duty, "Live without leadership's approval", "未经领导批准即上线",
        why: Label(
            "An event goes live only with leadership's approval: a breach.", "活动须经领导批准方可上线，属违规。"))
    static let void = MatterKind(
        "decisionVoid", .attention, duty: duty, "A decision on what had changed since",
        "决策所依据的内容已变更",
        why: Label(
            "It was decided on another version than head office had; it does not hold. Decide anew.",
            "决策所依据的版本与总部不同，不生效，请重新决策。"))

    private static let live = ["running", "closed", "summed_up"]

    static let rule = MatterRule(
        "events", kinds: [notTold, notApproved], watches: ["event", "told", "decision", "outcome"],
        subjects: { record, view in
            switch record.collection {
            case Event.definition.tag: return [[record.id.value]]
            case Told.definition.tag: return record[Told.event].map { [[$0.value]] } ?? []
            case Decision.definition.tag: return record[Decision.about].map { [[$0.value]] } ?? []
            default:
                let decision = try record[DecisionOutcome.decision]
                    .flatMap { try view.record($0, in: "decision") }
                return decision?[Decision.about].map { [[$0.value]] } ?? []
            }
        },
        derive: { subject, view in
            guard let id = Stamp(subject[0]), let event = try view.record(id, in: "event"),
                live.contains(event[Event.stage] ?? "")
            else { return Derived() }
            var matters: [Matter] = []
            let told = Set(
                try view.records(in: "told", where: "event", is: id.value)
                    .compactMap { $0[Told.unit] })
            guard case .choice(let units) = Staff.unit.definition.type else { return Derived() }
            let missing = units.filter { !told.contains($0.code) }
            if !missing.isEmpty {
                matters.append(
                    breach(
                        notTold, event,
                        missing.map { .init("Not told", "未告知", .word($0.label)) }))
            }
            if try !isApproved(id, view) { matters.append(breach(notApproved, event, [])) }
            return Derived(matters: matters)
        })

    private static func breach(
        _ kind: MatterKind, _ event: Record, _ remarks: [Matter.Remark]
    ) -> Matter {
        Matter(
            kind, about: [event.id], scope: event.scope, sides: [.init(event.id, in: "event")],
            remarks: remarks,
            choices: [
                MatterChoice(
                    "breach", "It is a breach", "记为违规",
                    effect: Label("It is noted as one.", "计入违规。")),
                MatterChoice(
                    "excused", "Excused", "免责",
                    effect: Label("It was done otherwise; say how in the note.", "已另行处理，请在备注中说明。")),
            ])
    }

    /// A director agreed, or head office itself.
    private static func isApproved(_ event: Stamp, _ view: any BookView) throws -> Bool {
        try view.records(in: "decision", where: "about", is: event.value).contains { decision in
            guard decision[Decision.asks] == "approved", decision[Decision.agrees] == true,
                let result = try Decisions.result(of: decision.id, view),
                ["moved", "counted"].contains(result)
            else { return false }
            guard let by = decision.by else { return try view.isOfHeadOffice(decision.id) }
            return try view.record(by, in: "staff")?[Staff.rank] == "director"
        }
    }

    // MARK: - Decisions that hold no more

    static let voids = MatterRule(
        "voids", kinds: [void], watches: ["outcome"],
        subjects: { record, _ in
            record[DecisionOutcome.result] == "moved_on"
                ? record[DecisionOutcome.decision].map { [[$0.value]] } ?? [] : []
        },
        derive: { subject, view in
            guard let id = Stamp(subject[0]), let decision = try view.record(id, in: "decision"),
                let about = decision[Decision.about],
                let held = try Decisions.Subject(about, view),
                try Decisions.result(of: id, view) == "moved_on"
            else { return Derived() }
            return Derived(matters: [
                Matter(
                    void, about: [id], scope: decision.scope,
                    sides: [.init(id, in: "decision"), .init(about, in: held.collection.name)],
                    remarks: try difference(held, decision, view), choices: [.seen])
            ])
        })

    /// Each field that is another now, as it was decided on and as it is.
    private static func difference(
        _ held: Decisions.Subject, _ decision: Record, _ view: any BookView
    ) throws -> [Matter.Remark] {
        let seen = Set(decision[Decision.version].flatMap { [Stamp](text: $0) } ?? [])
        return try held.collection.fields.filter {
            !$0.isStage && !$0.isHint && !$0.isPersonal
                && !Set(held.record.allHeads(of: $0.tag)).isSubset(of: seen)
        }.flatMap { field -> [Matter.Remark] in
            let then = try view.history(of: held.record.id, field: field.tag)
                .last { seen.contains($0.stamp) }
            func cell(_ value: Value?) -> ReportTable.Cell {
                .value(value, collection: held.collection.name, field: field.name)
            }
            return [
                .init("Field", "字段", .word(field.label)),
                .init("Decided on", "决策时", then.map { cell($0.value) } ?? .none),
                .init("Is now", "现为", cell(held.record.fields.value(field.tag))),
            ]
        }
    }

    // MARK: - What is due

    /// Options: `today` as a day.
    public static let milestones = Report(
        "milestones", "Milestones", "里程碑", options: ["today"]
    ) { view, options in
        let today = options["today"].flatMap { Day(text: $0) }
        var table = ReportTable(
            "milestones", "Milestones", "里程碑",
            columns: [
                .init("event", "Event", "活动"), .init("milestone", "Milestone", "里程碑"),
                .init("due", "Due", "应于"), .init("done", "Done", "完成"),
                .init("late", "Days late", "逾期天数"),
            ])
        try view.forEach(in: "event") { event in
            // Anybody may have typed anything.
            guard let start = event[Event.startsOn], start.number.magnitude < 10_000_000 else {
                return
            }
            let done = try view.records(in: "milestone", where: "event", is: event.id.value)
            let summed = try view.records(in: "summary", where: "event", is: event.id.value)
            for (kind, days) in Milestone.due {
                let facts = done.filter { $0[Milestone.kind] == kind }
                let first = (kind == "summary" ? facts + summed : facts).map(\.at).min()
                let due = Day(number: start.number - days)
                let at = first?.day ?? today
                table.rows.append([
                    .text(event[Event.name] ?? ""),
                    .value(.text(kind), collection: "milestone", field: "kind"),
                    .text("\(due)"), first.map { .moment($0) } ?? .none,
                    at.map { $0.number > due.number ? .number($0.number - due.number) : .none }
                        ?? .none,
                ])
            }
        }
        return [table]
    }
}
