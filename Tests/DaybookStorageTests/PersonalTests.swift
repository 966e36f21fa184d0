import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Testing
import World

/// What names persons: whom it reaches, how long it stays, and what a file gives away.
@Suite struct PersonalTests {
    let world: World
    let anna: Laptop

    static let name = "欧阳小明"
    static let phone = "13800138000"

    init() throws {
        world = try World()
        anna = try world.laptop("anna", person: "李娜", scopes: [world.event], seed: 3)
        try anna.syncUntilQuiet()
    }

    @discardableResult
    private func signUp(
        _ laptop: Laptop, _ name: String = name, _ phone: String = phone
    ) throws -> Stamp {
        try laptop.write {
            try Acts.signUp(
                $0, event: world.event, booth: "A", name: name, phone: PhoneNumber(phone))
        }
    }

    private func name(_ id: Stamp, on laptop: Laptop) throws -> Value? {
        try laptop.read { try $0.record(id, in: "signup")?.fields.value(SignUp.name.tag) }
    }

    private func setDays(_ days: Int64) throws {
        try world.office.write(person: nil, clock: world.officeClock.reading()) {
            try $0.edit(
                world.event, in: "event", field: "personal_days", to: days.value, settling: false)
        }
    }

    /// Every file of the world whose name begins so, logs included, that holds one of these texts.
    private func files(of name: String, holding texts: [String]) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: world.folder.path)
            .filter { $0.hasPrefix(name) }
            .filter { file in
                let bytes = try Data(contentsOf: world.folder.appendingPathComponent(file))
                return texts.contains { bytes.range(of: Data($0.utf8)) != nil }
            }
    }

    private var texts: [String] { [Self.name, Self.phone, "+86" + Self.phone] }

    @Test func `a book gives no name away, before it is posted, after, or to another laptop`()
        throws
    {
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 4)
        try setDays(7)
        try ben.syncUntilQuiet()

        let id = try signUp(anna)
        #expect(try files(of: "anna", holding: texts) == [])
        #expect(try name(id, on: anna) == .personal(Self.name))
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        #expect(try files(of: "anna", holding: texts) == [])
        #expect(try files(of: "ben", holding: texts) == [])
        // The search finds what is there.
        #expect(try files(of: "office", holding: [Self.name]) != [])
        #expect(try world.signUpNames() == [Self.name])
    }

    @Test func `who is not logged in reads nothing, and names nobody`() throws {
        let id = try signUp(anna)

        let seen = try anna.book.read { try $0.record(id, in: "signup") }
        #expect(seen?.fields.value(SignUp.name.tag) == .personal(nil))
        #expect(seen?[SignUp.name] == nil)
        #expect(throws: ChangeFault.personalLocked) {
            try anna.book.write(person: anna.person, clock: anna.clock.reading()) {
                try Acts.signUp($0, event: world.event, booth: "A", name: "x", phone: nil)
            }
        }
        #expect(try anna.book.status().unanswered == 1)
    }

    @Test func `what is posted is head office's alone, unless the scope keeps it for days`() throws
    {
        let id = try signUp(anna)
        try anna.syncUntilQuiet()
        #expect(try name(id, on: anna) == .personal(nil))

        try setDays(2)
        try anna.syncUntilQuiet()
        // Served again, since its people's duty is to read it.
        #expect(try name(id, on: anna) == .personal(Self.name))
        let later = try signUp(anna, "司马光")
        try anna.syncUntilQuiet()
        #expect(try name(later, on: anna) == .personal("司马光"))

        world.pass(seconds: 3 * 86_400, anna)
        try anna.syncUntilQuiet()
        #expect(try name(id, on: anna) == .personal(nil))
        #expect(try name(later, on: anna) == .personal(nil))
        #expect(try anna.sync().differingScopes.isEmpty)
        #expect(try anna.book.read { try $0.record(id, in: "signup")?[SignUp.booth] } == "A")
    }

    @Test func `names reach only those whose duty is to read them`() throws {
        try setDays(7)
        let supervisor = try world.staff("周莉", rank: "supervisor", events: [world.event])
        let promoter = try world.staff("赵强", rank: "promoter", events: [world.event])
        let eyes = try world.laptop("eyes", people: [supervisor], scopes: [world.event], seed: 5)
        let hands = try world.laptop("hands", people: [promoter], scopes: [world.event], seed: 6)
        let id = try signUp(anna)
        for laptop in [anna, eyes, hands] { try laptop.syncUntilQuiet() }

        #expect(try name(id, on: eyes) == .personal(Self.name))
        #expect(try name(id, on: hands) == .personal(nil))
        // One may read on a laptop where another may not.
        #expect(
            try eyes.book.read(person: promoter, keys: eyes.keys) {
                try $0.record(id, in: "signup")?.fields.value(SignUp.name.tag)
            } == .personal(nil))
        for laptop in [eyes, hands] { #expect(try laptop.sync().differingScopes.isEmpty) }

        try world.unassign(supervisor)
        try eyes.syncUntilQuiet()
        #expect(try name(id, on: eyes) == .personal(nil))
        let pages = try eyes.book.pool.read {
            try Int64.fetchOne($0, sql: "SELECT count(*) FROM _page")
        }
        #expect(pages == 0)
        #expect(try eyes.sync().differingScopes.isEmpty)
    }

    @Test func `a hint says that a number may have signed up, where it is not read`() throws {
        let id = try signUp(anna)
        try anna.syncUntilQuiet()
        func found(_ phone: String) throws -> [Stamp] {
            try anna.read { try $0.records(named: phone, in: "signup").map(\.id) }
        }

        #expect(try found(Self.phone) == [id])
        #expect(try found("+86 138 0013 8000") == [id])
        #expect(try found("13800138001") == [])
        // A hint is of one event: who has two of them cannot say that it is one person.
        let here = anna.keys.hint(of: Self.phone, in: world.event)
        #expect(anna.keys.hint(of: Self.phone, in: world.north) != here)
        #expect(
            try world.office.read { try $0.record(id, in: "signup")?[SignUp.phoneHint] } == here)
    }

    @Test func `who has a telephone number in the staff's records works as others do`() throws {
        try world.office.write(person: nil, clock: world.officeClock.reading()) {
            try $0.edit(
                anna.person, in: "staff", field: "phone", to: .text("13700137000"), settling: false)
        }
        try anna.syncUntilQuiet()

        let id = try signUp(anna)
        #expect(try name(id, on: anna) == .personal(Self.name))
        let staff = try anna.read { try $0.record(anna.person, in: "staff") }
        #expect(staff?.fields.value(Staff.phone.tag) == .personal(nil))
    }

    @Test func `a name in clear is not taken`() throws {
        let birth = Birth(
            id: Stamp(milliseconds: 40_000_000_000, node: 77), collection: 8, scope: world.event,
            fields: [FieldValue(1, world.event.value), FieldValue(3, .text(Self.name))])
        #expect(throws: Refusal.self) { try anna.post([.birth(birth)], person: anna.person) }
        #expect(try files(of: "office", holding: [Self.name]) == [])
    }

    @Test func `many visitors of one entry, and several entries of one posting, come as they were`()
        throws
    {
        for batch in 0..<3 {
            try anna.write { writer in
                for number in 0..<40 {
                    _ = try Acts.signUp(
                        writer, event: world.event, booth: "A", name: "客\(batch)·\(number)",
                        phone: PhoneNumber("1390000\(1000 + batch * 100 + number)"))
                    if number % 7 == 0 {
                        try Acts.lend(
                            writer, event: world.event, item: "X展架", quantity: 1, isBack: false,
                            holder: nil)
                    }
                }
            }
        }
        var before: [Stamp: Value?] = [:]
        try anna.read { view in
            try view.forEach(in: "signup") { before[$0.id] = $0.fields.value(SignUp.phone.tag) }
        }
        try anna.syncUntilQuiet()

        var after: [Stamp: Value?] = [:]
        try world.office.read { view in
            try view.forEach(in: "signup") { after[$0.id] = $0.fields.value(SignUp.phone.tag) }
        }
        #expect(after.count == 120)
        #expect(after == before)
    }

    @Test func `names outlive a taken name, a copy, and head office's lost commits`() throws {
        let backup = world.folder.path + "/before.daybook"
        _ = try world.office.backUp(to: backup)
        let copy = try anna.copy("copy")
        let own = try signUp(anna, "甲")
        // One clock for both: it does not pass for the copy.
        copy.clock.pass(milliseconds: -10)
        let copied = try signUp(copy, "乙")
        #expect(own == copied)
        for laptop in [anna, copy, anna, copy] { try laptop.syncUntilQuiet() }
        #expect(try world.signUpNames() == ["甲", "乙"].sorted())

        let restored = try OfficeStore.open(path: backup, catalogue: world.catalogue)
        world.pass(seconds: 60, anna)
        try restored.beginRun(world.officeClock)
        for laptop in [anna, copy] { try laptop.sync(with: restored) }
        var names: [String] = []
        try restored.read { view in
            try view.forEach(in: "signup") { names.append($0[SignUp.name] ?? "") }
        }
        #expect(names.sorted() == ["甲", "乙"].sorted())
        #expect(try restored.recovery().nameless == 0)
    }

    @Test func `what was served to be read comes back to a head office that lost it`() throws {
        try setDays(7)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 4)
        try ben.syncUntilQuiet()
        let backup = world.folder.path + "/before.daybook"
        _ = try world.office.backUp(to: backup)
        try signUp(anna)
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()

        // The laptop that wrote it is gone.
        let restored = try OfficeStore.open(path: backup, catalogue: world.catalogue)
        world.pass(seconds: 60, ben)
        try restored.beginRun(world.officeClock)
        try ben.sync(with: restored)

        let names = try restored.read { view in
            var names: [String] = []
            try view.forEach(in: "signup") { names.append($0[SignUp.name] ?? "") }
            return names
        }
        #expect(names == [Self.name])
    }

    @Test func `a start code unlocks the keys, then the PIN does, and nobody else`() throws {
        let code = "7KQ2M9X4TB"
        let (secret, key) = try SlowHash.making(code, salt: [UInt8](repeating: 1, count: 16))
        world.officeClock.pass(milliseconds: 1_000)
        try world.office.giveStartCode(
            to: anna.person, secret, key: key, at: world.officeClock.reading().wall)
        try anna.syncUntilQuiet()

        let pin = try Pin(chosen: "8412 9037")
        let chosen = try anna.book.choosePin(
            pin, of: anna.person, startCode: code, clock: anna.clock.reading(),
            salt: [UInt8](repeating: 2, count: 16))
        #expect(chosen?.bytes == anna.keys.bytes)
        let again = try anna.book.logIn(anna.person, pin: pin, clock: anna.clock.reading())
        #expect(again?.bytes == anna.keys.bytes)
        // Nothing in the file says what they are.
        let bytes = try FileManager.default.contentsOfDirectory(atPath: world.folder.path)
            .filter { $0.hasPrefix("anna") }
            .map { try Data(contentsOf: world.folder.appendingPathComponent($0)) }
        for part in [anna.keys.bytes.prefix(32), anna.keys.bytes.suffix(32)] {
            #expect(!bytes.contains { $0.range(of: Data(part)) != nil })
        }
        // Other laptops have other keys, of which the hints alone are the same.
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.event], seed: 4)
        #expect(ben.keys.bytes.prefix(32) != anna.keys.bytes.prefix(32))
        #expect(ben.keys.bytes.suffix(32) == anna.keys.bytes.suffix(32))
    }
}
