import DaybookModel

/// What names persons, apart from the records that it belongs to: whose it is, which field, the text.
package struct PersonalValues: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        /// The change's place in what the values are of, or the stamp that names the value.
        let key: Int64
        let tag: UInt32
        let text: String
    }

    /// In order of their keys, then tags; each once.
    let items: [Item]

    private enum Method: UInt8 { case plain = 0, zlib = 1 }

    init(_ items: [Item]) { self.items = items }

    /// One byte of method; raw, or its length and a zlib stream. Raw is how many there are, then the differences of
    /// their keys, the tags, the lengths, and the texts, field by field; of digits the number that they are.
    package func encoded() -> [UInt8] {
        var raw: [UInt8] = []
        raw.appendVarint(UInt64(items.count))
        var last: Int64 = 0
        for item in items {
            raw.appendVarint(UInt64(item.key - last))
            last = item.key
        }
        for item in items { raw.appendVarint(UInt64(item.tag)) }
        let texts = items.map { Self.packed($0.text) }
        for text in texts { raw.appendVarint(text.length) }
        for index in Self.byTag(items.map(\.tag)) { raw += texts[index].bytes }
        let deflated = Compression.deflate(raw, dictionary: nil)
        var zipped = [Method.zlib.rawValue]
        zipped.appendVarint(UInt64(raw.count))
        zipped += deflated
        let fits = raw.count <= zipped.count * Limits.inflationRatioMax
        return fits && zipped.count < raw.count + 1 ? zipped : [Method.plain.rawValue] + raw
    }

    package init(_ bytes: [UInt8]) throws(MalformedBytes) {
        var room = Limits.frameRawBytesMax
        try self.init(bytes, room: &room)
    }

    /// - Parameter room: how many bytes it may open to; less by them when it returns.
    init(_ bytes: [UInt8], room: inout Int) throws(MalformedBytes) {
        var outer = ByteReader(bytes)
        let raw: [UInt8]
        switch Method(rawValue: try outer.byte()) {
        case .plain: raw = Array(try outer.take(outer.remaining))
        case .zlib:
            let size = try outer.varint()
            guard size <= UInt64(Limits.frameRawBytesMax) else {
                throw .tooLarge(what: "personal values", limit: Limits.frameRawBytesMax)
            }
            guard size <= UInt64(bytes.count) * UInt64(Limits.inflationRatioMax) else {
                throw .inflatesTooMuch
            }
            guard size <= UInt64(max(room, 0)) else {
                throw .tooLarge(what: "personal values", limit: Limits.textBytesMax)
            }
            raw = try Compression.inflate(
                try outer.take(outer.remaining), size: Int(size), dictionary: nil)
        case nil: throw .column("unknown method")
        }
        room -= raw.count
        guard room >= 0 else {
            throw .tooLarge(what: "personal values", limit: Limits.textBytesMax)
        }
        var reader = ByteReader(raw)
        let count = try reader.varint()
        // Each costs three bytes at least.
        guard count <= UInt64(raw.count / 3) else { throw .truncated }
        var keys: [Int64] = []
        for _ in 0..<count {
            let step = try reader.varint()
            guard
                let key = Int64(exactly: step).map({ $0.addingReportingOverflow(keys.last ?? 0) }),
                !key.overflow
            else { throw .value("personal key") }
            keys.append(key.partialValue)
        }
        var tags: [UInt32] = []
        for _ in 0..<count {
            guard let tag = UInt32(exactly: try reader.varint()), tag <= FieldDefinition.tagMax,
                tag > 0
            else { throw .value("field tag") }
            tags.append(tag)
        }
        var lengths: [UInt64] = []
        for _ in 0..<count { lengths.append(try reader.varint()) }
        var texts = [String](repeating: "", count: tags.count)
        for index in Self.byTag(tags) {
            texts[index] = try Self.unpacked(lengths[index], &reader)
        }
        var items: [Item] = []
        for index in tags.indices {
            let item = Item(key: keys[index], tag: tags[index], text: texts[index])
            if let last = items.last, (last.key, last.tag) >= (item.key, item.tag) {
                throw .value("personal values out of order")
            }
            items.append(item)
        }
        guard reader.isAtEnd else { throw .value("bytes left over") }
        self.items = items
    }

    /// How a text is told, in the two lowest bits of its length.
    private enum Form: UInt64 { case text = 0, digits = 1, plusAndDigits = 2 }

    /// Four times the length in bytes or digits, and the form.
    private static func packed(_ text: String) -> (length: UInt64, bytes: [UInt8]) {
        let utf8 = Array(text.utf8)
        let hasPlus = utf8.first == UInt8(ascii: "+")
        let digits = utf8.dropFirst(hasPlus ? 1 : 0).map { $0 &- 48 }
        guard !digits.isEmpty, digits.allSatisfy({ $0 < 10 }) else {
            return (UInt64(utf8.count) << 2 | Form.text.rawValue, utf8)
        }
        let form = hasPlus ? Form.plusAndDigits : .digits
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: digitsMax) {
            let part = digits.dropFirst(start).prefix(digitsMax)
            let number = part.reduce(0) { $0 * 10 + UInt64($1) }
            let size = bytesOf(digits: part.count)
            bytes += (1...size).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * (size - $0))) }
        }
        return (UInt64(digits.count) << 2 | form.rawValue, bytes)
    }

    /// Digits in one number.
    private static let digitsMax = 18

    /// How many bytes hold every number of so many digits, at most ``digitsMax``.
    private static func bytesOf(digits: Int) -> Int {
        var (largest, bytes) = (UInt64(1), 0)
        for _ in 0..<digits { largest *= 10 }
        largest -= 1
        while largest > 0 {
            largest >>= 8
            bytes += 1
        }
        return bytes
    }

    /// The order of the texts: those of one field together, fields by tag.
    private static func byTag(_ tags: [UInt32]) -> [Int] {
        tags.indices.sorted { (tags[$0], $0) < (tags[$1], $1) }
    }

    private static func unpacked(
        _ length: UInt64, _ reader: inout ByteReader
    ) throws(MalformedBytes) -> String {
        let count = length >> 2
        guard count <= UInt64(Limits.frameRawBytesMax), let form = Form(rawValue: length & 3) else {
            throw .truncated
        }
        guard form != .text else {
            let text = try FieldColumns.text(Array(try reader.take(Int(count))))
            guard packed(text).length == length else { throw .value("digits as text") }
            return text
        }
        guard count > 0 else { throw .value("digits") }
        var text = form == .plusAndDigits ? "+" : ""
        var rest = Int(count)
        while rest > 0 {
            let part = min(rest, digitsMax)
            let number = try reader.take(bytesOf(digits: part)).reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
            let digits = String(number)
            guard digits.count <= part else { throw .value("digits") }
            text += String(repeating: "0", count: part - digits.count) + digits
            rest -= part
        }
        return text
    }
}

/// A hash that stands for what names persons in an entry, in signatures and names, and tells nothing of it.
/// Source: `Protocol/SPEC.md`, "Personal values".
enum PersonalHash {
    static let saltBytes = 16

    /// Of one change.
    static func leaf(salt: [UInt8], _ items: [PersonalValues.Item]) -> [UInt8] {
        var bytes = salt
        for item in items {
            bytes.appendVarint(UInt64(item.tag))
            bytes.appendVarint(UInt64(item.text.utf8.count))
            bytes += Array(item.text.utf8)
        }
        return sha256(bytes)
    }

    /// Of an entry by its changes', of a posting by its entries'.
    static func whole(_ parts: [[UInt8]]) -> [UInt8] {
        parts.isEmpty ? [] : sha256(parts.flatMap { $0 })
    }
}

extension Entry {
    /// Whether something in it names somebody, readable here or not.
    public var namesSomebody: Bool { changes.contains(where: \.namesSomebody) }
}

extension Change {
    /// What names persons in it, as far as it can be read here.
    var personal: [FieldValue] {
        let fields: [FieldValue]
        switch self {
        case .birth(let birth): fields = birth.fields
        case .edit(let edit): fields = edit.value.map { [FieldValue(edit.field, $0)] } ?? []
        case .removal: fields = []
        }
        return fields.filter { $0.value.storageClass == .personal }
    }

    /// Whether something in it names somebody, readable here or not.
    public var namesSomebody: Bool { !personal.isEmpty }

    /// The texts of ``personal``, by their field's tag; nil when there are none.
    public var texts: [UInt32: String]? {
        let texts = personal.compactMap { field -> (UInt32, String)? in
            if case .personal(let text?) = field.value { (field.tag, text) } else { nil }
        }
        return texts.isEmpty ? nil : Dictionary(uniqueKeysWithValues: texts)
    }

    /// With its values of persons as they are given; nil when they are not exactly those that it has.
    func filled(_ values: [UInt32: String]) -> Change? {
        guard Set(personal.map(\.tag)) == Set(values.keys) else { return nil }
        return mapped { .personal(values[$0]) }
    }

    /// As everybody holds it.
    public var told: Change { mapped { _ in .personal(nil) } }

    private func mapped(_ value: (UInt32) -> Value) -> Change {
        switch self {
        case .birth(let birth):
            return .birth(
                Birth(
                    id: birth.id, collection: birth.collection, scope: birth.scope,
                    fields: birth.fields.map { field in
                        field.value.storageClass == .personal
                            ? FieldValue(field.tag, value(field.tag)) : field
                    }))
        case .edit(let edit):
            guard edit.value?.storageClass == .personal else { return self }
            return .edit(
                Edit(
                    stamp: edit.stamp, record: edit.record, collection: edit.collection,
                    field: edit.field, value: value(edit.field), replaces: edit.replaces))
        case .removal: return self
        }
    }
}
