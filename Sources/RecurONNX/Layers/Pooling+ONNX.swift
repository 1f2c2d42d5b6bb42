import RecurModel
import RecurTensors

extension Pooling: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    switch region {
    case .windows(let windows):
      let y = try graph.pooled(
        graph.channelsFirst(x, call.rank), windows, operation == .maximum, call)
      return [graph.channelsLast(y, call.rank)]
    case .whole(let axes, let keepsAxes):
      let all = Array(1...axes)
      guard let mask = call.mask, isMeanOfTimesteps else {
        return [
          graph.reduced(
            operation == .maximum ? "ReduceMax" : "ReduceMean", x, axes: all,
            keepsAxes: keepsAxes)
        ]
      }
      let counts = graph.insertingAxes(mask, [2])
      let sum = graph.reduced(
        "ReduceSum", graph.choose(counts, x, graph.number(0, call.type)), axes: all,
        keepsAxes: keepsAxes)
      let count = graph.reduced(
        "ReduceSum", graph.cast(counts, to: call.type), axes: all, keepsAxes: keepsAxes)
      return [graph.divide(sum, count)]
    }
  }
}
