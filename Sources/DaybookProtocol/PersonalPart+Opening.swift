import DaybookModel

/// What head office reads in a personal part.
extension PersonalPart {
    /// Every change that names somebody, in order, as head office reads it.
    func opened(by key: OfficeKey, _ entries: [Entry]) throws(MalformedBytes) -> [Kept] {
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
        let salting = lock.salting
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
            let salt = salting.salt(counter: counter, place: place - first)
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
