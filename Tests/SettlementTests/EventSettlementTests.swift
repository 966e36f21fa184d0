import DaybookModel
import DaybookOperations
import DaybookStorage
import Testing
import World

@Suite struct EventSettlementTests {
    @Test func `closing an event compares, lists who is out, and says what changed when they come`()
        throws
    {
        let world = try World()
        let scopes = [world.north, world.event]
        let anna = try world.laptop("anna", person: "李娜", scopes: scopes, seed: 7)
        let wei = try world.laptop("wei", person: "王伟", scopes: scopes, seed: 8)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        func move(_ quantity: Int64, _ kind: String) throws {
            try anna.write {
                _ = try Acts.move(
                    $0, store: world.north, product: world.mug, quantity: quantity, kind: kind,
                    event: world.event)
            }
        }
        try move(-10, "issue")
        let signup = try anna.signUp("A", "13800138000")
        for _ in 0..<2 {
            try anna.write {
                _ = try Acts.giveGift($0, signup: signup, product: world.mug, from: nil)
            }
        }
        try anna.write {
            // Sold from what was issued: it leaves no store.
            var sale = Draft(Sale.self)
            sale[Sale.store] = world.north
            sale[Sale.event] = world.event
            var line = Draft(SaleLine.self)
            line[SaleLine.sale] = try $0.birth(sale)
            line[SaleLine.product] = world.mug
            line[SaleLine.quantity] = 1
            _ = try $0.birth(line)
            try Acts.lend(
                $0, event: world.event, item: "X展架", quantity: 3, isBack: false, holder: nil)
            try Acts.lend(
                $0, event: world.event, item: "X展架", quantity: 1, isBack: true, holder: nil,
                damage: "broken")
            var cost = Draft(Cost.self)
            cost[Cost.event] = world.event
            cost[Cost.what] = "场地"
            cost[Cost.amount] = Amount(minor: 20_000, currency: Currency("CNY")!)
            _ = try $0.birth(cost)
        }
        try move(3, "back")
        try move(-1, "damage")
        try anna.syncUntilQuiet()

        let first = try report(world)
        #expect(
            first["products"]?.first?.dropFirst()
                == [.number(10), .number(2), .number(1), .number(2), .number(1), .number(4)])
        #expect(
            first["materials"]?.first?.dropFirst()
                == [.number(3), .number(0), .number(2), .number(1)])
        #expect(figure("visitors", first) == [.number(1), .none])
        #expect(figure("costPerVisitor.CNY", first) == [.text("200.00 CNY"), .none])
        #expect(first["laptops"]?.map { $0[0] } == [.text("anna"), .text("wei")])

        world.pass(seconds: 3_600, anna, wei)
        try sumUp(world)
        _ = try wei.signUp("B", "13800138001")
        _ = try wei.signUp("A", "138 0013 8000")
        world.pass(seconds: 3_600, anna, wei)
        try wei.syncUntilQuiet()
        let second = try report(world)
        #expect(figure("signups", second) == [.number(3), .text("1")])
        #expect(figure("doubles", second) == [.number(1), .text("0")])
        #expect(figure("visitors", second) == [.number(2), .text("1")])
        #expect(figure("late", second) == [.number(2), .text("0")])
        #expect(figure("costPerVisitor.CNY", second) == [.text("100.00 CNY"), .text("200.00 CNY")])
    }

    private func tables(_ world: World) throws -> [ReportTable] {
        try world.office.read {
            try EventClosing.report.make($0, ["event": "\(world.event)"])
        }
    }

    private func report(_ world: World) throws -> [String: [[ReportTable.Cell]]] {
        Dictionary(uniqueKeysWithValues: try tables(world).map { ($0.name, $0.rows) })
    }

    private func sumUp(_ world: World) throws {
        let kept = EventClosing.kept(try tables(world))
        try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
            var draft = Draft(EventSummary.self)
            draft[EventSummary.event] = world.event
            draft[EventSummary.figures] = kept
            _ = try writer.birth(draft)
        }
    }

    private func figure(
        _ name: String, _ report: [String: [[ReportTable.Cell]]]
    ) -> [ReportTable.Cell]? {
        report["event"]?.first { $0[0] == .text(name) }.map { Array($0[2...3]) }
    }
}
