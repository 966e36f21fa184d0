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

func blob(_ stamps: [Stamp]) -> DatabaseValue { blob(Canonical.bytes(of: stamps)) }
