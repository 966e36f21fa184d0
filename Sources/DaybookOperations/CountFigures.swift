import DaybookModel

/// A count asserts a quantity at its moment: movements before it, late ones too, explain its variance;
/// those after it move the stock on.
public enum CountFigures {
    /// One counted product.
    public struct Variance: Hashable, Sendable {
        public let counted: Int64
        /// The sum of the movements up to the count's moment, as known now.
        public let expected: Int64
        /// The part of it that arrived at head office only after the count's moment.
        public let lateArrivals: Int64
        /// The movements after the count's moment.
        public let movedSince: Int64
        public var variance: Int64 { counted &- expected }

        /// - Parameter movements: signed quantities with when they happened and when they arrived.
        public init(
            counted: Int64, at moment: Moment,
            movements: [(quantity: Int64, at: Moment, arrived: Moment)]
        ) {
            self.counted = counted
            let before = movements.filter { $0.at <= moment }
            expected = before.reduce(0) { $0 &+ $1.quantity }
            lateArrivals = before.filter { $0.arrived > moment }.reduce(0) { $0 &+ $1.quantity }
            movedSince = movements.filter { $0.at > moment }.reduce(0) { $0 &+ $1.quantity }
        }
    }

    static func variances(_ view: any BookView) throws -> ReportTable {
        var table = ReportTable(
            "variances", "Stock counts and their variance", "盘点差异",
            columns: [
                .init("store", "Store", "门店"), .init("product", "Product", "商品"),
                .init("countedAt", "Counted at", "盘点时间"), .init("counted", "Counted", "实盘数"),
                .init("expected", "Expected then", "应有数"),
                .init("late", "of it arrived later", "其中晚到"),
                .init("variance", "Variance", "差异"), .init("movedSince", "Moved since", "其后变动"),
            ])
        try view.forEach(in: "countline") { line in
            guard let count = line[CountLine.count], let product = line[CountLine.product],
                let store = try view.record(count, in: "count")?[Count.store]
            else { return }
            let movements = try view.records(in: "movement", where: "product", is: product.value)
                .filter { $0[Movement.store] == store }
                .map { movement in
                    (
                        quantity: movement[Movement.quantity] ?? 0, at: movement.at,
                        arrived: try view.provenance(of: movement.id)?.arrived ?? movement.at
                    )
                }
            let variance = Variance(
                counted: line[CountLine.quantity] ?? 0, at: line.at, movements: movements)
            table.rows.append([
                .text(try Figures.name(store, in: "store", view)),
                .text(try Figures.name(product, in: "product", view)), .moment(line.at),
                .number(variance.counted), .number(variance.expected),
                .number(variance.lateArrivals), .number(variance.variance),
                .number(variance.movedSince),
            ])
        }
        return table
    }
}
