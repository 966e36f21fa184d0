import DaybookModel

/// What names persons in a posting, beside what is signed: boxes that only head office opens, and who knows the
/// lock. Source: `Protocol/SPEC.md`, "Personal values".
public struct PersonalPart: Hashable, Sendable {
    public struct Box: Hashable, Sendable {
        /// The first entry's place in the posting, and how many it is of.
        package let entry: Int
        package let entries: Int
        /// The first entry's number under its lock.
        package let counter: UInt64
        package let bytes: [UInt8]
    }

    /// What head office keeps instead once something of it was erased; never sent.
    struct Kept: Hashable, Sendable {
        let entry: Int
        let place: Int
        /// Empty when it was erased: only its hash is left.
        let salt: [UInt8]
        let items: [PersonalValues.Item]
        let leaf: [UInt8]
    }

    public let capsule: [UInt8]
    public let boxes: [Box]
    let kept: [Kept]

    /// The personal part of a posting whose entries were written under one lock.
    ///
    /// - Parameter sealed: for each entry of the posting what was sealed of it, or nil when it names nobody.
    public init(capsule: [UInt8], _ sealed: [SealedEntry?]) {
        self.capsule = capsule
        kept = []
        boxes = sealed.enumerated().compactMap { place, one in
            one.map { Box(entry: place, entries: 1, counter: $0.counter, bytes: $0.box) }
        }
    }

    init(_ wire: WirePersonalPart) throws(MalformedBytes) {
        capsule = [UInt8](wire.lock)
        let count = Int(wire.count)
        guard count <= Limits.postingEntriesMax else {
            throw .tooLarge(what: "boxes", limit: Limits.postingEntriesMax)
        }
        let starts = try integers(wire.entry, count)
        let lengths = try integers(wire.entries, count)
        let counters = try integers(wire.counter, count)
        var budget = DecodeBudget(rowsMax: Limits.postingChangesMax)
        let bytes = try BlobColumn.decode([UInt8](wire.box), count: count, budget: &budget)
        var boxes: [Box] = []
        var next: Int64 = 0
        for index in 0..<count {
            guard starts[index] >= next, starts[index] < Int64(Limits.postingEntriesMax),
                (1...Int64(Limits.postingEntriesMax)).contains(lengths[index]),
                counters[index] >= 0, counters[index] < Int64.max - lengths[index]
            else { throw .value("box") }
            next = starts[index] + lengths[index]
            boxes.append(
                Box(
                    entry: Int(starts[index]), entries: Int(lengths[index]),
                    counter: UInt64(counters[index]), bytes: bytes[index]))
        }
        self.boxes = boxes
        guard capsule.count == (boxes.isEmpty ? 0 : PersonalLock.capsuleBytes) else {
            throw .value("capsule")
        }
        var kept: [Kept] = []
        for one in wire.kept {
            kept.append(
                Kept(
                    entry: Int(one.entry), place: Int(one.place), salt: [UInt8](one.salt),
                    items: one.salt.isEmpty ? [] : try PersonalValues([UInt8](one.content)).items,
                    leaf: [UInt8](one.leaf)))
        }
        self.kept = kept
    }

    private init(capsule: [UInt8], boxes: [Box]) {
        self.capsule = capsule
        self.boxes = boxes
        kept = []
    }

    private init(kept: [Kept]) {
        capsule = []
        boxes = []
        self.kept = kept
    }

    var wire: WirePersonalPart {
        var wire = WirePersonalPart()
        wire.lock = Bytes(capsule)
        wire.count = UInt32(boxes.count)
        wire.entry = column(boxes.map { Int64($0.entry) })
        wire.entries = column(boxes.map { Int64($0.entries) })
        wire.counter = column(boxes.map { Int64($0.counter) })
        wire.box = Bytes(boxes.isEmpty ? [] : BlobColumn.encode(boxes.map(\.bytes)))
        wire.kept = kept.map { one in
            var kept = WireKeptPersonal()
            kept.entry = UInt32(one.entry)
            kept.place = UInt32(one.place)
            kept.salt = Bytes(one.salt)
            if !one.salt.isEmpty { kept.content = Bytes(PersonalValues(one.items).encoded()) }
            kept.leaf = Bytes(one.leaf)
            return kept
        }
        return wire
    }

    /// What was sealed of one entry, for sealing it anew in another posting.
    ///
    /// - Parameter counter: its number under the lock.
    public func sealed(counter: UInt64) -> (counter: UInt64, box: [UInt8])? {
        boxes.first { $0.counter == counter && $0.entries == 1 }.map { ($0.counter, $0.bytes) }
    }

    /// The same with each bit of its first box turned over in turn: what a test tries.
    package func everyBitTurned() -> [PersonalPart] {
        guard let first = boxes.first else { return [] }
        return (0..<first.bytes.count * 8).map { place in
            var bytes = first.bytes
            bytes[place / 8] ^= 1 << UInt8(place % 8)
            return PersonalPart(
                capsule: capsule,
                boxes: [
                    Box(
                        entry: first.entry, entries: first.entries, counter: first.counter,
                        bytes: bytes)
                ] + boxes.dropFirst())
        }
    }

    /// What its boxes hold, and of each change that names somebody the salt and what is said: for vectors.
    package func inspected(
        by key: OfficeKey, _ entries: [Entry]
    ) throws(MalformedBytes) -> (
        key: [UInt8], plain: [[UInt8]],
        said: [(entry: Int, place: Int, salt: [UInt8], values: [(tag: UInt32, text: String)])]
    ) {
        let lock = try key.lock(of: capsule)
        var plain: [[UInt8]] = []
        for box in boxes { plain.append(try lock.open(box.bytes, counter: box.counter)) }
        let said = try opened(by: key, entries).map { one in
            (one.entry, one.place, one.salt, one.items.map { (tag: $0.tag, text: $0.text) })
        }
        return (lock.key, plain, said)
    }

    /// Sealed boxes that are joined to one: what they open to is well under what a box may hold.
    private static let packedBytesAim = 64 * 1_024

    /// The same in as few boxes as can be: together they take less room on the line. What a laptop keeps stays as it
    /// is, so that entries can be posted again apart.
    func packed(
        under lock: PersonalLock, _ entries: [Entry]
    ) throws -> PersonalPart {
        var packed: [Box] = []
        var run: [Box] = []
        var size = 0
        func pack() throws {
            guard let first = run.first, let last = run.last else { return }
            defer { (run, size) = ([], 0) }
            guard run.count > 1 else { return packed.append(first) }
            var items: [PersonalValues.Item] = []
            var offset = 0
            for place in first.entry...last.entry {
                if let box = run.first(where: { $0.entry == place }) {
                    items += try PersonalValues(
                        try lock.open(box.bytes, counter: box.counter)
                    ).items.map { .init(key: $0.key + Int64(offset), tag: $0.tag, text: $0.text) }
                }
                offset += entries[place].changes.count
            }
            packed.append(
                Box(
                    entry: first.entry, entries: last.entry - first.entry + 1,
                    counter: first.counter,
                    bytes: try lock.seal(
                        PersonalValues(items).encoded(), counter: first.counter)))
        }
        for box in boxes {
            let follows = run.last.map { $0.counter + 1 == box.counter } ?? true
            let isFull = size + box.bytes.count > Self.packedBytesAim
            if !follows || isFull || box.entries != 1 || box.entry >= entries.count { try pack() }
            guard box.entries == 1, box.entry < entries.count else {
                packed.append(box)
                continue
            }
            run.append(box)
            size += box.bytes.count
        }
        try pack()
        return PersonalPart(capsule: capsule, boxes: packed)
    }

    // MARK: - Opening

    /// Every change that names somebody, in order, as head office reads it.
    private func opened(by key: OfficeKey, _ entries: [Entry]) throws(MalformedBytes) -> [Kept] {
        guard !boxes.isEmpty else { return kept }
        let lock = try key.lock(of: capsule)
        var opened: [Kept] = []
        // Few bytes may stand for many: all boxes of a posting together are bounded.
        var room = Limits.textBytesMax
        for box in boxes { opened += try self.opened(box, under: lock, entries, &room) }
        return opened
    }

    private func opened(
        _ box: Box, under lock: PersonalLock, _ entries: [Entry], _ room: inout Int
    ) throws(MalformedBytes) -> [Kept] {
        var opened: [Kept] = []
        guard box.entry + box.entries <= entries.count else { throw .personal }
        let plain = try lock.open(box.bytes, counter: box.counter)
        let values = try PersonalValues(plain, room: &room)
        var (entry, first, counter) = (box.entry, 0, box.counter)
        var grouped: [(place: Int, items: [PersonalValues.Item])] = []
        for item in values.items {
            let place = Int(clamping: item.key)
            if grouped.last?.place == place {
                grouped[grouped.count - 1].items.append(item)
            } else {
                grouped.append((place, [item]))
            }
        }
        for (place, items) in grouped {
            while entry < box.entry + box.entries, place >= first + entries[entry].changes.count {
                first += entries[entry].changes.count
                if entries[entry].namesSomebody { counter += 1 }
                entry += 1
            }
            guard entry < box.entry + box.entries else { throw .personal }
            let salt = lock.salt(counter: counter, place: place - first)
            opened.append(
                Kept(
                    entry: entry, place: place - first, salt: salt, items: items,
                    leaf: PersonalHash.leaf(salt: salt, items)))
        }
        return opened
    }

    /// The entries with what names persons in them, and the hash that stands for it all.
    ///
    /// Throws ``MalformedBytes/personal`` when it is not exactly what the entries say that there is.
    func fill(
        _ entries: [Entry], by key: OfficeKey
    ) throws(MalformedBytes) -> (entries: [Entry], hash: [UInt8]) {
        var filled: [Entry] = []
        var rest = try opened(by: key, entries)[...]
        for (index, entry) in entries.enumerated() {
            var changes = entry.changes
            var leaves: [[UInt8]] = []
            for (place, change) in changes.enumerated() where !change.personal.isEmpty {
                guard let one = rest.popFirst(), one.entry == index, one.place == place else {
                    throw .personal
                }
                leaves.append(
                    one.salt.isEmpty ? one.leaf : PersonalHash.leaf(salt: one.salt, one.items))
                // Erased: what is left says that there was something.
                if one.salt.isEmpty { continue }
                let values = Dictionary(uniqueKeysWithValues: one.items.map { ($0.tag, $0.text) })
                guard let whole = change.filled(values) else { throw .personal }
                changes[place] = whole
            }
            filled.append(
                Entry(
                    number: entry.number, person: entry.person, clock: entry.clock,
                    changes: changes, personalHash: PersonalHash.whole(leaves)))
        }
        guard rest.isEmpty else { throw .personal }
        return (filled, PersonalHash.whole(filled.map(\.personalHash).filter { !$0.isEmpty }))
    }

    /// What can be read of it though it is not what was signed: boxes that open to what the entries say that there is.
    /// Of other entries that name somebody a number of their own stands for what is lost.
    ///
    /// - Parameter hash: the posting's personal hash.
    func salvaged(
        _ entries: [Entry], by key: OfficeKey, hash: [UInt8]
    ) -> (entries: [Entry], lost: Set<Int>) {
        var found: [Int: [Int: Kept]] = [:]
        var room = Limits.textBytesMax
        if let lock = try? key.lock(of: capsule) {
            for box in boxes {
                for one in (try? opened(box, under: lock, entries, &room)) ?? [] {
                    found[one.entry, default: [:]][one.place] = one
                }
            }
        }
        return Self.filled(entries, hash: hash) { entry, place in found[entry]?[place] }
    }

    /// - Parameter found: what is known of a change that names somebody.
    static func filled(
        _ entries: [Entry], hash: [UInt8], _ found: (Int, Int) -> Kept?
    ) -> (entries: [Entry], lost: Set<Int>) {
        var lost: Set<Int> = []
        let filled = entries.enumerated().map { index, entry -> Entry in
            guard entry.namesSomebody else { return entry }
            var changes = entry.changes
            var leaves: [[UInt8]] = []
            for (place, change) in changes.enumerated() where !change.personal.isEmpty {
                guard let one = found(index, place), !one.salt.isEmpty,
                    Set(one.items.map(\.tag)).count == one.items.count,
                    let whole = change.filled(
                        Dictionary(uniqueKeysWithValues: one.items.map { ($0.tag, $0.text) }))
                else { continue }
                changes[place] = whole
                leaves.append(one.leaf)
            }
            let isWhole = leaves.count == changes.count(where: \.namesSomebody)
            if !isWhole { lost.insert(index) }
            var placeholder = hash
            placeholder.appendBigEndian(UInt32(index))
            return Entry(
                number: entry.number, person: entry.person, clock: entry.clock,
                changes: isWhole ? changes : entry.changes,
                personalHash: isWhole ? PersonalHash.whole(leaves) : sha256(placeholder))
        }
        return (filled, lost)
    }

    /// The same without what names persons in some changes: their hashes stay, the salts that would let them be
    /// guessed go, and with them the lock.
    ///
    /// - Parameter isGone: whether it goes, by the place of the entry in the posting and of the change in the entry.
    func erasing(
        _ entries: [Entry], by key: OfficeKey, _ isGone: (Int, Int) -> Bool
    ) throws(MalformedBytes) -> PersonalPart {
        PersonalPart(
            kept: try opened(by: key, entries).map { one in
                guard isGone(one.entry, one.place) else { return one }
                return Kept(
                    entry: one.entry, place: one.place, salt: [], items: [], leaf: one.leaf)
            })
    }
}

/// What names persons in one entry, sealed under a lock when it was written.
public struct SealedEntry: Hashable, Sendable {
    public let counter: UInt64
    public let box: [UInt8]
    /// ``DaybookModel/Entry/personalHash``.
    public let hash: [UInt8]
    /// About what its texts take when they are opened.
    public let sizeBytes: Int

    public init(counter: UInt64, box: [UInt8], hash: [UInt8], sizeBytes: Int) {
        self.sizeBytes = sizeBytes
        self.counter = counter
        self.box = box
        self.hash = hash
    }

    /// Nil when the changes name nobody.
    ///
    /// - Parameter changes: with their places in the entry, in order.
    public init?(
        _ changes: [(place: Int, change: Change)], under lock: PersonalLock, counter: UInt64
    ) throws {
        var items: [PersonalValues.Item] = []
        var leaves: [[UInt8]] = []
        for (place, change) in changes {
            let own = change.personal.compactMap { field -> PersonalValues.Item? in
                guard case .personal(let text?) = field.value else { return nil }
                return PersonalValues.Item(key: Int64(place), tag: field.tag, text: text)
            }
            guard !own.isEmpty else { continue }
            items += own
            leaves.append(
                PersonalHash.leaf(salt: lock.salt(counter: counter, place: place), own))
        }
        guard !items.isEmpty else { return nil }
        self.counter = counter
        sizeBytes = items.reduce(0) { $0 + 8 + $1.text.utf8.count }
        hash = PersonalHash.whole(leaves)
        box = try lock.seal(PersonalValues(items).encoded(), counter: counter)
    }

    /// The texts, by the place of their change in the entry and their field's tag.
    public static func open(
        _ box: [UInt8], counter: UInt64, under lock: PersonalLock
    ) throws(MalformedBytes) -> [Int: [UInt32: String]] {
        var texts: [Int: [UInt32: String]] = [:]
        for item in try PersonalValues(try lock.open(box, counter: counter)).items {
            texts[Int(clamping: item.key), default: [:]][item.tag] = item.text
        }
        return texts
    }
}
