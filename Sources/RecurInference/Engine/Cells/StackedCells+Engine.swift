import RecurModel

extension StackedCells {
  /// The stack's engine form; nil when one of its cells has no kernel.
  var engine: (any EngineCell)? {
    let own = cells.compactMap(\.engine)
    return own.count == cells.count ? EngineStack(cells: own) : nil
  }
}

/// A stack of cells that all have kernels.
private struct EngineStack: EngineCell {
  let cells: [any EngineCell]

  func packed(_ packing: inout LayerPacking) -> [PackedCell] {
    var packed: [PackedCell] = []
    for cell in cells { packed += cell.packed(&packing) }
    return packed
  }
}
