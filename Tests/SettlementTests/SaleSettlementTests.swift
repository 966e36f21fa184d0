import DaybookModel
import DaybookOperations
import DaybookStorage
import Testing
import World

@Suite struct SaleSettlementTests {
    /// Two laptops at one event and one store.
    func two() throws -> (World, Laptop, Laptop) {
        let world = try World()
        let scopes = [world.north, world.event]
        let anna = try world.laptop("anna", person: "李娜", scopes: scopes, seed: 7)
        let wei = try world.laptop("wei", person: "王伟", scopes: scopes, seed: 8)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        return (world, anna, wei)
    }

    @Test func `a coupon used on two offline laptops is found with both uses`() throws {
        let (world, anna, wei) = try two()
        for (laptop, code) in [(anna, "may 50"), (wei, "ＭＡＹ５０")] {
            try laptop.write {
                _ = try Acts.sell(
                    $0, store: world.north, lines: [.init(product: world.mug, quantity: 1)],
                    payment: "cash", coupon: code)
            }
        }
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }

        let twice = try #require(try world.office.open("couponTwice").first)
        #expect(Set(twice.sides.map(\.laptop)) == ["anna", "wei"])
        #expect(twice.matter.scope == world.north)
    }

    @Test func `a return finds its sale when that arrives, and more than was sold is a matter`()
        throws
    {
        let (world, anna, wei) = try two()
        let sale = try anna.write {
            try Acts.sell(
                $0, store: world.north, lines: [.init(product: world.mug, quantity: 2)],
                payment: "cash")
        }
        try wei.write {
            _ = try Acts.sell(
                $0, store: world.north, lines: [.init(product: world.mug, quantity: -3)],
                payment: "cash", returns: sale)
        }
        try wei.syncUntilQuiet()
        #expect(try world.office.open("returnUnknown").count == 1)

        try anna.syncUntilQuiet()

        #expect(try world.office.open("returnUnknown").isEmpty)
        let over = try #require(try world.office.open("returnExceeds").first)
        #expect(over.matter.remarks.last?.cell == .number(1))
    }

    @Test func `a sale keeps the price of its laptop's list; head office lists what it differs by`()
        throws
    {
        let (world, anna, _) = try two()
        let raised = world.officeClock.reading().wall
        try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
            var price = Draft(Price.self)
            price[Price.product] = world.mug
            price[Price.amount] = Amount(minor: 4_500, currency: Currency("CNY")!)
            price[Price.validFrom] = raised
            _ = try writer.birth(price)
        }
        let sale = try anna.write {
            try Acts.sell(
                $0, store: world.north, lines: [.init(product: world.mug, quantity: 2)],
                payment: "cash")
        }
        try anna.syncUntilQuiet()

        let rows = try world.office.read { view in
            try #require(view.catalogue.reports.first { $0.name == "prices" }).make(view, [:])[0]
                .rows
        }
        #expect(rows.count == 1)
        #expect(rows.first?[6] == .text("-12.00 CNY"))
        let line = try world.office.read {
            try $0.records(in: "saleline", where: "sale", is: sale.value)[0]
        }
        #expect(line[SaleLine.price] == Amount(minor: 3_900, currency: Currency("CNY")!))
        #expect(line[SaleLine.version] != nil)
    }
}
