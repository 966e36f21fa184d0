import DaybookModel

/// Head office's figures, from folds where there are folds and from the facts where people want names.
public enum Figures {
    public static let report = Report("figures", "Figures", "数据总览") { view in
        [
            try signups(view), try doubleSignups(view), try gifts(view), try stockOnHand(view),
            try CountFigures.variances(view), try disputes(view), try loans(view),
            try recorded(view),
        ]
    }

    public static let stock = Report("stock", "Stock on hand", "库存") { view in
        [try stockOnHand(view), try CountFigures.variances(view)]
    }

    static func name(_ id: Stamp?, in collection: String, _ view: any BookView) throws -> String {
        guard let id else { return "" }
        let record = try view.record(id, in: collection)
        let named: String? =
            switch collection {
            case "product": record?[Product.key]
            case "store": record?[Store.name]
            case "event": record?[Event.name]
            default: record?[Staff.name]
            }
        return named ?? "\(id)"
    }

    /// What names a person, or that it is not to be read here.
    private static func personal(_ record: Record, _ tag: UInt32) -> String {
        switch record.fields.value(tag) {
        case .personal(nil)?: "•••"
        case let value?: text(value)
        case nil: ""
        }
    }

    static func stamp(_ value: Value?) -> Stamp? { value.flatMap { Stamp($0) } }

    private static func text(_ value: Value?) -> String { value.flatMap { String($0) } ?? "" }

    private static func signups(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "signups", "Sign-ups per booth", "各展位登记数",
            columns: [
                .init("event", "Event", "活动"), .init("booth", "Booth", "展位"),
                .init("signups", "Sign-ups", "登记数"),
            ])
        for row in try view.foldRows("signupsByBooth") {
            table.rows.append([
                .text(try name(stamp(row.keys[0]), in: "event", view)), .text(text(row.keys[1])),
                .number(row.figure),
            ])
        }
        return table
    }

    private static func doubleSignups(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "doubleSignups", "Double sign-ups (both stay, one counts)", "重复登记（都保留，计一次）",
            columns: [
                .init("name", "Name", "姓名"), .init("phone", "Phone", "电话"),
                .init("times", "Times", "次数"), .init("booths", "Where", "地点"),
                .init("gifts", "Gifts", "礼品数"),
            ])
        for row in try view.foldRows("doublesByHint") where row.figure > 1 {
            guard let event = stamp(row.keys[0]), let hint = row.keys[1] else { continue }
            let like = try view.records(in: "signup", of: event, where: "phone_hint", is: hint)
            // A hint says that they may be the same; where the number is read, it says whether.
            let groups = Dictionary(grouping: like) { $0.fields.value(SignUp.phone.tag) }
            for same in groups.values.sorted(by: { $0[0].id < $1[0].id }) where same.count > 1 {
                var gifts: Int64 = 0
                for signup in same { gifts += try view.fold("giftsBySignup", [signup.id.value]) }
                table.rows.append([
                    .text(personal(same[0], SignUp.name.tag)),
                    .text(personal(same[0], SignUp.phone.tag)), .number(Int64(same.count)),
                    .text(same.map { $0[SignUp.booth] ?? "" }.joined(separator: " + ")),
                    .number(gifts),
                ])
            }
        }
        return table
    }

    private static func gifts(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "gifts", "Gifts against sign-ups", "礼品与登记对照",
            columns: [
                .init("event", "Event", "活动"), .init("product", "Gift", "礼品"),
                .init("gifts", "Gifts", "礼品数"), .init("signups", "Sign-ups", "登记数"),
            ])
        var signups: [Stamp?: Int64] = [:]
        for row in try view.foldRows("signupsByBooth") {
            signups[stamp(row.keys[0]), default: 0] += row.figure
        }
        for row in try view.foldRows("giftsByEvent") {
            table.rows.append([
                .text(try name(stamp(row.keys[0]), in: "event", view)),
                .text(try name(stamp(row.keys[1]), in: "product", view)), .number(row.figure),
                .number(signups[stamp(row.keys[0])] ?? 0),
            ])
        }
        return table
    }

    private static func stockOnHand(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "stock", "Stock on hand", "库存",
            columns: [
                .init("store", "Store", "门店"), .init("product", "Product", "商品"),
                .init("onHand", "On hand", "库存数"),
            ])
        let moved = try view.foldRows("stockOnHand")
        let isMoved = Set(moved.map(\.keys))
        let counted = try view.foldRows("stockAdjustment")
            .filter { $0.figure != 0 && !isMoved.contains($0.keys) }
            .map { FoldRow(keys: $0.keys, figure: 0) }
        for row in moved + counted {
            // What accepted counts add to the movements.
            let adjustment = try view.fold("stockAdjustment", row.keys)
            table.rows.append([
                .text(try name(stamp(row.keys[0]), in: "store", view)),
                .text(try name(stamp(row.keys[1]), in: "product", view)),
                .number(row.figure &+ adjustment),
            ])
        }
        return table
    }

    private static func loans(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "loans", "Materials still out", "未归还物料",
            columns: [
                .init("event", "Event", "活动"), .init("item", "Item", "物料"),
                .init("out", "Out", "未归还"),
            ])
        for row in try view.foldRows("loansOut") where row.figure != 0 {
            table.rows.append([
                .text(try name(stamp(row.keys[0]), in: "event", view)), .text(text(row.keys[1])),
                .number(row.figure),
            ])
        }
        return table
    }

    /// Fields with several heads of different values, each with who wrote it where.
    private static func disputes(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "disputes", "Disputed edits (all are kept)", "有争议的修改（全部保留）",
            columns: [
                .init("record", "Record", "记录"), .init("field", "Field", "字段"),
                .init("state", "State", "状态"), .init("value", "Value", "内容"),
                .init("laptop", "Laptop", "电脑"), .init("person", "By", "修改人"),
            ])
        for collection in view.catalogue.collections where collection.kind == .document {
            try view.forEach(in: collection.name) { record in
                for held in record.disputes {
                    let heads = Set(record.allHeads(of: held.tag))
                    let label = collection.field(tag: held.tag)?.label ?? Label("", "")
                    for edit in try view.history(of: record.id, field: held.tag)
                    where heads.contains(edit.stamp) {
                        let isShown = edit.stamp == held.shown
                        table.rows.append([
                            .text(collection.title(of: record)), .word(label),
                            .word(isShown ? Label("shown", "显示") : Label("kept", "保留")),
                            .text(edit.value.flatMap { String($0) } ?? ""), .text(edit.laptop),
                            .text(try name(edit.person, in: "staff", view)),
                        ])
                    }
                }
            }
        }
        return table
    }

    /// Who recorded how much of what, on which laptop, when, and when the last of it arrived.
    private static func recorded(_ view: any BookView) throws -> ReportTable {
        struct Key: Hashable {
            let laptop: String
            let person: Stamp?
            let collection: String
        }
        struct Span {
            var count: Int64
            var first: Moment
            var last: Moment
            var arrived: Moment
        }
        var spans: [Key: Span] = [:]
        for collection in view.catalogue.collections {
            try view.forEach(in: collection.name) { record in
                guard let from = try view.provenance(of: record.id) else { return }
                let key = Key(
                    laptop: from.laptop, person: from.person, collection: collection.name)
                let at = from.happening.at
                var span =
                    spans[key] ?? Span(count: 0, first: at, last: at, arrived: from.arrived)
                span.count += 1
                span.first = min(span.first, at)
                span.last = max(span.last, at)
                span.arrived = max(span.arrived, from.arrived)
                spans[key] = span
            }
        }
        var table = ReportTable(
            "recorded", "Who recorded what, when, and when it arrived", "谁在何时记录了什么，何时到达",
            columns: [
                .init("laptop", "Laptop", "电脑"), .init("person", "Person", "人员"),
                .init("collection", "What", "内容"), .init("records", "Records", "条数"),
                .init("first", "First recorded", "最早记录"), .init("last", "Last recorded", "最晚记录"),
                .init("arrived", "Last arrived", "最晚到达"),
            ])
        let order = spans.sorted {
            ($0.key.laptop, $0.key.collection, $0.key.person?.rawValue ?? 0)
                < ($1.key.laptop, $1.key.collection, $1.key.person?.rawValue ?? 0)
        }
        for (key, span) in order {
            let label = view.catalogue[key.collection]?.label ?? Label("", "")
            table.rows.append([
                key.laptop.isEmpty ? .word(Label("head office", "总部")) : .text(key.laptop),
                .text(try name(key.person, in: "staff", view)), .word(label), .number(span.count),
                .moment(span.first), .moment(span.last), .moment(span.arrived),
            ])
        }
        return table
    }
}
