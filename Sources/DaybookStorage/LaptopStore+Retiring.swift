import DaybookModel
import DaybookProtocol
import GRDB

/// Head office is taking the laptop out of service: its book takes nothing new.
public struct BookRetiring: Error, Hashable, Sendable {}

/// How a laptop goes out of service.
extension LaptopStore {
    /// Head office's word that everything is there; nil as long as it is not.
    public func wipeReceipt() throws -> WipeReceipt? {
        try reading { db in
            guard try isRetiring(db), try holdsNothingOfItsOwn(db), let receipt = try receipt(db),
                !receipt.signature.isEmpty, let key = try officeKey(db), key.holds(receipt)
            else { return nil }
            return receipt
        }
    }

    /// Whether nothing new may be written here.
    public func isRetiring() throws -> Bool { try reading { try isRetiring($0) } }

    /// Whether nothing waits here, and every scope was as head office's when it was last looked at.
    func holdsNothingOfItsOwn(_ db: Database) throws -> Bool {
        let differs = try Bool.fetchOne(
            db, cached: "SELECT EXISTS (SELECT 1 FROM _scope WHERE differs = 1 OR shown = 0)")
        return try differs == false && !hasUnanswered(db)
    }

    func isRetiring(_ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT retiring FROM _book")
        return try Bool.fetchOne(statement) ?? false
    }

    func takeWipeReceipt(_ db: Database, _ welcome: Welcome) throws {
        let isRetiring = try isRetiring(db)
        try db.run(
            cached: """
                -- The word is of the moment: one that is not said again does not hold any more.
                UPDATE _book SET wipe_time = NULL, wipe_signature = NULL
                WHERE wipe_signature NOT NULL AND NOT :said
                """,
            arguments: [
                "said": isRetiring && !welcome.safeToWipe.isEmpty
                    && welcome.base == nil && welcome.incarnation == nil
            ])
        guard isRetiring, !welcome.safeToWipe.isEmpty, try holdsNothingOfItsOwn(db),
            let held = try receipt(db), let key = try officeKey(db)
        else { return }
        let said = WipeReceipt(
            organisation: held.organisation, incarnation: held.incarnation,
            lastPosting: held.lastPosting, hash: held.hash, time: welcome.officeTime,
            signature: welcome.safeToWipe)
        // What head office did not sign, or signed of another state of this book, is worth nothing.
        guard key.holds(said) else { return }
        try db.run(
            cached: "UPDATE _book SET wipe_time = ?, wipe_signature = ?",
            arguments: [welcome.officeTime.milliseconds, blob(welcome.safeToWipe)])
    }

    private func officeKey(_ db: Database) throws -> PublicKey? {
        let row = try Row.fetchOne(db, cached: "SELECT office_key FROM _book")
        return try row?.bytes(0).map { try PublicKey($0) }
    }

    /// Of the book as it is now, with the signature that was given for it.
    private func receipt(_ db: Database) throws -> WipeReceipt? {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT organisation, incarnation, last_posting, last_posting_hash, wipe_time,
                  wipe_signature FROM _book
                """)
        guard let row, let organisation = row.stamp(0) else { return nil }
        return WipeReceipt(
            organisation: organisation, incarnation: UInt64(bitPattern: row[1]),
            lastPosting: UInt64(row[2] as Int64), hash: row.bytes(3) ?? [],
            time: Moment(milliseconds: row[4] as Int64? ?? 0), signature: row.bytes(5) ?? [])
    }
}
