import DaybookModel
import DaybookOperations
import DaybookStorage
import Foundation
import Testing
import World

/// A till's month over three stores and six laptops that are offline for hours or days, two of them with wrong clocks,
/// counts in between: in the end what one machine makes of the same facts, entered in order.
///
/// The baskets are few by default; `DAYBOOK_BASKETS` names a file with a month of them, `DAYBOOK_SEEDS` other seeds.
@Suite struct ReplaySettlementTests {
    private enum Fact {
        case sale([String])
        case receipt(String, Int64)
        case count(String, Int64)
    }

    private struct Happened {
        let fact: Fact
        /// Seconds since the beginning.
        let at: Int64
        let laptop: Int
        var store: Int { laptop / 2 }
    }

    private static let month: Int64 = 30 * 86_400

    private static let baskets: [[String]] = {
        let path = ProcessInfo.processInfo.environment["DAYBOOK_BASKETS"]
        if let path, let text = try? String(contentsOfFile: path, encoding: .utf8) {
            return text.split(separator: "\n").map {
                Set($0.split(separator: ",").map(String.init)).sorted()
            }
        }
        return (0..<240).map { place in
            (0...place % 4).map { "item \((place * 7 + $0 * 3) % 12)" }
        }
    }()

    static let seeds: [Int] = {
        let named = ProcessInfo.processInfo.environment["DAYBOOK_SEEDS"] ?? "1 2"
        return named.split(separator: " ").compactMap { Int($0) }
    }()

    /// What happened, in order, no two within two minutes of one another.
    private func facts(_ draws: inout Draws) -> [Happened] {
        let items = Set(Self.baskets.joined()).sorted()
        var facts: [Fact] = []
        for (place, basket) in Self.baskets.enumerated() {
            if place.isMultiple(of: 40) {
                for item in items where draws.below(3) == 0 {
                    facts.append(.receipt(item, Int64(draws.below(30) + 1)))
                }
            }
            if place.isMultiple(of: 25) {
                for _ in 0..<3 {
                    let item = items[draws.below(items.count)]
                    facts.append(.count(item, Int64(draws.below(40))))
                }
            }
            facts.append(.sale(basket))
        }
        let step = max(Self.month / Int64(facts.count), 121)
        return facts.enumerated().map { place, fact in
            Happened(fact: fact, at: Int64(place + 1) * step, laptop: draws.below(6))
        }
    }

    private struct Shop {
        let world: World
        let stores: [Stamp]
        let products: [String: Stamp]

        init() throws {
            world = try World()
            let (north, south) = (world.north, world.south)
            let clock = world.officeClock.reading()
            let west = try world.office.write(person: nil, clock: clock) { writer in
                var store = Draft(Store.self)
                store[Store.name] = "西门店"
                return try writer.birth(store)
            }
            stores = [north, south, west]
            products = try world.office.write(person: nil, clock: clock) { writer in
                var products: [String: Stamp] = [:]
                for item in Set(ReplaySettlementTests.baskets.joined()).sorted() {
                    var product = Draft(Product.self)
                    product[Product.key] = item
                    product[Product.title] = item
                    product[Product.price] = Amount(minor: 1_000, currency: Currency("CNY")!)
                    products[item] = try writer.birth(product)
                }
                return products
            }
        }

        func enter(_ happened: Happened, _ writer: any EntryWriter) throws {
            let store = stores[happened.store]
            switch happened.fact {
            case .sale(let items):
                try Acts.sell(
                    writer, store: store,
                    lines: items.map { .init(product: products[$0]!, quantity: 1) },
                    payment: nil)
            case .receipt(let item, let quantity):
                try Acts.move(
                    writer, store: store, product: products[item]!, quantity: quantity,
                    kind: "receipt")
            case .count(let item, let quantity):
                var count = Draft(Count.self)
                count[Count.store] = store
                var line = Draft(CountLine.self)
                line[CountLine.count] = try writer.birth(count)
                line[CountLine.product] = products[item]!
                line[CountLine.quantity] = quantity
                _ = try writer.birth(line)
            }
        }

        /// Stock, and every count with what it has to explain, without when it came.
        func figures() throws -> [[String]] {
            try world.office.read { view in
                let tables = try Figures.stock.make(view, [:])
                let stock = tables[0].rows.map { row in row.map { "\($0)" } }
                let variances = tables[1].rows.map { row in
                    [0, 1, 3, 4, 6, 7, 8].map { "\(row[$0])" }
                }
                return (stock + variances).sorted { $0.lexicographicallyPrecedes($1) }
            }
        }

        /// Every count that the movements do not explain is right, the latest of a day's.
        func acceptAll() throws -> Int {
            let settling = try #require(world.catalogue.settling)
            var filter = MatterFilter()
            filter.kinds = ["countVariance", "countsClose"]
            filter.most = .max
            let open = try world.office.matters(filter).matters
            for one in open {
                let accepting = one.matter.choices.filter { $0.code == "accept" }
                let latest = accepting.max { left, right in
                    moment(left.chosen, one) < moment(right.chosen, one)
                }
                let choice = try #require(latest)
                try world.office.write(person: nil, clock: world.officeClock.reading()) {
                    try settling.settle($0, one.matter, choice, nil)
                }
            }
            return open.count
        }

        private func moment(_ id: Stamp?, _ one: ListedMatter) -> Moment {
            one.sides.first { $0.record.id == id }?.record.at ?? World.start
        }
    }

    @Test(arguments: seeds)
    func `stock and variances are those of the same facts in order on one machine`(
        seed: Int
    ) throws {
        var draws = Draws(state: UInt64(seed))
        let facts = facts(&draws)

        let field = try Shop()
        let syncs = try play(facts, field, &draws)
        let one = try Shop()
        let machine = try one.world.laptop(
            "one", person: "李娜", scopes: one.stores, seed: 99)
        try machine.syncUntilQuiet()
        for happened in facts {
            one.world.pass(seconds: happened.at - passed(one.world), machine)
            try machine.book.write(
                person: machine.person, clock: machine.clock.reading()
            ) { try one.enter(happened, $0) }
        }
        try machine.syncUntilQuiet()

        #expect(try field.figures() == one.figures())
        let (accepted, theirs) = (try field.acceptAll(), try one.acceptAll())
        #expect(accepted == theirs && accepted > 0)
        #expect(try field.figures() == one.figures())
        let unsure = try field.world.office.open("countUncertain").count
        print(
            "replay: seed \(seed), \(facts.count) facts, \(syncs) syncs, \(accepted) variances "
                + "accepted, \(unsure) counts beside an uncertain movement")
    }

    private func passed(_ world: World) -> Int64 {
        world.officeClock.reading().wall.since(World.start) / 1_000
    }

    /// Six laptops, each of which syncs when it happens to be online; how often that was.
    private func play(_ facts: [Happened], _ shop: Shop, _ draws: inout Draws) throws -> Int {
        let world = shop.world
        let names = ["李娜", "王伟", "张敏"]
        let laptops = try (0..<6).map { place in
            let laptop = try world.laptop(
                "L\(place)", person: names[place % 3], scopes: [shop.stores[place / 2]],
                seed: UInt64(30 + place))
            try laptop.syncUntilQuiet()
            return laptop
        }
        // One five hours slow, one three days ahead; both restart now and then.
        for (place, error) in [(1, Int64(-18_000_000)), (4, 259_200_000)] {
            let clock = laptops[place].clock
            clock.setWall(clock.reading().wall.adding(milliseconds: error))
        }
        var online = laptops.map { _ in Int64(draws.below(86_400)) }
        var syncs = 0
        for happened in facts {
            let gap = happened.at - passed(world)
            world.pass(seconds: gap)
            for laptop in laptops { laptop.clock.pass(milliseconds: gap * 1_000) }
            let laptop = laptops[happened.laptop]
            if draws.below(30) == 0 { laptop.clock.reboot() }
            try laptop.book.write(person: laptop.person, clock: laptop.clock.reading()) {
                try shop.enter(happened, $0)
            }
            for place in laptops.indices where online[place] <= happened.at {
                try laptops[place].syncUntilQuiet()
                syncs += 1
                // Hours mostly, days now and then.
                let hours = draws.below(5) == 0 ? 24 + draws.below(72) : 1 + draws.below(9)
                online[place] = happened.at + Int64(hours) * 3_600
            }
        }
        for laptop in laptops { try laptop.syncUntilQuiet() }
        return syncs
    }
}
