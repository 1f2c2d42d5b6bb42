package import RecurModel

/// How PyTorch packs recurrent weights (torch.nn.LSTM, torch.nn.GRU and torch.nn.RNN, "Variables").
package enum PyTorchLayouts {
  /// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0` of LSTM: rows i, f, g, o.
  package static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs)
  /// The same tensors of GRU: rows r, z, n.
  package static let gru = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .outputsByInputs)
  /// The same tensors of RNN, which has one block of rows.
  package static let simpleRNN = RecurrentLayout<SimpleRNNGate>(
    gateOrder: [.hidden], orientation: .outputsByInputs)
  /// The gate count of each layout.
  static let gateCounts = [
    simpleRNN.gateOrder.count, gru.gateOrder.count, lstm.gateOrder.count,
  ]
}
