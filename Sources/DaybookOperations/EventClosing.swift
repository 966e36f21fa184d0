import DaybookModel

/// What an event cost.
public enum Cost: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    public static let what = Field<String>(
        .init("what", 2, .text(maxBytes: 500), "What for", "用途", isRequired: true))
    public static let amount = Field<Amount>(
        .init("amount", 3, .amount, "Amount", "金额", isRequired: true))

    public static let definition = CollectionDefinition(
        "cost", 22, .fact, scope: .of("event"), "Event cost", "活动费用",
        fields: [event.definition, what.definition, amount.definition], indexes: ["event"],
        rights: Rights(record: .duties([.operations, .procurement, .supervision])))
}

/// An event's figures as head office summed them up once: the next time says what changed since.
public enum EventSummary: RecordType {
    public static let event = Field<Stamp>(
        .init("event", 1, .reference("event"), "Event", "活动", isRequired: true))
    /// `name=figure`, one a line.
    public static let figures = Field<String>(
        .init("figures", 2, .text(maxBytes: 32_000), "Figures", "数据", isRequired: true))

    public static let definition = CollectionDefinition(
        "summary", 23, .fact, scope: .of("event"), "Event summary", "活动总结",
        fields: [event.definition, figures.definition], indexes: ["event"],
        rights: .headOfficeOnly)
}

/// What an event came to, and what does not add up. The same facts give the same, whenever it is asked.
public struct EventClosing {
    /// Options: `event` as an id.
    public static let report = Report("event", "Event", "活动总结", options: ["event"]) {
        view, options in
        guard let id = options["event"].flatMap({ Stamp(text: $0) }),
            let event = try view.record(id, in: "event")
        else { throw ChangeFault.missing("event") }
        return try EventClosing(event: event, view: view).tables()
    }

    /// The figures of a report as a summary keeps them.
    public static func kept(_ tables: [ReportTable]) -> String {
        (tables.first { $0.name == "event" }?.rows ?? []).compactMap { row in
            guard case .text(let name) = row[0] else { return nil }
            return "\(name)=\(plain(row[2]))"
        }.joined(separator: "\n")
    }

    private static func plain(_ cell: ReportTable.Cell) -> String {
        switch cell {
        case .text(let text): text
        case .number(let number): "\(number)"
        default: ""
        }
    }

    private let event: Record
    private let view: any BookView
    private let signups: [Record]
    /// Sign-ups that are another's double.
    private let doubles: Int64
    /// When it was summed up last, and with which figures.
    private let earlier: (at: Moment, figures: [String: String])?

    private init(event: Record, view: any BookView) throws {
        self.event = event
        self.view = view
        signups = try view.records(in: "signup", of: event.id)
        var doubles: Int64 = 0
        for like in Dictionary(grouping: signups, by: { $0[SignUp.phoneHint] })
        where like.key != nil {
            for same in VisitorMatters.groups(of: like.value)
            where try same.count > 1 && !VisitorMatters.areDifferent(same, view) {
                doubles += Int64(same.count - 1)
            }
        }
        self.doubles = doubles
        let last = try view.records(in: "summary", where: "event", is: event.id.value)
            .max { ($0.at, $0.id) < ($1.at, $1.id) }
        earlier = last.map { summary in
            let lines = (summary[EventSummary.figures] ?? "").split(separator: "\n")
            let pairs = lines.compactMap { line -> (String, String)? in
                guard let sign = line.firstIndex(of: "=") else { return nil }
                return (String(line[..<sign]), String(line[line.index(after: sign)...]))
            }
            return (summary.at, Dictionary(pairs) { first, _ in first })
        }
    }

    private func tables() throws -> [ReportTable] {
        let products = try self.products()
        let materials = try self.materials()
        return [
            try figures(products, materials), products, materials,
            by("perHour", "Sign-ups by the hour", "每小时登记数", "hour", "Hour", "小时") {
                .moment(
                    Moment(
                        milliseconds: $0.at.milliseconds - $0.at.milliseconds % 3_600_000))
            },
            by("perBooth", "Sign-ups by booth", "各展位登记数", "booth", "Booth", "展位") {
                .text($0[SignUp.booth] ?? "")
            },
            try by("perPerson", "Sign-ups by person", "各人员登记数", "person", "Person", "人员") {
                .text(try Figures.name($0.by, in: "staff", view))
            },
            try laptops(),
        ]
    }

    // MARK: - Tables

    private func figures(
        _ products: ReportTable, _ materials: ReportTable
    ) throws -> ReportTable {
        var table = ReportTable(
            "event", "Figures", "数据",
            columns: [
                .init("figure", "Name", "名称"), .init("what", "Figure", "指标"),
                .init("now", "Now", "现在"), .init("before", "When last summed up", "上次总结"),
            ])
        func add(_ name: String, _ english: String, _ chinese: String, _ cell: ReportTable.Cell) {
            let before = earlier.map { ReportTable.Cell.text($0.figures[name] ?? "") } ?? .none
            table.rows.append([.text(name), .word(Label(english, chinese)), cell, before])
        }
        let count = Int64(signups.count)
        var gifts: Int64 = 0
        for row in try view.foldRows("giftsByEvent") where row.keys[0] == event.id.value {
            gifts &+= row.figure
        }
        add("signups", "Sign-ups", "登记数", .number(count))
        add("doubles", "Double sign-ups", "重复登记", .number(doubles))
        add("visitors", "Visitors", "访客数", .number(count - doubles))
        add("gifts", "Gifts", "礼品数", .number(gifts))
        add(
            "giftsPerHundred", "Gifts for a hundred visitors", "每百名访客礼品数",
            count > doubles ? .number(gifts &* 100 / (count - doubles)) : .none)
        add(
            "late", "Sign-ups that came after the last summary", "上次总结后到达的登记",
            .number(try late()))
        for (currency, minor) in try costs().sorted(by: { $0.key.code < $1.key.code }) {
            let cost = Amount(minor: minor, currency: currency)
            add("cost.\(currency.code)", "Cost", "费用", .text(cost.text))
            guard count > doubles else { continue }
            let each = Amount(minor: minor / (count - doubles), currency: currency)
            add("costPerVisitor.\(currency.code)", "Cost per visitor", "每名访客费用", .text(each.text))
        }
        for (name, english, chinese, rows, column) in [
            ("productsOpen", "Products that do not add up", "数量不符的商品", products.rows, 6),
            ("materialsOut", "Materials still out", "未归还物料", materials.rows, 3),
        ] {
            let open = rows.filter { $0[column] != .number(0) }.count
            add(name, english, chinese, .number(Int64(open)))
        }
        return table
    }

    private func late() throws -> Int64 {
        guard let earlier else { return 0 }
        return try signups.reduce(0) { count, signup in
            let arrived = try view.provenance(of: signup.id)?.arrived ?? signup.at
            return count + (arrived > earlier.at ? 1 : 0)
        }
    }

    private func costs() throws -> [Currency: Int64] {
        try view.records(in: "cost", where: "event", is: event.id.value).reduce(into: [:]) {
            guard let amount = $1[Cost.amount] else { return }
            $0[amount.currency, default: 0] &+= amount.minor
        }
    }

    /// Issued to the event = given + sold + returned + damaged, per product.
    private func products() throws -> ReportTable {
        struct Sums {
            var (issued, given, sold, returned, damaged): (Int64, Int64, Int64, Int64, Int64) =
                (0, 0, 0, 0, 0)
        }
        var sums: [Stamp: Sums] = [:]
        for movement in try view.records(in: "movement", where: "event", is: event.id.value) {
            guard let product = movement[Movement.product] else { continue }
            let quantity = StockLedger.quantity(movement)
            switch movement[Movement.kind] {
            case "issue", "gift", "sale", "return":
                sums[product, default: Sums()].issued &-= quantity
            case "back": sums[product, default: Sums()].returned &+= quantity
            case "damage":
                // It came back to the store first: what is left of that is returned intact.
                sums[product, default: Sums()].damaged &-= quantity
                sums[product, default: Sums()].returned &+= quantity
            default: continue
            }
        }
        for row in try view.foldRows("giftsByEvent") where row.keys[0] == event.id.value {
            guard let product = Figures.stamp(row.keys[1]) else { continue }
            sums[product, default: Sums()].given &+= row.figure
        }
        for sale in try view.records(in: "sale", where: "event", is: event.id.value) {
            for line in try view.records(in: "saleline", where: "sale", is: sale.id.value) {
                guard let product = line[SaleLine.product] else { continue }
                sums[product, default: Sums()].sold &+= line[SaleLine.quantity] ?? 0
            }
        }
        var table = ReportTable(
            "products", "Products: issued = given + sold + returned + damaged",
            "商品：出库 = 发放 + 销售 + 退库 + 报损",
            columns: [
                .init("product", "Product", "商品"), .init("issued", "Issued", "出库"),
                .init("given", "Given", "发放"), .init("sold", "Sold", "销售"),
                .init("returned", "Returned", "退库"), .init("damaged", "Damaged", "报损"),
                .init("open", "Unaccounted", "未说明"),
            ])
        for (product, sum) in sums.sorted(by: { $0.key < $1.key }) {
            table.rows.append([
                .text(try Figures.name(product, in: "product", view)), .number(sum.issued),
                .number(sum.given), .number(sum.sold), .number(sum.returned),
                .number(sum.damaged),
                .number(sum.issued &- sum.given &- sum.sold &- sum.returned &- sum.damaged),
            ])
        }
        return table
    }

    /// Lent = returned, what is damaged told apart.
    private func materials() throws -> ReportTable {
        struct Sums {
            var (lent, back, damaged): (Int64, Int64, Int64) = (0, 0, 0)
        }
        var sums: [String: Sums] = [:]
        for loan in try view.records(in: "loan", where: "event", is: event.id.value) {
            let quantity = loan[Loan.quantity] ?? 0
            var sum = sums[loan[Loan.item] ?? ""] ?? Sums()
            if quantity > 0 {
                sum.lent &+= quantity
            } else if loan[Loan.damage] != nil {
                sum.damaged &-= quantity
            } else {
                sum.back &-= quantity
            }
            sums[loan[Loan.item] ?? ""] = sum
        }
        var table = ReportTable(
            "materials", "Materials: lent = returned + damaged", "物料：借出 = 归还 + 损坏",
            columns: [
                .init("item", "Item", "物料"), .init("lent", "Lent", "借出"),
                .init("returned", "Returned", "归还"), .init("out", "Still out", "未归还"),
                .init("damaged", "Damaged", "损坏"),
            ])
        for (item, sum) in sums.sorted(by: { $0.key < $1.key }) {
            table.rows.append([
                .text(item), .number(sum.lent), .number(sum.back),
                .number(sum.lent &- sum.back &- sum.damaged), .number(sum.damaged),
            ])
        }
        return table
    }

    private func by(
        _ name: String, _ english: String, _ chinese: String, _ column: String,
        _ columnEnglish: String, _ columnChinese: String,
        _ key: (Record) throws -> ReportTable.Cell
    ) rethrows -> ReportTable {
        var counts: [ReportTable.Cell: Int64] = [:]
        for signup in signups { counts[try key(signup), default: 0] += 1 }
        var table = ReportTable(
            name, english, chinese,
            columns: [
                .init(column, columnEnglish, columnChinese), .init("signups", "Sign-ups", "登记数"),
            ])
        let rows = counts.sorted { Self.order($0.key) < Self.order($1.key) }
        table.rows = rows.map { [$0.key, .number($0.value)] }
        return table
    }

    private static func order(_ cell: ReportTable.Cell) -> String {
        if case .moment(let moment) = cell { "\(moment)" } else { plain(cell) }
    }

    /// Who is expected to bring something still.
    private func laptops() throws -> ReportTable {
        var table = ReportTable(
            "laptops", "Laptops of the event", "参与活动的电脑",
            columns: [
                .init("laptop", "Laptop", "电脑"), .init("heard", "Heard from", "最近联系"),
                .init("records", "Sign-ups from it", "其登记数"),
            ])
        var counts: [String: Int64] = [:]
        for signup in signups {
            guard let from = try view.provenance(of: signup.id) else { continue }
            counts[from.laptop, default: 0] += 1
        }
        for laptop in try view.laptops(in: event.scope) {
            table.rows.append([
                .text(laptop.name), laptop.heard.map { .moment($0) } ?? .none,
                .number(counts[laptop.name] ?? 0),
            ])
        }
        return table
    }
}
