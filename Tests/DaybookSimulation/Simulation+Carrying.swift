import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// A bundle file on a stick.
struct Carried {
    let laptop: SimulatedLaptop
    let bytes: [UInt8]
}

/// Bundles go by hand: late, in any order, twice, and past whatever the line brought meanwhile.
extension Simulation {
    private static let carriedMax = 8

    func carry(_ laptop: SimulatedLaptop) throws {
        if isDue(.carried), let book = laptop.book, bundles.count < Self.carriedMax,
            !isSyncing(laptop)
        {
            try writeBundle(laptop, book)
        }
        guard chance.below(20) == 0 else { return }
        // A stick is read once more now and then.
        let isKept = chance.below(4) == 0
        if chance.below(2) == 0, !bundles.isEmpty {
            let place = chance.below(bundles.count)
            try readBundle(bundles[place])
            if !isKept { bundles.remove(at: place) }
        } else if !answers.isEmpty {
            let place = chance.below(answers.count)
            try readAnswer(answers[place])
            if !isKept { answers.remove(at: place) }
        }
    }

    /// The commands and the agent wait for each other.
    private func isSyncing(_ laptop: SimulatedLaptop) -> Bool {
        lines.contains { $0.laptop === laptop && !$0.isLate }
    }

    private func writeBundle(_ laptop: SimulatedLaptop, _ book: LaptopStore) throws {
        do {
            let identity = try book.identity()
            var frames: [[UInt8]] = []
            let postings = try Bundles.write(
                by: laptopPort(laptop, book), clock: laptop.clock.reading()
            ) { frames.append($0) }
            bundles.append(
                Carried(
                    laptop: laptop,
                    bytes: try BundleFile.sealed(
                        frames, incarnation: identity.incarnation, isAnswer: false,
                        secretHash: sha256(identity.secret))))
            note("\(laptop.name) writes a bundle of \(postings) postings")
        } catch let fault as BookFault where fault.passes {
            try restartTheDead()
        }
    }

    private func readBundle(_ carried: Carried) throws {
        guard let store = office.store else { return }
        let bundle = try BundleFile.opened(carried.bytes)
        guard let laptop = try store.laptop(thatSealed: bundle.opened) else {
            return note("head office does not know a bundle of \(carried.laptop.name)")
        }
        do {
            var said: [[UInt8]] = []
            let read = try Bundles.answer(
                to: { try bundle.forEachFrame(secretHash: laptop.secretHash, $0) },
                store: officePort(store), laptop: laptop.id, now: office.clock.reading().wall,
                key: store.key
            ) { said.append($0) }
            note("head office reads a bundle of \(carried.laptop.name): \(read.verdicts) verdicts")
            count("bundlesRead")
            let granted = Set(try store.scopes(ofLaptop: laptop.id))
            for frame in said {
                var reader = FrameReader()
                reader.append(frame)
                guard let one = try reader.next(), case .feed(let page) = try Message(one) else {
                    continue
                }
                try checkGranted(page, to: granted, carried.laptop)
            }
            if answers.count == Self.carriedMax { answers.removeFirst() }
            answers.append(
                Carried(
                    laptop: carried.laptop,
                    bytes: try BundleFile.sealed(
                        said, incarnation: bundle.opened.head.incarnation, isAnswer: true,
                        secretHash: laptop.secretHash)))
        } catch let fault as BookFault where fault.passes {
            try restartTheDead()
        }
        try learn()
    }

    private func readAnswer(_ carried: Carried) throws {
        let laptop = carried.laptop
        guard let book = laptop.book, !isSyncing(laptop) else { return }
        do {
            let identity = try book.identity()
            let answer = try BundleFile.opened(carried.bytes)
            // The command says that it is another book's.
            guard answer.opened.head.incarnation == identity.incarnation else { return }
            let outcome = try Bundles.take(
                { try answer.forEachFrame(secretHash: sha256(identity.secret), $0) },
                into: laptopPort(laptop, book), clock: laptop.clock.reading())
            note(
                "\(laptop.name) reads an answer: \(outcome.verdictsTaken) verdicts, \(outcome.use)")
            count(.carried)
        } catch let fault as BookFault where fault.passes {
            try restartTheDead()
        }
    }
}
