import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// The laptop's own key, those that took its place, and head office's receipts.
extension LaptopStore {
    /// The key that postings are signed with.
    func signingKey(_ db: Database) throws -> DeviceKey {
        let row = try Row.fetchOne(db, cached: "SELECT signing_key FROM _book")
        return try DeviceKey(bytes: row?.bytes(0) ?? [])
    }

    /// Makes a new key when the present one is older than so long, by head office's clock. It signs from when head
    /// office says that it knows it. False when it is not time.
    ///
    /// - Parameter random: ``DeviceKey/sizeBytes`` random bytes.
    public func renewKey(olderThan age: Duration, random: () -> [UInt8]) throws -> Bool {
        try transaction { db in
            let row = try Row.fetchOne(
                db, cached: "SELECT heard - key_since, next_key IS NOT NULL FROM _book")
            guard let row, !(row[1] as Bool), Duration.milliseconds(row[0] as Int64) >= age else {
                return false
            }
            let new = try DeviceKey(bytes: random())
            let change = try signingKey(db).change(to: new.publicKey)
            try db.run(
                cached: "INSERT INTO _key_change (key, signature) VALUES (?, ?)",
                arguments: [blob(change.key.bytes), blob(change.signature)])
            try db.run(cached: "UPDATE _book SET next_key = ?", arguments: [blob(new.bytes)])
            return true
        }
    }

    /// The changes that head office does not know, as far as it said.
    func keyChanges(_ db: Database) throws -> [KeyChange] {
        let row = try Row.fetchOne(db, cached: "SELECT key_known FROM _book")
        let known = row?.bytes(0)
        let changes = try Row.fetchAll(
            db,
            cached: """
                SELECT key, signature FROM _key_change WHERE length(signature) > 0
                ORDER BY id DESC LIMIT ?
                """,
            arguments: [Limits.keyChangesMax]
        ).map { row in
            KeyChange(key: try PublicKey(row.bytes(0) ?? []), signature: row.bytes(1) ?? [])
        }
        return changes.prefix { $0.key.name != known }.reversed()
    }

    /// Head office's latest key of this laptop. A name that is not this book's is a copy's, and says nothing.
    func take(_ db: Database, keyName name: [UInt8], officeTime: Moment) throws {
        let row = try Row.fetchOne(db, cached: "SELECT key_known, next_key FROM _book")
        guard let row, row.bytes(0) != name else { return }
        let next = try row.bytes(1).map { try DeviceKey(bytes: $0) }
        if let next, try next.publicKey.name == name {
            try db.run(
                cached: """
                    UPDATE _book SET signing_key = next_key, next_key = NULL, key_known = ?,
                      key_since = ?
                    """,
                arguments: [blob(name), officeTime.milliseconds])
        } else if try isOwn(db, name) {
            try db.run(cached: "UPDATE _book SET key_known = ?", arguments: [blob(name)])
        }
    }

    private func isOwn(_ db: Database, _ name: [UInt8]) throws -> Bool {
        try Row.fetchAll(db, cached: "SELECT key FROM _key_change").contains { row in
            try PublicKey(row.bytes(0) ?? []).name == name
        }
    }

    public func noteKeyForgotten() throws {
        try transaction { db in try db.run(cached: "UPDATE _book SET key_known = NULL") }
    }

    /// Keeps head office's receipt of a posting. Throws ``OutOfOrder`` when head office did not sign it.
    func keepReceipt(_ db: Database, _ verdicts: Verdicts, hash: [UInt8]) throws {
        let row = try Row.fetchOne(
            db, cached: "SELECT organisation, incarnation, office_key FROM _book")
        guard let row, let organisation = row.stamp(0), let incarnation: Int64 = row[1] else {
            throw BookFault.damaged(path: path, detail: "no identity")
        }
        let receipt = Receipt(
            organisation: organisation, incarnation: UInt64(bitPattern: incarnation),
            number: verdicts.posting, hash: hash, arrived: verdicts.arrived,
            signature: verdicts.receipt)
        guard try PublicKey(row.bytes(2) ?? []).holds(receipt) else {
            throw OutOfOrder(kind: .verdicts)
        }
        try db.run(
            cached: """
                INSERT OR REPLACE INTO _receipt (incarnation, number, hash, arrived, signature)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                incarnation, Int64(verdicts.posting), blob(hash),
                verdicts.arrived.milliseconds, blob(verdicts.receipt),
            ])
    }

    /// A receipt with whether head office's signature holds.
    public struct KeptReceipt: Sendable {
        public let receipt: Receipt
        public let holds: Bool
    }

    /// Head office's word on what it holds of this book, the latest first.
    public func receipts(last: Int) throws -> [KeptReceipt] {
        try reading { db in
            let book = try Row.fetchOne(db, cached: "SELECT organisation, office_key FROM _book")
            guard let book, let organisation = book.stamp(0) else {
                throw BookFault.damaged(path: path, detail: "no identity")
            }
            let key = try PublicKey(book.bytes(1) ?? [])
            return try Row.fetchAll(
                db,
                cached: """
                    SELECT incarnation, number, hash, arrived, signature FROM _receipt
                    ORDER BY arrived DESC, number DESC LIMIT ?
                    """,
                arguments: [last]
            ).map { row in
                let receipt = Receipt(
                    organisation: organisation, incarnation: UInt64(bitPattern: row[0]),
                    number: UInt64(row[1] as Int64), hash: row.bytes(2) ?? [],
                    arrived: Moment(milliseconds: row[3]), signature: row.bytes(4) ?? [])
                return KeptReceipt(receipt: receipt, holds: key.holds(receipt))
            }
        }
    }
}
