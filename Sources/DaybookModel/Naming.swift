extension BookView {
    /// The records of a collection that a person means by a text: an id, a natural key, or a telephone number
    /// where the collection is looked up by one. Several when the text does not decide.
    public func records(named text: String, in collection: String) throws -> [Record] {
        guard let definition = catalogue[collection] else { return [] }
        if let id = Stamp(text: text), let record = try record(id, in: collection) {
            return [record]
        }
        if let key = definition.naturalKey {
            let found = try records(in: collection, where: key, is: .text(text))
            if !found.isEmpty { return found }
        }
        for name in definition.indexes {
            guard definition.field(name)?.type == .phone, let phone = PhoneNumber(text) else {
                continue
            }
            let found = try records(in: collection, where: name, is: phone.value)
            if !found.isEmpty { return found }
        }
        return []
    }

    /// What people call a record of whatever collection: its natural key or first text, else its id.
    public func title(of id: Stamp) throws -> String {
        for collection in catalogue.collections {
            if let record = try record(id, in: collection.name) {
                return collection.title(of: record)
            }
        }
        return "\(id)"
    }
}

extension CollectionDefinition {
    /// What people call a record: its natural key or first text, else its id.
    public func title(of record: Record) -> String {
        let key = naturalKey.flatMap { field($0) }
        let named = key ?? fields.first { $0.type.storage == .text }
        return named.flatMap { record.fields.value($0.tag) }.flatMap { String($0) }
            ?? "\(record.id)"
    }
}

extension BookView {
    public func last(_ count: Int, in collection: String) throws -> [Record] {
        var kept: [Record] = []
        try forEach(in: collection) { record in
            kept.append(record)
            if kept.count >= count * 2 { kept.removeFirst(kept.count - count) }
        }
        return kept.suffix(count)
    }
}
