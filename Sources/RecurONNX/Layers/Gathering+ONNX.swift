import RecurModel
import RecurTensors

extension Gathering: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let attribute = ONNXAttributeForm.integer("axis", call.axis(axis))
    switch positions {
    case .constant(let value):
      let places = graph.numbers(value.elements, .int64, shape: value.shape)
      return [graph.apply("Gather", call.x, places, attributes: [attribute])]
    case .input:
      let places = graph.cast(call.inputs[1], to: .int64)
      return [graph.apply("GatherElements", call.x, places, attributes: [attribute])]
    }
  }
}
