import RecurModel
import RecurTensors

extension NotEqual: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.x.type == .bool ? graph.cast(call.x, to: .int32) : call.x
    // A type of whole numbers has no fraction to be equal to.
    guard x.type.isFloatingPoint else {
      return [
        graph.apply("Not", graph.compare("Equal", graph.cast(x, to: .float64), value))
      ]
    }
    return [graph.differing(call.given[0], from: value, roundedTo: call.node.precision)]
  }
}
