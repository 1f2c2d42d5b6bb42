import RecurModel
import RecurTensors

extension MatrixProduct: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let both = call.operands(allOperands, as: call.outputType, &graph)
    return [graph.product(both[0], both[1], isMain: true)]
  }
}
