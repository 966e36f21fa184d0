import DaybookModel

/// Tables of figures as one text for spreadsheets.
public enum TableText {
    /// Each table with its name in the first column; a cell that a spreadsheet would take for a formula is told apart.
    public static func csv(_ tables: [ReportTable]) -> String {
        tables.map { table in
            let head = line([table.name] + table.columns.map { $0.label.text() })
            return head
                + table.rows.map { row in
                    line([table.name] + row.map { OutputOptions.cell($0).text })
                }.joined()
        }.joined()
    }

    private static func line(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        let isFormula = cell.first.map { "=+-@\t".contains($0) } ?? false
        let isNumber = Int64(cell) != nil
        let text = isFormula && !isNumber ? "'" + cell : cell
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
