import DaybookModel
import FoundationEssentials

/// SwiftProtobuf's type for bytes.
typealias Bytes = Data

/// Field values of many records, turned into columns and back.
enum FieldColumns {
    /// One column for each tag that occurs, by tag.
    static func encode(_ rows: [[FieldValue]]) -> [WireColumn] {
        var columns: [UInt64: [(row: Int, value: Value)]] = [:]
        for (row, fields) in rows.enumerated() {
            for field in fields {
                // A newer catalogue could give a tag another class only by mistake; keeping both loses nothing.
                let key = UInt64(field.tag) << 8 | UInt64(field.value.storageClass.rawValue)
                columns[key, default: []].append((row, field.value))
            }
        }
        return columns.sorted { $0.key < $1.key }.map { key, cells in
            column(
                tag: UInt32(key >> 8), cells: cells, rowCount: rows.count)
        }
    }

    static func column(
        tag: UInt32, cells: [(row: Int, value: Value)], rowCount: Int
    ) -> WireColumn {
        var column = WireColumn()
        column.field = tag
        if cells.count < rowCount {
            var presence = [UInt8](repeating: 0, count: (rowCount + 7) / 8)
            for cell in cells { presence[cell.row / 8] |= 1 << UInt8(cell.row % 8) }
            column.presence = Bytes(presence)
        }
        guard let storage = cells.first?.value.storageClass else { return column }
        column.storage = UInt32(storage.rawValue)
        var integers: [Int64] = []
        var blobs: [[UInt8]] = []
        var currencies: [[UInt8]] = []
        for cell in cells {
            switch cell.value {
            case .integer(let number): integers.append(number)
            case .text(let text): blobs.append(Array(text.utf8))
            case .bytes(let bytes): blobs.append(bytes)
            case .amount(let amount):
                integers.append(amount.minor)
                currencies.append(Array(amount.currency.code.utf8))
            case .personal: break
            }
        }
        // That there is something is all that is said of a person here.
        column.data = Bytes(
            blobs.isEmpty ? IntegerColumn.encode(integers) : BlobColumn.encode(blobs))
        column.currency = Bytes(BlobColumn.encode(currencies))
        return column
    }

    static func decode(
        _ columns: [WireColumn], rowCount: Int, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [[FieldValue]] {
        var rows = [[FieldValue]](repeating: [], count: rowCount)
        for column in columns {
            guard (1...FieldDefinition.tagMax).contains(column.field) else {
                throw .value("field tag")
            }
            for (row, value) in try cells(of: column, rowCount: rowCount, budget: &budget) {
                rows[row].append(FieldValue(column.field, value))
            }
        }
        for row in rows.indices where !rows[row].isStrictlySorted {
            let sorted = rows[row].sorted { $0.tag < $1.tag }
            guard sorted.isStrictlySorted else { throw .value("field twice in one record") }
            rows[row] = sorted
        }
        return rows
    }

    static func cells(
        of column: WireColumn, rowCount: Int, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [(row: Int, value: Value)] {
        try budget.spendCells(rowCount)
        let present = try presentRows(column.presence, rowCount: rowCount)
        guard (column.storage == 0) == present.isEmpty,
            column.storage == UInt32(StorageClass.amount.rawValue) || column.currency.isEmpty
        else { throw .value("storage class") }
        let values: [Value]
        switch StorageClass(rawValue: UInt8(clamping: column.storage)) {
        case .integer:
            values = try IntegerColumn.decode([UInt8](column.data), count: present.count)
                .map { .integer($0) }
        case .text:
            var texts: [Value] = []
            for bytes in try BlobColumn.decode(
                [UInt8](column.data), count: present.count, budget: &budget)
            {
                texts.append(.text(try text(bytes)))
            }
            values = texts
        case .bytes:
            values = try BlobColumn.decode(
                [UInt8](column.data), count: present.count, budget: &budget
            )
            .map { .bytes($0) }
        case .amount: values = try amounts(column, count: present.count, budget: &budget)
        case .personal:
            guard column.data.isEmpty, !present.isEmpty else { throw .value("personal column") }
            values = present.map { _ in .personal(nil) }
        case nil:
            guard column.storage == 0, column.data.isEmpty else {
                throw .value("storage class")
            }
            values = []
        }
        return zip(present, values).map { ($0, $1) }
    }

    private static func amounts(
        _ column: WireColumn, count: Int, budget: inout DecodeBudget
    ) throws(MalformedBytes) -> [Value] {
        let minors = try IntegerColumn.decode([UInt8](column.data), count: count)
        let codes = try BlobColumn.decode([UInt8](column.currency), count: count, budget: &budget)
        var values: [Value] = []
        for (minor, code) in zip(minors, codes) {
            guard let currency = Currency(String(decoding: code, as: UTF8.self)) else {
                throw .value("currency")
            }
            values.append(.amount(Amount(minor: minor, currency: currency)))
        }
        return values
    }

    private static func presentRows(
        _ presence: Bytes, rowCount: Int
    ) throws(MalformedBytes) -> [Int] {
        guard !presence.isEmpty else { return Array(0..<rowCount) }
        let bits = [UInt8](presence)
        guard bits.count == (rowCount + 7) / 8 else { throw .column("presence length") }
        if rowCount % 8 != 0, bits[bits.count - 1] >> UInt8(rowCount % 8) != 0 {
            throw .column("presence past the end")
        }
        return (0..<rowCount).filter { bits[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
    }

    /// Valid UTF-8 without NUL, which SQLite would cut off silently.
    static func text(_ bytes: [UInt8]) throws(MalformedBytes) -> String {
        guard !bytes.contains(0) else { throw .value("NUL in text") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .value("UTF-8") }
        return text
    }
}

extension Array where Element == FieldValue {
    fileprivate var isStrictlySorted: Bool {
        zip(self, dropFirst()).allSatisfy { $0.tag < $1.tag }
    }
}
