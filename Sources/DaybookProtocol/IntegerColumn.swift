/// A column of integers: one byte of method, then the values. Source: `Protocol/SPEC.md`, "Columns".
package enum IntegerColumn {
    enum Method: UInt8 {
        /// Zigzag varints.
        case plain = 0
        /// The first value, then differences, as zigzag varints.
        case delta = 1
        /// Pairs of a value (zigzag) and how often it follows itself (varint, from 1).
        case runs = 2
        /// As runs, over the differences.
        case deltaRuns = 3
    }

    /// The shortest of the four; empty for no values.
    package static func encode(_ values: [Int64]) -> [UInt8] {
        guard let first = values.first else { return [] }
        var deltas = [first]
        deltas.reserveCapacity(values.count)
        for (before, value) in zip(values, values.dropFirst()) { deltas.append(value &- before) }
        let choices: [[UInt8]] = [
            plain(values, .plain), plain(deltas, .delta), runs(values, .runs),
            runs(deltas, .deltaRuns),
        ]
        return choices.min { $0.count < $1.count } ?? choices[0]
    }

    /// Exactly `count` values, with no byte left over.
    package static func decode(_ bytes: [UInt8], count: Int) throws(MalformedBytes) -> [Int64] {
        guard count > 0 else {
            guard bytes.isEmpty else { throw .column("values where none belong") }
            return []
        }
        var reader = ByteReader(bytes)
        let methodByte = try reader.byte()
        guard let method = Method(rawValue: methodByte) else { throw .column("unknown method") }
        var values: [Int64] = []
        values.reserveCapacity(count)
        switch method {
        case .plain, .delta:
            guard reader.remaining >= count else { throw .truncated }
            for _ in 0..<count { values.append(try reader.zigzag()) }
        case .runs, .deltaRuns:
            while values.count < count {
                let value = try reader.zigzag()
                let length = try reader.varint()
                guard length >= 1, length <= UInt64(count - values.count) else {
                    throw .column("run too long")
                }
                values.append(contentsOf: repeatElement(value, count: Int(length)))
            }
        }
        guard reader.isAtEnd else { throw .column("bytes left over") }
        if method == .delta || method == .deltaRuns {
            for index in values.indices.dropFirst() { values[index] &+= values[index - 1] }
        }
        return values
    }

    /// As many values as the column holds, at most `most`.
    static func decodeAll(_ bytes: [UInt8], most: Int) throws(MalformedBytes) -> [Int64] {
        var reader = ByteReader(bytes)
        guard let method = Method(rawValue: try reader.byte()) else {
            throw .column("unknown method")
        }
        var count: UInt64 = 0
        while !reader.isAtEnd {
            _ = try reader.varint()
            let isRun = method == .runs || method == .deltaRuns
            count += isRun ? min(try reader.varint(), UInt64(most) + 1) : 1
            guard count <= UInt64(most) else { throw .tooLarge(what: "column", limit: most) }
        }
        return try decode(bytes, count: Int(count))
    }

    private static func plain(_ values: [Int64], _ method: Method) -> [UInt8] {
        var bytes = [method.rawValue]
        bytes.reserveCapacity(values.count * 2 + 1)
        for value in values { bytes.appendZigzag(value) }
        return bytes
    }

    private static func runs(_ values: [Int64], _ method: Method) -> [UInt8] {
        var bytes = [method.rawValue]
        var index = 0
        while index < values.count {
            var end = index + 1
            while end < values.count, values[end] == values[index] { end += 1 }
            bytes.appendZigzag(values[index])
            bytes.appendVarint(UInt64(end - index))
            index = end
        }
        return bytes
    }
}

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
