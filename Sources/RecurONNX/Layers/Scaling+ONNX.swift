import RecurModel
import RecurTensors

extension Scaling: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    func constant(_ values: [Double]) -> ONNXValue {
      graph.numbers(values, call.type, shape: values.count == 1 ? [] : [values.count])
    }
    return [graph.add(graph.multiply(x, constant(scale)), constant(offset))]
  }
}
