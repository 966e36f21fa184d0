import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation

/// What keeps head office's book safe: backups, checks, bundles, and the report after a loss.
struct OfficeKeeping {
    let store: OfficeStore
    let surroundings: any Surroundings

    func backUp(to path: String) throws -> AdminAnswer {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw BookFault.exists(path: path)
        }
        // Under its own name only when it is whole and was read back.
        let part = path + ".part"
        SystemDisk().remove(part)
        let backup = try store.copyVerified(to: part)
        do {
            try Durable.move(part, to: path)
        } catch {
            SystemDisk().remove(part)
            throw error
        }
        try store.moveBackupMark(to: backup)
        return .backedUp(sequence: backup.sequence, records: backup.records)
    }

    func verify(against path: String?) throws -> AdminAnswer {
        let faults = try store.integrityFaults()
        let (rows, kept) = (try store.recomputedDigests(), try store.keptDigests())
        let scopes = Set(rows.keys).union(kept.keys)
        let wrong = scopes.filter { (rows[$0] ?? Digest()).bytes != (kept[$0] ?? Digest()).bytes }
        let differing = try path.map { try store.differences(from: $0) }
        return .verified(
            OfficeCheck(
                records: rows.values.reduce(0) { $0 + $1.count }, faults: faults,
                wrongScopes: try store.read { view in
                    try wrong.sorted().map { try view.title(of: $0) }
                },
                compared: differing?.compared,
                differing: differing?.records.map {
                    DifferingRecord(
                        id: $0.id, collection: $0.collection, isHere: $0.isHere, isThere: $0.isThere
                    )
                } ?? []))
    }

    func recovery() throws -> AdminAnswer {
        let recovery = try store.recovery()
        return .recovery(
            OfficeRecovery(
                base: recovery.base, returned: recovery.returned, awaited: recovery.awaited,
                regained: recovery.regained, withoutEntry: recovery.withoutEntry,
                nameless: recovery.nameless,
                renamed: recovery.renamed,
                missing: recovery.missing.map { "\($0.laptop): \($0.first)–\($0.last)" }))
    }

    func readBundle(_ path: String, answer: String) throws -> AdminAnswer {
        guard !FileManager.default.fileExists(atPath: answer) else {
            throw BookFault.exists(path: answer)
        }
        // A copy of one's own: nothing can change between the check of its seal and the taking.
        let copy = try ScratchFile(copying: path, beside: store.path)
        let opened = try BundleFile.opened(copy.forEachPiece)
        guard !opened.head.isAnswer, let laptop = try store.laptop(thatSealed: opened) else {
            throw AdminFault.bundleUnknown
        }
        let frames: Bundles.Frames = {
            try opened.forEachFrame(of: copy.forEachPiece, secretHash: laptop.secretHash, $0)
        }
        let said = try ScratchFile(beside: answer)
        var seal = BundleFile.Seal()
        let read = try Bundles.answer(
            to: frames, store: store, laptop: laptop.id, now: surroundings.reading().wall,
            key: store.key
        ) {
            seal.add($0)
            try said.append($0)
        }
        let head = try seal.head(
            incarnation: opened.head.incarnation, isAnswer: true, secretHash: laptop.secretHash)
        try Durable.write(to: answer) { emit in
            try emit(head)
            try said.forEachPiece(emit)
        }
        return .bundleRead(postings: read.verdicts, refusal: read.refusal?.code?.rawValue)
    }
}

extension OfficeFolder {
    /// What a restore did.
    public struct Restored: Sendable {
        public let sequence: UInt64
        public let records: Int64
        /// Where the book that was there is now.
        public let before: String?
    }

    /// Puts a backup in the place of the book, which is kept beside it. The server must not run.
    ///
    /// Throws ``BookFault`` for the file's faults, and leaves everything as it was then.
    public func restore(
        from backup: String, catalogue: Catalogue, now: Moment
    ) throws -> Restored {
        guard FileManager.default.fileExists(atPath: backup) else {
            throw BookFault.missing(path: backup)
        }
        guard let lock = try lock() else { throw BookFault.busy(path: storePath) }
        defer { withExtendedLifetime(lock) {} }
        let new = storePath + ".new"
        SystemDisk().remove(new)
        try FileManager.default.copyItem(atPath: backup, toPath: new)
        chmod(new, 0o600)
        let checked: OfficeStore.Backup
        do {
            checked = try OfficeStore.verify(path: new, catalogue: catalogue)
            try OfficeStore.noteRestored(checked, path: new, catalogue: catalogue, at: now)
        } catch {
            for end in ["", "-wal", "-shm"] { SystemDisk().remove(new + end) }
            throw error
        }
        for end in ["-wal", "-shm"] { SystemDisk().remove(new + end) }
        var before: String?
        if FileManager.default.fileExists(atPath: storePath) {
            let aside = storePath + ".before-\(now.milliseconds)"
            for end in ["-wal", "-shm", ""] where access(storePath + end, F_OK) == 0 {
                try Durable.move(storePath + end, to: aside + end)
            }
            before = aside
        }
        try Durable.move(new, to: storePath)
        return Restored(sequence: checked.sequence, records: checked.records, before: before)
    }
}
