import CRecurKernels
import RecurModel
import RecurTensors

extension LSTM: EngineCell {
  func packed(_ packing: inout LayerPacking) -> [PackedCell] {
    let tensors = asCell.tensors.map { $0.tensor }
    return [
      packing.shared(tensors, [recurrentActivation, activation], "lstm") { PackedCell(self, $0) }
    ]
  }
}

extension PackedCell {
  fileprivate convenience init(_ lstm: LSTM, _ form: PanelForm) {
    let lanes = form.lanes
    let bias = lstm.weights.biases(units: lstm.units)
    let peepholes = lstm.peepholes.map { peepholes in
      FloatMemory.padded([peepholes.input, peepholes.forget, peepholes.output], lanes)
    }
    self.init(
      recur_lstm, inputs: lstm.inputSize, units: lstm.units,
      stateSizes: [lstm.outputSize, lstm.units],
      input: .gates(lstm.weights.kernel.all, form),
      recurrent: .gates(lstm.weights.recurrentKernel.all, form),
      bias: .gates(bias.input.indices.map { bias.sum($0) }, lanes), peepholes: peepholes,
      projection: lstm.projection.map { .blocks($0, form) }, lstm.recurrentActivation,
      lstm.activation, form.kernels)
  }
}
