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
  fileprivate convenience init(_ rnn: SimpleRNN, _ kernels: Kernels) {
    let bias = rnn.weights.biases(units: rnn.units)
    self.init(
      recur_simple_rnn, inputs: rnn.inputSize, units: rnn.units, stateSizes: [rnn.units],
      input: .blocks(rnn.weights.kernel[.hidden], kernels.lanes),
      recurrent: .blocks(rnn.weights.recurrentKernel[.hidden], kernels.lanes),
      bias: .padded(bias.sum(0), kernels.lanes), .linear, rnn.activation, kernels)
  }
}
