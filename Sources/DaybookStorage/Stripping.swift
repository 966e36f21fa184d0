import DaybookModel
import DaybookProtocol
import GRDB

/// Takes persons out of the postings that head office keeps, inside one transaction.
///
/// The same entry may have come in several: from a copy of a book, in a chain that was begun anew, or under names that
/// were taken. Its personal hash is the same in all of them.
struct Stripping {
    private let db: Database
    private let key: OfficeKey

    private struct Place: Hashable {
        let book: Int64
        let number: Int64
    }

    init(_ db: Database, key: OfficeKey) {
        self.db = db
        self.key = key
    }

    /// How many postings said something of these records.
    func strip(_ records: [Stamp]) throws -> Int {
        var places: [[UInt8]: Set<Int>] = [:]
        var names: Set<Int64> = []
        for record in records {
            for place in try self.places("record = ?", record.rawValue) {
                guard let posting = try kept(place) else { continue }
                for entry in (try? posting.opened(by: key)) ?? posting.salvaged(by: key).entries {
                    for (index, change) in entry.changes.enumerated()
                    where change.record == record && change.texts != nil {
                        places[entry.personalHash, default: []].insert(index)
                        names.insert(entry.personalHashName)
                    }
                }
            }
        }
        var stripped: Set<Place> = []
        for name in names.sorted() { stripped.formUnion(try self.places("hash = ?", name)) }
        for place in stripped { try strip(place, of: places) }
        return stripped.count
    }

    /// The lock would give the salts back by which an erased text can be guessed: it goes from its other postings too.
    private func strip(_ place: Place, of places: [[UInt8]: Set<Int>]) throws {
        guard let posting = try kept(place) else { return }
        let capsule = posting.personal?.capsule ?? []
        try write(posting, at: place, places)
        for step: Int64 in [-1, 1] {
            var next = Place(book: place.book, number: place.number + step)
            while let other = try kept(next), other.isSealed(under: capsule) {
                try write(other, at: next, places)
                next = Place(book: next.book, number: next.number + step)
            }
        }
    }

    private func write(
        _ posting: ReceivedPosting, at place: Place, _ places: [[UInt8]: Set<Int>]
    ) throws {
        try db.run(
            cached: "UPDATE _posting SET frame = ? WHERE book = ? AND number = ?",
            arguments: [blob(try posting.erasing(places, by: key)), place.book, place.number])
    }

    private func places(_ condition: String, _ value: Int64) throws -> [Place] {
        try Row.fetchAll(
            db, cached: "SELECT DISTINCT book, posting FROM _named WHERE \(condition)",
            arguments: [value]
        ).map { Place(book: $0[0], number: $0[1]) }
    }

    private func kept(_ place: Place) throws -> ReceivedPosting? {
        try Row.fetchOne(
            db, cached: "SELECT frame FROM _posting WHERE book = ? AND number = ?",
            arguments: [place.book, place.number]
        ).map { try ReceivedPosting(kept: $0.bytes(0) ?? []) }
    }
}

extension Change {
    /// The record that it is of.
    var record: Stamp {
        switch self {
        case .birth(let birth): birth.id
        case .edit(let edit): edit.record
        case .removal(let removal): removal.record
        }
    }
}

extension Entry {
    /// By which it is found again among the kept postings.
    var personalHashName: Int64 {
        personalHash.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}
