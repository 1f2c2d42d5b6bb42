import RecurModel
import RecurTensors

extension SimpleRNN: CoreMLCell {
  func operation(_ call: CoreMLLayerCall) throws(CheckpointError) -> CoreMLRecurrentForm? {
    guard [.tanh, .relu].contains(activation),
      let name = CoreMLRecurrentForm.name(of: activation)
    else { return nil }
    return try CoreMLRecurrentForm(
      "rnn", units: units, weights: weights, layout: CoreMLLayouts.rnn,
      functions: [("activation", name)])
  }

  func step(
    _ x: MILWritten, _ states: [MILWritten], _ own: CoreMLSequenceCall,
    _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let (inputs, recurrent) = try weights.biases(CoreMLLayouts.rnn)
    let sum = graph.add(
      graph.gates(x, weights.kernel[.hidden], inputs, "weight_ih", own),
      graph.gates(states[0], weights.recurrentKernel[.hidden], recurrent, "weight_hh", own))
    return [try graph.activated(sum, activation, own.call)]
  }
}
