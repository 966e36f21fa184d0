import DaybookModel
import DaybookProtocol
import DaybookSync
import GRDB

/// Records one posting, or says why not.
struct Recording {
    let db: Database
    let applying: Applying
    let incoming: IncomingPosting
    let book: Int64
    let key: OfficeKey
    var posting: Posting { incoming.received.posting }

    init(
        _ db: Database, _ applying: Applying, _ incoming: IncomingPosting, book: Int64,
        key: OfficeKey
    ) {
        self.db = db
        self.applying = applying
        self.incoming = incoming
        self.book = book
        self.key = key
    }

    func record() throws -> PostingAnswer {
        if let known = try known() { return known }
        if let refusal = try refusal() { return .failure(refusal) }
        var entries: [Entry]
        var lost: Set<Int> = []
        do {
            entries = try incoming.received.opened(by: key)
        } catch {
            guard try mayBeNameless() else {
                return .failure(
                    Refusal(.personalWrong, detail: "posting \(posting.number): \(error)"))
            }
            // What happened is not lost with whom it names (law 1): somebody has said so.
            (entries, lost) = incoming.received.salvaged(by: key)
        }
        // What names persons is never kept where all may read it.
        guard entries.allSatisfy({ namesNobodyInClear($0) }) else {
            return .failure(
                Refusal(.personalWrong, detail: "posting \(posting.number) names somebody in clear")
            )
        }
        guard entries.allSatisfy(\.isOfSize) else {
            return .failure(Refusal(.tooLarge, detail: "an entry of posting \(posting.number)"))
        }
        let earlier = try earlierAnswer()
        applying.taken = []
        try noteMissing()
        var verdicts = Verdicts(
            posting: posting.number, firstEntry: posting.entries[0].number, corrections: [],
            uncertainties: [],
            sequence: 0, refused: [], nameTaken: [],
            arrived: earlier?.arrived ?? incoming.arrived)
        let rights = Applying.LaptopRights(
            scopes: Set(incoming.laptop.scopes), people: Set(incoming.laptop.people))
        for (index, entry) in entries.enumerated() {
            if earlier?.nameTaken.contains(entry.number) == true {
                applying.noteTaken(entry)
                verdicts.add(
                    .nameTaken, of: entry,
                    happening: Happening(at: entry.clock.wall, uncertaintyMilliseconds: 0))
                continue
            }
            let happening = happening(of: entry, index, earlier)
            let outcome = try applying.apply(
                entry,
                from: Applying.Source(
                    laptop: incoming.laptop.id, book: book,
                    earlier: earlier.map { $0.said(of: entry) }, posting: posting.number,
                    rights: rights, happening: happening,
                    arrived: earlier?.arrived ?? incoming.arrived))
            verdicts.add(outcome, of: entry, happening: happening)
        }
        applying.advance()
        verdicts.sequence = UInt64(applying.sequence)
        verdicts.receipt = try key.signed(
            Receipt(
                organisation: applying.view.organisation, incarnation: posting.incarnation,
                number: posting.number, hash: incoming.received.hash,
                arrived: verdicts.arrived)
        ).signature
        try keep(verdicts)
        try noteNamed(entries)
        for index in lost {
            for change in entries[index].changes where change.namesSomebody {
                try applying.note(Judgement.Matter(kind: "namesLost", record: change.record))
            }
        }
        return .success(verdicts)
    }

    /// What this head office once said of the posting, when its own proof says so.
    private func earlierAnswer() throws -> Verdicts? {
        guard let answer = incoming.received.answer, answer.proven.holds(key),
            answer.verdicts.corrections.count == posting.entries.count,
            try key.publicKey.holds(
                Receipt(
                    organisation: applying.view.organisation, incarnation: posting.incarnation,
                    number: posting.number, hash: incoming.received.hash,
                    arrived: answer.verdicts.arrived, signature: answer.verdicts.receipt))
        else { return nil }
        return answer.verdicts
    }

    private func happening(of entry: Entry, _ index: Int, _ earlier: Verdicts?) -> Happening {
        guard let earlier else {
            return Happening(
                written: entry.clock, sent: incoming.sent, received: incoming.sentAt)
        }
        return Happening(
            at: entry.clock.wall.adding(milliseconds: earlier.corrections[index]),
            uncertaintyMilliseconds: earlier.uncertainties[index])
    }

    /// A posting that is here already: the same bytes get the same verdicts, others none.
    private func known() throws -> PostingAnswer? {
        let row = try Row.fetchOne(
            db, cached: "SELECT hash, verdicts FROM _posting WHERE book = ? AND number = ?",
            arguments: [book, Int64(clamping: posting.number)])
        guard let row else { return nil }
        guard row.bytes(0) == incoming.received.hash else {
            return .failure(
                Refusal(.postingForked, detail: "posting \(posting.number) has other content"))
        }
        let kept = Frame(kind: .verdicts, raw: row.bytes(1) ?? [])
        guard case .verdicts(let verdicts) = try Message(kept) else {
            return .failure(Refusal(.internalFault, detail: "verdicts are damaged"))
        }
        return .success(verdicts)
    }

    private func refusal() throws -> Refusal? {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT i.last_posting, i.last_posting_hash, i.next_entry, l.revoked, i.ended,
                  l.matter_bytes
                FROM _incarnation i JOIN _laptop l ON l.id = i.laptop WHERE i.id = ?
                """,
            arguments: [book])
        guard let row else { return Refusal(.notEnrolled, detail: "no such laptop") }
        guard incoming.isReleased || !(row[3] as Bool) else {
            return Refusal(.revoked, detail: incoming.laptop.name)
        }
        // Nothing is refused for good: it waits at the laptop until somebody has looked at what is here.
        guard (row[5] as Int64) < OfficeStore.matterBytesMax else {
            return OfficeStore.tooManyMatters
        }
        let next = (row[0] as Int64) + 1
        guard posting.number == UInt64(next) else {
            return Refusal(.postingGap, detail: "posting \(next) comes next")
        }
        // What was sealed after a name taken may mean by it what is called otherwise now.
        guard !(row[4] as Bool) else {
            return Refusal(.postingForked, detail: "the chain ended at posting \(next - 1)")
        }
        guard try isSigned() else {
            return Refusal(.signatureWrong, detail: "posting \(posting.number)")
        }
        guard posting.previousHash == row.bytes(1) ?? [] else {
            return Refusal(.postingForked, detail: "posting \(next - 1) was another")
        }
        // Numbers only rise: what was named anew has another number, and a new incarnation goes on.
        let nextEntry: Int64 = row[2]
        guard posting.entries[0].number >= nextEntry else {
            return Refusal(.postingGap, detail: "entry \(nextEntry) comes next")
        }
        return nil
    }

    private func isSigned() throws -> Bool {
        try OfficeStore.keys(db, of: incoming.laptop.id).reversed().contains {
            $0.holds(incoming.received.signature, ofPosting: incoming.received.hash)
        }
    }

    /// A laptop's book numbers its entries without a gap: what it left out was answered by a head office that has
    /// lost it, and thrown away since a backup held it.
    private func noteMissing() throws {
        let next = try Int64.fetchOne(
            db, cached: "SELECT max(next_entry) FROM _incarnation WHERE laptop = ?",
            arguments: [incoming.laptop.id])
        let (first, expected) = (posting.entries[0].number, max(next ?? 1, 1))
        guard first > expected else { return }
        try db.run(
            cached: "INSERT OR IGNORE INTO _missing (laptop, first, last) VALUES (?, ?, ?)",
            arguments: [incoming.laptop.id, expected, first - 1])
    }

    private func keep(_ verdicts: Verdicts) throws {
        let raw = try Message.verdicts(verdicts).frame().raw
        try db.run(
            cached: """
                INSERT INTO _posting (book, number, hash, frame, verdicts, arrived)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                book, Int64(posting.number), blob(incoming.received.hash),
                blob(try incoming.received.kept()), blob(raw), incoming.arrived.milliseconds,
            ])
        try db.run(
            cached: """
                UPDATE _incarnation SET last_posting = ?, last_posting_hash = ?, next_entry = ?,
                  ended = ? WHERE id = ?
                """,
            arguments: [
                Int64(posting.number), blob(incoming.received.hash),
                posting.entries[0].number + Int64(posting.entries.count),
                !verdicts.nameTaken.isEmpty, book,
            ])
        // No backup before this one holds all that the laptop brought.
        try db.run(
            cached: "UPDATE _laptop SET changed = max(changed, ?), wipeable = NULL WHERE id = ?",
            arguments: [applying.sequence, incoming.laptop.id])
    }
}

extension Verdicts {
    fileprivate mutating func add(
        _ outcome: Applying.Outcome, of entry: Entry, happening: Happening
    ) {
        var happening = happening
        var refused: Judgement.RefusedChange?
        switch outcome {
        case .recorded(let one): refused = one
        case .recognised(let then, let one): (happening, refused) = (then, one)
        case .nameTaken: nameTaken.append(entry.number)
        }
        corrections.append(happening.at.since(entry.clock.wall))
        uncertainties.append(happening.uncertaintyMilliseconds)
        guard let refused else { return }
        self.refused.append(
            RefusedEdit(
                entry: entry.number, stamp: refused.stamp, reason: refused.reason.rawValue,
                detail: refused.detail))
    }

    /// What these said of one of their entries.
    fileprivate func said(of entry: Entry) -> Applying.Earlier {
        let refused = self.refused.first { $0.entry == entry.number }
        return Applying.Earlier(
            sequence: Int64(clamping: sequence),
            refused: refused.map {
                Judgement.RefusedChange(
                    stamp: $0.stamp, reason: RefusalReason(rawValue: $0.reason) ?? .againstRule,
                    detail: $0.detail)
            })
    }
}

extension Entry {
    /// With what names persons in it, as the limits have it.
    fileprivate var isOfSize: Bool {
        changes.reduce(0) { $0 + $1.sizeBytes } <= Entry.sizeBytesMax
            && changes.allSatisfy { change in
                guard case .birth = change else { return true }
                return change.sizeBytes <= Record.sizeBytesMax
            }
    }
}
