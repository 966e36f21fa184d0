import DaybookModel
import DaybookProtocol
import Foundation
import GRDB

// GRDB has types of these names.
typealias Record = DaybookModel.Record
typealias Cursor = DaybookProtocol.Cursor

func blob(_ bytes: [UInt8]) -> DatabaseValue { Data(bytes).databaseValue }

func cell(_ stamp: Stamp?) -> DatabaseValue { stamp?.rawValue.databaseValue ?? .null }

extension Row {
    /// A blob's bytes; none for NULL.
    func bytes(_ index: Int) -> [UInt8]? { (self[index] as Data?).map { [UInt8]($0) } }

    func stamp(_ index: Int) -> Stamp? { (self[index] as Int64?).flatMap { Stamp(rawValue: $0) } }
}

/// Stamps as a book keeps them: big-endian, eight bytes each.
func blob(_ stamps: [Stamp]) -> DatabaseValue {
    blob(
        stamps.flatMap { stamp in
            (0..<8).map { UInt8(truncatingIfNeeded: stamp.rawValue >> (56 - 8 * $0)) }
        })
}

func stamps(_ bytes: [UInt8]) -> [Stamp] {
    stride(from: 0, to: bytes.count - 7, by: 8).compactMap { start in
        Stamp(rawValue: bytes[start..<start + 8].reduce(0) { $0 << 8 | Int64($1) })
    }
}
