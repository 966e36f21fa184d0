/// A column of byte strings: one byte of method, then the values. Source: `Protocol/SPEC.md`, "Columns".
package enum BlobColumn {
    enum Method: UInt8 {
        /// An integer column of lengths (with its own length before it, a varint), then all bytes.
        case plain = 0
        /// How many distinct ones (varint), those as a plain column (length before it), an integer column of
        /// indexes into them.
        case dictionary = 1
    }

    package static func encode(_ values: [[UInt8]]) -> [UInt8] {
        guard !values.isEmpty else { return [] }
        let plainly = [Method.plain.rawValue] + plain(values)
        var places: [[UInt8]: Int] = [:]
        var distinct: [[UInt8]] = []
        var indexes: [Int64] = []
        for value in values {
            if let place = places[value] {
                indexes.append(Int64(place))
            } else {
                places[value] = distinct.count
                indexes.append(Int64(distinct.count))
                distinct.append(value)
            }
            if distinct.count * 2 > values.count { return plainly }
        }
        var bytes = [Method.dictionary.rawValue]
        bytes.appendVarint(UInt64(distinct.count))
        let words = plain(distinct)
        bytes.appendVarint(UInt64(words.count))
        bytes += words + IntegerColumn.encode(indexes)
        return bytes.count < plainly.count ? bytes : plainly
    }

    package static func decode(
        _ bytes: [UInt8], count: Int, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [[UInt8]] {
        guard count > 0 else {
            guard bytes.isEmpty else { throw .column("values where none belong") }
            return []
        }
        var reader = ByteReader(bytes)
        guard let method = Method(rawValue: try reader.byte()) else {
            throw .column("unknown method")
        }
        switch method {
        case .plain:
            try budget.spendBytes(reader.remaining)
            return try plain(reader.take(reader.remaining), count: count)
        case .dictionary:
            let distinct = try reader.varint()
            guard distinct >= 1, distinct <= UInt64(count) else { throw .column("dictionary size") }
            let wordBytes = try reader.varint()
            guard wordBytes <= UInt64(reader.remaining) else { throw .truncated }
            let words = try plain(reader.take(Int(wordBytes)), count: Int(distinct))
            let rest = try reader.take(reader.remaining)
            var values: [[UInt8]] = []
            for index in try IntegerColumn.decode(Array(rest), count: count) {
                guard words.indices.contains(Int(clamping: index)) else { throw .column("index") }
                values.append(words[Int(index)])
                try budget.spendBytes(words[Int(index)].count)
            }
            return values
        }
    }

    private static func plain(_ values: [[UInt8]]) -> [UInt8] {
        let lengths = IntegerColumn.encode(values.map { Int64($0.count) })
        var bytes: [UInt8] = []
        bytes.appendVarint(UInt64(lengths.count))
        bytes += lengths
        for value in values { bytes += value }
        return bytes
    }

    private static func plain(
        _ bytes: ArraySlice<UInt8>, count: Int
    ) throws(MalformedBytes) -> [[UInt8]] {
        var reader = ByteReader(bytes)
        let lengthBytes = try reader.varint()
        guard lengthBytes <= UInt64(reader.remaining) else { throw .truncated }
        let lengths = try IntegerColumn.decode(Array(reader.take(Int(lengthBytes))), count: count)
        var values: [[UInt8]] = []
        values.reserveCapacity(count)
        for length in lengths {
            guard length >= 0, length <= Int64(reader.remaining) else { throw .truncated }
            values.append(Array(try reader.take(Int(length))))
        }
        guard reader.isAtEnd else { throw .column("bytes left over") }
        return values
    }
}
