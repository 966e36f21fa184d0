import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// What signs head office's own certificates; every backup has it.
public struct OfficeAuthority: Sendable {
    /// DER: what laptops know head office by.
    public let certificate: [UInt8]
    public let keyPEM: String

    public init(certificate: [UInt8], keyPEM: String) {
        self.certificate = certificate
        self.keyPEM = keyPEM
    }
}

/// Laptops' keys, and the postings that they signed.
extension OfficeStore {
    /// Keys of one laptop that are remembered: more are not learnt.
    private static let keysMax = 256

    /// The organisation's authority, made once.
    public func authority(making make: () throws -> OfficeAuthority) throws -> OfficeAuthority {
        func held(_ db: Database) throws -> OfficeAuthority? {
            let row = try Row.fetchOne(
                db, cached: "SELECT office_certificate, authority_key FROM _book")
            guard let row, let certificate = row.bytes(0), let key: String = row[1] else {
                return nil
            }
            return OfficeAuthority(certificate: certificate, keyPEM: key)
        }
        if let known = try reading(held) { return known }
        let new = try make()
        return try transaction { db in
            if let known = try held(db) { return known }
            try db.run(
                cached: "UPDATE _book SET office_certificate = ?, authority_key = ?",
                arguments: [blob(new.certificate), new.keyPEM])
            return new
        }
    }

    public func learn(_ changes: [KeyChange], of laptop: KnownLaptop) throws -> [UInt8]? {
        let known = try reading { db in try Self.keys(db, of: laptop.id) }
        guard !changes.allSatisfy({ known.contains($0.key) }) else { return changes.last?.key.name }
        return try transaction { db in
            var keys = try Self.keys(db, of: laptop.id)
            for change in changes where !keys.contains(change.key) {
                guard keys.count < Self.keysMax, keys.contains(where: { $0.holds(change) }) else {
                    continue
                }
                try Self.add(db, change.key, signature: change.signature, of: laptop.id)
                keys.append(change.key)
            }
            return changes.last { keys.contains($0.key) }?.key.name
        }
    }

    /// A laptop's keys, the first one first.
    static func keys(_ db: Database, of laptop: Int64) throws -> [PublicKey] {
        try Row.fetchAll(
            db, cached: "SELECT key FROM _laptop_key WHERE laptop = ? AND dead = 0 ORDER BY id",
            arguments: [laptop]
        ).map { try PublicKey($0.bytes(0) ?? []) }
    }

    /// As ``keys(_:of:)``, but only what a chain of signatures from the first one shows to be the laptop's: somebody
    /// may have written into this book.
    static func chainedKeys(_ db: Database, of laptop: Int64) throws -> [PublicKey] {
        let rows = try Row.fetchAll(
            db,
            cached:
                "SELECT key, signature FROM _laptop_key WHERE laptop = ? AND dead = 0 ORDER BY id",
            arguments: [laptop])
        return try rows.reduce(into: [PublicKey]()) { keys, row in
            let key = try PublicKey(row.bytes(0) ?? [])
            let isChained =
                row.bytes(1).map { signature in
                    keys.contains { $0.holds(KeyChange(key: key, signature: signature)) }
                } ?? keys.isEmpty
            if isChained { keys.append(key) }
        }
    }

    /// - Parameter signature: by a key before it; nil for the first.
    static func add(
        _ db: Database, _ key: PublicKey, signature: [UInt8]? = nil, of laptop: Int64
    ) throws {
        try db.run(
            cached: """
                INSERT INTO _laptop_key (laptop, key, signature) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET dead = 0
                """,
            arguments: [laptop, blob(key.bytes), signature.map { blob($0) }])
    }
}
