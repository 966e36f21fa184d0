import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

extension OfficeStore {
    public func record(_ postings: [IncomingPosting]) throws -> [PostingAnswer] {
        try recordTelling(postings).answers
    }

    /// Records, and tells in which scopes something is new.
    public func recordTelling(
        _ postings: [IncomingPosting]
    ) throws -> (answers: [PostingAnswer], scopes: Set<Stamp>) {
        try transaction { db in
            let applying = try Applying(db, tables)
            let answers = try postings.map { incoming -> PostingAnswer in
                let mark = applying.mark
                guard let book = incoming.laptop.book else {
                    return .failure(Refusal(.notEnrolled, detail: "no such incarnation"))
                }
                do {
                    var answer: PostingAnswer?
                    // One posting that fails leaves the others of the same commit whole.
                    try db.inSavepoint {
                        answer = try Recording(
                            db, applying, incoming, book: book, key: key
                        ).record()
                        guard case .success? = answer else { return .rollback }
                        return .commit
                    }
                    if case .success? = answer {} else { applying.goBack(to: mark) }
                    return answer ?? .failure(Refusal(.internalFault, detail: "no answer"))
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                    applying.goBack(to: mark)
                    return .failure(Refusal(.malformed, detail: error.message ?? "constraint"))
                }
            }
            try applying.flush()
            return (answers, applying.touched)
        }
    }

    /// What one laptop may leave to be looked at by a person, in bytes, before its postings wait for that.
    public static let matterBytesMax: Int64 = 16 << 20
    public static let tooManyMatters = Refusal(
        .busy, detail: "unsettled matters", retryAfterMilliseconds: 300_000)

    /// Somebody has looked at what a laptop left to be settled: its postings are taken again.
    public func allowMatters(of name: String) throws {
        try transaction { db in
            try db.run(
                cached: "UPDATE _laptop SET matter_bytes = 0 WHERE name = ?", arguments: [name])
            guard db.changesCount == 1 else { throw LaptopFault.unknown(name) }
        }
    }

    /// Takes what a laptop posts though names in it cannot be opened, or takes that back: the names are lost, what
    /// happened is not.
    public func allowNameless(_ name: String, undo: Bool) throws {
        try transaction { db in
            try db.run(
                cached: "UPDATE _laptop SET nameless = ? WHERE name = ?", arguments: [!undo, name])
            guard db.changesCount == 1 else { throw LaptopFault.unknown(name) }
        }
    }

    /// Writes one entry as head office itself: durable when it returns.
    public func write<Result>(
        person: Stamp?, clock: ClockReading, _ body: (any EntryWriter) throws -> Result
    ) throws -> Result {
        try transaction { db in
            let writer = try OfficeWriter(
                db, tables, node: node, person: person, clock: clock,
                hints: key.personalKeys(ofSecret: []))
            let result = try body(writer)
            try writer.finish()
            return result
        }
    }
}
