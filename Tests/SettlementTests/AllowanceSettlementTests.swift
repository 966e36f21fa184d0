import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

@Suite struct AllowanceSettlementTests {
    private func give(_ laptop: Laptop, beyondShare: Bool = false) throws -> Stamp {
        let signup = try laptop.signUp("N", nil)
        return try laptop.write {
            try Acts.giveGift(
                $0, signup: signup, product: laptop.world.mug, from: nil, beyondShare: beyondShare)
        }
    }

    private func two() throws -> (World, Laptop, Laptop) {
        let world = try World()
        try world.supply(5)
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event], seed: 7)
        let wei = try world.laptop("wei", person: "王伟", scopes: [world.event], seed: 8)
        return (world, anna, wei)
    }

    @Test func `offline issue is held to the share, and beyond it is named as such`() throws {
        let (world, anna, wei) = try two()
        try world.lend(2, to: "anna")
        try world.lend(3, to: "wei")
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }

        _ = try give(anna)
        _ = try give(anna)
        #expect(throws: Acts.Fault.beyondShare(product: "mug", left: 0)) { try give(anna) }
        let forced = try give(anna, beyondShare: true)
        _ = try give(wei)
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }

        let beyond = try world.office.open("beyondShare")
        #expect(beyond.map(\.matter.key.about) == [[forced]])
        #expect(try world.office.open("allowanceOverspent").isEmpty)
    }

    @Test
    func `head office lends no more than there is, and a share comes back by its holder only`()
        throws
    {
        let (world, anna, wei) = try two()
        #expect(throws: ChangeFault.againstRule("lendsWhatThereIs")) {
            try world.lend(6, to: "anna")
        }
        let share = try world.lend(5, to: "anna")
        #expect(throws: ChangeFault.againstRule("lendsWhatThereIs")) {
            try world.lend(1, to: "wei")
        }
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        _ = try give(anna)
        #expect(throws: Acts.Fault.notTheHolder(laptop: "anna")) {
            try wei.write { try Acts.handBack($0, allowance: share) }
        }

        try anna.write { _ = try Acts.handBack($0, allowance: share) }
        #expect(throws: Acts.Fault.beyondShare(product: "mug", left: 0)) { try give(anna) }
        try anna.syncUntilQuiet()

        try world.lend(4, to: "wei")
        #expect(throws: ChangeFault.againstRule("lendsWhatThereIs")) {
            try world.lend(1, to: "wei")
        }
    }

    @Test func `another laptop's word gives nothing back: head office reverses it`() throws {
        let (world, anna, wei) = try two()
        let share = try world.lend(5, to: "anna")
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        let said = try wei.write { writer in
            var draft = Draft(Handback.self)
            draft[Handback.allowance] = share
            draft[Handback.quantity] = 5
            draft[Handback.reason] = "closed"
            return try writer.birth(draft)
        }
        try wei.syncUntilQuiet()

        #expect(try wei.book.readInbox().map(\.record) == [said])
        #expect(throws: ChangeFault.againstRule("lendsWhatThereIs")) {
            try world.lend(1, to: "wei")
        }
        try anna.syncUntilQuiet()
        _ = try give(anna)
    }

    @Test func `a copied laptop that issues from a share twice is found, every piece too many`()
        throws
    {
        let (world, anna, _) = try two()
        try world.lend(2, to: "anna")
        try anna.syncUntilQuiet()
        let copy = try anna.copy("copy")
        for laptop in [anna, copy] {
            _ = try give(laptop)
            _ = try give(laptop)
        }
        try anna.syncUntilQuiet()
        try copy.heal()

        let over = try #require(try world.office.open("allowanceOverspent").first)
        #expect(over.matter.grade == .urgent)
        #expect(over.matter.remarks.map(\.cell) == [.number(4), .number(2)])
    }

    @Test func `after it lost something head office lends nothing until the laptops have reported`()
        throws
    {
        let (world, anna, wei) = try two()
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        let path = world.folder.appendingPathComponent("restored.daybook").path
        _ = try world.office.backUp(to: path)
        world.pass(seconds: 60, anna, wei)
        try world.lend(5, to: "anna")
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }

        world.pass(seconds: 7_200, anna, wei)
        let restored = try OfficeStore.open(path: path, catalogue: world.catalogue)
        try restored.beginRun(world.officeClock)
        world.pass(seconds: 60, anna, wei)
        try anna.sync(with: restored)
        #expect(throws: ChangeFault.againstRule("awaitsLaptops")) {
            // What it lent before came back with its holder; the other may hold more.
            try world.lend(1, to: "wei", by: restored)
        }
        try wei.sync(with: restored)

        #expect(throws: ChangeFault.againstRule("lendsWhatThereIs")) {
            try world.lend(1, to: "wei", by: restored)
        }
    }

    @Test func `nobody gives back less than something, or writes off what is not there`() throws {
        let (world, anna, wei) = try two()
        let share = try world.lend(3, to: "anna")
        for laptop in [anna, wei] { try laptop.syncUntilQuiet() }
        func back(_ writer: any EntryWriter, _ quantity: Int64, _ reason: String) throws -> Stamp {
            var draft = Draft(Handback.self)
            draft[Handback.allowance] = share
            draft[Handback.quantity] = quantity
            draft[Handback.reason] = reason
            return try writer.birth(draft)
        }
        for quantity: Int64 in [4, 0, -100] {
            #expect(throws: ChangeFault.againstRule("withinShare")) {
                try anna.write { _ = try back($0, quantity, "closed") }
            }
            #expect(throws: ChangeFault.againstRule("withinShare")) {
                try world.office.write(person: nil, clock: world.officeClock.reading()) {
                    _ = try back($0, quantity, "written_off")
                }
            }
        }

        // A client that does not ask itself: its holder's word, and more than nothing to issue.
        let id = Stamp(
            milliseconds: World.start.milliseconds - Stamp.epochMilliseconds, node: 77)
        let verdicts = try anna.post(
            [
                .birth(
                    Birth(
                        id: id, collection: Handback.definition.tag, scope: world.event,
                        fields: [
                            FieldValue(1, share.value), FieldValue(2, .integer(-100)),
                            FieldValue(3, .text("closed")),
                        ]))
            ], person: anna.person)
        #expect(verdicts.refused.map(\.stamp) == [id])
        let left = try world.office.read { view in
            try view.record(share, in: "allowance").map { try Allowances.left(of: $0, view) }
        }
        #expect(left == 3)
    }
}
