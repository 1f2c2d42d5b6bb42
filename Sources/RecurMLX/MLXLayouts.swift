package import RecurModel

/// How MLX packs the gates of recurrent layers (mlx/python/mlx/nn/layers/recurrent.py, 0.32).
package enum MLXLayouts {
  /// `Wx`, `Wh` and `bias` of LSTM: rows i, f, g, o.
  package static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs)
  /// `Wx`, `Wh` and `b` of GRU: rows r, z, n.
  package static let gru = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .outputsByInputs)
}
