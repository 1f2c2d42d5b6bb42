import CRecurKernels
import RecurModel
import RecurTensors

extension GRU: EngineCell {
  func packed(_ packing: inout LayerPacking) -> [PackedCell] {
    let tensors = asCell.tensors.map { $0.tensor }
    return [
      packing.shared(tensors, [recurrentActivation, activation], resetPlacement.rawValue) {
        PackedCell(self, $0)
      }
    ]
  }
}

extension PackedCell {
  fileprivate convenience init(_ gru: GRU, _ form: PanelForm) {
    let lanes = form.lanes
    let bias = gru.weights.biases(units: gru.units)
    let recurrent = gru.weights.recurrentKernel
    let candidate = GRUGate.candidate.rawValue
    switch gru.resetPlacement {
    case .beforeProduct:
      self.init(
        recur_gru_before, inputs: gru.inputSize, units: gru.units, stateSizes: [gru.units],
        input: .gates(gru.weights.kernel.all, form),
        recurrent: .gates([recurrent[.update], recurrent[.reset]], form),
        candidate: .blocks(recurrent[.candidate], form),
        bias: .gates(bias.input.indices.map { bias.sum($0) }, lanes), gru.recurrentActivation,
        gru.activation, form.kernels)
    case .afterProduct:
      // The recurrent bias of the candidate passes the reset gate, so only the other biases are
      // summed.
      let sums = bias.input.indices.map { $0 == candidate ? bias.input[$0] : bias.sum($0) }
      self.init(
        recur_gru_after, inputs: gru.inputSize, units: gru.units, stateSizes: [gru.units],
        input: .gates(gru.weights.kernel.all, form), recurrent: .gates(recurrent.all, form),
        bias: .gates(sums, lanes), recurrentBias: .padded(bias.recurrent[candidate], lanes),
        gru.recurrentActivation, gru.activation, form.kernels)
    }
  }
}
