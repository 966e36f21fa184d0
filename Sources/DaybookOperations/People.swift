import DaybookModel

/// The company that keeps the books.
public enum Organisation: RecordType {
    public static let name = Field<String>(
        .init("name", 1, .text(maxBytes: 200), "Name", "名称", isRequired: true))
    /// What amounts without a currency of their own are in.
    public static let currency = Field<String>(
        .init("currency", 2, .text(maxBytes: 3), "Currency", "币种", isRequired: true))

    public static let definition = CollectionDefinition(
        "organisation", 1, .document, scope: .itself, "Organisation", "组织",
        fields: [name.definition, currency.definition], rights: .headOfficeOnly)
}

/// A branch that holds stock and sells.
public enum Store: RecordType {
    public static let name = Field<String>(
        .init("name", 1, .text(maxBytes: 200), "Name", "名称", isRequired: true))
    public static let address = Field<String>(
        .init("address", 2, .text(maxBytes: 500), "Address", "地址"))
    public static let note = Field<String>(
        .init("note", 3, .text(maxBytes: 4_000), "Note", "备注"))

    public static let definition = CollectionDefinition(
        "store", 2, .document, scope: .itself, "Store", "门店",
        fields: [name.definition, address.definition, note.definition], naturalKey: "name",
        rights: Rights(record: .headOffice, remove: .headOffice))
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

    public static let definition = CollectionDefinition(
        "staff", 3, .document, scope: .organisation, "Staff", "员工",
        fields: [name.definition, rank.definition, phone.definition], naturalKey: "name",
        rights: .headOfficeOnly)
}
