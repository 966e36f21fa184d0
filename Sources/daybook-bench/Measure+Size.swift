import DaybookModel
import DaybookStorage
import Foundation

extension Measure {
    /// What a laptop's book takes on disk beside the same rows with the same look-ups and nothing else.
    static let size = Measure(
        name: "size",
        abstract: "a laptop's book on disk, before posting and after head office's backup"
    ) { settings in
        let visitors = try settings.visitors(settings.rows, events: 40)
        let stage = try await Stage(stores: 1, events: 40)
        let plainPath = stage.folder.appendingPathComponent("plain.sqlite").path
        let plain = try FloorBook(path: plainPath)
        try plain.execute(FloorBook.signups + ";" + FloorBook.signupIndexes)
        try plain.insert(visitors, by: 100)
        try plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let floor = try sizeBytes(plainPath) / 1e6
        let path = stage.folder.appendingPathComponent("laptop.daybook").path
        let laptop = try stage.laptop("laptop", scopes: stage.events, seed: 14, path: path)
        try await laptop.sync()
        try laptop.signUp(visitors, by: 100)
        let before = try checkpointed(path) / 1e6
        try await laptop.sync()
        let posted = try checkpointed(path) / 1e6
        _ = try stage.office.backUp(
            to: stage.folder.appendingPathComponent("backup.daybook").path)
        try await laptop.sync()
        let after = try checkpointed(path) / 1e6
        let office = stage.folder.appendingPathComponent("office.daybook").path
        let bytes = try checkpointed(office) / Double(settings.rows)
        await stage.end()
        return [
            Figure("size", "a book, nothing posted", before, "MB", floor: floor, atMost: 1.45),
            Figure("size", "all posted, no backup yet", posted, "MB", floor: floor, atMost: 1.45),
            Figure("size", "all posted and backed up", after, "MB", floor: floor, atMost: 1.15),
            Figure("size", "head office's book, a sign-up", bytes, "B"),
        ]
    }

    private static func sizeBytes(_ path: String) throws -> Double {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return Double((attributes[.size] as? Int) ?? 0)
    }

    private static func checkpointed(_ path: String) throws -> Double {
        try FloorBook(path: path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return try sizeBytes(path)
    }
}
