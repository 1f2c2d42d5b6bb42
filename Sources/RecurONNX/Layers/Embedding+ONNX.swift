import RecurModel
import RecurTensors

extension Embedding: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    // A type of whole numbers cuts fractions off.
    let tokens =
      [.int32, .int64].contains(call.x.type) ? call.x : graph.cast(call.x, to: .int64)
    let rows = graph.apply("Gather", graph.weight(table, "table"), tokens, isMain: true)
    return [rows] + (masksZero ? [graph.cast(call.x, to: .bool)] : [])
  }
}
