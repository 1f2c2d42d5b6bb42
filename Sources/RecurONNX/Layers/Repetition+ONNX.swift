import RecurModel
import RecurTensors

extension Repetition: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let axis = call.axis(axis)
    if isWhole {
      return [
        graph.concatenated([ONNXValue](repeating: call.x, count: count), axis: axis)
      ]
    }
    // A new axis behind it, of as many equal elements, and both joined.
    let rank = call.rank
    let copies = [ONNXValue](
      repeating: graph.insertingAxes(call.x, [axis + 1]), count: count)
    let wide = graph.concatenated(copies, axis: axis + 1)
    let parts =
      (axis > 0 ? [graph.extents(of: call.x, Array(0..<axis))] : []) + [graph.integers([-1])]
      + (axis + 1 < rank ? [graph.extents(of: call.x, Array(axis + 1..<rank))] : [])
    return [graph.reshaped(wide, to: graph.concatenated(parts, axis: 0))]
  }
}
