import DaybookModel

/// One movement of stock; stock on hand is their sum and never edited.
public enum Movement: RecordType {
    public static let store = Field<Stamp>(
        .init("store", 1, .reference("store"), "Store", "门店", isRequired: true))
    public static let product = Field<Stamp>(
        .init("product", 2, .reference("product"), "Product", "商品", isRequired: true))
    /// What it adds to the stock on hand; negative takes away.
    public static let quantity = Field<Int64>(
        .init("quantity", 3, .quantity, "Quantity", "数量", isRequired: true))
    public static let kind = Field<String>(
        .init(
            "kind", 4,
            .choice([
                Choice("receipt", "Receipt", "入库"), Choice("issue", "Issue", "出库"),
                Choice("sale", "Sale", "销售"), Choice("return", "Customer's return", "退货"),
                Choice("back", "Back from event", "退库"),
                Choice("transfer_out", "Transfer out", "调出"),
                Choice("transfer_in", "Transfer in", "调入"), Choice("gift", "Gift", "赠品"),
                Choice("damage", "Damage", "报损"), Choice("adjustment", "Count adjustment", "盘盈盘亏"),
            ]), "Kind", "类型", isRequired: true))
    public static let event = Field<Stamp>(
        .init("event", 5, .reference("event"), "Event", "活动"))
    public static let note = Field<String>(
        .init("note", 6, .text(maxBytes: 2_000), "Note", "备注"))

    public static let definition = CollectionDefinition(
        "movement", 12, .fact, scope: .of("store"), "Stock movement", "库存变动",
        fields: [
            store.definition, product.definition, quantity.definition, kind.definition,
            event.definition, note.definition,
        ], indexes: ["product", "event"], timeline: ["store", "product"],
        folds: [FoldDefinition("stockOnHand", keys: ["store", "product"], .sum("quantity"))])
}

/// A person counts a store or a shelf: an observation, not an edit.
public enum Count: RecordType {
    public static let store = Field<Stamp>(
        .init("store", 1, .reference("store"), "Store", "门店", isRequired: true))
    public static let place = Field<String>(
        .init("place", 2, .text(maxBytes: 200), "Shelf", "货架"))
    public static let finishedAt = Field<Moment>(
        .init("finished_at", 3, .moment, "Finished at", "完成时间"))
    public static let note = Field<String>(
        .init("note", 4, .text(maxBytes: 2_000), "Note", "备注"))

    public static let definition = CollectionDefinition(
        "count", 13, .document, scope: .of("store"), "Stock count", "盘点",
        fields: [store.definition, place.definition, finishedAt.definition, note.definition])
}

/// What was counted of one product.
public enum CountLine: RecordType {
    public static let count = Field<Stamp>(
        .init("count", 1, .reference("count"), "Stock count", "盘点", isRequired: true))
    public static let product = Field<Stamp>(
        .init("product", 2, .reference("product"), "Product", "商品", isRequired: true))
    public static let quantity = Field<Int64>(
        .init("quantity", 3, .quantity, "Counted", "实盘数", isRequired: true))

    public static let definition = CollectionDefinition(
        "countline", 14, .fact, scope: .of("count"), "Count line", "盘点明细",
        fields: [count.definition, product.definition, quantity.definition],
        indexes: ["count"], timeline: ["_scope", "product"])
}
