extension Amount {
    /// `12.50`, `-3`, `1,299.00`, each perhaps with a currency behind; nil for anything else.
    public init?(text: String, currency: Currency?) {
        let parts = text.split(separator: " ")
        guard (1...2).contains(parts.count) else { return nil }
        let own = parts.count == 2 ? Currency(parts[1].uppercased()) : currency
        guard let own else { return nil }
        var digits = parts[0].filter { $0 != "," }
        let isNegative = digits.hasPrefix("-")
        if isNegative { digits.removeFirst() }
        let halves = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count), halves.contains(where: { !$0.isEmpty }),
            digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }),
            let whole = Int64(halves[0].isEmpty ? "0" : halves[0])
        else { return nil }
        let fraction = halves.count == 2 ? halves[1] : ""
        guard fraction.utf8.count <= own.fractionDigits else { return nil }
        let padded =
            fraction
            + String(
                repeating: "0", count: own.fractionDigits - fraction.utf8.count)
        let unit: Int64 = own.fractionDigits == 0 ? 1 : 100
        let (scaled, tooMuch) = whole.multipliedReportingOverflow(by: unit)
        let (minor, overflow) = scaled.addingReportingOverflow(Int64(padded) ?? 0)
        guard !tooMuch, !overflow else { return nil }
        self.init(minor: isNegative ? -minor : minor, currency: own)
    }

    /// `12.50 CNY`.
    public var text: String {
        guard currency.fractionDigits > 0 else { return "\(minor) \(currency)" }
        let size = minor.magnitude
        let fraction = size % 100
        return
            "\(minor < 0 ? "-" : "")\(size / 100).\(fraction < 10 ? "0" : "")\(fraction) \(currency)"
    }
}
