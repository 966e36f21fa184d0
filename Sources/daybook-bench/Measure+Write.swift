import DaybookModel
import DaybookOperations
import Foundation
import GRDB

extension Measure {
    private static let rounds = 3

    /// What recording costs beside the plain C API, and beside the same library without any tracking.
    static let write = Measure(
        name: "write",
        abstract: "sign-ups written into a laptop's book, by entries of 1,000, 100 and 1"
    ) { settings in
        var figures: [Figure] = []
        for (size, untracked, bare) in [(1_000, 1.15, 2.0), (100, 1.1, 1.3), (1, 1.1, 1.3)] {
            let rows = size == 1 ? settings.rows / 50 : settings.rows
            let visitors = try settings.visitors(rows, events: 40)
            var times: [[Double]] = [[], [], []]
            for round in 0..<rounds {
                let stage = try await Stage(stores: 1, events: 40)
                times[0].append(try bareWrite(visitors, by: size, in: stage.folder))
                times[1].append(try untrackedWrite(visitors, by: size, in: stage.folder))
                let laptop = try stage.laptop(
                    "laptop", scopes: stage.events, seed: 40 + UInt64(round))
                try await laptop.sync()
                times[2].append(
                    try seconds { try laptop.signUp(visitors, by: size) } * 1e6 / Double(rows))
                await stage.end()
            }
            let medians = times.map { percentile($0, 0.5) }
            let what = size == 1 ? "a sign-up of its own entry" : "a sign-up in entries of \(size)"
            figures.append(
                Figure(
                    "write", what + ", of untracked", medians[2], "µs", floor: medians[1],
                    atMost: untracked))
            figures.append(
                Figure(
                    "write", what + ", of the C API", medians[2], "µs", floor: medians[0],
                    atMost: bare))
        }
        return figures
    }

    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let began = ContinuousClock.now
        try body()
        return (ContinuousClock.now - began) / .seconds(1)
    }

    /// Microseconds a row.
    private static func bareWrite(
        _ visitors: [Input.Visitor], by size: Int, in folder: URL
    ) throws -> Double {
        let path = folder.appendingPathComponent("bare.sqlite").path
        let book = try FloorBook(path: path)
        try book.execute(FloorBook.signups)
        let time = try seconds { try book.insert(visitors, by: size) }
        return time * 1e6 / Double(visitors.count)
    }

    /// GRDB with a cached statement, and the look-ups that such a book needs.
    private static func untrackedWrite(
        _ visitors: [Input.Visitor], by size: Int, in folder: URL
    ) throws -> Double {
        let path = folder.appendingPathComponent("untracked.sqlite").path
        let pool = try DatabasePool(path: path)
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
            try db.execute(sql: FloorBook.signups + ";" + FloorBook.signupIndexes)
        }
        let time = try seconds {
            var at: Int64 = 0
            for batch in stride(from: 0, to: visitors.count, by: size) {
                try pool.write { db in
                    let statement = try db.cachedStatement(sql: FloorBook.insertSQL)
                    for place in batch..<min(batch + size, visitors.count) {
                        let one = visitors[place]
                        at += one.after
                        try statement.execute(arguments: [
                            at << 21, one.event, nil, one.name, one.phone, one.note, 7, at,
                        ])
                    }
                }
            }
        }
        return time * 1e6 / Double(visitors.count)
    }
}

extension FloorBook {
    func insert(_ visitors: [Input.Visitor], by size: Int) throws {
        var at: Int64 = 0
        for batch in stride(from: 0, to: visitors.count, by: size) {
            try execute("BEGIN IMMEDIATE")
            for place in batch..<min(batch + size, visitors.count) {
                at += visitors[place].after
                try insert(visitors[place], id: at << 21, at: at)
            }
            try execute("COMMIT")
        }
    }
}

extension BenchLaptop {
    /// Visitors at the stage's events, in entries of so many.
    func signUp(_ visitors: [Input.Visitor], by size: Int) throws {
        for batch in stride(from: 0, to: visitors.count, by: size) {
            try write { entry in
                for place in batch..<min(batch + size, visitors.count) {
                    let one = visitors[place]
                    clock.pass(milliseconds: one.after)
                    var draft = Draft(SignUp.self)
                    draft[SignUp.event] = stage.events[one.event % stage.events.count]
                    draft[SignUp.name] = one.name
                    draft[SignUp.phone] = PhoneNumber(one.phone)
                    draft[SignUp.note] = one.note
                    _ = try entry.birth(draft)
                }
            }
        }
    }
}
