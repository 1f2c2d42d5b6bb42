package import RecurModel

/// How Keras packs recurrent weights (keras/src/layers/rnn/{lstm,gru,simple_rnn}.py, `build`).
package enum KerasLayouts {
  /// `kernel`, `recurrent_kernel` and `bias` of LSTM: columns i, f, c, o.
  package static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .inputsByOutputs)

  /// `kernel`, `recurrent_kernel` and the rows of `bias` of GRU: columns z, r, h.
  package static let gru = RecurrentLayout<GRUGate>(
    gateOrder: [.update, .reset, .candidate], orientation: .inputsByOutputs)

  /// `kernel`, `recurrent_kernel` and `bias` of SimpleRNN.
  package static let simpleRNN = RecurrentLayout<SimpleRNNGate>(
    gateOrder: [.hidden], orientation: .inputsByOutputs)

  /// The order in which Keras 1 lists the arrays W, U, b of each gate of an LSTM (keras 1.2.2,
  /// keras/layers/recurrent.py, `LSTM.build`): i, c, f, o.
  package static let perGateLSTM: [LSTMGate] = [.input, .cell, .forget, .output]

  /// The order in which Keras 1 lists the arrays of each gate of a GRU: z, r, h.
  package static let perGateGRU: [GRUGate] = [.update, .reset, .candidate]
}
