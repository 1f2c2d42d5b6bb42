import RecurModel
import RecurTensors

extension CategoryEncoding: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let shape = call.shapes[0]
    // One category per vector, or the last axis of them.
    let joins = shape.count > 1 && (mode != .oneHot || shape.last == .fixed(1))
    let x = graph.cast(graph.cast(call.x, to: .int64), to: .float64)
    let column = graph.insertingAxes(x, [shape.count])
    let positions = graph.positions(categories, axis: shape.count, rank: shape.count + 1)
    let hits = graph.cast(graph.compare("Equal", column, positions), to: call.type)
    guard joins else { return [hits] }
    return [
      graph.reduced(
        mode == .count ? "ReduceSum" : "ReduceMax", hits, axes: [shape.count - 1],
        keepsAxes: false)
    ]
  }
}
