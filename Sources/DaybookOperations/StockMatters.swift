import DaybookModel

/// What a store's people have to say of its stock.
enum StockMatters {
    private static let duty = Rights.Holder.duties([
        .warehouse, .sales, .operations, .supervision,
    ])

    static let variance = MatterKind(
        "countVariance", .attention, duty: duty, "A count that the movements do not explain",
        "盘点有差异",
        why: Label(
            "What was counted is not what the movements before it add up to. A movement that turns up late may explain it.",
            "实盘数与此前变动的合计不符；晚到的记录可能会说明差异。"))
    static let close = MatterKind(
        "countsClose", .attention, duty: duty, "One thing counted twice", "同一商品重复盘点",
        why: Label(
            "Both counts are kept; which one holds is for people to say.", "两次盘点都保留，由人确定以哪次为准。"))
    static let unsure = MatterKind(
        "countUncertain", .attention, duty: duty, "A count with an uncertain moment", "盘点时间不确定",
        why: Label(
            "A clock was wrong: the movement may have happened before the count or after it.",
            "时钟有误：该变动可能在盘点之前，也可能在之后。"))
    static let belowZero = MatterKind(
        "stockBelowZero", .information, duty: duty, "Stock below zero", "库存为负",
        why: Label(
            "More went out than came in: a receipt or a count is missing, or still on a laptop.",
            "出库多于入库：缺少入库或盘点记录，或记录尚在某台电脑上。"))

    static func accepts(_ one: (key: MatterKey, settled: Settled)) -> Bool {
        switch (one.key.kind, one.settled.choice) {
        case (variance.code, "accept"), (close.code, "accept"), (close.code, "sum"): true
        default: false
        }
    }

    static let rule = MatterRule(
        "stock", kinds: [variance, close, unsure, belowZero],
        watches: ["movement", "countline", "settlement"],
        subjects: { record, view in
            switch record.collection {
            case Movement.definition.tag: try subjects(ofMovement: record, view)
            case CountLine.definition.tag: subject(of: record).map { [$0] } ?? []
            default: try subjects(ofSettlement: record, view)
            }
        },
        derive: { subject, view in
            guard let store = Stamp(subject[0]), let product = Stamp(subject[1]) else {
                return Derived()
            }
            let ledger = try StockLedger(view, store: store, product: product)
            return Derived(
                matters: try matters(of: ledger, view),
                figures: [
                    .init("stockAdjustment", [store.value, product.value], ledger.adjustment)
                ])
        })

    private static func subject(of line: Record) -> [Value]? {
        line[CountLine.product].map { [line.scope.value, $0.value] }
    }

    /// Most movements happen after the last count and leave something: nothing follows from them.
    private static func subjects(ofMovement record: Record, _ view: any BookView) throws
        -> [[Value]]
    {
        guard let store = record[Movement.store], let product = record[Movement.product] else {
            return []
        }
        let keys = [store.value, product.value]
        let onHand = try view.fold("stockOnHand", keys) &+ view.fold("stockAdjustment", keys)
        let quantity = StockLedger.quantity(record)
        // Below zero now, or before this one came or went.
        var isTouched = onHand < 0 || onHand &- quantity < 0 || onHand &+ quantity < 0
        guard !isTouched else { return [keys] }
        try view.timeline(in: "countline", keys) { line in
            isTouched =
                record.uncertaintyMilliseconds > 0 || record.at <= line.at
                || StockLedger.mayBeEitherSide(record, line)
            return false
        }
        guard !isTouched else { return [keys] }
        let unsure = try view.uncertain(in: "countline", keys, beyond: 0)
        return unsure.contains { StockLedger.mayBeEitherSide(record, $0) } ? [keys] : []
    }

    private static func subjects(
        ofSettlement record: Record, _ view: any BookView
    ) throws -> [[Value]] {
        guard let key = try Settlement.key(of: record, view),
            [variance.code, close.code, unsure.code].contains(key.kind)
        else { return [] }
        for id in key.about {
            if let line = try view.record(id, in: "countline"), let subject = subject(of: line) {
                return [subject]
            }
        }
        return []
    }

    // MARK: - Matters

    private static func matters(
        of ledger: StockLedger, _ view: any BookView
    ) throws -> [Matter] {
        var matters: [Matter] = []
        let open = ledger.lines[(ledger.holding ?? 0)...]
        for group in groups(of: open.filter { $0.decision == nil }) {
            if group.count > 1 {
                matters.append(twice(group, ledger))
            } else if group[0].variance != 0 {
                matters.append(varied(group[0], ledger))
            }
        }
        for line in open {
            if case .accepted? = line.decision, line.variance != 0 {
                matters.append(varied(line, ledger))
            }
            for movement in line.unsure {
                matters.append(eitherSide(movement, line, ledger))
            }
        }
        if ledger.onHand < 0 {
            matters.append(
                Matter(
                    belowZero, about: [ledger.store, ledger.product], scope: ledger.store,
                    sides: [],
                    remarks: thing(ledger) + [.init("On hand", "库存数", .number(ledger.onHand))],
                    choices: []))
        }
        return matters
    }

    /// Counts of one counting, in the order of time.
    private static func groups(of lines: [StockLedger.Line]) -> [[StockLedger.Line]] {
        var groups: [[StockLedger.Line]] = []
        for line in lines {
            if let last = groups.last?.last?.record.at,
                line.record.at.since(last) <= StockLedger.closeMilliseconds
            {
                groups[groups.count - 1].append(line)
            } else {
                groups.append([line])
            }
        }
        return groups
    }

    private static func thing(_ ledger: StockLedger) -> [Matter.Remark] {
        [
            .init(
                "Store", "门店", .value(ledger.store.value, collection: "movement", field: "store")),
            .init(
                "Product", "商品",
                .value(ledger.product.value, collection: "movement", field: "product")),
        ]
    }

    private static func varied(_ line: StockLedger.Line, _ ledger: StockLedger) -> Matter {
        let gain = line.variance
        return Matter(
            variance, about: [line.record.id], scope: line.record.scope,
            sides: [.init(line.record.id, in: "countline")],
            remarks: thing(ledger) + [
                .init("Counted", "实盘数", .number(line.counted)),
                .init("Expected then", "应有数", .number(line.expected)),
                .init(gain < 0 ? "Loss" : "Gain", gain < 0 ? "盘亏" : "盘盈", .number(gain)),
            ],
            choices: [
                MatterChoice(
                    "accept", "The count is right", "以盘点为准",
                    effect: Label(
                        "Stock at that moment is what was counted; the difference is gain or loss.",
                        "该时刻库存以实盘数为准，差额计为盘盈或盘亏。")),
                MatterChoice(
                    "dismiss", "The count is wrong", "盘点有误",
                    effect: Label(
                        "Stock stays what the movements add up to.", "库存仍按变动合计。")),
            ])
    }

    private static func twice(_ lines: [StockLedger.Line], _ ledger: StockLedger) -> Matter {
        let agree = Set(lines.map(\.variance)).count == 1
        return Matter(
            close, about: lines.map(\.record.id), scope: lines[0].record.scope,
            grade: agree ? .information : .attention,
            sides: lines.map { .init($0.record.id, in: "countline") },
            remarks: thing(ledger)
                + lines.flatMap { line -> [Matter.Remark] in
                    [
                        .init("Counted", "实盘数", .number(line.counted)),
                        .init("Expected then", "应有数", .number(line.expected)),
                    ]
                },
            choices: lines.map { line in
                MatterChoice(
                    "accept", chosen: line.record.id, "This count is right", "以此次为准",
                    effect: Label(
                        "Stock at its moment is what it says (\(line.counted)); the others do not count.",
                        "该时刻库存以此次实盘数（\(line.counted)）为准，其余不计。"))
            } + [
                MatterChoice(
                    "sum", "They counted different places", "盘点的是不同位置",
                    effect: Label(
                        "Stock at the last one's moment is their sum.", "以各次之和为最后一次盘点时的库存。")),
                MatterChoice(
                    "none", "None of them is right", "都不正确",
                    effect: Label("Stock stays what the movements add up to.", "库存仍按变动合计。")),
            ])
    }

    private static func eitherSide(
        _ movement: Record, _ line: StockLedger.Line, _ ledger: StockLedger
    ) -> Matter {
        Matter(
            unsure, about: [line.record.id, movement.id], scope: line.record.scope,
            sides: [
                .init(line.record.id, in: "countline"), .init(movement.id, in: "movement"),
            ],
            remarks: thing(ledger) + [
                .init("Counted", "实盘数", .number(line.counted)),
                .init("Moved", "变动", .number(StockLedger.quantity(movement))),
                .init(
                    "As it stands", "目前按",
                    .word(
                        movement.at > line.record.at
                            ? Label("after the count", "盘点之后") : Label("before the count", "盘点之前"))),
            ],
            choices: [
                MatterChoice(
                    "before", "It was before the count", "在盘点之前",
                    effect: Label("The count has seen it.", "盘点数已包含该变动。")),
                MatterChoice(
                    "after", "It was after the count", "在盘点之后",
                    effect: Label("It moves the stock on from what was counted.", "在实盘数基础上再计该变动。")),
            ])
    }
}
