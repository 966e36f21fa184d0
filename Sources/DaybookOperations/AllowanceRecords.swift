import DaybookModel

/// How much there is of something limited at an event or in a store: gifts, coupons, a scarce product. The sum of its
/// facts.
public enum Supply: RecordType {
    public static let place = Field<Stamp>(
        .init("place", 1, .record, "Place", "地点", isRequired: true))
    public static let product = Field<Stamp>(
        .init("product", 2, .reference("product"), "Product", "商品", isRequired: true))
    public static let quantity = Field<Int64>(
        .init("quantity", 3, .quantity, "Quantity", "数量", isRequired: true))
    public static let note = Field<String>(
        .init("note", 4, .text(maxBytes: 2_000), "Note", "备注"))

    public static let definition = CollectionDefinition(
        "supply", 19, .fact, scope: .root("place"), "Limited quantity", "限量",
        fields: [place.definition, product.definition, quantity.definition, note.definition],
        indexes: ["product"], rights: .headOfficeOnly,
        folds: [FoldDefinition("supplied", keys: ["place", "product"], .sum("quantity"))])
}

/// A share of a limited quantity, lent to a laptop: offline issue is held to it. It comes back only by the holder's own
/// word or by head office's deliberate write-off, never by a clock.
public enum Allowance: RecordType {
    public static let place = Field<Stamp>(
        .init("place", 1, .record, "Place", "地点", isRequired: true))
    public static let product = Field<Stamp>(
        .init("product", 2, .reference("product"), "Product", "商品", isRequired: true))
    /// By its name.
    public static let laptop = Field<String>(
        .init("laptop", 3, .text(maxBytes: 200), "Laptop", "电脑", isRequired: true))
    public static let quantity = Field<Int64>(
        .init("quantity", 4, .quantity, "Lent", "额度", isRequired: true))

    public static let definition = CollectionDefinition(
        "allowance", 20, .fact, scope: .root("place"), "Allowance", "额度",
        fields: [
            place.definition, product.definition, laptop.definition, quantity.definition,
        ], indexes: ["product"], rights: .headOfficeOnly,
        rules: [awaitsLaptops, lendsWhatThereIs])

    static let lendsWhatThereIs = Rule("lendsWhatThereIs") { change, _, view in
        guard case .birth(let birth) = change,
            let place = birth.fields.value(place.tag).flatMap({ Stamp($0) }),
            let product = birth.fields.value(product.tag).flatMap({ Stamp($0) }),
            case .integer(let quantity)? = birth.fields.value(quantity.tag)
        else { return .fine }
        let left = try Allowances.lendable(product, at: place, view)
        return quantity < 1 || quantity > left ? .refused(.againstRule) : .fine
    }

    /// Head office has lost something: what it lent may be among it.
    static let awaitsLaptops = Rule("awaitsLaptops") { change, _, view in
        guard case .birth = change else { return .fine }
        return try view.laptops(in: view.organisation).contains(where: \.isAwaited)
            ? .refused(.againstRule) : .fine
    }
}

/// What of an allowance comes back.
public enum Handback: RecordType {
    public static let allowance = Field<Stamp>(
        .init("allowance", 1, .reference("allowance"), "Allowance", "额度", isRequired: true))
    public static let quantity = Field<Int64>(
        .init("quantity", 2, .quantity, "Quantity", "数量", isRequired: true))
    public static let reason = Field<String>(
        .init(
            "reason", 3,
            .choice([
                Choice("closed", "Closed by its holder", "持有人交回"),
                Choice("written_off", "Written off by head office", "总部核销"),
                Choice("refused", "Taken back: not its holder's word", "撤销：并非持有人交回"),
            ]), "Reason", "原因", isRequired: true))

    public static let definition = CollectionDefinition(
        "handback", 21, .fact, scope: .of("allowance"), "Handed back", "交回额度",
        fields: [allowance.definition, quantity.definition, reason.definition],
        indexes: ["allowance"], rules: [ofWhatIsLeft],
        folds: [FoldDefinition("handedBack", keys: ["allowance"], .sum("quantity"))],
        effect: Effect { record, asking, view in
            guard !asking.laptop.isEmpty, let id = record[allowance],
                let held = try view.record(id, in: "allowance"),
                !asking.isAllowed || held[Allowance.laptop] != asking.laptop
                    || record[quantity] ?? 0 < 1
            else { return Effect.Outcome() }
            var draft = Draft(Handback.self)
            draft[allowance] = id
            draft[quantity] = 0 &- (record[quantity] ?? 0)
            draft[reason] = "refused"
            return Effect.Outcome(
                refused: .notAllowed, detail: "handback", changes: [.birth(draft)])
        })

    /// Nobody gives back, or writes off, what is not there.
    static let ofWhatIsLeft = Rule("withinShare") { change, _, view in
        guard case .birth(let birth) = change,
            let id = birth.fields.value(allowance.tag).flatMap({ Stamp($0) }),
            let held = try view.record(id, in: "allowance"),
            case .integer(let number)? = birth.fields.value(quantity.tag)
        else { return .fine }
        let left = try Allowances.left(of: held, view)
        return number < 1 || number > left ? .refused(.againstRule) : .fine
    }
}
