import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Testing
import World

/// Erasing a person: the fact stays, the person goes, and the chain of postings still proves.
@Suite struct EraseTests {
    private let world: World
    private let anna: Laptop
    private let ben: Laptop
    private let name = "欧阳小明"
    private let phone = "+8613800138000"

    init() throws {
        let world = try World()
        self.world = world
        try world.office.write(person: nil, clock: world.officeClock.reading()) {
            try $0.edit(
                world.event, in: "event", field: "personal_days", to: (9 as Int64).value,
                settling: false)
            var question = Draft(Question.self)
            question[Question.event] = world.event
            question[Question.prompt] = "微信号"
            question[Question.kind] = "text"
            _ = try $0.birth(question)
        }
        anna = try world.laptop("anna", person: "李娜", scopes: [world.event], seed: 3)
        ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 4)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
    }

    private func signUp(_ name: String, _ phone: String) throws -> Stamp {
        try anna.write {
            try Acts.signUp(
                $0, event: world.event, booth: "A", name: name, phone: PhoneNumber(phone),
                answers: [("微信号", "wx-\(name)")])
        }
    }

    private func erase(_ id: Stamp) throws -> OfficeStore.Erasure? {
        world.pass(seconds: 1, anna, ben)
        return try world.office.erase(id, clock: world.officeClock.reading())
    }

    private func isAnywhere(_ text: String, in prefix: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: world.folder.path)
            .filter { $0.hasPrefix(prefix) }.contains {
                let bytes = try Data(contentsOf: world.folder.appendingPathComponent($0))
                return bytes.range(of: Data(text.utf8)) != nil
            }
    }

    private func name(_ id: Stamp, on laptop: Laptop) throws -> Value? {
        try laptop.read { try $0.record(id, in: "signup")?.fields.value(SignUp.name.tag) }
    }

    @Test func `the person goes from every book, the fact and the proof of it stay`() throws {
        let id = try signUp(name, phone)
        let other = try signUp("司马光", "13900139000")
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        #expect(try name(id, on: ben) == .personal(name))
        #expect(try isAnywhere(name, in: "office"))

        let erasure = try #require(try erase(id))

        // The name, the number, and the answer beside them; one posting held them all.
        #expect(erasure.values == 3)
        #expect(erasure.records.count == 2)
        #expect(erasure.postings == 1)
        for text in [name, phone, "wx-\(name)"] { #expect(try !isAnywhere(text, in: "office")) }
        #expect(try world.signUpNames() == ["", "司马光"])
        let proofs = try world.office.proofs(of: id)
        #expect(proofs.map(\.isProven) == [true])
        #expect(try world.office.proofs(of: other).map(\.isProven) == [true])
        #expect(try world.office.erased().map(\.record).contains(id))

        for laptop in [anna, ben, anna, ben] { try laptop.syncUntilQuiet() }
        for laptop in [anna, ben] {
            #expect(try name(id, on: laptop) == nil)
            // Who was sealed in one piece with it was served again.
            #expect(try name(other, on: laptop) == .personal("司马光"))
            #expect(try laptop.read { try $0.records(named: phone, in: "signup") } == [])
            let outcome = try laptop.sync()
            #expect(outcome.differingScopes.isEmpty)
        }
        #expect(try world.office.read { try $0.record(id, in: "signup")?[SignUp.booth] } == "A")
    }

    @Test func `no box that is left on a laptop opens to the erased`() throws {
        let id = try signUp(name, phone)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        _ = try erase(id)
        for laptop in [anna, ben, anna, ben] { try laptop.syncUntilQuiet() }

        for laptop in [anna, ben] {
            let (boxes, pages) = try laptop.book.pool.read { db in
                (
                    try Int64.fetchOne(
                        db, sql: "SELECT count(*) FROM _sealed WHERE box IS NOT NULL"),
                    try Row.fetchAll(db, sql: "SELECT scope, through, box FROM _page")
                )
            }
            #expect(boxes == 0)
            for page in pages {
                let texts = try FeedPage.open(
                    [UInt8](page[2] as Data), scope: Stamp(rawValue: page[0])!,
                    through: UInt64(page[1] as Int64), by: laptop.keys)
                #expect(!texts.values.flatMap(\.values).contains { $0.contains(name) })
            }
        }
    }

    @Test func `what was served twice is gone from both`() throws {
        try world.office.write(person: nil, clock: world.officeClock.reading()) {
            try $0.edit(
                $0.organisation, in: "organisation", field: "personal_days",
                to: (9 as Int64).value, settling: false)
        }
        func edit(_ person: String, _ field: String, _ value: String?) throws {
            world.officeClock.pass(milliseconds: 1_000)
            try world.office.write(person: nil, clock: world.officeClock.reading()) {
                try $0.edit(
                    world.people[person]!, in: "staff", field: field, to: value.map { .text($0) },
                    settling: false)
            }
        }
        let lost = try #require(world.people["张敏"])
        for (person, number) in [
            ("李娜", "13700137001"), ("王伟", "13700137002"), ("张敏", "13800138000"),
        ] {
            try edit(person, "phone", number)
        }
        try ben.syncUntilQuiet()
        // Served again for another field, beside nobody.
        try edit("张敏", "unit", "sales")
        try ben.syncUntilQuiet()
        try edit("李娜", "unit", "design")
        try edit("李娜", "unit", nil)

        #expect(try erase(lost) != nil)
        for _ in 0..<3 { try ben.syncUntilQuiet() }

        // Who lost another field keeps the number, and what was fed anew is not fed for ever.
        for (person, number) in [("李娜", "13700137001"), ("王伟", "13700137002")] {
            let held = try ben.read { try $0.record(world.people[person]!, in: "staff") }
            #expect(held?.fields.value(Staff.phone.tag) == .personal(number))
        }
        #expect(try ben.sync().pagesStaged == 0)
        let pages = try ben.book.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT scope, through, box FROM _page")
        }
        #expect(!pages.isEmpty)
        for page in pages {
            let texts = try FeedPage.open(
                [UInt8](page[2] as Data), scope: Stamp(rawValue: page[0])!,
                through: UInt64(page[1] as Int64), by: ben.keys)
            #expect(!texts.values.flatMap(\.values).contains("13800138000"))
        }
    }

    @Test func `erasing again, and erasing nobody, changes nothing`() throws {
        let id = try signUp(name, phone)
        try anna.syncUntilQuiet()
        #expect(try erase(id) != nil)
        let before = try world.office.counts()

        #expect(try erase(id) == nil)
        #expect(try erase(world.mug) == nil)
        #expect(try erase(Stamp(milliseconds: 5, node: 5)) == nil)

        #expect(try world.office.counts().sequence == before.sequence)
        let last = try world.office.pool.read {
            try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM _feed") ?? 0
        }
        #expect(UInt64(last) <= before.sequence)
        try ben.syncUntilQuiet()
        #expect(try name(id, on: ben) == nil)
    }

    @Test func `an old copy that brings it again after the erasure leaves nothing`() throws {
        let id = try signUp(name, phone)
        let copy = try anna.copy("copy")
        try anna.syncUntilQuiet()
        #expect(try erase(id) != nil)

        // With something of its own it is another chain, in which the entry comes once more.
        try copy.write {
            try Acts.lend(
                $0, event: world.event, item: "X展架", quantity: 1, isBack: false, holder: nil)
        }
        try copy.syncUntilQuiet()

        for text in [name, phone, "wx-\(name)"] { #expect(try !isAnywhere(text, in: "office")) }
        let opened = try world.office.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT frame FROM _posting").flatMap { row in
                try ReceivedPosting(kept: [UInt8](row[0] as Data)).opened(by: world.office.key)
            }
        }
        #expect(opened.filter { !$0.personalHash.isEmpty }.count == 2)
        #expect(!opened.flatMap(\.changes).contains { $0.texts != nil })
        #expect(try world.office.proofs(of: id).map(\.isProven) == [true])
    }

    @Test func `erasing one of a whole import leaves the others to be read`() throws {
        try anna.write { writer in
            for number in 0..<20 {
                try Acts.signUp(
                    writer, event: world.event, booth: "A", name: "客\(number)", phone: nil,
                    answers: [])
            }
        }
        try anna.syncUntilQuiet()
        let all = try anna.read {
            try $0.records(in: "signup", of: world.event)
        }
        #expect(try erase(all[7].id) != nil)

        for _ in 0..<2 { try anna.syncUntilQuiet() }

        let left = try anna.read {
            try $0.records(in: "signup", of: world.event).map {
                $0[SignUp.name]
            }
        }
        #expect(left.compactMap { $0 }.count == 19)
        #expect(left[7] == nil)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `a head office restored since is told by laptops that the person is gone`() throws {
        let id = try signUp(name, phone)
        try anna.syncUntilQuiet()
        let backup = world.folder.path + "/before.daybook"
        _ = try world.office.backUp(to: backup)
        _ = try erase(id)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }

        let restored = try OfficeStore.open(path: backup, catalogue: world.catalogue)
        world.pass(seconds: 60, anna, ben)
        try restored.beginRun(world.officeClock)
        for laptop in [anna, ben] { try laptop.sync(with: restored) }

        #expect(try restored.read { try $0.record(id, in: "signup")?[SignUp.name] } == nil)
        #expect(
            try restored.read { try $0.record(id, in: "signup")?.fields.value(SignUp.name.tag) }
                == nil)
    }
}
