import RecurContainers

/// Rows of numbers under headings, each column as wide as its widest cell.
struct BenchmarkTable {
  private var rows: [[String]]

  init(_ headings: [String]) { rows = [headings] }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var lines: [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { cell, width in
        String(repeating: " ", count: width - cell.count) + cell
      }.joined(separator: "  ")
    }
  }
}

/// About four significant digits: measurements are no more precise.
func rounded(_ value: Double) -> JSONValue {
  guard value.isFinite else { return .null }
  let digits = value < 10 ? 1000.0 : value < 1000 ? 100 : 10
  return .number((value * digits).rounded() / digits)
}

/// The same as text.
func text(_ value: Double) -> String { rounded(value).text }
