package import RecurModel

/// How Keras packs recurrent weights (keras/src/layers/rnn/lstm.py, `LSTMCell.build`).
package enum KerasLayouts {
  /// `kernel`, `recurrent_kernel` and `bias` of LSTM: columns i, f, c, o.
  package static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .inputsByOutputs)
}
