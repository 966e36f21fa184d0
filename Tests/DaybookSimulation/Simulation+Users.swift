import CSimulatedDisk
import DaybookModel
import DaybookProtocol
import DaybookStorage

/// What people do: they write, offline as well as online, and look at what they wrote.
extension Simulation {
    func act(on laptop: SimulatedLaptop) throws {
        guard let book = laptop.book else { return }
        let held = try book.status().scopes.filter { !$0.isLost && $0.isShown }.map(\.scope)
        let places = places.filter(held.contains)
        guard let place = chance.pick(places) else { return }
        let other = chance.pick(places) ?? place
        let kind = chance.below(16)
        let word = "\(laptop.name)-\(chance.below(1_000_000))"
        let pickTask = chance.next()
        let isForbidden = chance.happens(50)
        let open = kind == 12 ? try book.matters(MatterFilter(), of: nil).matters : []
        try write(on: laptop, book, "\(kind) \(word)") { writer in
            var births: [Stamp] = []
            switch kind {
            case 0, 1:
                births.append(
                    try writer.birth(
                        Draft(
                            collection: "task",
                            fields: [
                                FieldValue(1, place.value), FieldValue(2, .text(word)),
                                FieldValue(6, .text("\(Trade.named) \(word)")),
                            ])))
            case 2: births.append(try tally(writer, place, 3, task: nil))
            case 3:
                let tally = try tally(writer, place, -1, task: nil)
                let gift = try writer.birth(
                    Draft(
                        collection: "gift",
                        fields: [FieldValue(1, other.value), FieldValue(2, tally.value)]))
                births = [tally, gift]
            case 4, 5, 6:
                guard let task = try task(writer, pickTask) else { return births }
                try name(word, pickTask, in: task, writer, settling: kind == 6)
                try writer.edit(
                    task.id, in: "task", field: "note",
                    to: .text(isForbidden ? Trade.forbidden : word), settling: kind == 6)
            case 7:
                guard let task = try task(writer, pickTask) else { return births }
                try writer.edit(
                    task.id, in: "task", field: "title", to: .text(word), settling: false)
                births.append(try tally(writer, task.scope, 2, task: task.id))
            case 8:
                guard let task = try task(writer, pickTask) else { return births }
                births += try remove(task, writer, word, andAnother: isForbidden)
            case 9:
                guard let task = try task(writer, pickTask) else { return births }
                births.append(try decide(on: task, writer, word))
            case 10, 11, 13, 14:
                births += try issue(writer, at: place, beyond: pickTask % 4 == 0)
            case 12: births += try settle(writer, open, pickTask)
            default:
                if writer.catalogue["visit"] != nil {
                    births.append(
                        try writer.birth(
                            Draft(collection: "visit", fields: [FieldValue(1, place.value)])))
                } else {
                    try writer.edit(
                        place, in: "place", field: "note", to: .text(word), settling: false)
                }
            }
            return births
        }
    }

    private func remove(
        _ task: Record, _ writer: any EntryWriter, _ word: String, andAnother: Bool
    ) throws -> [Stamp] {
        try writer.remove(task.id, in: "task")
        guard andAnother else { return [] }
        return [
            try writer.birth(
                Draft(
                    collection: "task",
                    fields: [FieldValue(1, task.scope.value), FieldValue(2, .text(word))]))
        ]
    }

    /// Now and then somebody is named, or no longer.
    private func name(
        _ word: String, _ draw: UInt64, in task: Record, _ writer: any EntryWriter, settling: Bool
    ) throws {
        guard draw % 3 == 0 else { return }
        try writer.edit(
            task.id, in: "task", field: "contact",
            to: draw % 5 == 0 ? nil : .text("\(Trade.named) \(word)"), settling: settling)
    }

    /// A decision is recorded; that it moves the stage is not for the laptop to say.
    private func decide(
        on task: Record, _ writer: any EntryWriter, _ word: String
    ) throws -> Stamp {
        do {
            try writer.edit(task.id, in: "task", field: "stage", to: .text("done"), settling: false)
            throw Broken("a laptop moved a stage")
        } catch ChangeFault.refused(.stageMovesByDecision) {
            return try writer.birth(
                Draft(
                    collection: "decision",
                    fields: [
                        FieldValue(1, task.scope.value), FieldValue(2, task.id.value),
                        FieldValue(3, .text(word)),
                    ]))
        }
    }

    private func tally(
        _ writer: any EntryWriter, _ place: Stamp, _ quantity: Int64, task: Stamp?
    ) throws -> Stamp {
        var fields = [FieldValue(1, place.value), FieldValue(2, .integer(quantity))]
        if quantity == 3 { fields.append(FieldValue(4, .text("\(Trade.named) 13800138000"))) }
        if let task { fields.append(FieldValue(3, task.value)) }
        return try writer.birth(Draft(collection: "tally", fields: fields))
    }

    private func task(_ view: any BookView, _ draw: UInt64) throws -> Record? {
        var tasks: [Record] = []
        try view.forEach(in: "task") { tasks.append($0) }
        return tasks.isEmpty ? nil : tasks[Int(draw % UInt64(tasks.count))]
    }

    /// One entry, and what its user may expect of it from then on: nothing, if an error was told.
    private func write(
        on laptop: SimulatedLaptop, _ book: LaptopStore, _ words: String,
        _ body: (any EntryWriter) throws -> [Stamp]
    ) throws {
        let reading = laptop.clock.reading()
        var births: [Stamp] = []
        do {
            births = try book.write(
                person: laptop.person, clock: reading, keys: laptop.keys
            ) { writer in
                let births = try body(writer)
                drawnTwice.formUnion(everWritten.intersection(births))
                everWritten.formUnion(births)
                return births
            }
        } catch is ChangeFault {
            return note("\(laptop.name) cannot \(words)")
        } catch let fault as BookFault {
            // The disk failed under it. Nothing was promised; what is there after all is as good as any.
            note("\(laptop.name) was told of \(Self.kind(of: fault)) at \(words)")
            if laptop.disk.isDead { try crash(laptop) }
            return
        } catch is StampsExhausted {
            return note("\(laptop.name) has no stamps left at \(words)")
        }
        guard try book.hasUnanswered() else { return }
        let last = try book.lastEntryStamps()
        guard laptop.written.last.map({ Set($0.stamps) }) != Set(last) else { return }
        let edits = last.filter { !births.contains($0) }
        drawnTwice.formUnion(everWritten.union(editsDrawn).intersection(edits))
        drawnTwice.formUnion(editsDrawn.intersection(births))
        editsDrawn.formUnion(edits)
        note("\(laptop.name) wrote \(words) as \(last)")
        for birth in births {
            guard try isShown(birth, on: book) else {
                throw Broken("\(laptop.name) does not see its own \(birth)")
            }
        }
        if births.count == 2, words.hasPrefix("3") { pairs.append((births[1], births[0])) }
        laptop.written.append(Written(births: births, edits: edits, words: words))
    }

    static func kind(of fault: BookFault) -> String {
        switch fault {
        case .diskFull: "a full disk"
        case .io: "a failing disk"
        case .busy: "a busy book"
        default: "\(fault)"
        }
    }

    func isShown(_ id: Stamp, on book: LaptopStore) throws -> Bool {
        try book.read { view in
            try view.catalogue.collections.contains {
                try view.record(id, in: $0.name) != nil
            }
        }
    }

    // MARK: - Head office's people

    func actAtOffice() throws {
        guard let store = office.store else { return }
        let word = "office-\(chance.below(1_000_000))"
        let draw = chance.next()
        let place = chance.pick(places)
        let kind = chance.below(6)
        let field = kind == 4 ? "stage" : "note"
        do {
            try writeAtOffice(word, field: kind == 4 ? 5 : 3) { writer in
                if kind == 5, let place, !laptops.isEmpty {
                    let laptop = laptops[Int(draw % UInt64(laptops.count))]
                    let share = TradeMatters.share(
                        Int64(draw % 3) + 1, for: laptop.name, at: place)
                    return ([try writer.birth(share)], nil)
                }
                guard kind > 0, let task = try task(writer, draw) else {
                    guard let place else { return ([], nil) }
                    let born = try writer.birth(
                        Draft(
                            collection: "task",
                            fields: [FieldValue(1, place.value), FieldValue(2, .text(word))]))
                    return ([born], nil)
                }
                if kind == 3 {
                    try writer.remove(task.id, in: "task")
                    return ([], task)
                }
                try writer.edit(
                    task.id, in: "task", field: field,
                    to: .text(kind == 4 ? (draw % 2 == 0 ? "done" : "open") : word),
                    settling: kind == 2)
                return ([], task)
            }
        } catch is BookFault {
            note("head office was told that its disk fails")
            if office.disk.isDead { try crashOffice() }
        } catch is ChangeFault {
            note("head office cannot \(word)")
        }
        _ = store
    }

    /// Writes as head office and tells the model, from what the book says that it wrote.
    func writeAtOffice(
        _ words: String, field: UInt32 = 3, _ body: (any EntryWriter) throws -> ([Stamp], Record?)
    ) throws {
        guard let store = office.store else { return }
        var own = OfficeOwn(clock: office.clock.reading(), field: field, words: words)
        do {
            try store.write(person: nil, clock: own.clock) { writer in
                (own.births, own.edited) = try body(writer)
            }
        } catch let fault as BookFault {
            // Nobody was promised anything, and yet it may have reached the disk: it shows at the next start.
            doubtful.append(own)
            throw fault
        }
        guard own.isSomething else { return }
        try learn(own, store)
    }

    /// The model learns what head office wrote itself.
    private func learn(_ own: OfficeOwn, _ store: OfficeStore) throws {
        let entry = try store.lastOwnEntry(own)
        try model.add(
            Model.Judged(
                entry: entry, at: own.clock.wall, uncertaintyMilliseconds: 0,
                arrived: own.clock.wall, isRefused: false),
            mayChange: false)
        officeWritten.append(
            Written(
                births: own.births,
                edits: entry.changes.map(\.stamp).filter {
                    !own.births.contains($0) && $0 != OfficeOwn.removal
                }, words: own.words))
        note("head office wrote \(own.words) as \(entry.changes.map(\.stamp))")
    }

    /// After a start: what its disk was told to keep, said that it could not, and has after all.
    func learnDoubtful() throws {
        guard let store = office.store else { return }
        for own in doubtful where own.isSomething {
            guard try store.wrote(at: own.clock.wall) else { continue }
            doubtful.removeAll { $0.clock == own.clock }
            try learn(own, store)
        }
    }
}

/// One writing of head office's own people.
struct OfficeOwn {
    /// In place of the stamp of a removal, of which head office shows only the effect.
    static let removal = Stamp(milliseconds: 1, node: 1)

    let clock: ClockReading
    let field: UInt32
    let words: String
    var births: [Stamp] = []
    /// As it was before.
    var edited: Record?
    var isSomething: Bool { !births.isEmpty || edited != nil }
}

extension OfficeStore {
    /// The entry that head office wrote last, put together from what the book shows of it.
    fileprivate func lastOwnEntry(_ own: OfficeOwn) throws -> Entry {
        let field = own.field
        var changes: [Change] = []
        try read { view in
            for id in own.births {
                for collection in view.catalogue.collections {
                    guard let record = try view.record(id, in: collection.name) else { continue }
                    changes.append(
                        .birth(
                            Birth(
                                id: id, collection: record.collection, scope: record.scope,
                                fields: record.fields)))
                }
            }
            guard let edited = own.edited else { return }
            guard let after = try view.record(edited.id, in: "task") else {
                changes.append(
                    .removal(
                        Removal(
                            stamp: OfficeOwn.removal, record: edited.id,
                            collection: edited.collection, seen: edited.allHeads)))
                return
            }
            let old = Set(edited.allHeads(of: field))
            let now = after.allHeads(of: field)
            guard let stamp = now.first(where: { !old.contains($0) }) else { return }
            let value =
                after.shownHead(of: field) == stamp
                ? after.fields.value(field)
                : after.heads.first { $0.tag == field }?.others.first { $0.stamp == stamp }?.value
            changes.append(
                .edit(
                    Edit(
                        stamp: stamp, record: edited.id, collection: edited.collection,
                        field: field,
                        value: value, replaces: Array(old.subtracting(now)))))
        }
        return Entry(number: 1, person: nil, clock: own.clock, changes: changes)
    }
}
