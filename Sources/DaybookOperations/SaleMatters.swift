import DaybookModel

/// Coupons used twice, and returns that do not fit their sale.
enum SaleMatters {
    private static let duty = Rights.Holder.duties([
        .sales, .operations, .afterSales, .supervision,
    ])

    static let coupon = MatterKind(
        "couponTwice", .urgent, duty: duty, "A coupon used more than once", "优惠券重复使用",
        why: Label(
            "Each code is good for one sale. The sales stay as they are.", "每个券码限用一次；销售记录保留。"))
    static let unknown = MatterKind(
        "returnUnknown", .information, duty: duty, "A return of a sale that is not here",
        "退货的原销售未找到",
        why: Label(
            "The sale may still be on another laptop; this closes itself when it arrives.",
            "原销售可能尚在另一台电脑上，到达后自行关闭。"))
    static let exceeds = MatterKind(
        "returnExceeds", .attention, duty: duty, "More returned than sold", "退货多于销售",
        why: Label("The returns of one sale add up to more than it sold.", "同一销售的退货合计超过售出数量。"))

    private static let looked = [
        MatterChoice(
            "accept", "Let it be", "接受",
            effect: Label("It stays as it is.", "保持原样。")),
        MatterChoice(
            "recover", "Get it back", "追回",
            effect: Label("It is noted that money is to be got back.", "记为待追回款项。")),
    ]

    static let rule = MatterRule(
        "sales", kinds: [coupon, unknown, exceeds], watches: ["sale", "saleline"],
        subjects: { record, view in
            if record.collection == SaleLine.definition.tag {
                guard let id = record[SaleLine.sale] else { return [] }
                return try returns(of: view.record(id, in: "sale"), id, view)
            }
            var subjects = try returns(of: record, record.id, view)
            if let code = record[Sale.coupon],
                try view.records(in: "sale", where: "coupon", is: .text(code), most: 2).count > 1
            {
                subjects.append([.text("coupon"), .text(code)])
            }
            return subjects
        },
        derive: { subject, view in
            if case .text(let code) = subject[1] {
                return Derived(matters: try used(code, view))
            }
            guard let sale = Stamp(subject[1]) else { return Derived() }
            return Derived(matters: try returned(sale, view))
        })

    /// A sale that is a return, or that others return.
    private static func returns(
        of sale: Record?, _ id: Stamp, _ view: any BookView
    ) throws -> [[Value]] {
        let given = sale?[Sale.returns].map { [[Value.text("return"), $0.value]] } ?? []
        let back = try view.records(in: "sale", where: "returns", is: id.value, most: 1)
        return back.isEmpty ? given : given + [[.text("return"), id.value]]
    }

    /// The one store of all of them; what is between stores is the organisation's.
    private static func place(of sales: [Record], _ view: any BookView) -> Stamp {
        let scopes = Set(sales.map(\.scope))
        return scopes.count == 1 ? sales[0].scope : view.organisation
    }

    private static func used(_ code: String, _ view: any BookView) throws -> [Matter] {
        let uses = try view.records(in: "sale", where: "coupon", is: .text(code))
            .filter { $0[Sale.returns] == nil }
        guard uses.count > 1 else { return [] }
        return [
            Matter(
                coupon, about: uses.map(\.id), scope: place(of: uses, view),
                sides: uses.map { .init($0.id, in: "sale") },
                remarks: [.init("Coupon", "优惠券", .text(code))], choices: looked)
        ]
    }

    private static func returned(_ id: Stamp, _ view: any BookView) throws -> [Matter] {
        let back = try view.records(in: "sale", where: "returns", is: id.value)
        guard !back.isEmpty else { return [] }
        guard let sale = try view.record(id, in: "sale") else {
            return [
                Matter(
                    unknown, about: back.map(\.id), scope: place(of: back, view),
                    sides: back.map { .init($0.id, in: "sale") },
                    remarks: [.init("Sale", "销售", .text("\(id)"))], choices: [looked[0]])
            ]
        }
        var left: [Stamp: Int64] = [:]
        for one in [sale] + back {
            for line in try view.records(in: "saleline", where: "sale", is: one.id.value) {
                guard let product = line[SaleLine.product] else { continue }
                left[product, default: 0] &+= line[SaleLine.quantity] ?? 0
            }
        }
        let over = left.filter { $0.value < 0 }.sorted { $0.key < $1.key }
        guard !over.isEmpty else { return [] }
        return [
            Matter(
                exceeds, about: [id] + back.map(\.id), scope: place(of: [sale] + back, view),
                sides: ([sale] + back).map { .init($0.id, in: "sale") },
                remarks: over.flatMap { product, quantity -> [Matter.Remark] in
                    [
                        .init(
                            "Product", "商品",
                            .value(product.value, collection: "saleline", field: "product")),
                        .init("Too many", "多退", .number(0 &- quantity)),
                    ]
                }, choices: looked)
        ]
    }
}

/// A coupon's code in one form only: capitals, ASCII digits and letters for full-width ones, no spaces.
public enum CouponCode {
    public static func normal(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { scalar in
                    switch scalar.value {
                    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0)
                    case 0x20, 0x3000, 0x9, 0xA0: nil
                    default: scalar
                    }
                })
        ).uppercased()
    }
}
