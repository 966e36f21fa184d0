import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Who may work on which laptop.
extension OfficeStore {
    /// Gives a person a start code, good on every laptop of theirs that hears of it; the one before, and PINs that
    /// were chosen by it, are good for nothing any more.
    ///
    /// - Parameter key: unlocks, on each laptop, what names persons there.
    public func giveStartCode(
        to person: Stamp, _ secret: SlowHash, key: WrappingKey, at issued: Moment
    ) throws {
        try transaction { db in
            try db.run(
                cached: """
                    INSERT INTO _start_code (person, issued, salt, hash, wrapping_key)
                    VALUES (?, ?, ?, ?, ?)
                    -- Later than the one before, whatever the clock says.
                    ON CONFLICT DO UPDATE SET issued = max(issued + 1, excluded.issued),
                      salt = excluded.salt, hash = excluded.hash,
                      wrapping_key = excluded.wrapping_key
                    """,
                arguments: [
                    person.rawValue, issued.milliseconds, blob(secret.salt), blob(secret.hash),
                    blob(key.bytes),
                ])
        }
    }

    /// Says who works on a laptop; it hears of it at its next exchange.
    public func setPeople(of name: String, to people: [Stamp]) throws {
        try transaction { db in
            let id = try Int64.fetchOne(
                db, cached: "SELECT id FROM _laptop WHERE name = ?", arguments: [name])
            guard let id else { throw LaptopFault.unknown(name) }
            guard Set(people).count <= Limits.peopleMax else { throw LaptopFault.tooManyPeople }
            try db.run(cached: "DELETE FROM _laptop_person WHERE laptop = ?", arguments: [id])
            for person in Set(people) {
                try db.run(
                    cached: "INSERT INTO _laptop_person VALUES (?, ?)",
                    arguments: [id, person.rawValue])
            }
        }
    }

    public func roster(
        of laptop: KnownLaptop, at now: Moment
    ) throws -> (people: [LaptopPerson], silent: [SilentLaptop]) {
        let keys = try key.personalKeys(ofSecret: laptop.secretHash)
        return try reading { db in
            (try people(db, of: laptop, keys), try silent(db, at: now, sharing: laptop))
        }
    }

    private func people(
        _ db: Database, of laptop: KnownLaptop, _ keys: PersonalKeys
    ) throws -> [LaptopPerson] {
        try laptop.people.map { person in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT issued, salt, hash, wrapping_key FROM _start_code WHERE person = ?
                    """,
                arguments: [person.rawValue])
            let code = try row.map {
                StartCode(
                    issued: Moment(milliseconds: $0[0]),
                    secret: try SlowHash(salt: $0.bytes(1) ?? [], hash: $0.bytes(2) ?? []),
                    keys: try WrappingKey(bytes: $0.bytes(3) ?? []).wrap(keys))
            }
            return LaptopPerson(person, code: code)
        }
    }
}
