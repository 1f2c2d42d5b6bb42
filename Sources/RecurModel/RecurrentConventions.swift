/// One framework's packing order, gate letters and names for recurrent layers.
package struct RecurrentConventions: Sendable {
  /// One framework's convention for the gates of one kind of cell.
  package struct Gates<Gate: RecurrentGate>: Sendable {
    /// The layout of the packed gates.
    package var layout: RecurrentLayout<Gate>
    /// The letter for each gate in the framework's documentation.
    package var letters: GateMap<Gate, String>
    /// Gate orders that other programs are known to use, and the names of those programs.
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

  /// The name of the framework.
  package var name: String
  /// The gates of LSTM layers.
  package var lstm: Gates<LSTMGate>
  /// The gates of GRU layers.
  package var gru: Gates<GRUGate>
  /// The layout of layers without gates.
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
