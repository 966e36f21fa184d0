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

    init(capsule: [UInt8], boxes: [Box]) {
        self.capsule = capsule
        self.boxes = boxes
        kept = []
    }

    init(kept: [Kept]) {
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
            let byEntry = Dictionary(uniqueKeysWithValues: run.map { ($0.entry, $0) })
            var items: [PersonalValues.Item] = []
            var offset = 0
            for place in first.entry...last.entry {
                if let box = byEntry[place] {
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
}
