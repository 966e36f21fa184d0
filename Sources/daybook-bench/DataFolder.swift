import DaybookFiles
import Foundation

/// Input as CSV files: `signups.csv` and `movements.csv`, `counts.csv`, `products.csv`, each with a header line.
struct DataFolder: Sendable {
    enum Fault: Error, CustomStringConvertible {
        case missing(column: String, path: String)
        case tooFew(rows: Int, path: String)

        var description: String {
            switch self {
            case .missing(let column, let path): "\(path) has no column \(column)."
            case .tooFew(let rows, let path): "\(path) has only \(rows) rows; ask for fewer."
            }
        }
    }

    let path: String

    /// The first rows of a file, by the names of their columns.
    func rows(_ file: String, _ count: Int, _ columns: [String]) throws -> [[String]] {
        let path = path + "/" + file
        var pieces = try TextFile(path: path, encoding: .utf8).pieces()
        var reader = CSVReader()
        var places: [Int] = []
        var rows: [[String]] = []
        func take(_ record: CSVRecord) throws {
            if places.isEmpty {
                places = try columns.map { column in
                    guard let place = record.fields.firstIndex(of: column) else {
                        throw Fault.missing(column: column, path: path)
                    }
                    return place
                }
            } else if rows.count < count {
                rows.append(
                    places.map { record.fields.indices.contains($0) ? record.fields[$0] : "" })
            }
        }
        while rows.count < count, let piece = try pieces.next() { try reader.take(piece, take) }
        if rows.count < count { try reader.finish(take) }
        guard rows.count == count else { throw Fault.tooFew(rows: rows.count, path: path) }
        return rows
    }

    func visitors(_ count: Int, events: Int) throws -> [Input.Visitor] {
        var last: Int64?
        return try rows(
            "signups.csv", count, ["name", "phone", "note", "gift", "registered_at", "event_id"]
        ).map { row in
            let at = Int64(row[4]) ?? 0
            defer { last = at }
            return Input.Visitor(
                name: row[0], phone: row[1], note: row[2].isEmpty ? nil : row[2],
                getsGift: row[3] == "1", after: max(1, at - (last ?? at)),
                event: (Int(row[5]) ?? 0) % events)
        }
    }
}
