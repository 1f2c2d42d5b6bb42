import RecurModel
import RecurTensors

extension Where: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    var own = call
    own.inputs.removeFirst()
    let values = own.operands([onTrue, onFalse], as: call.outputType, &graph)
    return [graph.choose(graph.cast(call.x, to: .bool), values[0], values[1])]
  }
}
