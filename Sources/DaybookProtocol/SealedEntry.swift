import DaybookModel

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
        let salting = lock.salting
        for (place, change) in changes {
            let own = change.personal.compactMap { field -> PersonalValues.Item? in
                guard case .personal(let text?) = field.value else { return nil }
                return PersonalValues.Item(key: Int64(place), tag: field.tag, text: text)
            }
            guard !own.isEmpty else { continue }
            items += own
            leaves.append(
                PersonalHash.leaf(salt: salting.salt(counter: counter, place: place), own))
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
