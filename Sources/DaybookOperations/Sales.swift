import DaybookModel

/// A sale at a store, or with negative quantities a return.
public enum Sale: RecordType {
    public static let store = Field<Stamp>(
        .init("store", 1, .reference("store"), "Store", "门店", isRequired: true))
    /// Names the sale outside the book: the till's receipt, or file and line of an import.
    public static let key = Field<String>(
        .init("key", 2, .text(maxBytes: 200), "Key", "单号"))
    public static let payment = Field<String>(
        .init(
            "payment", 3,
            .choice([
                Choice("cash", "Cash", "现金"), Choice("wechat", "WeChat Pay", "微信支付"),
                Choice("alipay", "Alipay", "支付宝"), Choice("card", "Card", "银行卡"),
            ]), "Payment", "支付方式"))
    public static let total = Field<Amount>(.init("total", 4, .amount, "Total", "合计"))
    public static let soldOn = Field<Day>(.init("sold_on", 5, .day, "Sold on", "销售日期"))

    public static let coupon = Field<String>(
        .init("coupon", 6, .text(maxBytes: 200), "Coupon", "优惠券"))
    /// The sale that this takes back; it may still be on another laptop.
    public static let returns = Field<Stamp>(.init("returns", 7, .record, "Return of", "退货原单"))

    public static let event = Field<Stamp>(
        .init("event", 8, .reference("event"), "Event", "活动"))

    public static let definition = CollectionDefinition(
        "sale", 15, .fact, scope: .of("store"), "Sale", "销售",
        fields: [
            store.definition, key.definition, payment.definition, total.definition,
            soldOn.definition, coupon.definition, returns.definition, event.definition,
        ], indexes: ["coupon", "returns", "event"], naturalKey: "key",
        folds: [FoldDefinition("salesByStore", keys: ["store"], .count)])
}

/// One product of a sale at the price it was sold at.
public enum SaleLine: RecordType {
    public static let sale = Field<Stamp>(
        .init("sale", 1, .reference("sale"), "Sale", "销售", isRequired: true))
    public static let product = Field<Stamp>(
        .init("product", 2, .reference("product"), "Product", "商品", isRequired: true))
    public static let quantity = Field<Int64>(
        .init("quantity", 3, .quantity, "Quantity", "数量", isRequired: true))
    public static let price = Field<Amount>(.init("price", 4, .amount, "Price", "价格"))
    /// What said that price: a price of the list, or the edit of the product's own.
    public static let version = Field<Stamp>(
        .init("version", 5, .record, "Price version", "价格版本"))

    /// The share that it was sold from, where there is a limit.
    public static let allowance = Field<Stamp>(
        .init("allowance", 6, .reference("allowance"), "Allowance", "额度"))
    /// Sold though the laptop's share was used up, knowingly.
    public static let forced = Field<Bool>(
        .init("forced", 7, .flag, "Beyond the share", "超出额度"))

    public static let definition = CollectionDefinition(
        "saleline", 16, .fact, scope: .of("sale"), "Sale line", "销售明细",
        fields: [
            sale.definition, product.definition, quantity.definition, price.definition,
            version.definition, allowance.definition, forced.definition,
        ],
        indexes: ["sale"],
        rules: [
            Allowances.withinShare(
                allowance: allowance.tag, forced: forced.tag, quantity: quantity.tag,
                product: product.tag)
        ],
        folds: [
            FoldDefinition("soldByProduct", keys: ["product"], .sum("quantity")),
            FoldDefinition("soldByAllowance", keys: ["allowance"], .sum("quantity")),
        ])
}
