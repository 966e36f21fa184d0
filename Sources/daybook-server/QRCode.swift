import CQRencode

/// A text as a QR code for a terminal: two rows of modules in a line of half blocks, black on white whatever the
/// terminal's own colours are.
enum QRCode {
    /// White modules around it, by which readers find it (ISO/IEC 18004).
    private static let quietZone = 4

    /// Nil when the text is too long for one code.
    static func lines(_ text: String) -> [String]? {
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else {
            return nil
        }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        let modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
        func isDark(_ row: Int, _ column: Int) -> Bool {
            guard (0..<width).contains(row), (0..<width).contains(column) else { return false }
            return modules[row * width + column] & 1 == 1
        }
        let edges = -quietZone..<width + quietZone
        return stride(from: edges.lowerBound, to: edges.upperBound, by: 2).map { row in
            let blocks = edges.map { column in
                switch (isDark(row, column), isDark(row + 1, column)) {
                case (true, true): "█"
                case (true, false): "▀"
                case (false, true): "▄"
                case (false, false): " "
                }
            }
            return "\u{1B}[30;107m" + blocks.joined() + "\u{1B}[0m"
        }
    }
}
