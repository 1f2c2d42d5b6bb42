package import RecurModel

/// How PyTorch packs recurrent weights (torch.nn.LSTM, "Variables").
package enum PyTorchLayouts {
  /// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0` of LSTM: rows i, f, g, o.
  package static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs)
}
