import RecurModel
import RecurTensors

// Cells one after the other within each timestep compute what layers one after the other do.
extension StackedCells: ONNXCell {
  func form(_ call: ONNXLayerCall) throws(CheckpointError) -> ONNXRecurrentForm? { nil }

  func sequence(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXSequence {
    var (next, states, first) = (own, [ONNXValue](), 0)
    for (index, cell) in cells.enumerated() {
      let count = cell.states.count
      next.part = own.role("\(index)")
      next.initial = own.initial.isEmpty ? [] : Array(own.initial[first..<first + count])
      first += count
      let result = try cell.onnx.sequence(next, &graph)
      next.x = result.outputs
      states += result.states
    }
    return ONNXSequence(outputs: next.x, states: states)
  }
}
