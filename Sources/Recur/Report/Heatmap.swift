import RecurTensors

/// Numbers over two axes as colours; of many numbers, those of a field are put together.
struct Heatmap {
  /// How the numbers of one field are put together.
  enum Pooling { case mean, maximum }

  /// The numbers, row by row; every row has as many.
  private let rows: [[Double]]
  private let axes: (rows: String, columns: String)
  private let range: ClosedRange<Double>
  private let whole: (rows: Int, columns: Int)

  /// - Parameters:
  ///   - values: the numbers, row by row.
  ///   - axes: what rows and columns are.
  ///   - range: the numbers of the lowest and the highest colour.
  ///   - pooling: how the numbers of one field are put together.
  ///   - size: at most as many rows and columns are drawn.
  init(
    _ values: [[Double]], axes: (rows: String, columns: String), range: ClosedRange<Double>,
    pooling: Pooling, size: (rows: Int, columns: Int) = (24, 48)
  ) {
    whole = (values.count, values.first?.count ?? 0)
    self.axes = axes
    self.range = range
    func parts(_ count: Int, _ limit: Int) -> [Range<Int>] {
      let parts = min(count, limit)
      return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
    }
    let columns = parts(whole.columns, size.columns)
    rows = parts(whole.rows, size.rows).map { band in
      columns.map { part in
        let field = band.flatMap { values[$0][part] }
        switch pooling {
        case .mean: return field.reduce(0, +) / Double(max(field.count, 1))
        case .maximum: return field.max() ?? 0
        }
      }
    }
  }

  /// The picture: one path per colour.
  func svg(_ title: String) -> String {
    let (columns, count) = (rows.first?.count ?? 0, rows.count)
    var paths: [Int: String] = [:]
    for (y, row) in rows.enumerated() {
      var x = 0
      while x < row.count {
        let color = color(row[x])
        var end = x + 1
        while end < row.count, self.color(row[end]) == color { end += 1 }
        paths[color, default: ""] += "M\(x) \(y)h\(end - x)v1h-\(end - x)z"
        x = end
      }
    }
    let drawn = paths.keys.sorted().map { "<path class=\"v\($0)\" d=\"\(paths[$0] ?? "")\"/>" }
    return "<svg viewBox=\"0 0 \(max(columns, 1)) \(max(count, 1))\" preserveAspectRatio=\"none\" "
      + "style=\"height:\(min(max(count * 5, 40), 120))px\" role=\"img\" aria-label=\"\(markup(title))\">"
      + "<title>\(markup(title))</title>" + drawn.joined() + "</svg>"
  }

  /// What is on the axes, and which colour means what.
  var legend: String {
    "\(axes.rows) from top to bottom (\(whole.rows)), \(axes.columns) from left to right "
      + "(\(whole.columns)); dark is \(short(range.lowerBound, digits: 3)), bright is "
      + short(range.upperBound, digits: 3)
  }

  private func color(_ value: Double) -> Int {
    guard value.isFinite else { return 15 }
    let width = range.upperBound - range.lowerBound
    let part = width > 0 ? (value - range.lowerBound) / width : 0
    return Int(min(max(part, 0), 1) * 15)
  }

  /// The mean of each row.
  var numbers: HTMLTable {
    var table = HTMLTable([axes.rows, "mean", "least", "most"], numeric: [0, 1, 2, 3])
    for (index, row) in rows.enumerated() {
      table.add([
        "\(index * whole.rows / max(rows.count, 1))",
        short(row.reduce(0, +) / Double(max(row.count, 1)), digits: 4),
        short(row.min() ?? 0, digits: 4), short(row.max() ?? 0, digits: 4),
      ])
    }
    return table
  }
}
