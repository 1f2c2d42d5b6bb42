import RecurTensors

/// The value range of each column of a table.
enum TableRange {
  /// One range per column of `[rows, columns]`; empty for a table without rows.
  static func columns(of table: Tensor) -> FeatureRange {
    guard table.count > 0 else { return [] }
    var low = [Double](repeating: .infinity, count: table.shape[1])
    var high = [Double](repeating: -.infinity, count: table.shape[1])
    for part in table.split(elements: TensorBlocks.scannedElements) {
      // A part consists of whole rows, unless a single row is larger than a block.
      guard part.rank == 2 else { return wideColumns(of: table) }
      let values = part.doubles()
      for row in stride(from: 0, to: values.count, by: low.count) {
        for column in low.indices {
          let value = values[row + column]
          low[column] = value < low[column] ? value : low[column]
          high[column] = value > high[column] ? value : high[column]
        }
      }
    }
    return zip(low, high).map { $0...$1 }
  }

  private static func wideColumns(of table: Tensor) -> FeatureRange {
    (0..<table.shape[1]).map { column in
      var (low, high) = (Double.infinity, -Double.infinity)
      for part in table.select(axis: 1, column).split(elements: TensorBlocks.scannedElements) {
        for value in part.doubles() { (low, high) = (min(low, value), max(high, value)) }
      }
      return low...high
    }
  }
}
