import CSimulatedDisk
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// One step: something small happens somewhere, and perhaps something goes wrong.
extension Simulation {
    func step(_ index: Int) throws {
        time.pass(Int64(chance.below(20_000)) + 1)
        try disturb()
        armDisks()
        let laptop = laptops[chance.below(laptops.count)]
        switch chance.below(10) {
        case 0, 1, 2: try act(on: laptop)
        case 3: try actAtOffice()
        case 4, 5: try openLine(laptop)
        default:
            for _ in 0..<(1 + chance.below(12)) {
                guard let line = chance.pick(lines) else { break }
                try move(line)
            }
        }
        try noteFaults()
    }

    // MARK: - Lines

    func openLine(_ laptop: SimulatedLaptop) throws {
        guard let book = laptop.book, !laptop.isCutOff,
            !lines.contains(where: { $0.laptop === laptop && !$0.isLate })
        else { return }
        do {
            let exchange = try LaptopExchange(
                book: laptopPort(laptop, book), clock: laptop.clock.reading(),
                comparing: laptop.repair.comparing,
                mayBeStill: chance.next() & 1 == 0 && !laptop.hasNews)
            let line = try Line(laptop, exchange, isLate: false)
            note("\(laptop.name) opens a line with a request of \(line.request.count) bytes")
            for other in held where other.laptop === laptop { other.isOvertaken = true }
            if isDue(.dropped) {
                count(.dropped)
                return note("\(laptop.name)'s request is dropped")
            }
            // What comes late comes to nobody who listens; what comes again had an answer.
            let (isDelayed, isReordered) = (isDue(.delayed), isDue(.reordered))
            if isDelayed || isReordered {
                try hold(laptop, exchange, for: isReordered ? .reordered : .delayed)
                return note("\(laptop.name)'s request is held up")
            }
            if isDue(.repeated) { try hold(laptop, exchange, for: .repeated) }
            lines.append(line)
        } catch let fault as BookFault {
            note("\(laptop.name) cannot sync: \(Self.kind(of: fault))")
            if laptop.disk.isDead { try crash(laptop) }
        }
    }

    private func hold(
        _ laptop: SimulatedLaptop, _ exchange: LaptopExchange<AnyLaptopBook>, for fault: Fault
    ) throws {
        let late = try Line(laptop, exchange, isLate: true)
        late.holding = fault
        held.append(late)
    }

    func laptopPort(_ laptop: SimulatedLaptop, _ book: LaptopStore) -> AnyLaptopBook {
        let (person, clock, keys) = (laptop.person, laptop.clock, laptop.keys)
        return AnyLaptopBook(book: book, mutation: options.mutation) {
            let scopes = try book.status().scopes.filter { $0.isShown && !$0.isLost }
            _ = try book.write(person: person, clock: clock.reading(), keys: keys) { writer in
                let places = scopes.map(\.scope).filter { $0 != writer.organisation }
                guard let place = places.first else { return }
                _ = try writer.birth(
                    Draft(
                        collection: "tally",
                        fields: [FieldValue(1, place.value), FieldValue(2, .integer(3))]))
            }
        }
    }

    /// Moves a line on by a few bytes, one commit or one page.
    func move(_ line: Line) throws {
        if isDue(.cut) {
            count(.cut)
            note("\(line.laptop.name)'s line is cut")
            return close(line)
        }
        do {
            if line.waiting != nil {
                try commit()
            } else if line.requestSent < line.request.count {
                try sendOn(line)
            } else if line.isFeeding {
                try feedOn(line)
            } else {
                try takeAnswer(line)
            }
        } catch let fault as BookFault where fault.passes {
            note("\(line.laptop.name)'s line breaks: a disk fails")
            close(line)
            try restartTheDead()
        }
    }

    func close(_ line: Line) { lines.removeAll { $0 === line } }

    private func piece(_ rest: Int) -> Int {
        // Mostly whole, sometimes in the middle of a frame.
        isHealing || chance.below(3) > 0 ? rest : 1 + chance.below(rest)
    }

    private func sendOn(_ line: Line) throws {
        guard let store = office.store else { return close(line) }
        let end = line.requestSent + piece(line.request.count - line.requestSent)
        line.officeReader.append(line.request[line.requestSent..<end])
        line.requestSent = end
        var exchange =
            line.office
            ?? OfficeExchange(
                store: officePort(store), laptop: line.laptop.number,
                now: office.clock.reading().wall)
        defer { line.office = exchange }
        do {
            try readOn(line, &exchange)
        } catch let refusal as Refusal {
            note("head office refuses \(line.laptop.name): \(refusal.detail)")
            try say([.refusal(refusal)], on: line)
            line.requestSent = line.request.count
        }
    }

    private func readOn(
        _ line: Line, _ exchange: inout OfficeExchange<AnyOfficeStore>
    ) throws {
        while line.waiting == nil, let frame = try line.officeReader.next() {
            if frame.kind == .hello {
                line.granted = Set(try office.store?.scopes(of: line.laptop.name) ?? [])
            }
            switch try exchange.receive(frame) {
            case .send(let messages): try say(messages, on: line)
            case .record(let posting): line.waiting = posting
            case .regain(let page, let laptop):
                guard let store = office.store else { return }
                try say(exchange.regained(try store.regain(page, from: laptop)), on: line)
            case .feed: line.isFeeding = true
            }
        }
    }

    /// Head office records in one commit all postings that wait.
    func commit() throws {
        guard let store = office.store else { return }
        let waiting = lines.filter { $0.waiting != nil }
        let answers = try officePort(store).record(waiting.compactMap(\.waiting))
        try learn()
        for (line, answer) in zip(waiting, answers) {
            guard line.waiting != nil, var exchange = line.office else { continue }
            line.waiting = nil
            do {
                let messages = try exchange.recorded(answer)
                try say(messages, on: line)
                try readOn(line, &exchange)
            } catch let refusal as Refusal {
                note("head office refuses a posting of \(line.laptop.name): \(refusal.detail)")
                if refusal.detail.contains("ended") { count("chainEnded") }
                try say([.refusal(refusal)], on: line)
                line.requestSent = line.request.count
            }
            line.office = exchange
        }
    }

    /// The model learns what head office has acknowledged.
    func learn() throws {
        for one in recorder.take() { try learn(one.incoming, one.verdicts, one.known) }
    }

    private func learn(
        _ incoming: IncomingPosting, _ verdicts: Verdicts, _ known: Set<Stamp>
    ) throws {
        let posting = incoming.received.posting
        try checkTimes(posting, verdicts)
        for _ in verdicts.nameTaken {
            hasRenamed = true
            count("nameTaken")
        }
        acknowledged[posting.incarnation] = max(
            acknowledged[posting.incarnation] ?? 0, posting.number)
        guard let key = office.store?.key else { return }
        for (index, entry) in try incoming.received.opened(by: key).enumerated()
        where !verdicts.nameTaken.contains(entry.number) {
            // What is here already was judged before; a disk that failed in the commit may have kept that from us.
            if hasRegressed, model.holds(entry), let first = entry.changes.first?.stamp,
                known.contains(first)
            {
                continue
            }
            try checkJudged(entry, index, one: incoming, verdicts, isKnown: isKnown(entry, known))
            try model.add(
                Model.Judged(
                    entry: entry,
                    at: entry.clock.wall.adding(milliseconds: verdicts.corrections[index]),
                    uncertaintyMilliseconds: verdicts.uncertainties[index],
                    arrived: verdicts.arrived,
                    isRefused: verdicts.refused.contains { $0.entry == entry.number }),
                mayChange: hasRegressed)
        }
        note(
            "head office answers posting \(posting.number) of \(incoming.laptop.name), "
                + "refused \(verdicts.refused.map(\.entry)), taken \(verdicts.nameTaken)")
    }

    private func isKnown(_ entry: Entry, _ known: Set<Stamp>) -> Bool {
        hasRegressed || entry.changes.first.map { known.contains($0.stamp) } ?? true
    }

    private func say(_ messages: [Message], on line: Line) throws {
        guard let key = office.store?.key else { return }
        let before = line.answer.count
        for message in messages {
            if case .feed(let page) = message {
                try checkGranted(page, to: line.granted ?? [], line.laptop)
            }
            line.answer += try message.frame(key: key).encoded()
        }
        guard line.answer.count - before <= Self.saidBytesMax,
            line.answer.count <= Self.answerBytesMax
        else {
            throw Broken("an answer to \(line.laptop.name) grows without a bound")
        }
    }

    private func feedOn(_ line: Line) throws {
        guard var exchange = line.office else { return close(line) }
        let messages = try exchange.nextFeed()
        line.office = exchange
        try say(messages, on: line)
        if messages.isEmpty { line.isFeeding = false }
    }

    private func takeAnswer(_ line: Line) throws {
        guard line.exchange != nil, line.laptop.book != nil else { return close(line) }
        let rest = line.answer.count - line.answerTaken
        let end = line.answerTaken + (rest > 0 ? piece(rest) : 0)
        line.laptopReader.append(line.answer[line.answerTaken..<end])
        line.answerTaken = end
        do {
            while line.exchange?.isDone == false, let frame = try line.laptopReader.next() {
                try line.exchange?.receive(frame)
            }
        } catch let malformed as MalformedBytes {
            throw Broken("\(line.laptop.name) does not understand head office: \(malformed)")
        }
        guard let exchange = line.exchange,
            exchange.isDone || line.answerTaken == line.answer.count
        else { return }
        let outcome = try exchange.outcome()
        let book = line.laptop.book
        _ = try line.laptop.repair.take(outcome) { try book?.recount($0) }
        line.laptop.hasNews = outcome.ending == .complete && outcome.more
        lastAnswerBytes = line.answer.count
        try checkHeld(line, outcome)
        note("\(line.laptop.name) ends: \(outcome.ending), \(outcome.pagesStaged) pages")
        close(line)
        if case .refused(let refusal) = outcome.ending, refusal.code == .notEnrolled {
            try readmit(line.laptop)
        }
    }

    private func readmit(_ laptop: SimulatedLaptop) throws {
        guard let store = office.store, let book = laptop.book else { return }
        let identity = try book.identity()
        try store.readmit(
            Enrol(certificate: identity.certificate, catalogue: 1),
            secret: identity.secret)
        note("\(laptop.name) is enrolled again by its certificate")
    }
}
