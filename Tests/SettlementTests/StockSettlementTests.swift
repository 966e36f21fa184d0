import DaybookModel
import DaybookOperations
import Testing

/// One product in one store, facts by the minute.
struct Shelf {
    let book = PlainBook()
    let store = Stamp(milliseconds: 2, node: 1)
    let product = Stamp(milliseconds: 3, node: 1)
    private(set) var lines: [Record] = []

    static let minute: Int64 = 60_000

    @discardableResult
    func move(
        _ quantity: Int64, at minute: Int64, node: Int64 = 7, within: Int64 = 0
    ) -> Record {
        var draft = Draft(Movement.self)
        draft[Movement.store] = store
        draft[Movement.product] = product
        draft[Movement.quantity] = quantity
        draft[Movement.kind] = quantity < 0 ? "sale" : "receipt"
        return book.add(
            draft, at: minute * Self.minute, node: node, within: within, scope: store)
    }

    @discardableResult
    mutating func count(
        _ quantity: Int64, at minute: Int64, node: Int64 = 7, within: Int64 = 0
    ) -> Record {
        var draft = Draft(CountLine.self)
        draft[CountLine.product] = product
        draft[CountLine.count] = store
        draft[CountLine.quantity] = quantity
        let line = book.add(
            draft, at: minute * Self.minute, node: node, within: within, scope: store)
        lines.append(line)
        return line
    }

    @discardableResult
    func settle(
        _ kind: String, _ about: [Stamp], _ choice: String, chosen: Stamp? = nil, at minute: Int64,
        node: Int64 = 9
    ) -> Record {
        let key = MatterKey(kind: kind, about: about)
        var draft = Draft(Settlement.self)
        draft[Settlement.place] = store
        draft[Settlement.kind] = kind
        draft[Settlement.record] = key.about[0]
        draft[Settlement.others] =
            key.about.count > 1 ? Array(key.about.dropFirst()).text : nil
        draft[Settlement.choice] = choice
        draft[Settlement.chosen] = chosen
        return book.add(draft, at: minute * Self.minute, node: node, scope: store)
    }

    @discardableResult
    func undo(_ settlement: Record, at minute: Int64, node: Int64 = 9) -> Record {
        var draft = Draft(Settlement.self)
        draft[Settlement.place] = store
        draft[Settlement.kind] = Settlement.undo
        draft[Settlement.record] = settlement.id
        return book.add(draft, at: minute * Self.minute, node: node, scope: store)
    }

    func ledger(isWhole: Bool = false) throws -> StockLedger {
        try StockLedger(book, store: store, product: product, isWhole: isWhole)
    }

    func kinds() throws -> [String] { try book.matters().map(\.key.kind).sorted() }
}

@Suite struct StockSettlementTests {
    struct Case: Sendable {
        let counted: Int64
        /// Quantity and minute; the count is at 100.
        let movements: [(Int64, Int64)]
        let expected: Int64
        let variance: Int64
        /// On hand before and after the count is accepted.
        let before: Int64
        let after: Int64
    }

    static let cases = [
        Case(counted: 0, movements: [], expected: 0, variance: 0, before: 0, after: 0),
        Case(counted: 9, movements: [(10, 50)], expected: 10, variance: -1, before: 10, after: 9),
        // It happened before the count, whenever it arrived: it explains the variance.
        Case(
            counted: 8, movements: [(10, 50), (-2, 90)], expected: 8, variance: 0, before: 8,
            after: 8),
        // It happened after the count: it moves the stock on and explains nothing.
        Case(
            counted: 9, movements: [(10, 50), (-3, 101)], expected: 10, variance: -1, before: 7,
            after: 6),
        // At the very moment counts as before it.
        Case(counted: 4, movements: [(4, 100)], expected: 4, variance: 0, before: 4, after: 4),
        Case(counted: 5, movements: [], expected: 0, variance: 5, before: 0, after: 5),
        Case(
            counted: 2, movements: [(-1, 10), (-1, 200)], expected: -1, variance: 3, before: -2,
            after: 1),
    ]

    @Test(arguments: cases) func `a count says what was there, and only then`(one: Case) throws {
        for order in [one.movements, one.movements.reversed()] {
            var shelf = Shelf()
            for (quantity, minute) in order { shelf.move(quantity, at: minute) }
            let line = shelf.count(one.counted, at: 100)

            let ledger = try shelf.ledger()
            #expect(ledger.lines.first?.expected == one.expected)
            #expect(ledger.lines.first?.variance == one.variance)
            #expect(ledger.onHand == one.before)
            #expect(try shelf.kinds().contains("countVariance") == (one.variance != 0))

            shelf.settle("countVariance", [line.id], "accept", at: 300)
            #expect(try shelf.ledger().onHand == one.after)
            #expect(try shelf.ledger(isWhole: true).onHand == one.after)
        }
    }

    @Test func `accepting twice is once, and undoing gives it back`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let line = shelf.count(7, at: 10)

        let first = shelf.settle("countVariance", [line.id], "accept", at: 20)
        shelf.settle("countVariance", [line.id], "accept", at: 21, node: 10)
        #expect(try shelf.ledger().adjustment == -3)

        shelf.undo(first, at: 30)
        #expect(try shelf.ledger().adjustment == -3)
    }

    @Test func `undoing the only settlement opens it again, and undoing that settles it`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let line = shelf.count(7, at: 10)
        let settled = shelf.settle("countVariance", [line.id], "accept", at: 20)
        let undone = shelf.undo(settled, at: 30)
        #expect(try shelf.ledger().adjustment == 0)

        shelf.undo(undone, at: 31)
        #expect(try shelf.ledger().adjustment == -3)
    }

    @Test func `a movement that turns up late changes the gain, not what there is`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let line = shelf.count(7, at: 10)
        shelf.settle("countVariance", [line.id], "accept", at: 20)
        #expect(try shelf.ledger().lines[0].variance == -3)

        shelf.move(-2, at: 5)

        #expect(try shelf.ledger().lines[0].variance == -1)
        #expect(try shelf.ledger().onHand == 7)
    }

    @Test func `a later accepted count overtakes an open one`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        shelf.count(7, at: 10)
        let late = shelf.count(6, at: 2_000)
        shelf.settle("countVariance", [late.id], "accept", at: 3_000)

        let open = try shelf.book.matters().filter { $0.key.kind == "countVariance" }
        #expect(open.map(\.key.about) == [[late.id]])
        #expect(try shelf.ledger().onHand == 6)
    }

    @Test func `an older count accepted after a newer one changes nothing of today`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let early = shelf.count(7, at: 10)
        let late = shelf.count(6, at: 2_000)
        shelf.settle("countVariance", [late.id], "accept", at: 3_000)
        shelf.settle("countVariance", [early.id], "accept", at: 3_001)

        #expect(try shelf.ledger().onHand == 6)
        let whole = try shelf.ledger(isWhole: true)
        #expect(whole.lines.map(\.variance) == [-3, -1])
    }

    // MARK: - Counted twice

    @Test func `two counts of one day are one matter, whichever is chosen`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let one = shelf.count(9, at: 100)
        let other = shelf.count(8, at: 130, node: 8)
        let matters = try shelf.book.matters()
        #expect(matters.map(\.key.kind) == ["countsClose"])
        #expect(matters[0].grade == .attention)
        #expect(
            matters[0].choices.map(\.typed)
                == ["accept:\(one.id)", "accept:\(other.id)", "sum", "none"])

        let chosen = shelf.settle(
            "countsClose", [one.id, other.id], "accept", chosen: one.id, at: 200)
        #expect(try shelf.ledger().onHand == 9)
        shelf.undo(chosen, at: 201)
        shelf.settle("countsClose", [one.id, other.id], "sum", at: 202)
        #expect(try shelf.ledger().onHand == 17)
    }

    @Test func `two counts that agree are worth no more than a look`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        shelf.count(10, at: 100)
        shelf.move(-1, at: 110)
        shelf.count(9, at: 130, node: 8)

        #expect(try shelf.book.matters().map(\.grade) == [.information])
    }

    @Test func `counts of different days are not compared`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        shelf.count(10, at: 100)
        shelf.count(9, at: 100 + 13 * 60)

        #expect(try shelf.kinds() == ["countVariance"])
    }

    // MARK: - Uncertain moments

    @Test func `a movement within a count's uncertainty is a matter until somebody says`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let sold = shelf.move(-2, at: 105, node: 8)
        let line = shelf.count(8, at: 100, within: 10 * Shelf.minute)
        #expect(try shelf.kinds() == ["countUncertain", "countVariance"])

        let said = shelf.settle("countUncertain", [line.id, sold.id], "before", at: 200)
        #expect(try shelf.ledger().lines[0].variance == 0)
        #expect(try shelf.ledger().onHand == 8)
        shelf.undo(said, at: 201)
        shelf.settle("countUncertain", [line.id, sold.id], "after", at: 202)
        #expect(try shelf.ledger().lines[0].variance == -2)
    }

    @Test func `a movement whose own clock was years wrong is found, however far away`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let sold = shelf.move(-2, at: 500_000, node: 8, within: 400_000_000 * Shelf.minute)
        let line = shelf.count(8, at: 100)

        let unsure = try shelf.book.matters().filter { $0.key.kind == "countUncertain" }
        #expect(unsure.map(\.key.about) == [[line.id, sold.id]])
        shelf.settle("countUncertain", [line.id, sold.id], "before", at: 500_001)
        #expect(try shelf.ledger().lines[0].variance == 0)
    }

    @Test func `one laptop's own order is never in doubt`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        shelf.move(-2, at: 105)
        shelf.count(10, at: 100, within: 10 * Shelf.minute)

        #expect(try shelf.kinds() == [])
    }

    @Test func `stock below zero is missing facts, and closes itself`() throws {
        var shelf = Shelf()
        shelf.move(-2, at: 10)
        let matters = try shelf.book.matters()
        #expect(matters.map(\.key.kind) == ["stockBelowZero"])
        #expect(matters[0].choices.isEmpty)
        #expect(matters[0].grade == .information)

        shelf.move(5, at: 5, node: 8)
        #expect(try shelf.kinds() == [])
        _ = shelf.count(3, at: 20)
        #expect(try shelf.kinds() == [])
    }

    @Test func `a line that one dismissed and another accepted leaves what held before`() throws {
        var shelf = Shelf()
        shelf.move(10, at: 1)
        let early = shelf.count(15, at: 10)
        shelf.settle("countVariance", [early.id], "accept", at: 20)
        let late = shelf.count(3, at: 2_000)
        shelf.settle("countVariance", [late.id], "dismiss", at: 2_010)
        shelf.settle("countVariance", [late.id], "accept", at: 2_020, node: 10)

        #expect(try shelf.ledger().onHand == 15)
        #expect(try shelf.ledger(isWhole: true).onHand == 15)
    }
}
