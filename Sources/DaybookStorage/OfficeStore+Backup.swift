import DaybookModel
import DaybookProtocol
import GRDB

extension OfficeStore {
    /// A copy of head office's book that was read back and found right.
    public struct Backup: Hashable, Sendable {
        /// Everything up to this sequence is in it.
        public let sequence: UInt64
        public let records: Int64
    }

    /// What a copy of the book has wrong.
    public struct BackupFault: Error, Hashable, Sendable {
        public let detail: String
    }

    /// Copies the book while it is in use, and checks the copy: SQLite's own check, and the digests of all
    /// scopes from the rows. The mark does not move yet. Throws ``BookFault`` or ``BackupFault``.
    public func copyVerified(to path: String, disk: any BookDisk = SystemDisk()) throws -> Backup {
        guard !disk.exists(path) else { throw BookFault.exists(path: path) }
        do {
            let target = try disk.writer(path, BookFile.configuration)
            try pool.backup(to: target)
            try target.close()
            return try Self.verify(path: path, catalogue: catalogue, disk: disk)
        } catch {
            disk.remove(path)
            throw BookFault.of(error, path: path) ?? error
        }
    }

    /// From now on laptops need not keep what this backup holds.
    public func moveBackupMark(to backup: Backup) throws {
        try transaction { db in
            try db.run(
                cached: "UPDATE _book SET backup_mark = :mark WHERE backup_mark < :mark",
                arguments: ["mark": Int64(clamping: backup.sequence)])
        }
    }

    /// Copies, checks and moves the mark.
    public func backUp(to path: String, disk: any BookDisk = SystemDisk()) throws -> Backup {
        let backup = try copyVerified(to: path, disk: disk)
        try moveBackupMark(to: backup)
        return backup
    }

    /// Says in a book that takes another's place what is certainly in it: until laptops have come, nobody knows what
    /// it has lost.
    public static func noteRestored(
        _ backup: Backup, path: String, catalogue: Catalogue, at moment: Moment
    ) throws {
        let store = try OfficeStore.open(path: path, catalogue: catalogue)
        defer { try? store.pool.close() }
        try store.transaction { db in
            // No laptop has noticed it yet, and no run of this book has begun.
            try db.run(
                cached: """
                    INSERT OR REPLACE INTO _regression (run, base, laptop, noticed)
                    VALUES (?, ?, 0, ?)
                    """,
                arguments: [
                    -moment.milliseconds, Int64(clamping: backup.sequence), moment.milliseconds,
                ])
        }
    }

    /// Checks a book's file from end to end, without changing what it says.
    public static func verify(
        path: String, catalogue: Catalogue, disk: any BookDisk = SystemDisk()
    ) throws -> Backup {
        let store = try OfficeStore.open(path: path, catalogue: catalogue, disk: disk)
        defer { try? store.pool.close() }
        let faults = try store.integrityFaults()
        guard faults.isEmpty else { throw BackupFault(detail: faults.joined(separator: "; ")) }
        let (rows, kept) = (try store.recomputedDigests(), try store.keptDigests())
        for (scope, digest) in kept where digest.count > 0 || rows[scope] != nil {
            guard rows[scope] ?? Digest() == digest else {
                throw BackupFault(
                    detail: "scope \(scope): \(rows[scope] ?? Digest()), not \(digest)")
            }
        }
        return Backup(
            sequence: UInt64(try store.counts().sequence),
            records: rows.values.reduce(0) { $0 + $1.count })
    }

    /// The digests as they are kept, which every change moves.
    public func keptDigests() throws -> [Stamp: Digest] {
        try reading { db in
            var digests: [Stamp: Digest] = [:]
            for row in try Row.fetchAll(db, cached: "SELECT scope, digest, count FROM _digest") {
                guard let scope = row.stamp(0) else { continue }
                digests[scope] = Digest(bytes: row.bytes(1) ?? [], count: row[2])
            }
            return digests
        }
    }
}
