import ArgumentParser
import DaybookModel
import DaybookOperations
import DaybookStorage
import DaybookWords

/// Which matters a command means.
public struct MatterOptions: ParsableArguments {
    @Option(help: ArgumentHelp(.matterKindHelp)) public var kind: [String] = []
    @Option(help: ArgumentHelp(.matterPlaceHelp)) public var place: String?
    @Option(help: ArgumentHelp(.gradeHelp)) public var grade: String?
    @Option(help: ArgumentHelp(.mostHelp)) public var most = 50

    public init() {}

    /// - Parameter find: the store or event that a text names.
    public func filter(find: (String) async throws -> Stamp) async throws -> MatterFilter {
        var filter = MatterFilter()
        for code in kind where Department.catalogue.matterKind(code) == nil {
            let codes = Department.catalogue.matterKinds.map(\.code).joined(separator: ", ")
            throw UsageFault(Word.usageMatterKind.text(code, codes))
        }
        filter.kinds = kind
        if let place { filter.scope = try await find(place) }
        if let grade {
            guard let known = Grade.allCases.first(where: { "\($0)" == grade }) else {
                let names = Grade.allCases.map { "\($0)" }.joined(separator: ", ")
                throw UsageFault(Word.usageGrade.text(grade, names))
            }
            filter.grade = known
        }
        guard most > 0 else { throw UsageFault(Word.usageLast.text("\(most)")) }
        filter.most = most
        return filter
    }
}

/// The store or event that a person names.
public func place(
    _ text: String, _ find: (String, String) async throws -> [Record]
) async throws -> Stamp {
    for collection in Department.catalogue.collections where collection.scope == .itself {
        let found = try await find(text, collection.name)
        if !found.isEmpty { return try only(found, named: text, of: collection).id }
    }
    throw UsageFault(Word.usagePlace.text(text))
}

/// A moment as typed, for a report's options.
public func moment(_ text: String?) throws -> String? {
    guard let text else { return nil }
    guard let moment = Moment(text: text) else { throw UsageFault(Word.usageMoment.text(text)) }
    return "\(moment)"
}

extension ChoiceUnknown: Explained {
    public var words: String {
        known.isEmpty
            ? Word.matterNoChoice.text(code)
            : Word.usageChoice.text(typed, known.joined(separator: ", "))
    }

    public var exitCode: Int32 { ExitCodes.refused }
}

extension Grade {
    var word: String {
        switch self {
        case .information: Word.gradeInformation.text()
        case .attention: Word.gradeAttention.text()
        case .urgent: Word.gradeUrgent.text()
        }
    }
}

extension MatterState {
    var word: String {
        switch self {
        case .open: Word.matterOpen.text()
        case .settled: Word.matterSettled.text()
        case .overtaken: Word.matterOvertaken.text()
        }
    }
}

extension OutputOptions {
    /// A list, the most urgent first.
    public func list(_ matters: [ListedMatter], of total: Int) {
        guard !json else {
            return emit(["matters": matters.map { Self.json($0) }, "total": total])
        }
        guard !matters.isEmpty else { return print(Word.mattersEmpty.text()) }
        var table = TextTable(
            header: [Word.headCode, .headGrade, .headMatter, .headPlace, .headWhat].map {
                $0.text()
            })
        for one in matters {
            let state = one.state == .open ? "" : " (\(one.state.word))"
            table.add([
                .init(one.code), .init(one.matter.grade.word),
                .init(Self.label(of: one.matter).text() + state),
                .init(one.titles[one.matter.scope] ?? "\(one.matter.scope)"),
                .init(Self.summary(of: one)),
            ])
        }
        self.table(table)
        if total > matters.count {
            print(Word.mattersMore.text("\(matters.count)", "\(total)"))
        }
        print(Word.mattersNext.text())
    }

    /// One of them with both sides and what can be done.
    public func show(_ one: ListedMatter) {
        guard !json else { return emit(Self.json(one)) }
        let matter = one.matter
        let titles = { (id: Stamp) in one.titles[id] ?? "\(id)" }
        print("\(one.code)  \(Self.label(of: matter).text())  [\(matter.grade.word)]")
        print("  \(Word.headPlace.text()): \(titles(matter.scope))")
        if let kind = Department.catalogue.matterKind(matter.key.kind) {
            print("  \(kind.why.text())")
            let duties = Department.labels(of: kind.duty).map { $0.text() }
            print("  \(Word.matterFor.text(duties.joined(separator: ", ")))")
        }
        for remark in matter.remarks {
            print("  \(remark.label.text()): \(Self.cell(remark.cell, titles: titles).text)")
        }
        for side in one.sides {
            print("  — " + Self.describe(side, titles))
            print("    " + Self.origin(of: side, titles))
        }
        switch one.state {
        case .open: break
        case .overtaken: print("  \(Word.matterOvertakenWhy.text())")
        case .settled:
            for settled in one.settled {
                let by = settled.by.map(titles) ?? Word.byOffice.text()
                let chosen = settled.chosen.map { ":\($0)" } ?? ""
                let words = Word.matterSettledBy.text(
                    settled.choice + chosen, by, Listing.local(settled.at), "\(settled.id)")
                print("  \(words)\(settled.note.map { " — \($0)" } ?? "")")
            }
        }
        guard one.state == .open else { return }
        print("  \(Word.matterChoices.text())")
        for choice in matter.choices {
            let typed = "--as \(choice.typed)"
            print("    \(typed)  \(choice.label.text()): \(choice.effect.text())")
        }
        if matter.choices.isEmpty { print("    \(Word.matterClosesItself.text())") }
    }

    // MARK: - Parts

    public static func label(of matter: Matter) -> Label {
        Department.catalogue.matterKind(matter.key.kind)?.label
            ?? Label(matter.key.kind, matter.key.kind)
    }

    private static func summary(of one: ListedMatter) -> String {
        let titles = { (id: Stamp) in one.titles[id] ?? "\(id)" }
        let remarks = one.matter.remarks.map {
            "\($0.label.text()) \(Self.cell($0.cell, titles: titles).text)"
        }
        let sides = one.sides.map { side in
            Department.catalogue[side.collection]?.title(of: side.record) ?? "\(side.record.id)"
        }
        return (remarks.isEmpty ? sides : remarks).joined(separator: " · ")
    }

    private static func describe(
        _ side: ListedMatter.Side, _ titles: (Stamp) -> String
    ) -> String {
        guard let definition = Department.catalogue[side.collection] else {
            return "\(side.record.id)"
        }
        let fields = definition.fields.compactMap { field -> String? in
            guard !field.isHint, let value = side.record.fields.value(field.tag) else { return nil }
            return "\(field.label.text()) \(Listing.text(value, field, titles))"
        }
        return "\(definition.label.text()) \(side.record.id): "
            + fields.joined(separator: ", ")
    }

    /// Who, on which laptop, when by both clocks.
    private static func origin(
        of side: ListedMatter.Side, _ titles: (Stamp) -> String
    ) -> String {
        var parts = [side.record.by.map(titles) ?? Word.byOffice.text()]
        if let laptop = side.laptop, !laptop.isEmpty { parts.append(laptop) }
        var at = Listing.local(side.record.at)
        if side.record.uncertaintyMilliseconds > 0 {
            at += " ±\((side.record.uncertaintyMilliseconds + 999) / 1_000) s"
        }
        parts.append(at)
        if let recorded = side.recorded, recorded != side.record.at {
            parts.append(Word.matterOwnClock.text(Listing.local(recorded)))
        }
        if let arrived = side.arrived {
            parts.append(Word.matterArrived.text(Listing.local(arrived)))
        }
        return parts.joined(separator: ", ")
    }

    static func json(_ one: ListedMatter) -> [String: Any] {
        let matter = one.matter
        let titles = { (id: Stamp) in one.titles[id] ?? "\(id)" }
        return [
            "code": one.code, "kind": matter.key.kind, "about": matter.key.about.map { "\($0)" },
            "grade": "\(matter.grade)", "state": "\(one.state)", "scope": "\(matter.scope)",
            "place": titles(matter.scope), "label": label(of: matter).english,
            "for": Department.catalogue.matterKind(matter.key.kind).map {
                Department.labels(of: $0.duty).map(\.english)
            } ?? [],
            "remarks": matter.remarks.map {
                [
                    "name": $0.label.english,
                    "value": json($0.cell, titles: titles),
                ]
            },
            "sides": one.sides.map { json($0, titles) },
            "choices": matter.choices.map {
                ["as": $0.typed, "label": $0.label.english, "effect": $0.effect.english]
            },
            "settled": one.settled.map { json($0, titles) },
        ]
    }

    private static func json(
        _ side: ListedMatter.Side, _ titles: (Stamp) -> String
    ) -> [String: Any] {
        var object =
            Department.catalogue[side.collection].map { Listing.json(side.record, $0) } ?? [:]
        object["byName"] = side.record.by.map(titles)
        object["laptop"] = side.laptop
        object["recorded"] = side.recorded.map { "\($0)" }
        object["arrived"] = side.arrived.map { "\($0)" }
        object["withinMilliseconds"] = side.record.uncertaintyMilliseconds
        return object
    }

    private static func json(_ settled: Settled, _ titles: (Stamp) -> String) -> [String: Any] {
        var object: [String: Any] = [
            "id": "\(settled.id)", "choice": settled.choice, "at": "\(settled.at)",
        ]
        object["chosen"] = settled.chosen.map { "\($0)" }
        object["by"] = settled.by.map(titles)
        object["note"] = settled.note
        return object
    }
}
