import RecurModel
import RecurTensors

extension BatchNormalization: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    let width = movingMean.count
    func parameter(_ tensor: Tensor?, _ role: String, _ neutral: Double) -> ONNXValue {
      tensor.map { graph.weight($0, role, as: call.type) }
        ?? graph.numbers(
          [Double](repeating: neutral, count: width), call.type, shape: [width], role)
    }
    let inputs = [
      graph.channelsFirst(x, call.rank), parameter(gamma, "gamma", 1), parameter(beta, "beta", 0),
      parameter(movingMean, "mean", 0), parameter(movingVariance, "variance", 1),
    ]
    let y = graph.apply(
      "BatchNormalization", inputs, [.float("epsilon", epsilon)], types: [call.type],
      isMain: true)[0]
    return [graph.channelsLast(y, call.rank)]
  }
}
