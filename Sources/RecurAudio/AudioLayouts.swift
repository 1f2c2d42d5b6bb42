package import RecurModel

/// How audio plug-ins pack the gates of recurrent layers.
package enum AudioLayouts {
  /// RTNeural's LSTM, which has Keras' arrays: columns i, f, g, o (RTNeural/lstm/lstm.h).
  package static let rtNeuralLSTM = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .inputsByOutputs)
  /// RTNeural's GRU: columns z, r, h (RTNeural/gru/gru.h).
  package static let rtNeuralGRU = RecurrentLayout<GRUGate>(
    gateOrder: [.update, .reset, .candidate], orientation: .inputsByOutputs)
  /// State dicts of torch in JSON: rows i, f, g, o.
  package static let stateDictLSTM = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs)
  /// The same of a GRU: rows r, z, n.
  package static let stateDictGRU = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .outputsByInputs)
  /// NeuralAmpModeler: rows i, f, g, o (NAM/lstm.cpp).
  package static let nam = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .outputsByInputs)
}
