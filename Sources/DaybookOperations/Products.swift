import DaybookModel

/// A thing that is sold or given away; each variant is a product of its own.
public enum Product: RecordType {
    /// Handle and options joined: shops export empty SKUs, so a SKU names nothing.
    public static let key = Field<String>(
        .init("key", 1, .text(maxBytes: 500), "Key", "货号", isRequired: true))
    public static let title = Field<String>(
        .init("title", 2, .text(maxBytes: 500), "Title", "商品名称", isRequired: true))
    public static let vendor = Field<String>(
        .init("vendor", 3, .text(maxBytes: 200), "Vendor", "供应商"))
    public static let type = Field<String>(
        .init("type", 4, .text(maxBytes: 200), "Type", "类别"))
    public static let option = Field<String>(
        .init("option", 5, .text(maxBytes: 500), "Options", "规格"))
    public static let price = Field<Amount>(.init("price", 6, .amount, "Price", "价格"))
    public static let note = Field<String>(
        .init("note", 7, .text(maxBytes: 4_000), "Note", "备注"))
    public static let description = Field<String>(
        .init("description", 8, .text(maxBytes: 32_768), "Description", "描述"))
    public static let sku = Field<String>(.init("sku", 9, .text(maxBytes: 200), "SKU", "SKU编码"))
    /// What the variants of one product share.
    public static let handle = Field<String>(
        .init("handle", 11, .text(maxBytes: 500), "Handle", "商品标识"))
    public static let stage = Field<String>(
        .init(
            "stage", 12,
            .choice([
                Choice("selected", "Selected", "选品"), Choice("listed", "Listed", "上架"),
                Choice("priced", "Priced", "定价"), Choice("promoted", "Promoted", "推广"),
                Choice("delisted", "Delisted", "下架"), Choice("cleared", "Cleared", "清理"),
            ]), "Stage", "阶段", isStage: true))
    /// The price was made up for a product that no catalogue has.
    public static let isMadeUp = Field<Bool>(
        .init("made_up", 10, .flag, "Price made up", "价格为暂定"))

    public static let definition = CollectionDefinition(
        "product", 4, .document, scope: .organisation, "Product", "商品",
        fields: [
            key.definition, title.definition, vendor.definition, type.definition,
            option.definition, price.definition, note.definition, description.definition,
            sku.definition, isMadeUp.definition, handle.definition, stage.definition,
        ], indexes: ["handle"], naturalKey: "key",
        rights: Rights(
            record: .duties([.productCentre, .procurement, .operations, .supervision]),
            edit: .duties([.productCentre, .procurement, .operations, .design]),
            fields: ["price": .duties([.productCentre, .operations]), "note": .everybody],
            remove: .headOffice), rules: [priceIsNotNegative])

    static let priceIsNotNegative = Rule("priceIsNotNegative") { change, _, _ in
        guard case .edit(let edit) = change, edit.field == price.tag,
            case .amount(let amount)? = edit.value
        else { return .fine }
        return amount.minor < 0 ? .refused(.againstRule) : .fine
    }
}

/// A price that holds from a moment on; a sale is judged by the list that the laptop had.
public enum Price: RecordType {
    public static let product = Field<Stamp>(
        .init("product", 1, .reference("product"), "Product", "商品", isRequired: true))
    public static let amount = Field<Amount>(
        .init("amount", 2, .amount, "Price", "价格", isRequired: true))
    public static let validFrom = Field<Moment>(
        .init("valid_from", 3, .moment, "Valid from", "生效时间", isRequired: true))

    public static let definition = CollectionDefinition(
        "price", 5, .fact, scope: .organisation, "Price", "价格",
        fields: [product.definition, amount.definition, validFrom.definition],
        indexes: ["product"], rights: Rights(record: .duties([.productCentre, .operations])))
}
