/// How one framework packs the gates of recurrent layers, and what it calls them.
package struct RecurrentConventions: Sendable {
  /// What is agreed about the gates of one kind of cell.
  package struct Gates<Gate: RecurrentGate>: Sendable {
    /// How they are packed.
    package var layout: RecurrentLayout<Gate>
    /// The letter that the framework's documentation uses for each.
    package var letters: GateMap<Gate, String>
    /// Orders that programs are known for, and which ones.
    package var knownOrders: [(order: [Gate], programs: String)]

    package init(
      layout: RecurrentLayout<Gate>, letters: GateMap<Gate, String>,
      knownOrders: [(order: [Gate], programs: String)]
    ) {
      self.layout = layout
      self.letters = letters
      self.knownOrders = knownOrders
    }
  }

  /// What people call the framework.
  package var name: String
  /// The gates of LSTM layers.
  package var lstm: Gates<LSTMGate>
  /// The gates of GRU layers.
  package var gru: Gates<GRUGate>
  /// How layers without gates are packed.
  package var simpleRNN: RecurrentLayout<SimpleRNNGate>

  package init(
    name: String, lstm: Gates<LSTMGate>, gru: Gates<GRUGate>,
    simpleRNN: RecurrentLayout<SimpleRNNGate>
  ) {
    self.name = name
    self.lstm = lstm
    self.gru = gru
    self.simpleRNN = simpleRNN
  }
}
