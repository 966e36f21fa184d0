import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Testing
import World

extension OfficeStore {
    func open(_ kinds: String...) throws -> [ListedMatter] {
        var filter = MatterFilter()
        filter.kinds = kinds
        return try matters(filter).matters
    }

    func keys() throws -> Set<MatterKey> { Set(try open().map(\.matter.key)) }
}

extension Laptop {
    func open(_ kinds: String...) throws -> [ListedMatter] {
        var filter = MatterFilter()
        filter.kinds = kinds
        return try book.matters(filter, of: person, keys: keys).matters
    }

    func settle(_ one: ListedMatter, as typed: String) throws {
        let choice = try #require(one.matter.choices.first { $0.typed == typed })
        let settling = try #require(book.catalogue.settling)
        try write { try settling.settle($0, one.matter, choice, nil) }
    }

    func signUp(_ name: String, _ phone: String?) throws -> Stamp {
        try write {
            try Acts.signUp(
                $0, event: world.event, booth: "A", name: name,
                phone: phone.flatMap { PhoneNumber($0) })
        }
    }
}

@Suite struct MatterSettlementTests {
    /// Two laptops at one event and one store.
    func two() throws -> (World, Laptop, Laptop) {
        let world = try World()
        let scopes = [world.north, world.event]
        let anna = try world.laptop("anna", person: "李娜", scopes: scopes, seed: 7)
        let wei = try world.laptop("wei", person: "王伟", scopes: scopes, seed: 8)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        return (world, anna, wei)
    }

    @Test func `a visitor who signs up twice and is given twice is found, by whom and where`()
        throws
    {
        let (world, anna, wei) = try two()
        let first = try anna.signUp("王小明", "138 0013 8000")
        let second = try wei.signUp("小明", "+86 １３８００１３８０００")
        for (laptop, signup) in [(anna, first), (wei, second)] {
            try laptop.write {
                _ = try Acts.giveGift($0, signup: signup, product: world.mug, from: world.north)
            }
        }
        #expect(try anna.open("doubleSignup", "giftTwice").isEmpty)

        for laptop in [anna, wei, anna] { try laptop.syncUntilQuiet() }

        let double = try world.office.open("doubleSignup")
        #expect(double.map(\.matter.key.about) == [[first, second].sorted()])
        let given = try #require(try world.office.open("giftTwice").first)
        #expect(given.matter.grade == .urgent)
        #expect(
            given.sides.filter { $0.collection == "gift" }.map(\.laptop).sorted { $0! < $1! } == [
                "anna", "wei",
            ])
        #expect(Set(given.sides.map(\.record.by)) == [world.people["李娜"], world.people["王伟"]])
        // Who cannot read numbers hears of it too.
        #expect(try anna.open("giftTwice").map(\.code) == [given.code])
    }

    @Test
    func `a double within one laptop is found at once, and by a mistyped digit as a hint only`()
        throws
    {
        let (world, anna, _) = try two()
        let first = try anna.signUp("王小明", "13800138000")
        let again = try anna.signUp("王小明", "13800138000")
        #expect(try anna.open("doubleSignup").map(\.matter.key.about) == [[first, again].sorted()])

        let near = try anna.signUp("王小明", "13800138001")
        try anna.syncUntilQuiet()
        let hints = try world.office.open("likeSignup")
        #expect(hints.count == 2)
        #expect(
            hints.allSatisfy {
                $0.matter.grade == .information && $0.matter.key.about.contains(near)
            })
    }

    @Test func `settling offline is a fact that closes it everywhere, and can be undone`() throws {
        let (world, anna, wei) = try two()
        _ = try anna.signUp("王小明", "13800138000")
        _ = try wei.signUp("小明", "13800138000")
        for laptop in [anna, wei, anna] { try laptop.syncUntilQuiet() }
        let one = try #require(try anna.open("doubleSignup").first)

        try anna.settle(one, as: "same")
        #expect(try anna.open("doubleSignup").isEmpty)
        #expect(try world.office.open("doubleSignup").count == 1)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        #expect(try world.office.open("doubleSignup").isEmpty)
        #expect(try wei.open("doubleSignup").isEmpty)

        var all = MatterFilter()
        all.isAll = true
        all.code = one.code
        let settled = try #require(try world.office.matters(all).matters.first)
        #expect(settled.state == .settled)
        #expect(settled.settled.map(\.choice) == ["same"])
        let settling = try #require(wei.book.catalogue.settling)
        try wei.write { try settling.undo($0, settled.settled[0].id) }
        for laptop in [wei, anna] { try laptop.syncUntilQuiet() }
        #expect(try world.office.open("doubleSignup").map(\.code) == [one.code])
        #expect(try anna.open("doubleSignup").map(\.code) == [one.code])
    }

    @Test func `a third sign-up makes another matter; the first says that it was overtaken`() throws
    {
        let (world, anna, wei) = try two()
        _ = try anna.signUp("王小明", "13800138000")
        _ = try wei.signUp("小明", "13800138000")
        for laptop in [anna, wei, anna] { try laptop.syncUntilQuiet() }
        let before = try #require(try world.office.open("doubleSignup").first)

        _ = try anna.signUp("小明", "13800138000")
        try anna.syncUntilQuiet()

        let after = try world.office.open("doubleSignup")
        #expect(after.map(\.matter.key.about.count) == [3])
        var all = MatterFilter()
        all.isAll = true
        all.code = before.code
        #expect(try world.office.matters(all).matters.map(\.state) == [.overtaken])
    }

    @Test func `what two people settle offline is found, and one of them is kept`() throws {
        let (world, anna, wei) = try two()
        _ = try anna.signUp("王小明", "13800138000")
        _ = try wei.signUp("小明", "13800138000")
        for laptop in [anna, wei, anna] { try laptop.syncUntilQuiet() }
        try anna.settle(try #require(try anna.open("doubleSignup").first), as: "same")
        world.pass(seconds: 60, anna, wei)
        try wei.settle(try #require(try wei.open("doubleSignup").first), as: "different")
        for laptop in [anna, wei, anna] { try laptop.syncUntilQuiet() }

        let twice = try #require(try world.office.open("settledTwice").first)
        #expect(twice.matter.grade == .attention)
        #expect(twice.sides.count == 2)
        #expect(try wei.open("settledTwice").map(\.code) == [twice.code])

        try wei.settle(
            try #require(try wei.open("settledTwice").first), as: "keep:\(twice.sides[1].record.id)"
        )
        for laptop in [wei, anna] { try laptop.syncUntilQuiet() }
        #expect(try world.office.open("settledTwice").isEmpty)
        #expect(try anna.open("settledTwice").isEmpty)
    }

    @Test func `who has not the duty settles nothing: the laptop says so, head office enforces it`()
        throws
    {
        let (world, anna, wei) = try two()
        let designer = try world.staff(
            "赵丽", rank: "specialist", unit: "design", events: [world.event])
        let zhao = try world.laptop("zhao", people: [designer], scopes: [world.event], seed: 9)
        _ = try anna.signUp("王小明", "13800138000")
        _ = try wei.signUp("小明", "13800138000")
        for laptop in [anna, wei, zhao] { try laptop.syncUntilQuiet() }
        #expect(try zhao.open("doubleSignup").isEmpty)
        let one = try #require(try world.office.open("doubleSignup").first)
        #expect(throws: ChangeFault.refused(.notAllowed)) { try zhao.settle(one, as: "same") }

        // A client that does not ask itself.
        let id = try zhao.write { writer in
            var draft = Draft(Settlement.self)
            draft[Settlement.place] = world.event
            draft[Settlement.kind] = "doubleSignup"
            draft[Settlement.record] = one.matter.key.about[0]
            draft[Settlement.others] = one.matter.key.about[1].description
            draft[Settlement.choice] = "same"
            return try writer.birth(draft)
        }
        try zhao.syncUntilQuiet()

        let inbox = try zhao.book.readInbox()
        #expect(inbox.map(\.record) == [id])
        #expect(inbox.map(\.reason) == [RefusalReason.notAllowed.rawValue])
        #expect(inbox.map(\.isOfEffect) == [true])
        #expect(try world.office.read { try $0.record(id, in: "settlement") } != nil)
        #expect(try world.office.open("doubleSignup").map(\.code) == [one.code])
        try anna.syncUntilQuiet()
        #expect(try anna.open("doubleSignup").map(\.code) == [one.code])
    }

    @Test func `a dispute is a matter whose settling is an edit`() throws {
        let (world, anna, wei) = try two()
        for (laptop, text) in [(anna, "A"), (wei, "B")] {
            try laptop.write {
                try $0.edit(
                    world.mug, in: "product", field: "note", to: .text(text), settling: false)
            }
        }
        for laptop in [anna, wei, anna] { try laptop.syncUntilQuiet() }
        let one = try #require(try world.office.open("dispute").first)
        #expect(one.matter.choices.count == 2)
        let here = try #require(try anna.open("dispute").first)
        #expect(here.code == one.code)

        try anna.settle(here, as: here.matter.choices[1].typed)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        #expect(try world.office.open("dispute").isEmpty)
        #expect(try wei.open("dispute").isEmpty)
        let other = try wei.read { try $0.record(world.mug, in: "product")?[Product.note] }
        #expect(try anna.read { try $0.record(world.mug, in: "product")?[Product.note] } == other)
    }

    @Test func `working everything out again finds the same, and makes none twice`() throws {
        let (world, anna, wei) = try two()
        _ = try anna.signUp("王小明", "13800138000")
        _ = try wei.signUp("小明", "13800138000")
        for (laptop, quantity) in [(anna, Int64(9)), (wei, 8)] {
            try laptop.write { writer in
                var count = Draft(Count.self)
                count[Count.store] = world.north
                var line = Draft(CountLine.self)
                line[CountLine.count] = try writer.birth(count)
                line[CountLine.product] = world.mug
                line[CountLine.quantity] = quantity
                _ = try writer.birth(line)
            }
        }
        for laptop in [anna, wei, anna] { try laptop.syncUntilQuiet() }
        let close = try #require(try anna.open("countsClose").first)
        try anna.settle(close, as: close.matter.choices[0].typed)
        try anna.syncUntilQuiet()
        let keys = try world.office.keys()
        let stock = try world.office.read { try Figures.stock.make($0, [:]).map(\.rows) }
        #expect(!keys.isEmpty)

        try world.office.deriveMatters()
        try anna.book.deriveMatters()

        #expect(try world.office.keys() == keys)
        #expect(try world.office.read { try Figures.stock.make($0, [:]).map(\.rows) } == stock)
        #expect(try anna.open("countsClose").isEmpty)
    }
}
