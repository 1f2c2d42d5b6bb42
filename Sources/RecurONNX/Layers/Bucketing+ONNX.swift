import RecurModel
import RecurTensors

extension Bucketing: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let bounds = graph.numbers(boundaries, .float64, shape: [boundaries.count])
    let x = graph.insertingAxes(
      graph.cast(graph.cast(call.x, to: call.type), to: .float64), [call.rank])
    let passed = graph.apply("Not", graph.compare("Less", x, bounds))
    return [
      graph.reduced(
        "ReduceSum", graph.cast(passed, to: .int64), axes: [call.rank], keepsAxes: false)
    ]
  }
}
