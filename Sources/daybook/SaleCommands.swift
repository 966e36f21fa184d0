import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookWords

struct SaleGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .saleAbstract, name: "sale", [SaleAdd.self, SaleReturn.self])
}

extension OpenBook {
    /// `PRODUCT` or `PRODUCT=QUANTITY`, as typed.
    func lines(_ texts: [String], sign: Int64) throws -> [Acts.Line] {
        try texts.map { text in
            // A key may hold "=" itself: only a number after the last one is a quantity.
            guard let equals = text.lastIndex(of: "="),
                let quantity = Int64(text[text.index(after: equals)...])
            else { return Acts.Line(product: try id(text, in: "product"), quantity: sign) }
            return Acts.Line(
                product: try id(String(text[..<equals]), in: "product"),
                quantity: sign * quantity)
        }
    }
}

struct SaleAdd: DaybookCommand {
    static let configuration = CommandConfiguration.word(.saleAddAbstract, name: "add")
    @Argument(help: ArgumentHelp(.linesHelp)) var lines: [String]
    @Option(help: ArgumentHelp(.storeHelp)) var store: String?
    @Option(help: ArgumentHelp(.paymentHelp)) var payment: String?
    @Option(help: ArgumentHelp(.keyHelp)) var key: String?
    @Option(help: ArgumentHelp(.couponHelp)) var coupon: String?
    @Flag(help: ArgumentHelp(.beyondShareHelp)) var beyondShare = false
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        if let payment { _ = try Sale.payment.definition.typed(payment, currency: nil) }
        let store = try open.id(store, orOnlyOneIn: "store")
        let sold = try open.lines(lines, sign: 1)
        try output.wrote(
            try open.write {
                try Acts.sell(
                    $0, store: store, lines: sold, payment: payment, key: key, coupon: coupon,
                    beyondShare: beyondShare)
            }, in: open)
    }
}

struct SaleReturn: DaybookCommand {
    static let configuration = CommandConfiguration.word(.saleReturnAbstract, name: "return")
    @Argument(help: ArgumentHelp(.returnedSaleHelp)) var sale: String
    @Argument(help: ArgumentHelp(.linesHelp)) var lines: [String]
    @Option(help: ArgumentHelp(.storeHelp)) var store: String?
    @Option(help: ArgumentHelp(.paymentHelp)) var payment: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        if let payment { _ = try Sale.payment.definition.typed(payment, currency: nil) }
        let store = try open.id(store, orOnlyOneIn: "store")
        // A sale that is on another laptop still is known by the id on its receipt.
        let original = try Stamp(text: sale) ?? open.id(sale, in: "sale")
        let back = try open.lines(lines, sign: -1)
        try output.wrote(
            try open.write {
                try Acts.sell(
                    $0, store: store, lines: back, payment: payment, returns: original)
            }, in: open)
    }
}
