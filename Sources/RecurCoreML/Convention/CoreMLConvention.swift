package import RecurFormats
package import RecurModel
package import RecurTensors

/// Core ML's orders of gates.
package enum CoreMLLayouts {
  /// i, f, o, g.
  package static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .output, .cell], orientation: .outputsByInputs)
  /// r, o, z: reset, candidate, update.
  package static let gru = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .candidate, .update], orientation: .outputsByInputs)
  /// r, z, n, in which a GRU's steps are written.
  package static let steps = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .outputsByInputs)
  /// One product.
  package static let rnn = RecurrentLayout<SimpleRNNGate>(
    gateOrder: [.hidden], orientation: .outputsByInputs)
}

/// The words of Core ML's users.
package struct CoreMLConvention: LayoutConvention {
  package let name = "Core ML"
  package let id = "coreml"
  package let tool = Diagnostic.Fix.Tool.numpy
  package let padding = PaddingConvention.packing
  package let stacksStates = false

  package init() {}

  package var recurrent: RecurrentConventions {
    RecurrentConventions(
      name: name,
      lstm: .init(
        layout: CoreMLLayouts.lstm,
        letters: GateMap { gate in
          switch gate {
          case .input: "i"
          case .forget: "f"
          case .cell: "z"
          case .output: "o"
          }
        }, knownOrders: KnownGateOrders.lstm),
      gru: .init(
        layout: CoreMLLayouts.gru,
        letters: GateMap { gate in
          switch gate {
          case .update: "z"
          case .reset: "r"
          case .candidate: "o"
          }
        }, knownOrders: KnownGateOrders.gru),
      simpleRNN: CoreMLLayouts.rnn)
  }
}
