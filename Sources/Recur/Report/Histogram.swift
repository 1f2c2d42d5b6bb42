import RecurTensors

/// How often numbers occur between the same ends.
struct Histogram {
  private let counts: [Int]
  private let end: Double

  /// Counts numbers from `-end` to `end`; those that are not finite are left out.
  init(_ values: [Double], end: Double, bins: Int = 41) {
    var counts = [Int](repeating: 0, count: bins)
    for value in values where value.isFinite {
      let part = end > 0 ? (value + end) / (2 * end) : 0.5
      counts[min(max(Int(part * Double(bins)), 0), bins - 1)] += 1
    }
    self.counts = counts
    self.end = end
  }

  func svg(_ title: String) -> String {
    let most = Double(max(counts.max() ?? 1, 1))
    let bars = counts.enumerated().compactMap { index, count -> String? in
      guard count > 0 else { return nil }
      let height = max(Double(count) / most * 40, 0.5)
      return "M\(4 * index) \(place(40 - height))h3V40h-3z"
    }
    let width = 4 * counts.count
    return "<svg viewBox=\"0 0 \(width) 54\" role=\"img\" aria-label=\"\(markup(title))\">"
      + "<title>\(markup(title))</title><path class=\"bars\" d=\"\(bars.joined())\"/>"
      + "<path class=\"grid\" d=\"M0 40H\(width)\"/>"
      + "<text x=\"0\" y=\"52\">\(short(-end, digits: 3))</text>"
      + "<text x=\"\(width / 2)\" y=\"52\" text-anchor=\"middle\">0</text>"
      + "<text x=\"\(width)\" y=\"52\" text-anchor=\"end\">\(short(end, digits: 3))</text></svg>"
  }
}
