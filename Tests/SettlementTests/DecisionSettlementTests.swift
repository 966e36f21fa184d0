import DaybookModel
import DaybookOperations
import DaybookStorage
import Testing
import World

@Suite struct DecisionSettlementTests {
    /// An event that is only planned, a chain of a supervisor and a director, and both of them with laptops.
    private struct Chain {
        let world: World
        let event: Stamp
        let supervisor: Laptop
        let director: Laptop

        init() throws {
            world = try World()
            event = try world.office.write(
                person: nil, clock: world.officeClock.reading()
            ) { writer in
                var draft = Draft(Event.self)
                draft[Event.name] = "六一活动"
                draft[Event.stage] = "plan"
                let event = try writer.birth(draft)
                for (order, rank) in ["supervisor", "director"].enumerated() {
                    var step = Draft(Step.self)
                    step[Step.kind] = "event.approved"
                    step[Step.order] = Int64(order)
                    step[Step.rank] = rank
                    _ = try writer.birth(step)
                }
                return event
            }
            let one = try world.staff(
                "周主管", rank: "supervisor", unit: "operations", events: [event])
            let other = try world.staff("吴总监", rank: "director")
            supervisor = try world.laptop("zhou", people: [one], scopes: [event], seed: 21)
            director = try world.laptop("wu", people: [other], scopes: [event], seed: 22)
            for laptop in [supervisor, director] { try laptop.syncUntilQuiet() }
        }

        @discardableResult
        func decide(
            _ laptop: Laptop, _ asks: String, _ agrees: Bool = true
        ) throws -> Stamp {
            try laptop.write {
                try Decisions.decide($0, about: event, asks: asks, agrees: agrees, why: nil)
            }
        }

        func result(_ id: Stamp, on laptop: Laptop? = nil) throws -> String? {
            guard let laptop else {
                return try world.office.read { try Decisions.result(of: id, $0) }
            }
            return try laptop.read { try Decisions.result(of: id, $0) }
        }

        func stage(on laptop: Laptop? = nil) throws -> String? {
            guard let laptop else {
                return try world.office.read { try $0.record(event, in: "event")?[Event.stage] }
            }
            return try laptop.read { try $0.record(event, in: "event")?[Event.stage] }
        }
    }

    @Test func `a stage moves when everybody of the chain has agreed, in order`() throws {
        let chain = try Chain()
        let first = try chain.decide(chain.supervisor, "approved")
        #expect(try chain.result(first, on: chain.supervisor) == nil)
        try chain.supervisor.syncUntilQuiet()
        #expect(try chain.result(first, on: chain.supervisor) == "counted")
        #expect(try chain.stage() == "plan")

        try chain.director.syncUntilQuiet()
        let second = try chain.decide(chain.director, "approved")
        for laptop in [chain.director, chain.supervisor] { try laptop.syncUntilQuiet() }
        #expect(try chain.result(second) == "moved")
        #expect(try chain.stage() == "approved")
        #expect(try chain.stage(on: chain.supervisor) == "approved")
    }

    @Test func `out of turn, without the rank and for another stage than the next nothing moves`()
        throws
    {
        let chain = try Chain()
        let again = try chain.decide(chain.supervisor, "approved")
        try chain.supervisor.syncUntilQuiet()
        let twice = try chain.decide(chain.supervisor, "approved")
        let far = try chain.decide(chain.supervisor, "running")
        try chain.supervisor.syncUntilQuiet()

        #expect(try chain.result(again) == "counted")
        #expect(try chain.result(twice) == "not_allowed")
        #expect(try chain.result(far) == "not_next")
        #expect(try chain.stage() == "plan")
        #expect(try chain.supervisor.book.readInbox().map(\.record) == [twice, far])
    }

    @Test func `what had changed since is decided on anew, with the difference shown`() throws {
        let chain = try Chain()
        try chain.world.office.write(
            person: nil, clock: chain.world.officeClock.reading()
        ) {
            try $0.edit(
                chain.event, in: "event", field: "place", to: .text("东广场"), settling: false)
        }
        let stale = try chain.decide(chain.supervisor, "approved")
        try chain.supervisor.syncUntilQuiet()

        #expect(try chain.result(stale) == "moved_on")
        let void = try #require(try chain.world.office.open("decisionVoid").first)
        #expect(
            void.matter.remarks.map(\.cell).contains(
                .value(.text("东广场"), collection: "event", field: "place")))
        let fresh = try chain.decide(chain.supervisor, "approved")
        try chain.supervisor.syncUntilQuiet()
        #expect(try chain.result(fresh) == "counted")
    }

    @Test func `a no begins the chain anew`() throws {
        let chain = try Chain()
        try chain.decide(chain.supervisor, "approved")
        try chain.supervisor.syncUntilQuiet()
        try chain.director.syncUntilQuiet()
        let refused = try chain.decide(chain.director, "approved", false)
        try chain.director.syncUntilQuiet()

        #expect(try chain.result(refused) == "rejected")
        let alone = try chain.decide(chain.director, "approved")
        try chain.director.syncUntilQuiet()
        #expect(try chain.result(alone) == "counted")
    }

    @Test func `an event that goes live untold and unapproved is a breach, until it is mended`()
        throws
    {
        let chain = try Chain()
        let world = chain.world
        func office(_ asks: String) throws {
            try world.office.write(person: nil, clock: world.officeClock.reading()) {
                _ = try Decisions.decide(
                    $0, about: chain.event, asks: asks, agrees: true, why: nil)
            }
        }
        func breaches() throws -> [String] {
            try world.office.open("eventNotTold", "eventNotApproved")
                .filter { $0.matter.scope == chain.event }.map(\.matter.key.kind).sorted()
        }
        try office("approved")
        try office("approved")
        try office("published")
        try office("running")
        #expect(try chain.stage() == "running")
        #expect(try breaches() == ["eventNotTold"])

        let units = [
            "operations", "procurement", "warehouse", "customer_service", "after_sales", "design",
            "product_centre", "sales", "distribution",
        ]
        try chain.supervisor.syncUntilQuiet()
        try chain.supervisor.write { writer in
            for unit in units {
                var told = Draft(Told.self)
                told[Told.event] = chain.event
                told[Told.unit] = unit
                _ = try writer.birth(told)
            }
        }
        try chain.supervisor.syncUntilQuiet()
        #expect(try breaches() == [])
        // One that is opened as running was told to nobody, and approved by nobody.
        let opened = try world.office.write(
            person: nil, clock: world.officeClock.reading()
        ) { writer in
            var event = Draft(Event.self)
            event[Event.name] = "已开始"
            event[Event.stage] = "running"
            return try writer.birth(event)
        }
        let breached = try world.office.open("eventNotTold", "eventNotApproved")
        #expect(breached.map(\.matter.scope) == [opened, opened])
    }

    @Test func `a budget above an amount needs one more`() throws {
        let world = try World()
        let manager = world.people["李娜"]!
        let proposals = try world.office.write(
            person: nil, clock: world.officeClock.reading()
        ) { writer in
            for (order, rank, above) in [(0, "manager", nil), (1, "director", 100_000)]
                as [(Int64, String, Int64?)]
            {
                var step = Draft(Step.self)
                step[Step.kind] = "proposal.budget"
                step[Step.order] = order
                step[Step.rank] = rank
                step[Step.above] = above.map { Amount(minor: $0, currency: Currency("CNY")!) }
                _ = try writer.birth(step)
            }
            return try [Int64(99_999), 100_000].map { minor in
                var draft = Draft(Proposal.self)
                draft[Proposal.place] = world.event
                draft[Proposal.title] = "预算"
                draft[Proposal.kind] = "budget"
                draft[Proposal.amount] = Amount(minor: minor, currency: Currency("CNY")!)
                return try writer.birth(draft)
            }
        }
        let anna = try world.laptop("anna", people: [manager], scopes: [world.event])
        try anna.syncUntilQuiet()
        let decisions = try anna.write { writer in
            try proposals.map {
                try Decisions.decide(writer, about: $0, asks: "approved", agrees: true, why: nil)
            }
        }
        try anna.syncUntilQuiet()

        #expect(
            try anna.read { view in try decisions.map { try Decisions.result(of: $0, view) } }
                == ["moved", "counted"])
    }

    @Test func `a decision filed where its maker works moves nothing elsewhere`() throws {
        let chain = try Chain()
        let world = chain.world
        // A manager's rank is enough where no chain is declared; only where the event is.
        let draft = try world.office.read { view in
            try view.record(world.event, in: "event").map {
                try Decisions.draft(
                    $0, Event.definition, asks: "running", agrees: true, why: nil)
            }
        }
        var elsewhere = try #require(draft)
        elsewhere[Decision.place] = chain.event
        let filed = elsewhere
        let id = try chain.director.write { try $0.birth(filed) }
        try chain.director.syncUntilQuiet()

        #expect(try chain.result(id) == "not_allowed")
        #expect(
            try world.office.read { try $0.record(world.event, in: "event")?[Event.stage] }
                == "published")
    }
}
