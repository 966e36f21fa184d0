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
        /// The length of a column (varint), the column of the values' upper 43 bits, that of their lower 21: stamps of
        /// few nodes.
        case split = 4
        /// How many distinct values (varint), the length of their column (varint), that column, one of indexes into it.
        case dictionary = 5
    }

    /// The lower part of a stamp: its node.
    private static let lowerBits: Int64 = 21
    private static let lowerMax: Int64 = 1 << lowerBits - 1
    /// From this on a column of stamps is worth splitting.
    private static let splitFrom: Int64 = 1 << 32
    /// Fewer values than this repeat too seldom for a dictionary.
    private static let dictionaryFrom = 8

    /// The shortest way; empty for no values.
    package static func encode(_ values: [Int64]) -> [UInt8] {
        let plainly = encodeAlone(values)
        guard values.count > 1 else { return plainly }
        var best = plainly
        func take(_ other: [UInt8]?) {
            if let other, other.count < best.count { best = other }
        }
        take(dictionary(values, atMost: plainly.count))
        if values.contains(where: { $0 >= splitFrom || $0 < -splitFrom }) { take(split(values)) }
        return best
    }

    /// By the methods that need no other column: how many values there are is told by the column itself.
    static func encodeAlone(_ values: [Int64]) -> [UInt8] {
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

    private static func split(_ values: [Int64]) -> [UInt8] {
        let lower = values.map { $0 & lowerMax }
        var lowest = encodeAlone(lower)
        if let shorter = dictionary(lower, atMost: lowest.count) { lowest = shorter }
        let upper = encodeAlone(values.map { $0 >> lowerBits })
        var bytes = [Method.split.rawValue]
        bytes.appendVarint(UInt64(upper.count))
        return bytes + upper + lowest
    }

    /// Nil when it would not be shorter than that.
    private static func dictionary(_ values: [Int64], atMost limit: Int) -> [UInt8]? {
        guard values.count >= dictionaryFrom, limit > values.count else { return nil }
        var places: [Int64: Int64] = [:]
        var distinct: [Int64] = []
        var indexes: [Int64] = []
        indexes.reserveCapacity(values.count)
        for value in values {
            if let place = places[value] {
                indexes.append(place)
                continue
            }
            guard distinct.count * 2 < values.count else { return nil }
            places[value] = Int64(distinct.count)
            indexes.append(Int64(distinct.count))
            distinct.append(value)
        }
        let words = encodeAlone(distinct)
        var bytes = [Method.dictionary.rawValue]
        bytes.appendVarint(UInt64(distinct.count))
        bytes.appendVarint(UInt64(words.count))
        bytes += words + encodeAlone(indexes)
        return bytes.count < limit ? bytes : nil
    }

    /// Exactly `count` values, with no byte left over.
    package static func decode(_ bytes: [UInt8], count: Int) throws(MalformedBytes) -> [Int64] {
        try decode(bytes[...], count: count, of: [.split, .dictionary])
    }

    /// - Parameter nesting: the methods with columns of their own that may stand here.
    private static func decode(
        _ bytes: ArraySlice<UInt8>, count: Int, of nesting: Set<Method>
    ) throws(MalformedBytes) -> [Int64] {
        guard count > 0 else {
            guard bytes.isEmpty else { throw .column("values where none belong") }
            return []
        }
        var reader = ByteReader(bytes)
        guard let method = Method(rawValue: try reader.byte()) else {
            throw .column("unknown method")
        }
        switch method {
        case .split where nesting.contains(.split):
            let upper = try decode(try reader.piece(), count: count, of: [])
            let lower = try decode(
                try reader.take(reader.remaining), count: count, of: [.dictionary])
            guard lower.allSatisfy({ (0...lowerMax).contains($0) }) else {
                throw .column("a lower part out of range")
            }
            return zip(upper, lower).map { $0 << lowerBits | $1 }
        case .dictionary where nesting.contains(.dictionary):
            let distinct = try reader.varint()
            guard distinct >= 1, distinct <= UInt64(count) else { throw .column("dictionary size") }
            let words = try decode(try reader.piece(), count: Int(distinct), of: [])
            var values: [Int64] = []
            values.reserveCapacity(count)
            for index in try decode(try reader.take(reader.remaining), count: count, of: []) {
                guard words.indices.contains(Int(clamping: index)) else { throw .column("index") }
                values.append(words[Int(index)])
            }
            return values
        case .split, .dictionary: throw .column("a column within a column")
        case .plain, .delta, .runs, .deltaRuns: return try alone(&reader, method, count: count)
        }
    }

    private static func alone(
        _ reader: inout ByteReader, _ method: Method, count: Int
    ) throws(MalformedBytes) -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(count)
        if method == .plain || method == .delta {
            guard reader.remaining >= count else { throw .truncated }
            for _ in 0..<count { values.append(try reader.zigzag()) }
        } else {
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
        guard let method = Method(rawValue: try reader.byte()), method != .split,
            method != .dictionary
        else { throw .column("unknown method") }
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

extension ByteReader {
    /// Bytes with their length (a varint) before them.
    mutating func piece() throws(MalformedBytes) -> ArraySlice<UInt8> {
        let length = try varint()
        guard length <= UInt64(remaining) else { throw .truncated }
        return try take(Int(length))
    }
}
