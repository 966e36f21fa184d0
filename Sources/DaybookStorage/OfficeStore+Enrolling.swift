import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// How a laptop becomes one of this head office's, and how it comes back after its enrolment was lost.
extension OfficeStore {
    /// Enrols the laptop that the code was made for. An answer that was lost can be asked for again with the
    /// same code, until the laptop is first heard from; each time it gets a new incarnation.
    public func enrol(
        _ enrol: Enrol, incarnation: UInt64, secret: [UInt8], now: Moment
    ) throws -> Enrolled {
        guard enrol.isSigned, let own = enrol.key else {
            throw Refusal(.signatureWrong, detail: "enrolment")
        }
        return try transaction { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT id, name FROM _laptop
                    WHERE code_hash = ? AND code_expires > ? AND heard IS NULL AND revoked = 0
                    """,
                arguments: [blob(sha256(Array(enrol.code.utf8))), now.milliseconds])
            guard let row else { throw Refusal(.codeUnknown, detail: "") }
            let id: Int64 = row[0]
            // Another may have read the code over a shoulder: it is the first key's.
            let keys = try Self.keys(db, of: id)
            guard keys.isEmpty || keys == [own] else {
                // Said as of any other code: whether there is such a one is nobody's to learn.
                throw Refusal(.codeUnknown, detail: "")
            }
            try Self.add(db, own, of: id)
            let view = try OfficeView(db, tables)
            // An answer that was lost: nothing was ever posted under what it said.
            try db.run(cached: "DELETE FROM _incarnation WHERE laptop = ?", arguments: [id])
            let node = try begin(db, incarnation, of: id)
            try db.run(
                cached: "UPDATE _laptop SET secret_hash = ?, enrolled = ? WHERE id = ?",
                arguments: [blob(sha256(secret)), now.milliseconds, id])
            let people = try Self.stamps(
                db, "SELECT person FROM _laptop_person WHERE laptop = ? ORDER BY person", id)
            let certificate = Certificate(
                laptop: row[1], incarnation: incarnation, node: node, secretHash: sha256(secret),
                people: people,
                scopes: try Self.stamps(
                    db, "SELECT scope FROM _laptop_scope WHERE laptop = ? ORDER BY scope", id),
                enrolled: now, key: own)
            return Enrolled(
                organisation: view.organisation, incarnation: incarnation, node: node,
                laptop: row[1], secret: secret, people: people,
                certificate: try certificate.sealed(by: key), officeKey: try key.publicKey,
                sealingKey: try key.sealingKey)
        }
    }

    /// Takes a laptop back that this head office once enrolled and has lost since. What it was assigned after
    /// its enrolment is lost too, and is the engineer's to say again.
    public func readmit(_ enrol: Enrol, secret: [UInt8]) throws {
        guard let certificate = try? Certificate(sealed: enrol.certificate, by: key),
            certificate.secretHash == sha256(secret)
        else { throw Refusal(.codeUnknown, detail: "no certificate of this head office") }
        try transaction { db in
            let hash = blob(certificate.secretHash)
            let known = try Row.fetchOne(
                db, cached: "SELECT 1 FROM _laptop WHERE secret_hash = ?", arguments: [hash])
            guard known == nil else { return }
            // One that is known by its key, and has an older secret: an answer was lost, or it is a revoked one's.
            let held = try Row.fetchOne(
                db,
                cached: """
                    SELECT l.id, l.revoked OR k.dead FROM _laptop_key k JOIN _laptop l ON l.id = k.laptop
                    WHERE k.key = ?
                    """,
                arguments: [blob(certificate.key.bytes)])
            if let held {
                guard !(held[1] as Bool) else {
                    throw Refusal(.revoked, detail: certificate.laptop)
                }
                return try db.run(
                    cached: "UPDATE _laptop SET secret_hash = ? WHERE id = ?",
                    arguments: [hash, held[0] as Int64])
            }
            var name = certificate.laptop
            while try Row.fetchOne(
                db, cached: "SELECT 1 FROM _laptop WHERE name = ?", arguments: [name]) != nil
            { name += "+" }
            try db.run(
                cached: "INSERT INTO _laptop (name, secret_hash, enrolled) VALUES (?, ?, ?)",
                arguments: [name, hash, certificate.enrolled.milliseconds])
            let id = db.lastInsertedRowID
            try Self.add(db, certificate.key, of: id)
            let view = try OfficeView(db, tables)
            for scope in Set(certificate.scopes).union([view.organisation]) {
                try db.run(
                    cached: "INSERT INTO _laptop_scope VALUES (?, ?)",
                    arguments: [id, scope.rawValue])
            }
            for person in Set(certificate.people) {
                try db.run(
                    cached: "INSERT INTO _laptop_person VALUES (?, ?)",
                    arguments: [id, person.rawValue])
            }
            try db.run(
                cached: """
                    INSERT INTO _incarnation (laptop, incarnation, node, next_entry)
                    VALUES (?, ?, ?, 1)
                    """,
                arguments: [
                    id, Int64(bitPattern: certificate.incarnation), certificate.node,
                ])
            try db.run(
                cached: "INSERT OR IGNORE INTO _node VALUES (?)", arguments: [certificate.node])
        }
    }

}
