import DaybookModel

/// What names persons in a page of a feed, beside it: by the stamp of the head whose value it is, and the field.
extension FeedPage {
    /// With what names persons in what happened since then, for the laptop of these keys.
    public func sealing(
        for keys: PersonalKeys, since: Moment, of collections: Set<UInt32>
    ) throws -> FeedPage {
        let told = records.filter { $0.at >= since && collections.contains($0.collection) }
        let items = told.flatMap(\.personal)
            .sorted { ($0.key, $0.tag) < ($1.key, $1.tag) }
        guard !items.isEmpty else { return self }
        var page = self
        page.personal = try keys.seal(
            PersonalValues(items).encoded(), scope: scope, through: through)
        return page
    }

    /// The texts, by the stamp of the head and the field's tag. Throws ``MalformedBytes/personal``.
    public static func open(
        _ box: [UInt8], scope: Stamp, through: UInt64, by keys: PersonalKeys
    ) throws(MalformedBytes) -> [Stamp: [UInt32: String]] {
        var texts: [Stamp: [UInt32: String]] = [:]
        let values = try PersonalValues(try keys.open(box, scope: scope, through: through))
        for item in values.items {
            texts[try stamp(item.key), default: [:]][item.tag] = item.text
        }
        return texts
    }

    /// The page as it was before it was sealed for the laptop of these keys, as far as that was told.
    public func opened(by keys: PersonalKeys) throws(MalformedBytes) -> FeedPage {
        guard !personal.isEmpty else { return self }
        let texts = try Self.open(personal, scope: scope, through: through, by: keys)
        return FeedPage(
            scope: scope, run: run, after: after, through: through,
            served: served.map {
                Served($0.record.opened { texts[$0]?[$1] }, sequence: $0.sequence)
            }, removed: removed)
    }

    /// A kept feed frame without what was served beside it; head office's proof of the rest holds.
    public static func withoutPersonal(_ raw: [UInt8]) throws(MalformedBytes) -> [UInt8] {
        var wire: WireProven = try message(raw)
        wire.personal = Bytes()
        do { return try wire.serializedBytes() } catch { throw .notAMessage("feed") }
    }

    /// The heads in it whose values name persons.
    public var personalHeads: [(record: Stamp, head: Stamp)] {
        records.flatMap { record in record.personalHeads.map { (record: record.id, head: $0) } }
    }
}

extension Record {
    /// The shown heads whose values name persons; each once.
    public var personalHeads: [Stamp] {
        let sealed = fields.filter { $0.value.storageClass == .personal }
        return Set(sealed.map { shownHead(of: $0.tag) }).sorted()
    }

    fileprivate var personal: [PersonalValues.Item] {
        fields.compactMap { field in
            guard case .personal(let text?) = field.value else { return nil }
            return PersonalValues.Item(
                key: shownHead(of: field.tag).rawValue, tag: field.tag, text: text)
        }
    }

    /// With the shown values that name persons as far as they are known, by their head and field.
    public func opened(
        _ text: (Stamp, UInt32) throws -> String?
    ) rethrows -> Record {
        guard fields.contains(where: \.value.isSealed) else { return self }
        var record = self
        record.fields = try fields.map { field in
            guard field.value.isSealed, let text = try text(shownHead(of: field.tag), field.tag)
            else { return field }
            return FieldValue(field.tag, .personal(text))
        }
        return record
    }
}
