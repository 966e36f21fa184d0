import DaybookModel
import DaybookProtocol
import GRDB

/// When there is nothing to say.
extension LaptopStore {
    public func takeQuiet(at officeTime: Moment, clock: ClockReading) throws {
        try transaction { db in
            try noteStampsAhead(db, officeTime: officeTime, clock: clock)
            try sealPosted(db, at: officeTime)
        }
    }

    public func still(clock: ClockReading) throws -> Still? {
        try reading { db in
            let row = try Row.fetchOne(
                db,
                cached: """
                    SELECT incarnation, run, shown_sequence, last_posting, last_posting_hash,
                      shown_run IS run AND wants_node = 0 AND wants_incarnation = 0
                      AND retiring = 0 AND terms_name IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM _scope
                        WHERE lost = 1 OR shown = 0 OR differs = 1 OR cursor <> shown_sequence)
                      AND NOT EXISTS (SELECT 1 FROM _entry
                        WHERE shown = 0 AND answered IS NOT NULL AND name_taken = 0)
                    FROM _book
                    """)
            guard let row, let incarnation: Int64 = row[0], let run: Int64 = row[1],
                let sequence: Int64 = row[2], row[5] as Bool? == true,
                try !hasUnanswered(db), try keyChanges(db).isEmpty
            else { return nil }
            var digests: [Stamp: Digest] = [:]
            for scope in try Row.fetchAll(db, cached: "SELECT scope, digest, count FROM _scope") {
                guard let id = scope.stamp(0) else { continue }
                digests[id] = Digest(bytes: scope.bytes(1) ?? [], count: scope[2])
            }
            return Still(
                incarnation: UInt64(bitPattern: incarnation), sequence: UInt64(sequence),
                name: Still.name(
                    run: UInt64(bitPattern: run), sequence: UInt64(sequence),
                    lastPosting: UInt64(row[3] as Int64), lastPostingHash: row.bytes(4) ?? [],
                    termsName: try termsName(db), digests: digests), wall: clock.wall)
        }
    }
}
