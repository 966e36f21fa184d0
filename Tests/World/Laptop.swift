import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB

/// A laptop with its person and its clock.
public final class Laptop: Sendable {
    public let world: World
    public let book: LaptopStore
    public let clock: PlayedSurroundings
    public let person: Stamp
    public let laptopID: Int64
    /// What its people unlock by their PINs.
    public let keys: PersonalKeys

    init(
        world: World, book: LaptopStore, clock: PlayedSurroundings, person: Stamp,
        laptopID: Int64, keys: PersonalKeys
    ) {
        self.keys = keys
        self.world = world
        self.book = book
        self.clock = clock
        self.person = person
        self.laptopID = laptopID
    }

    /// What the book signs with.
    public var key: DeviceKey {
        get throws {
            let bytes = try book.pool.read { db in
                try Data.fetchOne(db, sql: "SELECT signing_key FROM _book")
            }
            return try DeviceKey(bytes: [UInt8](bytes ?? Data()))
        }
    }

    /// The first posting as the book keeps it, before it is packed for the line.
    public func sealedAsKept() throws -> ReceivedPosting {
        let frame = try book.pool.read { db in
            try Data.fetchOne(db, sql: "SELECT frame FROM _posting ORDER BY id LIMIT 1")
        }
        return try ReceivedPosting(kept: [UInt8](frame ?? Data()))
    }

    /// Puts other bytes in the place of the first posting that the book keeps: a disk that rots.
    public func keepFirst(_ frame: [UInt8]) throws {
        try book.pool.write { db in
            try db.execute(
                sql: "UPDATE _posting SET frame = ? WHERE id = (SELECT min(id) FROM _posting)",
                arguments: [Data(frame)])
        }
    }

    @discardableResult
    public func write<Result>(_ body: (any EntryWriter) throws -> Result) throws -> Result {
        clock.pass(milliseconds: 10)
        return try book.write(person: person, clock: clock.reading(), keys: keys, body)
    }

    /// A look into the book as its person.
    public func read<Result>(_ body: (any BookView) throws -> Result) throws -> Result {
        try book.read(person: person, keys: keys, body)
    }

    /// One exchange through real frames; `cutAfter` drops the answer's frames from that one on.
    @discardableResult
    public func sync(
        cutAfter: Int = .max, cutRequestAfter: Int = .max, comparing: [Compare] = []
    ) throws -> ExchangeOutcome {
        var exchange = try LaptopExchange(
            book: book, clock: clock.reading(), comparing: comparing)
        let request = try exchange.request().prefix(cutRequestAfter)
        let answer = try world.answer(to: Array(request), laptop: laptopID)
        for frame in answer.prefix(cutAfter) where !exchange.isDone { try exchange.receive(frame) }
        return try exchange.outcome()
    }

    /// Exchanges with another head office than the world's, as the agent does, until nothing is left to say.
    public func sync(with office: OfficeStore) throws {
        var repair = Repair()
        for _ in 0..<60 {
            var exchange = try LaptopExchange(
                book: book, clock: clock.reading(), comparing: repair.comparing)
            for frame in try world.answer(
                to: exchange.request(), laptop: laptopID, by: office)
            where !exchange.isDone { try exchange.receive(frame) }
            let outcome = try exchange.outcome()
            let looksOn = try repair.take(outcome) { try book.recount($0) }
            guard outcome.more || looksOn else { return }
        }
    }

    /// What head office knows of this book.
    public func known() throws -> KnownLaptop? {
        try world.office.laptop(laptopID, incarnation: book.identity().incarnation)
    }

    /// Another book with the same content, as a copied disk or an old backup has it.
    public func copy(_ name: String) throws -> Laptop {
        let path = world.folder.appendingPathComponent("\(name).daybook").path
        try book.copy(to: path)
        return Laptop(
            world: world, book: try LaptopStore.open(path: path, catalogue: book.catalogue),
            clock: clock, person: person, laptopID: laptopID, keys: keys)
    }

    /// Exchanges and looks into what differs, as the agent does; how many bytes head office answered.
    @discardableResult
    public func heal() throws -> (repair: Repair, bytes: Int) {
        var (repair, bytes) = (Repair(), 0)
        for _ in 0..<60 {
            var exchange = try LaptopExchange(
                book: book, clock: clock.reading(), comparing: repair.comparing)
            for frame in try world.answer(to: exchange.request(), laptop: laptopID)
            where !exchange.isDone {
                bytes += frame.encoded().count
                try exchange.receive(frame)
            }
            let outcome = try exchange.outcome()
            let looksOn = try repair.take(outcome) { try book.recount($0) }
            guard outcome.more || looksOn else { break }
        }
        return (repair, bytes)
    }

    /// Exchanges until nothing is left to say.
    public func syncUntilQuiet() throws {
        for _ in 0..<50 {
            let outcome = try sync()
            guard outcome.more else { return }
        }
    }

    /// Posts an entry of a client that does not ask its own book first; what head office says of it. The book
    /// itself knows nothing of that: one entry a posting so far.
    public func post(_ changes: [Change], person: Stamp?) throws -> Verdicts {
        let known = try known()!
        let number = known.acknowledgedPosting + 1
        let posting = Posting(
            incarnation: known.incarnation, number: number, previousHash: known.acknowledgedHash,
            catalogue: book.catalogue.version,
            entries: [
                Entry(
                    number: Int64(number), person: person, clock: clock.reading(),
                    changes: changes)
            ])
        var reader = FrameReader()
        reader.append(try SealedPosting(posting, key: key).frame)
        let received = try ReceivedPosting(raw: reader.next()!.raw)
        return try world.office.record([
            IncomingPosting(
                laptop: known, received: received, sent: clock.reading(),
                arrived: world.officeClock.reading().wall)
        ])[0].get()
    }
}
