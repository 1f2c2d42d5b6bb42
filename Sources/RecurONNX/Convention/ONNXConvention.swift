package import RecurFormats
package import RecurModel
package import RecurTensors

/// ONNX' order of gates.
enum ONNXLayouts {
  /// i, o, f, c.
  static let lstm = RecurrentLayout<LSTMGate>(
    gateOrder: [.input, .output, .forget, .cell], orientation: .outputsByInputs)
  /// z, r, h.
  static let gru = RecurrentLayout<GRUGate>(
    gateOrder: [.update, .reset, .candidate], orientation: .outputsByInputs)
  /// One product.
  static let rnn = RecurrentLayout<SimpleRNNGate>(
    gateOrder: [.hidden], orientation: .outputsByInputs)
}

/// The words of ONNX' users.
package struct ONNXConvention: LayoutConvention {
  package let name = "ONNX"
  package let id = "onnx"
  package let tool = Diagnostic.Fix.Tool.numpy
  package let padding = PaddingConvention.packing
  package let stacksStates = true

  package init() {}

  package var recurrent: RecurrentConventions {
    RecurrentConventions(
      name: name,
      lstm: .init(
        layout: ONNXLayouts.lstm,
        letters: GateMap { gate in
          switch gate {
          case .input: "i"
          case .forget: "f"
          case .cell: "c"
          case .output: "o"
          }
        }, knownOrders: KnownGateOrders.lstm),
      gru: .init(
        layout: ONNXLayouts.gru,
        letters: GateMap { gate in
          switch gate {
          case .update: "z"
          case .reset: "r"
          case .candidate: "h"
          }
        }, knownOrders: KnownGateOrders.gru),
      simpleRNN: ONNXLayouts.rnn)
  }
}
