import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

@Suite struct PeopleTests {
    typealias Fault = LaptopStore.LoginFault

    private func pin(_ text: String) throws -> Pin { try Pin(chosen: text) }

    private func give(_ code: String, to person: Stamp, in world: World) throws {
        world.officeClock.pass(milliseconds: 1_000)
        let (secret, key) = try SlowHash.making(
            code, salt: world.officeClock.randomBytes(SlowHash.saltBytes))
        try world.office.giveStartCode(
            to: person, secret, key: key, at: world.officeClock.reading().wall)
    }

    private func choose(_ text: String, by code: String, on laptop: Laptop) throws {
        try laptop.book.choosePin(
            try pin(text), of: laptop.person, startCode: code, clock: laptop.clock.reading(),
            salt: laptop.clock.randomBytes(SlowHash.saltBytes))
    }

    private func logIn(_ text: String, on laptop: Laptop) throws {
        try laptop.book.logIn(
            laptop.person, pin: Pin(typed: text), clock: laptop.clock.reading())
    }

    private func worker(on laptop: Laptop) throws -> Stamp? {
        try laptop.book.worker(clock: laptop.clock.reading())
    }

    /// A laptop whose person has chosen a PIN.
    private func laptop(_ world: World) throws -> Laptop {
        let laptop = try world.laptop("L", person: "李娜", scopes: [world.north])
        try give("7KQ2M9X4TB", to: laptop.person, in: world)
        try laptop.syncUntilQuiet()
        try choose("lu-yan-77", by: "7kq2m-9x4tb", on: laptop)
        return laptop
    }

    @Test func `a PIN is chosen with a start code, and lets in without a network`() throws {
        let world = try World()
        let laptop = try world.laptop("L", person: "李娜", scopes: [world.north])
        try laptop.syncUntilQuiet()
        #expect(throws: Fault.noStartCode) { try logIn("lu-yan-77", on: laptop) }
        try give("7KQ2M9X4TB", to: laptop.person, in: world)
        try laptop.syncUntilQuiet()
        #expect(throws: Fault.startCodeWanted) { try logIn("lu-yan-77", on: laptop) }
        #expect(throws: Fault.self) { try choose("lu-yan-77", by: "7KQ2M9X4TC", on: laptop) }
        #expect(try worker(on: laptop) == nil)

        try choose("lu-yan-77", by: "7kq2m-9x4tb", on: laptop)
        #expect(try worker(on: laptop) == laptop.person)

        try laptop.book.logOut()
        #expect(try worker(on: laptop) == nil)
        // Full-width, as an input method for Chinese writes.
        try logIn(" ｌｕ-ｙａｎ-７７ ", on: laptop)
        #expect(try worker(on: laptop) == laptop.person)
        // The start code has done its work.
        #expect(throws: Fault.noStartCode) { try choose("another-9", by: "7KQ2M9X4TB", on: laptop) }
    }

    @Test func `a session ends with the laptop's restart, and after twelve hours`() throws {
        let world = try World()
        let laptop = try laptop(world)
        laptop.clock.pass(milliseconds: 12 * 3_600_000)
        #expect(try worker(on: laptop) == laptop.person)
        laptop.clock.pass(milliseconds: 1)
        #expect(try worker(on: laptop) == nil)

        try logIn("lu-yan-77", on: laptop)
        // Setting the wall clock ends nothing and prolongs nothing.
        laptop.clock.setWall(Moment(milliseconds: 0))
        #expect(try worker(on: laptop) == laptop.person)
        laptop.clock.reboot()
        #expect(try worker(on: laptop) == nil)
    }

    @Test func `wrong PINs wait longer and longer, and then only a new start code helps`() throws {
        let world = try World()
        let laptop = try laptop(world)
        try laptop.book.logOut()
        for left in stride(from: Int64(14), through: 10, by: -1) {
            #expect(throws: Fault.wrong(triesLeft: left)) { try logIn("wrong-wrong", on: laptop) }
        }
        // The right one has to wait too.
        #expect(throws: Fault.wait(milliseconds: 60_000)) { try logIn("lu-yan-77", on: laptop) }
        laptop.clock.pass(milliseconds: 60_000)
        #expect(throws: Fault.wrong(triesLeft: 9)) { try logIn("wrong-wrong", on: laptop) }
        #expect(throws: Fault.wait(milliseconds: 120_000)) { try logIn("lu-yan-77", on: laptop) }
        // A clock that was set back by years makes nobody wait for years.
        laptop.clock.setWall(Moment(milliseconds: 0))
        for left in stride(from: Int64(8), through: 1, by: -1) {
            #expect(throws: Fault.wrong(triesLeft: left)) { try logIn("wrong-wrong", on: laptop) }
            laptop.clock.pass(milliseconds: 3_600_000)
        }
        #expect(throws: Fault.locked) { try logIn("wrong-wrong", on: laptop) }
        laptop.clock.pass(milliseconds: 3_600_000)
        #expect(throws: Fault.locked) { try logIn("lu-yan-77", on: laptop) }

        try give("0123456789", to: laptop.person, in: world)
        try laptop.syncUntilQuiet()
        try choose("new-pin-77", by: "0123456789", on: laptop)
        #expect(try worker(on: laptop) == laptop.person)
        try laptop.book.logOut()
        #expect(throws: Fault.wrong(triesLeft: 14)) { try logIn("lu-yan-77", on: laptop) }
        try logIn("new-pin-77", on: laptop)
    }

    @Test func `a PIN is changed by the one before, on this laptop alone`() throws {
        let world = try World()
        let laptop = try laptop(world)
        try laptop.book.changePin(
            of: laptop.person, from: Pin(typed: "lu-yan-77"), to: try pin("other-pin-8"),
            clock: laptop.clock.reading(), salt: laptop.clock.randomBytes(SlowHash.saltBytes))
        #expect(throws: Fault.wrong(triesLeft: 14)) { try logIn("lu-yan-77", on: laptop) }
        try logIn("other-pin-8", on: laptop)
        #expect(try laptop.sync().ending == .complete)
    }

    @Test func `who may not work on the laptop any more is out as soon as it hears`() throws {
        let world = try World()
        let laptop = try laptop(world)
        try world.office.setPeople(of: "L", to: [try #require(world.people["王伟"])])
        #expect(try worker(on: laptop) == laptop.person)
        try laptop.syncUntilQuiet()

        #expect(try worker(on: laptop) == nil)
        #expect(throws: Fault.notHere) { try logIn("lu-yan-77", on: laptop) }
    }

    @Test func `a new start code puts out who is in by the PIN before, and a used one stays used`()
        throws
    {
        let world = try World()
        let laptop = try laptop(world)
        #expect(try worker(on: laptop) == laptop.person)
        // Head office's clock was ahead when the first was given.
        world.officeClock.setWall(World.start)
        try give("0123456789", to: laptop.person, in: world)
        try laptop.syncUntilQuiet()
        #expect(try worker(on: laptop) == nil)
        #expect(throws: Fault.startCodeWanted) { try logIn("lu-yan-77", on: laptop) }
        try choose("new-pin-77", by: "0123456789", on: laptop)

        for people in [[], [laptop.person]] {
            try world.office.setPeople(of: "L", to: people)
            try laptop.syncUntilQuiet()
        }
        #expect(throws: Fault.noStartCode) { try choose("other-pin", by: "0123456789", on: laptop) }
        try logIn("new-pin-77", on: laptop)
    }

    @Test func `people are told only when they changed`() throws {
        let world = try World()
        let laptop = try laptop(world)
        func told() throws -> [LaptopPerson]? {
            var exchange = try LaptopExchange(book: laptop.book, clock: laptop.clock.reading())
            let answer = try world.answer(to: exchange.request(), laptop: laptop.laptopID)
            guard case .welcome(let welcome) = try Message(answer[0]) else { return nil }
            for frame in answer where !exchange.isDone { try exchange.receive(frame) }
            return welcome.terms?.people
        }
        #expect(try told() == nil)
        try give("0123456789", to: laptop.person, in: world)
        #expect(try told()?.count == 1)
        #expect(try told() == nil)
    }

    @Test(arguments: [
        ("1234567", Pin.Fault.tooShort(lengthMin: 8)), ("", .tooShort(lengthMin: 8)),
        ("12345678", .tooSimple), ("87654321", .tooSimple), ("００００００００", .tooSimple),
        (String(repeating: "ab", count: 33), .tooLong(lengthMax: 64)),
    ]) func `a PIN that is easy to guess is not taken`(text: String, fault: Pin.Fault) {
        #expect(throws: fault) { try Pin(chosen: text) }
    }

    /// RFC 7914, section 12, by the parameters of the protocol: checked beside another implementation in
    /// `Protocol/reference`.
    @Test func `a slow hash depends on every byte of salt and text`() throws {
        let salt = [UInt8](0..<16)
        let (hash, key) = try SlowHash.making("7KQ2M9X4TB", salt: salt)
        #expect(try hash.key(by: "7KQ2M9X4TB") == key)
        #expect(try hash.key(by: "7KQ2M9X4TC") == nil)
        let other = try SlowHash.making("7KQ2M9X4TB", salt: salt.reversed())
        #expect(other.hash.hash != hash.hash)
        #expect(other.key != key)
        #expect(throws: MalformedBytes.self) { try SlowHash(salt: [1], hash: hash.hash) }
    }
}
