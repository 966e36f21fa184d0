import DaybookModel

/// What a product cost when.
public enum Prices {
    /// A price and the fact or edit that says it.
    public struct Version: Hashable, Sendable {
        public let amount: Amount
        public let id: Stamp
    }

    /// The price list of a book at a moment: the latest that holds by then, else the product's own.
    public static func valid(
        _ product: Stamp, at moment: Moment, _ view: any BookView
    ) throws -> Version? {
        let listed = try view.records(in: "price", where: "product", is: product.value)
            .compactMap { price -> (from: Moment, version: Version)? in
                guard let from = price[Price.validFrom], from <= moment,
                    let amount = price[Price.amount]
                else { return nil }
                return (from, Version(amount: amount, id: price.id))
            }
            .max { ($0.from, $0.version.id) < ($1.from, $1.version.id) }
        if let listed { return listed.version }
        guard let record = try view.record(product, in: "product") else { return nil }
        // Only head office keeps what a product's own price was; elsewhere it is what it is.
        let past = try view.history(of: product, field: Product.price.tag)
            .last { $0.time <= moment }
        if let past, let amount = past.value.flatMap({ Amount($0) }) {
            return Version(amount: amount, id: past.stamp)
        }
        return record[Product.price].map {
            Version(amount: $0, id: record.shownHead(of: Product.price.tag))
        }
    }

    /// Sales at another price than the one that held: listed with the difference, never rewritten.
    static let stale = Report("prices", "Sales at a price that did not hold", "按失效价格的销售") { view in
        var table = ReportTable(
            "prices", "Sales at a price that did not hold", "按失效价格的销售",
            columns: [
                .init("at", "Sold at", "销售时间"), .init("store", "Store", "门店"),
                .init("product", "Product", "商品"), .init("quantity", "Quantity", "数量"),
                .init("sold", "Sold for", "售价"), .init("valid", "Held then", "当时有效价"),
                .init("difference", "Difference", "差额"), .init("by", "By", "人员"),
                .init("laptop", "Laptop", "电脑"), .init("sale", "Sale", "销售"),
            ])
        try view.forEach(in: "saleline") { line in
            guard let product = line[SaleLine.product], let sold = line[SaleLine.price],
                let quantity = line[SaleLine.quantity],
                let held = try valid(product, at: line.at, view)?.amount, held != sold
            else { return }
            let difference =
                held.currency == sold.currency
                ? ReportTable.Cell.text(
                    Amount(
                        minor: (sold.minor &- held.minor) &* quantity, currency: sold.currency
                    ).text)
                : .none
            table.rows.append([
                .moment(line.at), .text(try Figures.name(line.scope, in: "store", view)),
                .text(try Figures.name(product, in: "product", view)), .number(quantity),
                .text(sold.text), .text(held.text), difference,
                .text(try Figures.name(line.by, in: "staff", view)),
                .text(try view.provenance(of: line.id)?.laptop ?? ""),
                .text(line[SaleLine.sale].map { "\($0)" } ?? ""),
            ])
        }
        return [table]
    }
}
