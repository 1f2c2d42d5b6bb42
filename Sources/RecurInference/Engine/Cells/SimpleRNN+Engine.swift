import CRecurKernels
import RecurModel
import RecurTensors

extension SimpleRNN: EngineCell {
  func packed(_ packing: inout LayerPacking) -> [PackedCell] {
    let tensors = asCell.tensors.map { $0.tensor }
    return [packing.shared(tensors, [activation], "rnn") { PackedCell(self, $0) }]
  }
}

extension PackedCell {
  fileprivate convenience init(_ rnn: SimpleRNN, _ form: PanelForm) {
    let bias = rnn.weights.biases(units: rnn.units)
    self.init(
      recur_simple_rnn, inputs: rnn.inputSize, units: rnn.units, stateSizes: [rnn.units],
      input: .blocks(rnn.weights.kernel[.hidden], form),
      recurrent: .blocks(rnn.weights.recurrentKernel[.hidden], form),
      bias: .padded(bias.sum(0), form.lanes), .linear, rnn.activation, form.kernels)
  }
}
