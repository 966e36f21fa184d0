import DaybookModel

/// What a person does in one go: pure functions of a writer, one entry each.
public enum Acts {
    /// A person's act that cannot be, told before anything is written.
    public enum Fault: Error, Hashable, Sendable {
        case answerMissing(question: String)
        case answerOutsideForm(question: String)
        case answerNotAChoice(question: String, choices: [String])
        case answerNotA(question: String, kind: String)
        case quantityNotPositive
        case noLines
        case priceUnknown(product: String)
        /// So many are left of the laptop's share.
        case beyondShare(product: String, left: Int64)
        /// A share comes back by its holder's own word.
        case notTheHolder(laptop: String)
    }

    /// One product of a sale.
    public struct Line: Sendable {
        public let product: Stamp
        public let quantity: Int64
        /// Nil takes the product's own.
        public let price: Amount?

        public init(product: Stamp, quantity: Int64, price: Amount? = nil) {
            self.product = product
            self.quantity = quantity
            self.price = price
        }
    }

    /// Registers a visitor, with answers by the prompt of the event's own form.
    @discardableResult
    public static func signUp(
        _ writer: any EntryWriter, event: Stamp, booth: String?, name: String,
        phone: PhoneNumber?, note: String? = nil, answers: [(prompt: String, text: String)] = []
    ) throws -> Stamp {
        let form = try writer.records(in: "question", where: "event", is: event.value)
            .sorted { ($0[Question.order] ?? 0, $0.id) < ($1[Question.order] ?? 0, $1.id) }
        for answer in answers
        where !form.contains(where: { $0[Question.prompt] == answer.prompt }) {
            throw Fault.answerOutsideForm(question: answer.prompt)
        }
        var draft = Draft(SignUp.self)
        draft[SignUp.event] = event
        draft[SignUp.booth] = booth
        draft[SignUp.name] = name
        draft[SignUp.phone] = phone
        draft[SignUp.note] = note
        let signup = try writer.birth(draft)
        for question in form {
            let prompt = question[Question.prompt] ?? ""
            guard let given = answers.first(where: { $0.prompt == prompt }) else {
                if question[Question.isRequired] == true {
                    throw Fault.answerMissing(question: prompt)
                }
                continue
            }
            try check(given.text, of: question)
            var answer = Draft(Answer.self)
            answer[Answer.signup] = signup
            answer[Answer.question] = question.id
            answer[Answer.text] = given.text
            _ = try writer.birth(answer)
        }
        return signup
    }

    private static func check(_ text: String, of question: Record) throws {
        let prompt = question[Question.prompt] ?? ""
        let kind = question[Question.kind] ?? "text"
        let choices = (question[Question.choices] ?? "").split(separator: "|").map(String.init)
        let fits: Bool
        switch kind {
        case "number": fits = Double(text) != nil
        case "day": fits = Day(text: text) != nil
        case "phone": fits = PhoneNumber(text) != nil
        case "choice":
            guard choices.contains(text) else {
                throw Fault.answerNotAChoice(question: prompt, choices: choices)
            }
            fits = true
        case "choices":
            guard text.split(separator: "|").allSatisfy({ choices.contains(String($0)) }) else {
                throw Fault.answerNotAChoice(question: prompt, choices: choices)
            }
            fits = true
        default: fits = true
        }
        guard fits else { throw Fault.answerNotA(question: prompt, kind: kind) }
    }

    /// Hands out a gift for a sign-up; it leaves the stock of a store when one is named.
    @discardableResult
    public static func giveGift(
        _ writer: any EntryWriter, signup: Stamp, product: Stamp, quantity: Int64 = 1,
        from store: Stamp?, beyondShare: Bool = false
    ) throws -> Stamp {
        guard quantity > 0 else { throw Fault.quantityNotPositive }
        guard let registration = try writer.record(signup, in: "signup"),
            let event = registration[SignUp.event]
        else { throw ChangeFault.refused(.recordUnknown) }
        var draft = Draft(Gift.self)
        draft[Gift.event] = event
        draft[Gift.signup] = signup
        draft[Gift.product] = product
        draft[Gift.quantity] = quantity
        (draft[Gift.allowance], draft[Gift.forced]) = try share(
            of: quantity, product, at: event, beyond: beyondShare, writer)
        let gift = try writer.birth(draft)
        if let store {
            try move(
                writer, store: store, product: product, quantity: -quantity, kind: "gift",
                event: event)
        }
        return gift
    }

    /// The share that an issue counts in; or that it goes beyond it, where the person says so.
    private static func share(
        of quantity: Int64, _ product: Stamp, at place: Stamp, beyond: Bool,
        _ writer: any EntryWriter
    ) throws -> (Stamp?, Bool?) {
        guard quantity > 0 else { return (nil, nil) }
        switch try Allowances.share(quantity, of: product, at: place, writer) {
        case .unlimited: return (nil, nil)
        case .of(let id): return (id, nil)
        case .none(let left):
            guard beyond else {
                let name = try writer.record(product, in: "product")?[Product.key]
                throw Fault.beyondShare(product: name ?? "\(product)", left: left)
            }
            return (nil, true)
        }
    }

    /// Gives back what is left of a share, or a part of it: nobody else can.
    @discardableResult
    public static func handBack(
        _ writer: any EntryWriter, allowance id: Stamp, quantity: Int64? = nil
    ) throws -> Stamp {
        guard let share = try writer.record(id, in: "allowance") else {
            throw ChangeFault.refused(.recordUnknown)
        }
        if let laptop = writer.laptop, share[Allowance.laptop] != laptop {
            throw Fault.notTheHolder(laptop: share[Allowance.laptop] ?? "")
        }
        let left = try Allowances.left(of: share, writer)
        let back = quantity ?? left
        guard back > 0 else { throw Fault.quantityNotPositive }
        guard back <= left else {
            let product = try share[Allowance.product].flatMap {
                try writer.record($0, in: "product")?[Product.key]
            }
            throw Fault.beyondShare(product: product ?? "\(id)", left: left)
        }
        var draft = Draft(Handback.self)
        draft[Handback.allowance] = id
        draft[Handback.quantity] = back
        draft[Handback.reason] = writer.laptop == nil ? "written_off" : "closed"
        return try writer.birth(draft)
    }

    /// Moves stock by a signed quantity.
    @discardableResult
    public static func move(
        _ writer: any EntryWriter, store: Stamp, product: Stamp, quantity: Int64, kind: String,
        event: Stamp? = nil, note: String? = nil
    ) throws -> Stamp {
        guard quantity != 0 else { throw Fault.quantityNotPositive }
        var draft = Draft(Movement.self)
        draft[Movement.store] = store
        draft[Movement.product] = product
        draft[Movement.quantity] = quantity
        draft[Movement.kind] = kind
        draft[Movement.event] = event
        draft[Movement.note] = note
        return try writer.birth(draft)
    }

    /// Sells (or with negative quantities takes back) at the price this book has; stock follows.
    ///
    /// - Parameter returns: the sale that is taken back, in part or whole; it may be on another laptop still.
    @discardableResult
    public static func sell(
        _ writer: any EntryWriter, store: Stamp, lines: [Line], payment: String?,
        key: String? = nil, on day: Day? = nil, coupon: String? = nil, returns: Stamp? = nil,
        event: Stamp? = nil, beyondShare: Bool = false
    ) throws -> Stamp {
        guard !lines.isEmpty else { throw Fault.noLines }
        let original = try returns.map {
            try writer.records(in: "saleline", where: "sale", is: $0.value)
        }
        let versions = try lines.map { line in
            try version(of: line, original: original ?? [], writer)
        }
        let prices = versions.map(\.amount)
        var sale = Draft(Sale.self)
        sale[Sale.store] = store
        sale[Sale.key] = key
        sale[Sale.payment] = payment
        sale[Sale.soldOn] = day
        sale[Sale.coupon] = coupon.map(CouponCode.normal)
        sale[Sale.returns] = returns
        sale[Sale.event] = event
        sale[Sale.total] = total(of: lines, at: prices)
        let id = try writer.birth(sale)
        for (line, version) in zip(lines, versions) {
            var draft = Draft(SaleLine.self)
            draft[SaleLine.sale] = id
            draft[SaleLine.product] = line.product
            draft[SaleLine.quantity] = line.quantity
            draft[SaleLine.price] = version.amount
            draft[SaleLine.version] = version.id
            (draft[SaleLine.allowance], draft[SaleLine.forced]) = try share(
                of: line.quantity, line.product, at: store, beyond: beyondShare, writer)
            _ = try writer.birth(draft)
            try move(
                writer, store: store, product: line.product, quantity: -line.quantity,
                kind: line.quantity > 0 ? "sale" : "return", event: event)
        }
        return id
    }

    /// The price of a line and what says it: that of the sale which is taken back, where it is here.
    private static func version(
        of line: Line, original: [Record], _ writer: any EntryWriter
    ) throws -> (amount: Amount, id: Stamp?) {
        guard line.quantity != 0 else { throw Fault.quantityNotPositive }
        if let price = line.price { return (price, nil) }
        if let sold = original.first(where: { $0[SaleLine.product] == line.product }),
            let price = sold[SaleLine.price]
        {
            return (price, sold[SaleLine.version])
        }
        guard let held = try Prices.valid(line.product, at: writer.now, writer) else {
            let product = try writer.record(line.product, in: "product")
            throw Fault.priceUnknown(product: product?[Product.key] ?? "\(line.product)")
        }
        return (held.amount, held.id)
    }

    /// None when the lines are in several currencies, or the sum is past all money.
    private static func total(of lines: [Line], at prices: [Amount]) -> Amount? {
        guard let currency = prices.first?.currency,
            prices.allSatisfy({ $0.currency == currency })
        else { return nil }
        var sum: Int64 = 0
        for (line, price) in zip(lines, prices) {
            let (part, tooMuch) = price.minor.multipliedReportingOverflow(by: line.quantity)
            let (next, overflow) = sum.addingReportingOverflow(part)
            guard !tooMuch, !overflow else { return nil }
            sum = next
        }
        return Amount(minor: sum, currency: currency)
    }

    /// Lends material out, or takes it back with what is damaged.
    @discardableResult
    public static func lend(
        _ writer: any EntryWriter, event: Stamp, item: String, quantity: Int64, isBack: Bool,
        holder: String?, damage: String? = nil
    ) throws -> Stamp {
        guard quantity > 0 else { throw Fault.quantityNotPositive }
        var draft = Draft(Loan.self)
        draft[Loan.event] = event
        draft[Loan.item] = item
        draft[Loan.quantity] = isBack ? -quantity : quantity
        draft[Loan.holder] = holder
        draft[Loan.damage] = damage
        return try writer.birth(draft)
    }
}
