import RecurModel
import RecurTensors

// A gated recurrent unit whose two gates have the same weights.
extension MinimalGatedUnit: ONNXUnrolledCell {
  func form(_ call: ONNXLayerCall) throws(CheckpointError) -> ONNXRecurrentForm? {
    try asGRU.form(call)
  }

  func products(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXValue { try asGRU.products(own, &graph) }

  func step(
    _ products: ONNXValue, _ states: [ONNXValue?], _ own: ONNXSequenceCall,
    _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] { try asGRU.step(products, states, own, &graph) }
}
