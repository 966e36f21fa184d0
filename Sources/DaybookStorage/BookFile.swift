import DaybookModel
import Foundation
import GRDB

/// Opens a book's SQLite file: checks whose it is, brings its schema up to date, makes commits durable.
enum BookFile {
    enum Role: Int64 { case laptop = 1, headOffice = 2 }

    /// "DAYB", in SQLite's application_id.
    private static let applicationID: Int64 = 0x4441_5942
    /// How long a writer waits for another process.
    private static let busySeconds: TimeInterval = 15

    /// The name of a function that only our connections know: whoever writes around us is told why it failed.
    static let guardName =
        "Daybook: this book is written by daybook itself only, so that every change is tracked. "
        + "Nothing was changed. Use daybook add, edit or import"

    /// Opens the file, or makes it. Throws ``BookFault``; a file that is not ours is left as it was.
    static func open(
        path: String, role: Role, tables: RecordTables, create: Bool, disk: any BookDisk
    ) throws -> any DatabaseWriter {
        do {
            let exists = disk.exists(path)
            guard exists || create else { throw BookFault.missing(path: path) }
            guard !exists || !create else { throw BookFault.exists(path: path) }
            if exists { try inspect(path, role: role, catalogue: tables.catalogue, disk: disk) }
            let pool = try disk.writer(path, configuration)
            // GRDB sets NORMAL after it has prepared the connection; what is acknowledged needs FULL.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                    throw BookFault.notDurable(path: path)
                }
            }
            try pool.write { db in
                if !exists { try db.execute(sql: "PRAGMA application_id = \(applicationID)") }
                try Schema(role: role, tables: tables).migrate(db)
            }
            return pool
        } catch {
            throw BookFault.of(error, path: path) ?? error
        }
    }

    /// Makes a book, or leaves nothing behind: a half-made one would be in the way of the next try.
    static func making<Store>(
        path: String, disk: any BookDisk, _ body: () throws -> Store
    ) throws -> Store {
        let existed = disk.exists(path)
        do {
            return try body()
        } catch {
            if !existed { disk.remove(path) }
            throw error
        }
    }

    /// SQLite's own check of the whole file; what it finds, or nothing.
    static func integrityFaults(_ pool: any DatabaseWriter) throws -> [String] {
        do {
            return try pool.read { db in
                try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return [error.message ?? "malformed"]
        }
    }

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            // Room that is not needed any more can be given back; said before a book has its first table.
            if !db.configuration.readonly {
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            // What is deleted is gone: names of persons among it.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            db.add(function: DatabaseFunction(guardName, argumentCount: 0) { _ in 1 })
        }
        return configuration
    }

    /// Reads, on a connection that cannot write, whose file it is.
    private static func inspect(
        _ path: String, role: Role, catalogue: Catalogue, disk: any BookDisk
    ) throws {
        var reading = Configuration()
        reading.readonly = true
        reading.busyMode = .timeout(busySeconds)
        let (id, schema, held): (Int64?, Int64?, Row?)
        do {
            let queue = try disk.reader(path, reading)
            (id, schema, held) = try queue.read { db in
                let id = try Int64.fetchOne(db, sql: "PRAGMA application_id")
                let schema = try Int64.fetchOne(db, sql: "PRAGMA user_version")
                guard id == applicationID, schema ?? 0 > 0 else { return (id, schema, nil) }
                let row = try Row.fetchOne(db, sql: "SELECT role, catalogue FROM _book")
                return (id, schema, row)
            }
        } catch let error as DatabaseError {
            throw BookFault.of(error, path: path)
                ?? BookFault.damaged(path: path, detail: error.message ?? "")
        }
        guard id == applicationID else { throw BookFault.foreign(path: path) }
        guard let schema, schema <= Schema.version else { throw BookFault.newer(path: path) }
        guard schema >= Schema.oldest else {
            throw BookFault.damaged(path: path, detail: "made by a build before the first release")
        }
        guard let held else { throw BookFault.damaged(path: path, detail: "no book in it") }
        guard (held["role"] as Int64) == role.rawValue else { throw BookFault.foreign(path: path) }
        guard (held["catalogue"] as Int64) <= Int64(catalogue.version) else {
            throw BookFault.newer(path: path)
        }
        guard disk.isWritable(path) else {
            throw BookFault.readOnly(path: path)
        }
    }
}
