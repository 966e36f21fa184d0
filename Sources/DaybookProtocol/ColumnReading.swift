import DaybookModel
import FoundationEssentials

/// An integer column as a message carries it.
func column(_ values: [Int64]) -> Bytes { Bytes(IntegerColumn.encode(values)) }

func integers(_ bytes: Bytes, _ count: Int) throws(MalformedBytes) -> [Int64] {
    try IntegerColumn.decode([UInt8](bytes), count: count)
}

func stampColumn(_ bytes: Bytes, _ count: Int) throws(MalformedBytes) -> [Stamp] {
    var stamps: [Stamp] = []
    for number in try integers(bytes, count) { stamps.append(try stamp(number)) }
    return stamps
}

/// Each once, in order.
func risingStamps(_ bytes: Bytes, _ count: Int) throws(MalformedBytes) -> [Stamp] {
    let stamps = try stampColumn(bytes, count)
    guard zip(stamps, stamps.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw .value("ids out of order")
    }
    return stamps
}

/// A collection's number is like a field's.
func checkCollection(_ tag: UInt32) throws(MalformedBytes) {
    guard (1...FieldDefinition.tagMax).contains(tag) else { throw .value("collection") }
}

func stamp(_ number: Int64) throws(MalformedBytes) -> Stamp {
    guard let stamp = Stamp(rawValue: number) else { throw .value("stamp") }
    return stamp
}

func stamp(_ number: UInt64) throws(MalformedBytes) -> Stamp {
    try stamp(Int64(bitPattern: number))
}

/// 0 stands for nobody.
func optionalStamp(_ number: Int64) throws(MalformedBytes) -> Stamp? {
    number == 0 ? nil : try stamp(number)
}
