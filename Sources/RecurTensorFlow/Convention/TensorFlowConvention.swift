package import RecurFormats
package import RecurModel
package import RecurTensors

/// The order of gates of TensorFlow's own cells.
enum TensorFlowLayouts {
  /// i, j, f, o.
  static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .cell, .forget, .output], orientation: .inputsByOutputs)
  /// i, f, j, o: the second version of the operator for whole sequences.
  static let blocks = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .forget, .cell, .output], orientation: .inputsByOutputs)
  /// r, u, and the candidate, whose kernel stands by itself.
  static let gru = RecurrentLayout<GRUGate>(
    gateOrder: [.reset, .update, .candidate], orientation: .inputsByOutputs)
  /// One product.
  static let single = RecurrentLayout<SimpleRNNGate>(
    gateOrder: [.hidden], orientation: .inputsByOutputs)
}

/// The words of TensorFlow's own cells, and of TensorFlow Lite.
package struct TensorFlowConvention: LayoutConvention {
  package let name = "TensorFlow"
  package let id = "tensorflow"
  package let tool = Diagnostic.Fix.Tool.numpy
  package let padding = PaddingConvention.mask
  package let stacksStates = false

  package init() {}

  package var recurrent: RecurrentConventions {
    RecurrentConventions(
      name: name,
      lstm: .init(
        layout: TensorFlowLayouts.lstm,
        letters: GateMap { gate in
          switch gate {
          case .input: "i"
          case .forget: "f"
          case .cell: "j"
          case .output: "o"
          }
        }, knownOrders: KnownGateOrders.lstm),
      gru: .init(
        layout: TensorFlowLayouts.gru,
        letters: GateMap { gate in
          switch gate {
          case .update: "u"
          case .reset: "r"
          case .candidate: "c"
          }
        }, knownOrders: KnownGateOrders.gru),
      simpleRNN: TensorFlowLayouts.single)
  }
}
