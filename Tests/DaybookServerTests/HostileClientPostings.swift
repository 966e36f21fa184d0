import DaybookAgent
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookStorage
import DaybookSync
import Foundation
import Testing
import World

/// Who is enrolled, or was, or took somebody's laptop.
@Suite(.timeLimit(.minutes(10))) struct HostileClientPostings {
    private func move(_ laptop: Laptop, _ quantity: Int64) throws {
        try laptop.write {
            try Acts.move(
                $0, store: laptop.world.north, product: laptop.world.mug, quantity: quantity,
                kind: "receipt")
        }
    }

    private func onHand(_ world: World) throws -> Int64 {
        try world.office.read { try $0.fold("stockOnHand", [world.north.value, world.mug.value]) }
    }

    @Test func `a request heard on the line and sent again changes nothing`() async throws {
        let office = try HostileOffice()
        let anna = try office.laptop()
        try anna.syncUntilQuiet()
        try move(anna, 5)
        let body = try anna.requestBytes()
        try await office.serving { port in
            let secret = try anna.book.identity().secret
            var answers: [[Message]] = []
            for _ in 0..<3 {
                answers.append(
                    try framesOfAnswer(try await office.ask(port, secret: secret, body: body))
                        .map { try Message($0) }
                        .filter { if case .verdicts = $0 { true } else { false } })
            }
            #expect(answers.allSatisfy { $0.count == 1 && $0 == answers[0] })
        }
        #expect(try onHand(office.world) == 5)
    }

    @Test func `another's posting, a forged one and a fork are refused, counted and not recorded`()
        async throws
    {
        let office = try HostileOffice()
        let (anna, ben) = (try office.laptop(), try office.laptop("ben", seed: 4))
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        try move(anna, 5)
        try move(ben, 7)
        try await office.serving { port in
            func send(_ frames: [[UInt8]], as laptop: Laptop) async throws -> RefusalCode? {
                let secret = try laptop.book.identity().secret
                return try refusalOfAnswer(
                    try await office.ask(port, secret: secret, body: frames.flatMap { $0 }))?.code
            }
            let annas = try LaptopExchange(book: anna.book, clock: anna.clock.reading()).request()
            let bens = try LaptopExchange(book: ben.book, clock: ben.clock.reading()).request()
            // Ben says hello and posts what Anna sealed.
            #expect(try await send([bens[0], annas[1], bens[2]], as: ben) == .notEnrolled)
            // Ben comes with Anna's whole request.
            // For head office that is a book of Ben's which it does not know: nothing of it is taken.
            #expect(try await send(annas, as: ben) == nil)
            #expect(try onHand(office.world) == 0)
            // Anna's posting, signed by somebody else.
            let posting = try ReceivedPosting(raw: frame(annas[1]).raw).posting
            let forged = try SealedPosting(
                posting, key: DeviceKey(bytes: [UInt8](repeating: 9, count: 32)))
            #expect(
                try await send([annas[0], forged.frame, annas[2]], as: anna) == .signatureWrong)
            #expect(
                try await office.counted(
                    port, "daybook_refusals_total{code=\"signatureWrong\"}") == 1)
            #expect(try onHand(office.world) == 0)

            #expect(try await send(annas, as: anna) == nil)
            // The same number with other content, signed with her own key.
            var other = posting.entries
            other[0] = Entry(
                number: 1, person: other[0].person,
                clock: ClockReading(
                    wall: Moment(milliseconds: 0), monotonicMilliseconds: 0, boot: 1),
                changes: other[0].changes)
            let fork = try SealedPosting(
                Posting(
                    incarnation: posting.incarnation, number: 1, previousHash: [], catalogue: 1,
                    entries: other), key: anna.key)
            #expect(try await send([annas[0], fork.frame, annas[2]], as: anna) == .postingForked)
            #expect(
                try await office.counted(
                    port, "daybook_refusals_total{code=\"postingForked\"}") == 1)
        }
        #expect(try onHand(office.world) == 5)
    }

    private func frame(_ bytes: [UInt8]) throws -> Frame {
        var reader = FrameReader()
        reader.append(bytes)
        return try #require(try reader.next())
    }

    static let evil = [
        "'; DROP TABLE signup; --", "\" OR \"\"=\"", "x'); DELETE FROM _entry; --", "%s%n%x",
        "../../../../etc/passwd", "..\\..\\windows", "/dev/null", "a\u{202E}cod", "\u{FEFF}",
        "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "${jndi:ldap://x}", "\r\nX-Evil: 1",
        "NULL", "0x00", "🎁".appending(String(repeating: "\u{301}", count: 50)),
    ]

    @Test(arguments: evil) func `a text is a text in every field, and a name nothing but a name`(
        text: String
    ) async throws {
        let office = try HostileOffice()
        let world = office.world
        let (anna, ben) = (try office.laptop(), try office.laptop("ben", seed: 4))
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        let files = try FileManager.default.contentsOfDirectory(atPath: world.folder.path).sorted()
        var born: [(collection: CollectionDefinition, id: Stamp)] = []
        for name in ["signup", "loan", "movement", "count", "sale", "product"] {
            let collection = try #require(world.catalogue[name])
            let fields = collection.fields.compactMap { field -> FieldValue? in
                switch field.type {
                case .text: FieldValue(field.tag, .text(text))
                case .reference("store"): FieldValue(field.tag, world.north.value)
                case .reference("event"): FieldValue(field.tag, world.event.value)
                case .reference("product"): FieldValue(field.tag, world.mug.value)
                case .quantity: FieldValue(field.tag, .integer(1))
                case .choice(let choices): FieldValue(field.tag, .text(choices[0].code))
                default: nil
                }
            }
            let id = try anna.write { try $0.birth(Draft(collection: name, fields: fields)) }
            born.append((collection, id))
        }
        try anna.write {
            try $0.edit(
                world.mug, in: "product", field: "note", to: .text(text), settling: false)
        }
        // Names that head office gives.
        try world.office.addLaptop(
            name: text, people: [], scopes: [], code: "K7QF2M9XPD",
            now: world.officeClock.reading().wall)
        try await office.serving { port in
            let link = try office.link(port)
            for laptop in [anna, ben] {
                let report = try await Syncing(book: laptop.book, link: link).run()
                #expect(report.ending == .complete)
                #expect(report.editsRefused == 0)
            }
            await link.shutdown()
        }

        for (collection, id) in born {
            let texts = collection.fields.filter { if case .text = $0.type { true } else { false } }
            let here = try world.office.read { try $0.record(id, in: collection.name) }
            let there = try ben.book.read { try $0.record(id, in: collection.name) }
            for field in texts {
                #expect(here?.fields.value(field.tag) == field.own(.text(text)))
                #expect(there?.fields.value(field.tag) == field.own(.text(text)).told)
            }
        }
        #expect(
            try ben.book.read { try $0.record(world.mug, in: "product")?[Product.note] } == text)
        #expect(try world.office.laptops().contains { $0.name == text })
        for report in world.catalogue.reports where report.options.isEmpty {
            _ = try world.office.read { try report.make($0, [:]) }
        }
        let new = Set(try FileManager.default.contentsOfDirectory(atPath: world.folder.path))
            .subtracting(files)
        // What serving and syncing always leave.
        #expect(
            new.isSubset(of: [
                "admin.json", "serving.json", "anna.daybook.syncing", "ben.daybook.syncing",
            ]))
        #expect(try world.office.integrityFaults() == [])
    }

    @Test func `a stolen laptop is out as soon as it is revoked, whatever the thief has`()
        async throws
    {
        let office = try HostileOffice()
        let world = office.world
        let (anna, ben) = (try office.laptop(), try office.laptop("ben", seed: 4))
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        try anna.write {
            try Acts.signUp(
                $0, event: world.event, booth: nil, name: "王小明", phone: PhoneNumber("13800138000"))
        }
        try anna.syncUntilQuiet()
        // The thief has the file: its secret, its key, its certificate.
        let thief = try anna.copy("stolen")
        try move(thief, 1_000)
        try await office.serving { port in
            let link = try office.link(port)
            let secret = try thief.book.identity().secret
            // Until head office hears of the theft the thief is taken for the laptop.
            let before = try await Syncing(book: thief.book, link: link).run()
            #expect(before.ending == .complete)

            // What the thief had, in head office's words.
            let had = try world.office.holdings(of: "anna")
            #expect(had.personal.first { $0.collection == "signup" }?.count == 1)
            #expect(had.records.map(\.scope).contains(world.event))

            try world.office.revoke("anna")
            try move(thief, 1)
            let answer = try await office.ask(
                port, secret: secret, body: try thief.requestBytes())
            #expect(try refusalOfAnswer(answer)?.code == .revoked)
            #expect(try framesOfAnswer(answer).count == 1)
            // What it brought is looked at by a person before it is believed.
            #expect(try world.office.quarantined(of: "anna").count == 1)
            let notice = try await office.ask(
                port, "/v1/notice?after=0", method: "GET", secret: secret)
            #expect(statuses(notice) == [401])
            // Its old certificate does not bring it back, nor does its key under another secret.
            _ = try await office.ask(
                port, "/v1/enrol", secret: secret,
                body: try Message.enrol(
                    Enrol(certificate: try thief.book.identity().certificate, catalogue: 1)
                ).frame().encoded())
            let after = try await office.ask(port, secret: secret, body: try thief.requestBytes())
            #expect(try refusalOfAnswer(after)?.code == .revoked)
            // Others go on.
            let report = try await Syncing(book: ben.book, link: link).run()
            #expect(report.ending == .complete)
            await link.shutdown()
        }
        // What was recorded before the theft was known stays, and is told apart by its book.
        #expect(try onHand(world) == 1_000)
        #expect(try world.office.holdings(of: "anna").incarnations >= 1)
    }
}
