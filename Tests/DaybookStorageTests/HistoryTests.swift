import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// Cost follows the work at hand, not the history (law 9); and bundles, which come in any order.
@Suite struct HistoryTests {
    @Test func `tombstones cost a new laptop nothing`() throws {
        let world = try World()
        for number in 0..<30 {
            let product = try world.office.write(
                person: nil, clock: world.officeClock.reading()
            ) { writer in
                var draft = Draft(Product.self)
                draft[Product.key] = "gone \(number)"
                draft[Product.title] = "gone"
                return try writer.birth(draft)
            }
            try world.office.write(person: nil, clock: world.officeClock.reading()) {
                try $0.remove(product, in: "product")
            }
        }
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])

        let frames = try world.answer(
            to: LaptopExchange(book: anna.book, clock: anna.clock.reading()).request(),
            laptop: anna.laptopID)
        let removed = try frames.reduce(0) { sum, frame in
            guard case .feed(let page) = try Message(frame) else { return sum }
            return sum + page.removed.count
        }

        #expect(removed == 0)
        try anna.syncUntilQuiet()
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `a laptop away for a year catches up by state`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        for day in 0..<365 {
            world.pass(seconds: 86_400, anna)
            try world.office.write(person: nil, clock: world.officeClock.reading()) {
                try $0.edit(
                    world.mug, in: "product", field: "note", to: .text("day \(day)"),
                    settling: false)
            }
        }

        let outcome = try anna.sync()

        #expect(outcome.pagesStaged == 1)
        #expect(
            try anna.book.read { try $0.record(world.mug, in: "product")?[Product.note] }
                == "day 364")
        #expect(outcome.differingScopes.isEmpty)
    }

    @Test(arguments: [[2, 0, 1], [0, 1, 2], [1, 2, 0]])
    func `bundles read third, first, second come to the same`(order: [Int]) throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        var bundles: [[UInt8]] = []
        for name in ["一", "二", "三"] {
            try anna.write {
                try Acts.signUp($0, event: world.event, booth: "A", name: name, phone: nil)
            }
            bundles.append(try anna.bundle())
        }
        // Days on the road.
        world.pass(seconds: 3 * 86_400, anna)

        var answers: [[UInt8]] = []
        for index in order {
            let (answer, refusal) = try anna.carry(bundles[index])
            #expect(refusal == nil)
            answers.append(answer)
        }
        for answer in answers.reversed() { try anna.take(answer: answer) }

        let recorded = try world.office.read { view in
            var recorded: [(String, Moment)] = []
            try view.forEach(in: "signup") { recorded.append(($0[SignUp.name] ?? "", $0.at)) }
            return recorded
        }
        #expect(recorded.map(\.0).sorted() == ["一", "三", "二"])
        // They happened when they were written, not when the stick arrived.
        #expect(recorded.allSatisfy { $0.1.since(World.start) < 86_400_000 })
        #expect(try anna.book.hasUnanswered() == false)
        let outcome = try anna.sync()
        #expect(outcome.postingsSent == 0)
        #expect(outcome.differingScopes.isEmpty)
    }

    @Test func `a bundle that is cut, changed or another's is not read`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        let identity = try anna.book.identity()
        let bundle = try anna.bundle()
        for length in stride(from: 0, to: bundle.count, by: 7) {
            #expect(throws: MalformedBytes.self) {
                try BundleFile.opened(Array(bundle[..<length]))
            }
        }
        #expect(throws: MalformedBytes.self) {
            try BundleFile.opened(bundle).forEachFrame(secretHash: sha256([1])) { _ in }
        }
        var flipped = bundle
        flipped[bundle.count - 5] ^= 1
        #expect(throws: MalformedBytes.self) {
            try BundleFile.opened(flipped)
                .forEachFrame(secretHash: sha256(identity.secret)) { _ in }
        }
    }
}
