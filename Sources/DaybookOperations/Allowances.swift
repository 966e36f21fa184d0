import DaybookModel

/// What is lent, issued and left.
public enum Allowances {
    private static let duty = Rights.Holder.duties([.operations, .sales, .supervision])

    static let overspent = MatterKind(
        "allowanceOverspent", .urgent, duty: duty, "More issued than was lent", "发放超出额度",
        why: Label(
            "A copied or restored laptop issued from a share that was used up already.",
            "复制或恢复的电脑使用了已用完的额度。"))
    static let beyond = MatterKind(
        "beyondShare", .attention, duty: duty, "Issued beyond the laptop's share", "超出本机额度发放",
        why: Label(
            "The person knew and recorded what happened.", "记录人知情，并如实记录。"))

    /// Issued from one allowance.
    public static func issued(_ allowance: Stamp, _ view: any BookView) throws -> Int64 {
        try view.fold("giftsByAllowance", [allowance.value])
            &+ view.fold("soldByAllowance", [allowance.value])
    }

    public static func left(of allowance: Record, _ view: any BookView) throws -> Int64 {
        try (allowance[Allowance.quantity] ?? 0) &- issued(allowance.id, view)
            &- view.fold("handedBack", [allowance.id.value])
    }

    static func all(
        _ product: Stamp, at place: Stamp, _ view: any BookView
    ) throws -> [Record] {
        try view.records(in: "allowance", where: "product", is: product.value)
            .filter { try $0[Allowance.place] == place && view.isOfHeadOffice($0.id) }
    }

    /// Whether there is a limit to it there.
    public static func isLimited(
        _ product: Stamp, at place: Stamp, _ view: any BookView
    ) throws -> Bool {
        try supplied(product, at: place, view) != 0
    }

    /// By head office's own word only.
    private static func supplied(
        _ product: Stamp, at place: Stamp, _ view: any BookView
    ) throws -> Int64 {
        try view.records(in: "supply", where: "product", is: product.value)
            .filter { try $0[Supply.place] == place && view.isOfHeadOffice($0.id) }
            .reduce(0) { $0 &+ ($1[Supply.quantity] ?? 0) }
    }

    /// What head office has not lent, and nobody has given away beyond a share.
    public static func lendable(
        _ product: Stamp, at place: Stamp, _ view: any BookView
    ) throws -> Int64 {
        let shares = try all(product, at: place, view)
        let lent = try shares.reduce(0) { sum, share in
            try sum &+ (share[Allowance.quantity] ?? 0)
                &- view.fold("handedBack", [share.id.value])
        }
        let within = try shares.reduce(0) { try $0 &+ view.fold("giftsByAllowance", [$1.id.value]) }
        let outside = try view.fold("giftsByEvent", [place.value, product.value]) &- within
        return try supplied(product, at: place, view) &- lent &- outside
    }

    /// Where an issue on this laptop is to be counted.
    public enum Share: Hashable, Sendable {
        case unlimited
        case of(Stamp)
        /// So many are left here.
        case none(left: Int64)
    }

    public static func share(
        _ quantity: Int64, of product: Stamp, at place: Stamp, _ writer: any EntryWriter
    ) throws -> Share {
        guard try isLimited(product, at: place, writer) else { return .unlimited }
        var most: Int64 = 0
        for share in try all(product, at: place, writer)
        where share[Allowance.laptop] == writer.laptop {
            let left = try left(of: share, writer)
            if left >= quantity { return .of(share.id) }
            most = max(most, left)
        }
        return .none(left: most)
    }

    /// Held early by the laptop: what is issued is issued from a share, or said to be beyond it.
    static func withinShare(
        allowance: UInt32, forced: UInt32, quantity: UInt32, product: UInt32
    ) -> Rule {
        Rule("withinShare") { change, _, view in
            guard case .birth(let birth) = change,
                case .integer(let number)? = birth.fields.value(quantity), number > 0,
                let thing = birth.fields.value(product).flatMap({ Stamp($0) })
            else { return .fine }
            guard let id = birth.fields.value(allowance).flatMap({ Stamp($0) }) else {
                let isForced = birth.fields.value(forced).flatMap { Bool($0) } ?? false
                let isLimited = try isLimited(thing, at: birth.scope, view)
                return isLimited && !isForced ? .refused(.againstRule) : .fine
            }
            guard let share = try view.record(id, in: "allowance") else {
                return .refused(.againstRule)
            }
            return try number > left(of: share, view) ? .refused(.againstRule) : .fine
        }
    }

    static let rule = MatterRule(
        "allowances", kinds: [overspent, beyond],
        watches: ["gift", "saleline", "handback", "allowance"],
        subjects: { record, view in
            switch record.collection {
            case Gift.definition.tag:
                try subjects(record, record[Gift.allowance], record[Gift.forced], "gift", view)
            case SaleLine.definition.tag:
                try subjects(
                    record, record[SaleLine.allowance], record[SaleLine.forced], "saleline", view)
            case Handback.definition.tag:
                record[Handback.allowance].map { [[$0.value]] } ?? []
            default: try left(of: record, view) < 0 ? [[record.id.value]] : []
            }
        },
        derive: { subject, view in
            guard let id = Stamp(subject[0]) else { return Derived() }
            if subject.count > 1, case .text(let collection) = subject[1] {
                return Derived(matters: try forced(id, in: collection, view))
            }
            guard let share = try view.record(id, in: "allowance") else { return Derived() }
            let left = try left(of: share, view)
            return Derived(matters: left < 0 ? [try spent(share, 0 &- left, view)] : [])
        })

    private static func subjects(
        _ record: Record, _ allowance: Stamp?, _ forced: Bool?, _ collection: String,
        _ view: any BookView
    ) throws -> [[Value]] {
        if forced == true { return [[record.id.value, .text(collection)]] }
        guard let allowance, let share = try view.record(allowance, in: "allowance"),
            try left(of: share, view) < 0
        else { return [] }
        return [[allowance.value]]
    }

    private static func spent(
        _ share: Record, _ excess: Int64, _ view: any BookView
    ) throws -> Matter {
        Matter(
            overspent, about: [share.id], scope: share.scope,
            sides: [.init(share.id, in: "allowance")],
            remarks: [
                .init("Issued", "已发放", .number(try issued(share.id, view))),
                .init("Too many", "超出", .number(excess)),
            ], choices: [.accepted])
    }

    private static func forced(
        _ id: Stamp, in collection: String, _ view: any BookView
    ) throws -> [Matter] {
        guard let record = try view.record(id, in: collection) else { return [] }
        return [
            Matter(
                beyond, about: [id], scope: record.scope, sides: [.init(id, in: collection)],
                choices: [.accepted])
        ]
    }

    /// What there is, lent, issued and left, by laptop.
    public static let report = Report("allowances", "Allowances", "额度") { view in
        var table = ReportTable(
            "allowances", "Allowances", "额度",
            columns: [
                .init("place", "Place", "地点"), .init("product", "Product", "商品"),
                .init("laptop", "Laptop", "电脑"), .init("lent", "Lent", "额度"),
                .init("issued", "Issued", "已发放"), .init("handedBack", "Handed back", "已交回"),
                .init("left", "Left", "剩余"), .init("id", "Id", "编号"),
            ])
        try view.forEach(in: "allowance") { share in
            table.rows.append([
                .text(try share[Allowance.place].map { try view.title(of: $0) } ?? ""),
                .text(try Figures.name(share[Allowance.product], in: "product", view)),
                .text(share[Allowance.laptop] ?? ""), .number(share[Allowance.quantity] ?? 0),
                .number(try issued(share.id, view)),
                .number(try view.fold("handedBack", [share.id.value])),
                .number(try left(of: share, view)), .text("\(share.id)"),
            ])
        }
        var supply = ReportTable(
            "supplies", "Limited quantities", "限量",
            columns: [
                .init("place", "Place", "地点"), .init("product", "Product", "商品"),
                .init("supplied", "In all", "总量"), .init("lendable", "Not lent yet", "尚可分配"),
            ])
        for row in try view.foldRows("supplied") {
            guard let place = Figures.stamp(row.keys[0]), let product = Figures.stamp(row.keys[1])
            else { continue }
            supply.rows.append([
                .text(try view.title(of: place)),
                .text(try Figures.name(product, in: "product", view)), .number(row.figure),
                .number(try lendable(product, at: place, view)),
            ])
        }
        return [table, supply]
    }
}

extension MatterChoice {
    /// For what happened and stays so.
    static let accepted = MatterChoice(
        "accept", "Let it be", "接受", effect: Label("It stays as it is.", "保持原样。"))
}
