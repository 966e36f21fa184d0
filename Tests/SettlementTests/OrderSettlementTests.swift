import DaybookModel
import DaybookOperations
import DaybookStorage
import Testing
import World

/// SplitMix64.
struct Draws {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) >> 33) % limit
    }
}

/// What a head office makes of facts.
struct Outcome: Equatable {
    let stock: [[ReportTable.Cell]]
    let variances: [[ReportTable.Cell]]
    let matters: Set<MatterKey>

    init(_ office: OfficeStore) throws {
        let tables = try office.read { try Figures.stock.make($0, [:]) }
        stock = tables[0].rows.sorted { "\($0)" < "\($1)" }
        variances = tables[1].rows.sorted { "\($0)" < "\($1)" }
        matters = try office.keys()
    }
}

@Suite struct OrderSettlementTests {
    /// The same acts on three laptops, the third with a clock that is hours wrong and a restart, posted in an order.
    private func outcome(seed: Int, order: [Int]) throws -> (Outcome, World, [Laptop]) {
        let world = try World()
        let names = ["李娜", "王伟", "张敏"]
        var laptops: [Laptop] = []
        for (place, name) in names.enumerated() {
            let laptop = try world.laptop(
                "L\(place)", person: name, scopes: [world.north, world.south, world.event],
                seed: UInt64(10 + place))
            try laptop.syncUntilQuiet()
            laptops.append(laptop)
        }
        var draws = Draws(state: UInt64(seed))
        var sales: [Stamp] = []
        laptops[2].clock.setWall(laptops[2].clock.reading().wall.adding(milliseconds: -9_000_000))
        for step in 0..<40 {
            world.pass(seconds: Int64(draws.below(3_000)), laptops[0], laptops[1], laptops[2])
            if step == 20 { laptops[2].clock.reboot() }
            let laptop = laptops[draws.below(3)]
            if draws.below(6) == 0 {
                try settle(something: laptop, &draws)
            } else {
                try laptop.write { try act($0, world, &draws, &sales) }
            }
        }
        for place in order { try laptops[place].syncUntilQuiet() }
        for laptop in laptops { try laptop.syncUntilQuiet() }
        return (try Outcome(world.office), world, laptops)
    }

    private func act(
        _ writer: any EntryWriter, _ world: World, _ draws: inout Draws, _ sales: inout [Stamp]
    ) throws {
        let store = draws.below(4) == 0 ? world.south : world.north
        switch draws.below(8) {
        case 0, 1:
            try Acts.move(
                writer, store: store, product: world.mug, quantity: Int64(draws.below(9) + 1),
                kind: "receipt")
        case 2:
            sales.append(
                try Acts.sell(
                    writer, store: store,
                    lines: [.init(product: world.mug, quantity: Int64(draws.below(3) + 1))],
                    payment: nil, coupon: draws.below(2) == 0 ? "C\(draws.below(3))" : nil))
        case 3:
            guard !sales.isEmpty else { return }
            try Acts.sell(
                writer, store: store, lines: [.init(product: world.mug, quantity: -1)],
                payment: nil, returns: sales[draws.below(sales.count)])
        case 4, 5:
            var count = Draft(Count.self)
            count[Count.store] = store
            var line = Draft(CountLine.self)
            line[CountLine.count] = try writer.birth(count)
            line[CountLine.product] = world.mug
            line[CountLine.quantity] = Int64(draws.below(12))
            _ = try writer.birth(line)
        default:
            let signup = try Acts.signUp(
                writer, event: world.event, booth: nil, name: "N\(draws.below(2))",
                phone: PhoneNumber("1380013800\(draws.below(4))"))
            if draws.below(2) == 0 {
                try Acts.giveGift(writer, signup: signup, product: world.mug, from: store)
            }
        }
    }

    private func settle(something laptop: Laptop, _ draws: inout Draws) throws {
        let open = try laptop.open().filter { !$0.matter.choices.isEmpty }
        guard !open.isEmpty else { return }
        let one = open[draws.below(open.count)]
        try laptop.settle(one, as: one.matter.choices[draws.below(one.matter.choices.count)].typed)
    }

    @Test(arguments: 1...6)
    func `whatever the order of arrival: the same stock, variances and matters`(
        seed: Int
    ) throws {
        let (first, world, laptops) = try outcome(seed: seed, order: [0, 1, 2])
        #expect(!first.matters.isEmpty)
        for order in [[2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            let (other, _, _) = try outcome(seed: seed, order: order)
            #expect(other == first)
        }

        // Working out everything anew finds what was found as it came.
        try world.office.deriveMatters()
        #expect(try Outcome(world.office) == first)
        // Whoever holds all of it sees the same, but for what only head office can read or notice.
        let theirs = Set(try laptops[0].open().map(\.matter.key))
        let ours = first.matters.filter { $0.kind != "likeSignup" }
        #expect(theirs == ours)
    }
}
