import RecurModel

extension StackedCells {
  /// The stack as the engine runs it; nil when a cell of it has no kernel.
  var engine: (any EngineCell)? {
    let own = cells.compactMap(\.engine)
    return own.count == cells.count ? EngineStack(cells: own) : nil
  }
}

/// Cells one on top of the other, all of which have kernels.
private struct EngineStack: EngineCell {
  let cells: [any EngineCell]

  func packed(_ packing: inout LayerPacking) -> [PackedCell] {
    var packed: [PackedCell] = []
    for cell in cells { packed += cell.packed(&packing) }
    return packed
  }
}
