import DaybookModel

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
        // Filed where what it is about belongs: elsewhere its maker may have other rights.
        guard asking.isAllowed, mayTake, record.scope == subject.record.scope else {
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
