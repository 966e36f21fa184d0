import DaybookModel

/// Files as other people's systems write them.
public enum Imports {
    /// Items that no catalogue has become products at this price, which nobody charges: 10.00.
    public static let madeUpMinor: Int64 = 1_000

    public static let all: [String: Importer] = [
        shopify.name: shopify, baskets.name: baskets,
    ]

    // MARK: - Shopify's product CSV

    /// One row a variant: rows after a product's first leave its title, vendor and option names empty, and rows
    /// without options only add pictures. A product's key is its handle and options, since SKUs are empty.
    public static let shopify = Importer(
        "shopify", rowsPerEntry: 200,
        check: { row in
            var faults: [ImportFault] = []
            if row.cells["Handle"] == nil {
                faults.append(ImportFault(line: row.line, column: "Handle", reason: .missing))
            }
            if let price = row.cells["Variant Price"],
                Amount(text: price, currency: Currency("CNY")) == nil
            {
                faults.append(
                    ImportFault(line: row.line, column: "Variant Price", reason: .notAnAmount))
            }
            for field in [Product.title.definition, Product.description.definition] {
                let column = field.tag == Product.title.tag ? "Title" : "Body (HTML)"
                if case .text(let most) = field.type,
                    let text = row.cells[column], text.utf8.count > most
                {
                    faults.append(
                        ImportFault(
                            line: row.line, column: column, reason: .tooLong(maxBytes: most)))
                }
            }
            return faults
        },
        write: { writer, rows, options in
            var tally = ImportTally()
            let currency = try Imports.currency(writer)
            for row in rows {
                tally.rows += 1
                guard let draft = try product(of: row, currency, writer) else { continue }
                if try known(draft, writer) {
                    tally.known += 1
                } else {
                    _ = try writer.birth(draft)
                    tally.added += 1
                }
            }
            return tally
        })

    /// Nil for a row that only adds a picture.
    private static func product(
        of row: ImportRow, _ currency: Currency?, _ writer: any EntryWriter
    ) throws -> Draft? {
        guard let handle = row.cells["Handle"] else { return nil }
        let values = (1...3).compactMap { row.cells["Option\($0) Value"] }
        guard !values.isEmpty || row.cells["Title"] != nil else { return nil }
        let options = values.filter { $0 != "Default Title" }.joined(separator: " / ")
        var draft = Draft(Product.self)
        draft[Product.key] = options.isEmpty ? handle : "\(handle) / \(options)"
        draft[Product.handle] = handle
        draft[Product.option] = options.isEmpty ? nil : options
        draft[Product.title] = try row.cells["Title"] ?? title(ofHandle: handle, writer) ?? handle
        draft[Product.vendor] = row.cells["Vendor"]
        draft[Product.type] = row.cells["Type"]
        draft[Product.description] = row.cells["Body (HTML)"]
        draft[Product.sku] = row.cells["Variant SKU"]
        draft[Product.price] = row.cells["Variant Price"].flatMap {
            Amount(text: $0, currency: currency)
        }
        return draft
    }

    /// A continuation row takes the title of its product's first row.
    private static func title(ofHandle handle: String, _ writer: any EntryWriter) throws -> String?
    {
        let first = try writer.records(in: "product", where: "handle", is: .text(handle)).first
        return first?[Product.title]
    }

    private static func known(_ draft: Draft, _ writer: any EntryWriter) throws -> Bool {
        guard let key = draft[Product.key] else { return false }
        return try !writer.records(in: "product", where: "key", is: .text(key)).isEmpty
    }

    private static func currency(_ view: any BookView) throws -> Currency? {
        try view.record(view.organisation, in: "organisation")?[Organisation.currency]
            .flatMap { Currency($0) }
    }

    // MARK: - Till baskets

    /// One line a basket, items by commas, no header, price or date. Repeated lines are different baskets:
    /// a basket's key is the file and its line. Baskets are dealt out over the stores and the days of `month`.
    public static let baskets = Importer(
        "baskets", fixedColumns: [], rowsPerEntry: 8,
        check: { row in
            row.cells.values.allSatisfy { $0.allSatisfy(\.isWhitespace) }
                ? [ImportFault(line: row.line, column: nil, reason: .emptyRow)] : []
        },
        write: { writer, rows, options in
            var tally = ImportTally()
            var stores: [Stamp] = []
            try writer.forEach(in: "store") { stores.append($0.id) }
            let first = options["month"].flatMap { Day(text: "\($0)-01") } ?? Day(number: 20_573)
            let baskets = max(1, options["baskets"].flatMap { Int64($0) } ?? 1)
            guard !stores.isEmpty else { throw ChangeFault.missing("store") }
            for row in rows {
                tally.rows += 1
                let key = "\(options["file"] ?? "")#\(row.line)"
                guard try writer.records(in: "sale", where: "key", is: .text(key)).isEmpty else {
                    tally.known += 1
                    continue
                }
                let day = Day(number: first.number + Int64(row.line - 1) * 30 / baskets)
                try Acts.sell(
                    writer, store: stores[(row.line - 1) % stores.count],
                    lines: try lines(of: row, writer, &tally), payment: nil, key: key,
                    on: day)
                tally.added += 1
            }
            return tally
        })

    private static func lines(
        of row: ImportRow, _ writer: any EntryWriter, _ tally: inout ImportTally
    ) throws -> [Acts.Line] {
        let currency = try currency(writer) ?? Currency("CNY")
        var lines: [Acts.Line] = []
        let cells = row.cells.sorted { Int($0.key.dropFirst()) ?? 0 < Int($1.key.dropFirst()) ?? 0 }
        for (_, cell) in cells {
            let name = cell.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !name.isEmpty, let currency else { continue }
            let held = try writer.records(in: "product", where: "key", is: .text(name)).first
            if let held {
                lines.append(
                    Acts.Line(
                        product: held.id, quantity: 1,
                        price: held[Product.price]
                            ?? Amount(minor: madeUpMinor, currency: currency)))
                continue
            }
            var draft = Draft(Product.self)
            draft[Product.key] = name
            draft[Product.title] = name
            draft[Product.price] = Amount(minor: madeUpMinor, currency: currency)
            draft[Product.isMadeUp] = true
            let product = try writer.birth(draft)
            tally.madeUp += 1
            lines.append(
                Acts.Line(
                    product: product, quantity: 1,
                    price: Amount(minor: madeUpMinor, currency: currency)))
        }
        return lines
    }
}
