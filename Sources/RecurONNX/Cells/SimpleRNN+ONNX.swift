import RecurModel
import RecurTensors

extension SimpleRNN: ONNXUnrolledCell {
  func form(_ call: ONNXLayerCall) throws(CheckpointError) -> ONNXRecurrentForm? {
    try ONNXRecurrentForm(
      "RNN", units: units, weights: weights, layout: ONNXLayouts.rnn, activations: [activation],
      call)
  }

  func products(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXValue {
    graph.linear(
      own.x, weights.kernel[.hidden], try weights.packedBiases(ONNXLayouts.rnn), "kernel", own)
  }

  func step(
    _ products: ONNXValue, _ states: [ONNXValue?], _ own: ONNXSequenceCall,
    _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    var sum = products
    if let h = states.first ?? nil {
      sum = graph.add(
        sum, graph.linear(h, weights.recurrentKernel[.hidden], [], "recurrent_kernel", own))
    }
    return [try graph.activated(sum, activation, own.call)]
  }
}
