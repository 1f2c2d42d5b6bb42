package import RecurModel

/// How PyTorch packs recurrent weights (torch.nn.LSTM, torch.nn.GRU and torch.nn.RNN, "Variables").
package enum PyTorchLayouts {
  /// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0` of LSTM: rows i, f, g, o.
  package static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs)
  /// The same of GRU: rows r, z, n.
  package static let gru = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .outputsByInputs)
  /// The same of RNN, which has no gates.
  package static let simpleRNN = RecurrentLayout<SimpleRNNGate>(
    gateOrder: [.hidden], orientation: .outputsByInputs)
  /// How many gates a tensor of each has.
  static let gateCounts = [
    simpleRNN.gateOrder.count, gru.gateOrder.count, lstm.gateOrder.count,
  ]
}
