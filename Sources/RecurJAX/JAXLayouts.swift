package import RecurModel

/// How frameworks of JAX pack the gates of recurrent cells.
///
/// Cells with one matrix for each gate need no layout.
package enum JAXLayouts {
  /// `dense_i` and `dense_h` of Flax nnx' OptimizedLSTMCell: columns i, f, g, o
  /// (flax/nnx/nn/recurrent.py, 0.12).
  package static let flaxLSTM = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .inputsByOutputs)
  /// The same of Flax nnx' GRUCell: columns r, z, n.
  package static let flaxGRU = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .inputsByOutputs)
  /// `w` and `b` of Haiku's LSTM: columns i, g, f, o, the rows of the input above those of the state
  /// (haiku/_src/recurrent.py, 0.0.17).
  package static let haikuLSTM = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .cell, .forget, .output], orientation: .inputsByOutputs)
  /// `w_i`, `w_h` and `b` of Haiku's GRU: columns z, r, a.
  package static let haikuGRU = RecurrentLayout<GRUGate>(
    gateOrder: [.update, .reset, .candidate], orientation: .inputsByOutputs)
  /// `weight_ih`, `weight_hh` and `bias` of Equinox' LSTMCell: rows i, f, g, o
  /// (equinox/nn/_rnn.py, 0.13).
  package static let equinoxLSTM = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs)
  /// The same of Equinox' GRUCell: rows r, z, n.
  package static let equinoxGRU = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .outputsByInputs)
}
