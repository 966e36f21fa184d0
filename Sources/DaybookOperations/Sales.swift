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

    public static let definition = CollectionDefinition(
        "sale", 15, .fact, scope: .of("store"), "Sale", "销售",
        fields: [
            store.definition, key.definition, payment.definition, total.definition,
            soldOn.definition,
        ], naturalKey: "key",
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

    public static let definition = CollectionDefinition(
        "saleline", 16, .fact, scope: .of("sale"), "Sale line", "销售明细",
        fields: [sale.definition, product.definition, quantity.definition, price.definition],
        indexes: ["sale"],
        folds: [FoldDefinition("soldByProduct", keys: ["product"], .sum("quantity"))])
}
