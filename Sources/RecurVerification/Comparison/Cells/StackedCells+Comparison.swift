import RecurModel

extension StackedCells: ComparedCell {
  func describe(_ layer: inout ComparedLayer, _ prefix: String) {
    layer.add(fixedOption: prefix + "cells", "\(cells.count)")
    for (index, cell) in cells.enumerated() {
      cell.comparison.describe(&layer, prefix + "cell \(index) ")
    }
  }
}
