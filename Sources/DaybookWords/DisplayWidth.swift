/// How many columns of a terminal a text takes: East Asian wide characters take two, marks none.
public func displayWidth(_ text: String) -> Int {
    text.reduce(0) { $0 + width(of: $1) }
}

private func width(of character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    // Source: Unicode 15, EastAsianWidth W and F, by blocks.
    switch first.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
        0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
        return 2
    default: return 1
    }
}

/// A table for people: columns aligned by display width, numbers to the right.
public struct TextTable {
    /// A cell wider than this is cut with an ellipsis, so that one long note does not break the page.
    public static let cellWidthMax = 40

    public struct Cell {
        public let text: String
        public let isNumber: Bool

        public init(_ text: String, isNumber: Bool = false) {
            // A line end or a control character in a cell would break the table, or worse, the terminal.
            self.text = String(
                text.map { character in
                    character.unicodeScalars.contains { $0.properties.generalCategory == .control }
                        ? " " : character
                })
            self.isNumber = isNumber
        }
    }

    private let header: [String]
    private var rows: [[Cell]] = []

    public init(header: [String]) { self.header = header }

    public mutating func add(_ row: [Cell]) { rows.append(row) }

    public var lines: [String] {
        let cut = rows.map { $0.map { Cell(shortened($0.text), isNumber: $0.isNumber) } }
        let widths = header.indices.map { column in
            cut.reduce(displayWidth(header[column])) { most, row in
                max(most, column < row.count ? displayWidth(row[column].text) : 0)
            }
        }
        let top = zip(header, widths).map { padded($0, $1, right: false) }
        let rule = widths.map { String(repeating: "─", count: $0) }
        let body = cut.map { row in
            zip(row, widths).map { padded($0.text, $1, right: $0.isNumber) }
        }
        return ([top, rule] + body).map { line in
            var text = line.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    private func shortened(_ text: String) -> String {
        guard displayWidth(text) > Self.cellWidthMax else { return text }
        var kept = ""
        for character in text {
            if displayWidth(kept) + displayWidth(String(character)) >= Self.cellWidthMax { break }
            kept.append(character)
        }
        return kept + "…"
    }

    private func padded(_ text: String, _ width: Int, right: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - displayWidth(text)))
        return right ? space + text : text + space
    }
}
