import RecurModel
import RecurTensors

extension Selection: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    guard let mask = call.mask else {
      return [graph.selected(call.x, axis: axis, index)]
    }
    guard axis == 1 else { throw call.unrepresentable("has a mask of another axis") }
    // The first timestep that counts; from the end for the last one.
    let (x, own) =
      index < 0
      ? (graph.reversed(call.x, axis: 1), graph.reversed(mask, axis: 1)) : (call.x, mask)
    let place = graph.apply(
      "TopK", [graph.cast(own, to: .float32), graph.integers([1])], [.integer("axis", 1)],
      types: [.float32, .int64])[1]
    let ones = [Int](repeating: 1, count: call.rank - 2)
    let wide = graph.reshaped(place, [0, 1] + ones)
    let target = graph.concatenated(
      [graph.extents(of: x, [0]), graph.integers([1])]
        + (call.rank > 2 ? [graph.extents(of: x, Array(2..<call.rank))] : []), axis: 0)
    let found = graph.apply(
      "GatherElements", x, graph.expanded(wide, to: target), attributes: [.integer("axis", 1)])
    return [graph.removingAxes(found, [1])]
  }
}
