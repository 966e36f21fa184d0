import DaybookModel
import DaybookProtocol
import GRDB

/// Who may work on the laptop, and who does.
extension LaptopStore {
    /// Wrong PINs in a row that cost nothing.
    static let freeTries: Int64 = 5
    /// Wrong PINs in a row after which only a new start code helps.
    static let triesMax: Int64 = 15
    /// How long the first try after the free ones waits; each further one waits twice as long as the one before.
    private static let waitMilliseconds: Int64 = 60_000
    private static let waitMillisecondsMax: Int64 = 3_600_000
    /// A person who logged in so long ago, or before the laptop was started, logs in again.
    private static let sessionMilliseconds: Int64 = 12 * 3_600_000

    /// Why somebody is not let in.
    public enum LoginFault: Error, Hashable, Sendable {
        /// Head office does not know the person on this laptop, as far as it was heard.
        case notHere
        /// A start code is wanted, and head office has given none that has arrived here and was not used.
        case noStartCode
        /// A PIN has to be chosen, with the start code.
        case startCodeWanted
        case wrong(triesLeft: Int64)
        case wait(milliseconds: Int64)
        /// Too many wrong tries.
        case locked
        /// What was typed is no PIN that may be chosen.
        case unfit(Pin.Fault)
    }

    /// How a person is known here.
    public enum Access: Hashable, Sendable {
        case pin
        case startCode
        case none
    }

    /// Everybody who may work on the laptop.
    public func people() throws -> [Stamp] {
        try reading { db in
            try Row.fetchAll(
                db, cached: "SELECT person FROM _person WHERE here = 1 ORDER BY person"
            )
            .compactMap { $0.stamp(0) }
        }
    }

    /// Other laptops that had not been heard from when head office was last heard, sorted by name.
    public func silentLaptops() throws -> [SilentLaptop] {
        try reading { db in
            try Row.fetchAll(
                db, cached: "SELECT laptop, since, scopes FROM _silent ORDER BY laptop"
            )
            .map { row in
                SilentLaptop(
                    name: row[0], since: Moment(milliseconds: row[1]),
                    scopes: try Canonical.stamps(row.bytes(2) ?? []))
            }
        }
    }

    public func access(of person: Stamp) throws -> Access {
        try reading { db in try known(db, person).access }
    }

    /// The person who works on the laptop now; nil when nobody is logged in.
    public func worker(clock: ClockReading) throws -> Stamp? {
        try reading { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT person, since FROM _session JOIN _person USING (person)
                    WHERE here = 1 AND boot = ? AND since BETWEEN ? AND ?
                    """,
                arguments: [
                    Int64(bitPattern: clock.boot),
                    clock.monotonicMilliseconds - Self.sessionMilliseconds,
                    clock.monotonicMilliseconds,
                ])
            return row?.stamp(0)
        }
    }

    /// Lets a person in by the PIN, and unlocks what names persons; nil when head office never gave the keys.
    /// Throws ``LoginFault``.
    @discardableResult
    public func logIn(_ person: Stamp, pin: Pin, clock: ClockReading) throws -> PersonalKeys? {
        let known = try begin(person, by: .pin, clock: clock)
        guard let key = try known.pin?.key(by: pin.text) else { throw wrong(known) }
        try enter(person, clock: clock)
        return try known.pinKeys.map { try key.unwrap($0) }
    }

    /// Chooses a PIN by the start code, and lets the person in. Throws ``LoginFault``.
    ///
    /// - Parameter salt: ``SlowHash/saltBytes`` random bytes.
    @discardableResult
    public func choosePin(
        _ pin: Pin, of person: Stamp, startCode: String, clock: ClockReading, salt: [UInt8]
    ) throws -> PersonalKeys? {
        let known = try begin(person, by: .startCode, clock: clock)
        guard let code = known.code, let typed = Invitation.code(typed: startCode),
            let key = try code.secret.key(by: typed)
        else { throw wrong(known) }
        let keys = code.keys.isEmpty ? nil : try key.unwrap(code.keys)
        try keep(pin, of: person, code: code.issued, salt: salt, keys: keys)
        try enter(person, clock: clock)
        return keys
    }

    /// Chooses another PIN by the one before. Throws ``LoginFault``.
    @discardableResult
    public func changePin(
        of person: Stamp, from old: Pin, to new: Pin, clock: ClockReading, salt: [UInt8]
    ) throws -> PersonalKeys? {
        let keys = try logIn(person, pin: old, clock: clock)
        let code = try reading { db in try known(db, person).pinCode }
        try keep(new, of: person, code: code, salt: salt, keys: keys)
        return keys
    }

    public func logOut() throws {
        try transaction { db in try db.run(cached: "DELETE FROM _session WHERE id = 1") }
    }

    // MARK: - What head office says

    func termsName(_ db: Database) throws -> [UInt8] {
        let row = try Row.fetchOne(db, cached: "SELECT terms_name FROM _book")
        return row?.bytes(0) ?? []
    }

    /// Those who are not named any more may not work here from now on.
    func take(_ db: Database, people: [LaptopPerson], silent: [SilentLaptop]) throws {
        try take(db, people: people)
        try db.run(cached: "DELETE FROM _silent")
        for laptop in silent {
            try db.run(
                cached: "INSERT INTO _silent (laptop, since, scopes) VALUES (?, ?, ?)",
                arguments: [laptop.name, laptop.since.milliseconds, blob(laptop.scopes)])
        }
    }

    private func take(_ db: Database, people: [LaptopPerson]) throws {
        let ids = people.map(\.person.rawValue)
        for held in try Int64.fetchAll(db, cached: "SELECT person FROM _person")
        where !ids.contains(held) {
            // What was used here is remembered: it does not come to life again with the person.
            try db.run(
                cached:
                    "UPDATE _person SET here = 0, code_keys = NULL, pin_keys = NULL WHERE person = ?",
                arguments: [held])
        }
        for one in people {
            // A new code begins anew: the tries before it do not count, and who is in by the PIN before is out.
            try db.execute(
                sql: """
                    DELETE FROM _session WHERE person = :person AND EXISTS (
                      SELECT 1 FROM _person
                      WHERE person = :person AND code_issued IS NOT :issued);
                    INSERT INTO _person (person, code_issued, code_salt, code_hash, code_keys)
                    VALUES (:person, :issued, :salt, :hash, :keys)
                    ON CONFLICT DO UPDATE SET here = 1,
                      tries = iif(code_issued IS :issued, tries, 0),
                      waits_until = iif(code_issued IS :issued, waits_until, 0),
                      -- A code that was used, and a PIN that is good for nothing any more, unlock nothing.
                      pin_keys = iif(code_issued IS :issued, pin_keys, NULL),
                      code_keys = iif(pin_code >= :issued, NULL, :keys),
                      code_issued = :issued, code_salt = :salt, code_hash = :hash
                    """,
                arguments: [
                    "person": one.person.rawValue, "issued": one.code?.issued.milliseconds,
                    "salt": one.code.map { blob($0.secret.salt) },
                    "hash": one.code.map { blob($0.secret.hash) },
                    "keys": one.code.map { blob($0.keys) },
                ])
        }
    }

    // MARK: - Parts

    private struct Known {
        let pin: SlowHash?
        let pinKeys: [UInt8]?
        /// Of the start code by which the PIN was chosen.
        let pinCode: Moment
        let code: StartCode?
        let tries: Int64
        let waitsUntil: Moment

        var access: Access {
            if let code, pin == nil || pinCode < code.issued { return .startCode }
            return pin == nil ? .none : .pin
        }
    }

    private func known(_ db: Database, _ person: Stamp) throws -> Known {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT pin_salt, pin_hash, pin_code, code_issued, code_salt, code_hash, tries,
                  waits_until, pin_keys, code_keys FROM _person WHERE person = ? AND here = 1
                """,
            arguments: [person.rawValue])
        guard let row else { throw LoginFault.notHere }
        func secret(_ salt: Int, _ hash: Int) throws -> SlowHash? {
            guard let salt = row.bytes(salt), let hash = row.bytes(hash) else { return nil }
            return try SlowHash(salt: salt, hash: hash)
        }
        let issued: Int64? = row[3]
        return Known(
            pin: try secret(0, 1), pinKeys: row.bytes(8), pinCode: Moment(milliseconds: row[2]),
            code: try secret(4, 5).map {
                StartCode(
                    issued: Moment(milliseconds: issued ?? 0), secret: $0,
                    keys: row.bytes(9) ?? [])
            }, tries: row[6], waitsUntil: Moment(milliseconds: row[7]))
    }

    /// Counts the try before anything is compared: who pulls the plug has tried.
    private func begin(_ person: Stamp, by way: Access, clock: ClockReading) throws -> Known {
        try transaction { db in
            let known = try known(db, person)
            guard known.access == way else {
                throw known.access == .startCode ? LoginFault.startCodeWanted : .noStartCode
            }
            guard known.tries < Self.triesMax else { throw LoginFault.locked }
            let wait = known.waitsUntil.since(clock.wall)
            // A clock that was set back does not make anybody wait for years.
            guard wait <= 0 || wait > Self.waitMillisecondsMax else {
                throw LoginFault.wait(milliseconds: wait)
            }
            let tries = known.tries + 1
            let doublings = max(0, min(tries - Self.freeTries, 6))
            let next = tries < Self.freeTries ? 0 : Self.waitMilliseconds << doublings
            try db.run(
                cached: "UPDATE _person SET tries = ?, waits_until = ? WHERE person = ?",
                arguments: [
                    tries,
                    next == 0
                        ? 0 : clock.wall.milliseconds + min(next, Self.waitMillisecondsMax),
                    person.rawValue,
                ])
            return known
        }
    }

    private func wrong(_ known: Known) -> LoginFault {
        let left = Self.triesMax - known.tries - 1
        return left > 0 ? .wrong(triesLeft: left) : .locked
    }

    private func enter(_ person: Stamp, clock: ClockReading) throws {
        try transaction { db in
            try db.execute(
                sql: """
                    UPDATE _person SET tries = 0, waits_until = 0 WHERE person = :person;
                    INSERT OR REPLACE INTO _session (id, person, boot, since)
                    VALUES (1, :person, :boot, :since)
                    """,
                arguments: [
                    "person": person.rawValue, "boot": Int64(bitPattern: clock.boot),
                    "since": clock.monotonicMilliseconds,
                ])
        }
    }

    private func keep(
        _ pin: Pin, of person: Stamp, code: Moment, salt: [UInt8], keys: PersonalKeys?
    ) throws {
        let (secret, key) = try SlowHash.making(pin.text, salt: salt)
        let wrapped = try keys.map { blob(try key.wrap($0)) }
        try transaction { db in
            try db.run(
                cached: """
                    UPDATE _person SET pin_salt = ?, pin_hash = ?, pin_keys = ?, pin_code = ?,
                      code_keys = NULL WHERE person = ?
                    """,
                arguments: [
                    blob(secret.salt), blob(secret.hash), wrapped, code.milliseconds,
                    person.rawValue,
                ])
        }
    }
}
