import RecurModel

/// One direction of a recurrent layer.
struct PackedRecurrent: Sendable {
  /// The cells of a stack, from the bottom to the top.
  let cells: [PackedCell]
  let returnsSequence: Bool
  let returnsState: Bool
  let direction: Recurrent.Direction
  let maskedOutput: Recurrent.MaskedOutput
  let keptStateWins: Bool

  init(_ layer: Recurrent, _ cell: any EngineCell, _ packing: inout LayerPacking) {
    cells = cell.packed(&packing)
    returnsSequence = layer.returnsSequence
    returnsState = layer.returnsState
    direction = layer.direction
    maskedOutput = layer.maskedOutput
    keptStateWins = layer.keptStateWins
  }

  /// The width of the output.
  var units: Int { cells[cells.count - 1].outputs }
  /// The width of every state.
  var stateSizes: [Int] { cells.flatMap(\.stateSizes) }
}
