import DaybookModel

/// Counts beside what the movements say, and the facts behind a figure.
public enum CountFigures {
    static func variances(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "variances", "Stock counts and their variance", "盘点差异",
            columns: [
                .init("store", "Store", "门店"), .init("product", "Product", "商品"),
                .init("countedAt", "Counted at", "盘点时间"), .init("counted", "Counted", "实盘数"),
                .init("expected", "Expected then", "应有数"),
                .init("late", "of it arrived later", "其中晚到"),
                .init("variance", "Variance", "差异"), .init("movedSince", "Moved since", "其后变动"),
                .init("state", "State", "状态"),
            ])
        var things: [[Stamp]] = []
        var known: Set<[Stamp]> = []
        try view.forEach(in: "countline") { line in
            guard let product = line[CountLine.product] else { return }
            if known.insert([line.scope, product]).inserted {
                things.append([line.scope, product])
            }
        }
        for thing in things {
            let ledger = try StockLedger(
                view, store: thing[0], product: thing[1], isWhole: true)
            for line in ledger.lines {
                table.rows.append([
                    .text(try Figures.name(ledger.store, in: "store", view)),
                    .text(try Figures.name(ledger.product, in: "product", view)),
                    .moment(line.record.at), .number(line.counted), .number(line.expected),
                    .number(try late(line, ledger, view)), .number(line.variance),
                    .number(ledger.moved &- line.moved), .word(state(of: line)),
                ])
            }
        }
        return table
    }

    private static func state(of line: StockLedger.Line) -> Label {
        switch line.decision {
        case .accepted: Label("accepted", "已采用")
        case .dismissed: Label("dismissed", "未采用")
        case nil: line.variance == 0 ? Label("agrees", "相符") : Label("open", "待处理")
        }
    }

    /// The part of what explains a count that came only after it; only head office knows.
    private static func late(
        _ line: StockLedger.Line, _ ledger: StockLedger, _ view: any BookView
    ) throws -> Int64 {
        try ledger.movements.filter { $0.at <= line.record.at }.reduce(0) { sum, movement in
            guard let arrived = try view.provenance(of: movement.id)?.arrived,
                arrived > line.record.at
            else { return sum }
            return sum &+ StockLedger.quantity(movement)
        }
    }

    // MARK: - The facts behind one figure

    /// Options: `store` and `product` as ids; `at` and `known` as moments.
    public static let explain = Report(
        "explain", "The facts behind a stock figure", "库存依据",
        options: ["store", "product", "at", "known"]
    ) { view, options in
        guard let store = options["store"].flatMap({ Stamp(text: $0) }),
            let product = options["product"].flatMap({ Stamp(text: $0) })
        else { throw ChangeFault.missing("store, product") }
        let at = options["at"].flatMap { Moment(text: $0) }
        let known = options["known"].flatMap { Moment(text: $0) }
        let ledger = try StockLedger(
            view, store: store, product: product, isWhole: true,
            isKnown: known.map { known in
                { id in try view.provenance(of: id).map { $0.arrived <= known } ?? true }
            })
        return [try facts(ledger, until: at, view)]
    }

    private static func facts(
        _ ledger: StockLedger, until: Moment?, _ view: any BookView
    ) throws -> ReportTable {
        let store = try Figures.name(ledger.store, in: "store", view)
        let product = try Figures.name(ledger.product, in: "product", view)
        var table = ReportTable(
            "explain", "\(product) — \(store)", "\(product) — \(store)",
            columns: [
                .init("at", "When", "时间"), .init("what", "What", "事项"),
                .init("quantity", "Quantity", "数量"), .init("variance", "Gain or loss", "盘盈盘亏"),
                .init("balance", "Balance", "结存"), .init("by", "By", "人员"),
                .init("laptop", "Laptop", "电脑"), .init("arrived", "Arrived", "到达"),
                .init("id", "Id", "编号"),
            ])
        var (sum, adjustment): (Int64, Int64) = (0, 0)
        for fact in facts(of: ledger) where until.map({ fact.record.at <= $0 }) ?? true {
            var gain: ReportTable.Cell = .none
            if let line = fact.line {
                if case .accepted(let counted)? = line.decision {
                    gain = .number(counted &- (line.moved &+ adjustment))
                    adjustment = counted &- line.moved
                } else if line.decision == nil, line.variance != 0 {
                    gain = .word(
                        Label("open: \(line.variance)", "待处理：\(line.variance)"))
                }
            } else {
                sum &+= StockLedger.quantity(fact.record)
            }
            let from = try view.provenance(of: fact.record.id)
            table.rows.append([
                .moment(fact.record.at), fact.what,
                .number(fact.line?.counted ?? StockLedger.quantity(fact.record)), gain,
                .number(sum &+ adjustment),
                .text(try Figures.name(fact.record.by, in: "staff", view)),
                .text(from?.laptop ?? ""), from.map { .moment($0.arrived) } ?? .none,
                .text("\(fact.record.id)"),
            ])
        }
        return table
    }

    private struct Fact {
        let record: Record
        let line: StockLedger.Line?
        let what: ReportTable.Cell
    }

    /// In the order of time; at one moment movements come before counts, which have seen them.
    private static func facts(of ledger: StockLedger) -> [Fact] {
        let movements = ledger.movements.map { movement in
            Fact(
                record: movement, line: nil,
                what: .value(
                    movement.fields.value(Movement.kind.tag), collection: "movement",
                    field: "kind"))
        }
        let lines = ledger.lines.map { line in
            let label = state(of: line)
            return Fact(
                record: line.record, line: line,
                what: .word(
                    Label("counted (\(label.english))", "盘点（\(label.chinese)）")))
        }
        return (movements + lines).sorted {
            ($0.record.at, $0.line == nil ? 0 : 1, $0.record.id)
                < ($1.record.at, $1.line == nil ? 0 : 1, $1.record.id)
        }
    }
}
