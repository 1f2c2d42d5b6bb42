/// How the framework that wrote a file packs recurrent weights.
package struct RecurrentConventions: Sendable {
  /// That of LSTM layers.
  package var lstm: RecurrentLayout<LSTMGate>
  /// That of GRU layers.
  package var gru: RecurrentLayout<GRUGate>
  /// That of layers without gates.
  package var simpleRNN: RecurrentLayout<SimpleRNNGate>
  /// Whose words the user knows.
  package var framework: Model.Framework

  /// Makes conventions.
  package init(
    lstm: RecurrentLayout<LSTMGate>, gru: RecurrentLayout<GRUGate>,
    simpleRNN: RecurrentLayout<SimpleRNNGate>, framework: Model.Framework
  ) {
    self.lstm = lstm
    self.gru = gru
    self.simpleRNN = simpleRNN
    self.framework = framework
  }
}
