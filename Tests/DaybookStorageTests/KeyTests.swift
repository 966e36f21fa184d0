import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Testing
import World

/// Who signed what, and that a key in place of another never locks a laptop out.
@Suite struct KeyTests {
    private let world: World
    private let anna: Laptop
    private let ben: Laptop

    init() throws {
        world = try World()
        anna = try world.laptop("anna", person: "李娜", scopes: [world.event], seed: 3)
        ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 4)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
    }

    /// The laptop's posting as another key signs it.
    private func answer(to laptop: Laptop, signedBy key: DeviceKey) throws -> PostingAnswer {
        let sealed = try #require(try laptop.book.postingsToSend(most: 1).first)
        let content = try sealed.content()
        let forged = try SealedPosting(content.posting, key: key, personal: content.personal)
        let received = try ReceivedPosting(kept: forged.frame)
        let known = try #require(try laptop.known())
        let answers = try world.office.record([
            IncomingPosting(
                laptop: known, received: received, sent: laptop.clock.reading(),
                arrived: world.officeClock.reading().wall)
        ])
        return try #require(answers.first)
    }

    @Test func `another laptop's key does not sign for this one, and nothing is recorded`() throws {
        let id = try anna.signUp("王小明")

        let answer = try answer(to: anna, signedBy: ben.key)

        guard case .failure(let refusal) = answer else {
            Issue.record("taken")
            return
        }
        #expect(refusal.code == .signatureWrong)
        #expect(try world.office.read { try $0.provenance(of: id) } == nil)
        // The laptop itself is not hindered by it.
        try anna.syncUntilQuiet()
        #expect(try world.office.read { try $0.provenance(of: id) } != nil)
    }

    @Test func `verdicts without head office's receipt are not taken`() throws {
        try anna.signUp("王小明")
        var exchange = try LaptopExchange(book: anna.book, clock: anna.clock.reading())
        let frames = try world.answer(to: exchange.request(), laptop: anna.laptopID)

        #expect(throws: OutOfOrder.self) {
            for frame in frames {
                guard case .verdicts(var verdicts) = try Message(frame) else {
                    try exchange.receive(frame)
                    continue
                }
                verdicts.receipt[5] ^= 1
                try exchange.receive(Message.verdicts(verdicts).frame(key: world.office.key))
            }
        }

        #expect(try anna.book.hasUnanswered())
        #expect(try anna.book.receipts(last: 10).isEmpty)
        try anna.syncUntilQuiet()
        #expect(try anna.book.receipts(last: 10).map(\.holds) == [true])
    }

    @Test func `a record is proven by the posting that brought it, and each edit by its own`()
        throws
    {
        try anna.signUp("before")
        try anna.syncUntilQuiet()
        let task = try anna.write { writer in
            var draft = Draft(Product.self)
            draft[Product.key] = "cup"
            draft[Product.title] = "杯子"
            draft[Product.price] = Amount(minor: 100, currency: Currency("CNY")!)
            return try writer.birth(draft)
        }
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        try ben.write {
            try $0.edit(task, in: "product", field: "title", to: .text("茶杯"), settling: false)
        }
        try ben.syncUntilQuiet()

        let proofs = try world.office.proofs(of: task)

        #expect(proofs.map(\.laptop) == ["anna", "ben"])
        #expect(proofs.map(\.chain) == [1, 0])
        #expect(proofs.map(\.isProven) == [true, true])
        let names = try [anna, ben].map { try $0.key.publicKey.name }
        #expect(proofs.map(\.signedBy) == names)
    }

    @Test(arguments: [
        "UPDATE product SET title = '黑' WHERE id = ?",
        "UPDATE product SET price = 1 WHERE id = ?",
        "UPDATE _history SET value = (SELECT value FROM _history WHERE stamp = record LIMIT 1) WHERE record = ? AND stamp <> record",
        "UPDATE _entry SET hash = zeroblob(32) WHERE first = ?",
        "DELETE FROM _posting WHERE ? > 0",
    ])
    func `a record that says something else than was signed is not proven`(sql: String) throws {
        let id = try anna.write { writer in
            var draft = Draft(Product.self)
            draft[Product.key] = "cup"
            draft[Product.title] = "杯子"
            draft[Product.price] = Amount(minor: 100, currency: Currency("CNY")!)
            return try writer.birth(draft)
        }
        try anna.write {
            try $0.edit(id, in: "product", field: "title", to: .text("茶杯"), settling: false)
        }
        try anna.syncUntilQuiet()
        #expect(try world.office.proofs(of: id).map(\.isProven) == [true, true])

        try world.office.pool.write { try $0.execute(sql: sql, arguments: [id.rawValue]) }

        #expect(try world.office.proofs(of: id).map(\.isProven).contains(false))
    }

    @Test func `what is changed in the book behind its back is not proven any more`() throws {
        let id = try anna.signUp("王小明")
        try anna.syncUntilQuiet()
        try world.office.pool.write { db in
            try db.execute(
                sql: "UPDATE _entry SET hash = zeroblob(32) WHERE node = ? AND first = ?",
                arguments: [id.node, id.rawValue])
        }

        #expect(try world.office.proofs(of: id).map(\.isProven) == [false])

        try world.office.pool.write { db in
            try db.execute(sql: "UPDATE _laptop_key SET key = zeroblob(32) WHERE laptop = 1")
        }
        #expect(try world.office.proofs(of: id).map(\.signedBy) == [nil])
    }

    @Test func `a key that somebody put into the book signs for nobody`() throws {
        _ = try anna.book.renewKey(olderThan: .zero) { [UInt8](repeating: 8, count: 32) }
        for _ in 0..<2 { try anna.syncUntilQuiet() }
        let id = try anna.signUp("王小明")
        try anna.syncUntilQuiet()
        // A key that took the place of the first is as good as that.
        #expect(try world.office.proofs(of: id).map(\.isProven) == [true])

        let intruder = try DeviceKey(bytes: [UInt8](repeating: 7, count: 32))
        let (laptop, frame) = try world.office.pool.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT i.laptop, p.frame FROM _posting p JOIN _incarnation i ON i.id = p.book
                    """)
            let kept: Data = try #require(row)["frame"]
            return (try #require(row)["laptop"] as Int64, [UInt8](kept))
        }
        let posting = try ReceivedPosting(kept: frame).posting
        var reader = FrameReader()
        reader.append(try SealedPosting(posting, key: intruder).frame)
        let forged = try ReceivedPosting(raw: try #require(try reader.next()).raw).kept()
        let key = Data(try intruder.publicKey.bytes)
        try world.office.pool.write { db in
            try db.execute(sql: "UPDATE _posting SET frame = ?", arguments: [Data(forged)])
            try db.execute(
                sql: "INSERT INTO _laptop_key (laptop, key) VALUES (?, ?)",
                arguments: [laptop, key])
        }
        #expect(try world.office.proofs(of: id).map(\.signedBy) == [nil])
    }

    @Test func `the answer to a key change was lost in a bad line, and nobody is locked out`()
        throws
    {
        let first = try anna.key
        let isNew = try anna.book.renewKey(olderThan: .zero) { [UInt8](repeating: 8, count: 32) }
        // One at a time.
        let isNewer = try anna.book.renewKey(olderThan: .zero) { [UInt8](repeating: 9, count: 32) }
        #expect(isNew && !isNewer)
        try anna.signUp("一")

        // Head office has it; the laptop does not hear of it.
        try anna.sync(cutAfter: 0)
        #expect(try anna.key == first)
        try anna.signUp("二")
        try anna.syncUntilQuiet()

        #expect(try anna.key.bytes == [UInt8](repeating: 8, count: 32))
        try anna.signUp("三")
        try anna.syncUntilQuiet()
        #expect(try !anna.book.hasUnanswered())
        #expect(try anna.book.receipts(last: 10).count == 3)
    }

    @Test func `a head office that forgot a key change is told of it again`() throws {
        _ = try anna.book.renewKey(olderThan: .zero) { [UInt8](repeating: 8, count: 32) }
        for _ in 0..<2 { try anna.syncUntilQuiet() }
        #expect(try anna.key.bytes == [UInt8](repeating: 8, count: 32))
        try world.office.pool.write { db in
            try db.execute(
                sql: "DELETE FROM _laptop_key WHERE id = (SELECT max(id) FROM _laptop_key)")
        }
        try anna.signUp("王小明")

        for _ in 0..<3 { try anna.syncUntilQuiet() }

        #expect(try !anna.book.hasUnanswered())
    }

    @Test func `a key that no known key signed is not learnt`() throws {
        let stranger = try DeviceKey(bytes: [UInt8](repeating: 7, count: 32))
        let known = try #require(try anna.known())
        let next = try DeviceKey(bytes: [UInt8](repeating: 6, count: 32)).publicKey

        _ = try world.office.learn([stranger.change(to: next)], of: known)
        _ = try world.office.learn(
            [KeyChange(key: next, signature: ben.key.change(to: next).signature)], of: known)

        #expect(try anna.known()?.keyName == known.keyName)
        _ = try world.office.learn([anna.key.change(to: next)], of: known)
        #expect(try anna.known()?.keyName == next.name)
    }

    @Test func `both of a cloned laptop take new keys, and both are heard`() throws {
        let clone = try anna.copy("clone")
        _ = try anna.book.renewKey(olderThan: .zero) { [UInt8](repeating: 8, count: 32) }
        _ = try clone.book.renewKey(olderThan: .zero) { [UInt8](repeating: 9, count: 32) }
        for (laptop, name) in [(anna, "of anna"), (clone, "of the clone"), (anna, "again")] {
            try laptop.signUp(name)
            for _ in 0..<3 { try laptop.syncUntilQuiet() }
            #expect(try !laptop.book.hasUnanswered())
        }
    }

    /// Twice by one code, as after a lost answer: the first answer's secret and certificate still lie about.
    @Test func `a revoked laptop does not come back by an older certificate`() throws {
        let now = world.officeClock.reading().wall
        try world.office.addLaptop(
            name: "carl", people: [], scopes: [world.event], code: "CARL", now: now)
        let key = try DeviceKey(bytes: [UInt8](repeating: 3, count: DeviceKey.sizeBytes))
        let answers = try (1...2).map { round in
            try world.office.enrol(
                Enrol(code: "CARL", catalogue: 1, key: key), incarnation: UInt64(round),
                secret: [UInt8](repeating: UInt8(round), count: 32), now: now)
        }
        try world.office.revoke("carl")

        #expect(throws: Refusal.self) {
            try world.office.readmit(
                Enrol(certificate: answers[0].certificate, catalogue: 1), secret: answers[0].secret)
        }

        #expect(try world.office.laptops().map(\.name) == ["anna", "ben", "carl"])
    }

    @Test func `head office's secret is in nothing that a laptop is given`() throws {
        try anna.signUp("王小明")
        try anna.syncUntilQuiet()
        let secret = try #require(
            try world.office.pool.read { try Data.fetchOne($0, sql: "SELECT key FROM _book") })

        let book = try Data(contentsOf: URL(fileURLWithPath: anna.book.path))
        let log = (try? Data(contentsOf: URL(fileURLWithPath: anna.book.path + "-wal"))) ?? Data()

        #expect(secret.count == OfficeKey.sizeBytes)
        #expect(book.range(of: secret) == nil && log.range(of: secret) == nil)
    }

    @Test func `a code that was lost makes room for another, and is good for nothing`() throws {
        let now = world.officeClock.reading().wall
        try world.office.addLaptop(
            name: "carl", people: [], scopes: [world.event], code: "FIRST", now: now)
        @discardableResult
        func enrol(_ code: String, _ byte: UInt8) throws -> Enrolled {
            let key = try DeviceKey(bytes: [UInt8](repeating: byte, count: DeviceKey.sizeBytes))
            return try world.office.enrol(
                Enrol(code: code, catalogue: 1, key: key), incarnation: UInt64(byte),
                secret: [UInt8](repeating: byte, count: 32), now: now)
        }
        let first = try enrol("FIRST", 1)

        try world.office.renewCode(of: "carl", code: "SECOND", now: now)

        #expect(throws: Refusal.self) { try enrol("FIRST", 1) }
        #expect(try world.office.laptopID(secret: [UInt8](repeating: 1, count: 32)) == nil)
        #expect(throws: Refusal.self) {
            try world.office.readmit(
                Enrol(certificate: first.certificate, catalogue: 1), secret: first.secret)
        }
        try enrol("SECOND", 2)
        // One that was heard from keeps its key.
        #expect(throws: OfficeStore.LaptopFault.self) {
            try world.office.renewCode(of: "anna", code: "THIRD", now: now)
        }
    }
}
