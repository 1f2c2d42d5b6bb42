import RecurModel
import RecurTensors

extension Sorting: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let axis = call.axis(axis)
    let x = call.x.type == .bool ? graph.cast(call.x, to: .int32) : call.x
    let size = count.map { graph.integers([$0]) } ?? graph.extents(of: x, [axis])
    let both = graph.apply(
      "TopK", [x, size], [.integer("axis", axis), .integer("largest", isDescending ? 1 : 0)],
      types: [x.type, .int64])
    return [both[givesPositions ? 1 : 0]]
  }
}
