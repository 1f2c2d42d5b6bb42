package import RecurFormats
package import RecurModel
package import RecurTensors

/// The words of those who train models for audio plug-ins; plug-ins have the gates in torch's and in
/// Keras' orders, and no words of their own.
package struct AudioConvention: LayoutConvention {
  package let name = "audio plug-ins"
  package let id = "audio"
  package let tool = Diagnostic.Fix.Tool.numpy
  package let padding = PaddingConvention.packing
  package let stacksStates = false
  package let listsStates = false

  package init() {}

  package var recurrent: RecurrentConventions {
    RecurrentConventions(
      name: name,
      lstm: .init(
        layout: AudioLayouts.rtNeuralLSTM,
        letters: GateMap { gate in
          switch gate {
          case .input: "i"
          case .forget: "f"
          case .cell: "g"
          case .output: "o"
          }
        }, knownOrders: KnownGateOrders.lstm),
      gru: .init(
        layout: AudioLayouts.rtNeuralGRU,
        letters: GateMap { gate in
          switch gate {
          case .update: "z"
          case .reset: "r"
          case .candidate: "h"
          }
        }, knownOrders: KnownGateOrders.gru),
      simpleRNN: RecurrentLayout(gateOrder: [.hidden], orientation: .inputsByOutputs))
  }
}
