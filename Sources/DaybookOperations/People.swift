import DaybookModel

/// The company that keeps the books.
public enum Organisation: RecordType {
    public static let name = Field<String>(
        .init("name", 1, .text(maxBytes: 200), "Name", "名称", isRequired: true))
    /// What amounts without a currency of their own are in.
    public static let currency = Field<String>(
        .init("currency", 2, .text(maxBytes: 3), "Currency", "币种", isRequired: true))

    public static let personalDays = Field<Int64>(
        .init(
            "personal_days", 3, .integer, "Days that names stay readable on laptops", "姓名在电脑上可读的天数")
    )

    public static let definition = CollectionDefinition(
        "organisation", 1, .document, scope: .itself, "Organisation", "组织",
        fields: [name.definition, currency.definition, personalDays.definition],
        personalDays: "personal_days", rights: .headOfficeOnly)
}

/// A branch that holds stock and sells.
public enum Store: RecordType {
    public static let name = Field<String>(
        .init("name", 1, .text(maxBytes: 200), "Name", "名称", isRequired: true))
    public static let address = Field<String>(
        .init("address", 2, .text(maxBytes: 500), "Address", "地址"))
    public static let note = Field<String>(
        .init("note", 3, .text(maxBytes: 4_000), "Note", "备注"))
    public static let personalDays = Field<Int64>(
        .init(
            "personal_days", 4, .integer, "Days that names stay readable on laptops", "姓名在电脑上可读的天数")
    )

    public static let definition = CollectionDefinition(
        "store", 2, .document, scope: .itself, "Store", "门店",
        fields: [
            name.definition, address.definition, note.definition, personalDays.definition,
        ], naturalKey: "name", personalDays: "personal_days",
        rights: Rights(
            record: .headOffice, edit: .duties([.operations, .sales, .warehouse, .supervision]),
            fields: [
                "name": .managers, "note": .everybody, "personal_days": .managers,
            ], remove: .headOffice))
}

/// Somebody who works here.
public enum Staff: RecordType {
    public static let name = Field<String>(
        .init("name", 1, .text(maxBytes: 200), "Name", "姓名", isRequired: true))
    public static let rank = Field<String>(
        .init(
            "rank", 2,
            .choice([
                Choice("director", "Director", "总监"),
                Choice("manager", "Department manager", "部门经理"),
                Choice("deputy", "Deputy manager", "副经理"), Choice("supervisor", "Supervisor", "主管"),
                Choice("specialist", "Specialist", "专员"), Choice("promoter", "Promoter", "推广员"),
            ]), "Rank", "职级"))
    public static let phone = Field<PhoneNumber>(
        .init("phone", 3, .phone, "Phone", "电话", isPersonal: true))
    /// Its code is the duty that the unit's people have.
    public static let unit = Field<String>(
        .init(
            "unit", 4,
            .choice([
                Choice(Duty.operations.code, "Operations", "运营"),
                Choice(Duty.procurement.code, "Procurement", "采购"),
                Choice(Duty.warehouse.code, "Warehouse and logistics", "仓储物流"),
                Choice(Duty.customerService.code, "Customer service", "客服"),
                Choice(Duty.afterSales.code, "After-sales", "售后"),
                Choice(Duty.design.code, "Design", "美工设计"),
                Choice(Duty.productCentre.code, "Product centre", "产品中心"),
                Choice(Duty.sales.code, "Sales", "销售"),
                Choice(Duty.distribution.code, "Distribution", "分销"),
            ]), "Unit", "部门"))

    public static let definition = CollectionDefinition(
        "staff", 3, .document, scope: .organisation, "Staff", "员工",
        fields: [name.definition, rank.definition, phone.definition, unit.definition],
        naturalKey: "name",
        rights: Rights(
            record: .headOffice, edit: .headOffice, remove: .headOffice, personal: .managers))
}

/// Somebody works at a store or an event; it ends when it is removed.
public enum Assignment: RecordType {
    public static let person = Field<Stamp>(
        .init("person", 1, .reference("staff"), "Person", "人员", isRequired: true))
    public static let store = Field<Stamp>(
        .init("store", 2, .reference("store"), "Store", "门店"))
    public static let event = Field<Stamp>(
        .init("event", 3, .reference("event"), "Event", "活动"))

    public static let definition = CollectionDefinition(
        "assignment", 17, .document, scope: .organisation, "Assignment", "派驻",
        fields: [person.definition, store.definition, event.definition], indexes: ["person"],
        rights: .headOfficeOnly)

    /// The store or event where somebody works.
    public static func place(of record: Record) -> Stamp? { record[store] ?? record[event] }
}
