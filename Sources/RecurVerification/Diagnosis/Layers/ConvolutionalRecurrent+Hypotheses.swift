import RecurModel
import RecurTensors

extension ConvolutionalRecurrent: DiagnosedLayer {
  /// One hypothesis per other order of the gate blocks.
  func hypotheses(_ node: Model.Node, _ context: DiagnosedContext) -> [Hypothesis] {
    let gates = context.conventions.lstm
    let reader = gates.layout.gateOrder
    return gates.otherOrders.map { file, words, reason in
      Hypothesis(
        .gateOrder, node,
        "the gate blocks of '\(node.layerName)' are in the order \(words)",
        expected: "blocks \(gates.words(reader))", found: "blocks \(words)", reason: reason
      ) { layer in
        guard case .convolutionalRecurrent(var layer) = layer else { return nil }
        func map(_ blocks: GateMap<LSTMGate, Tensor>) -> GateMap<LSTMGate, Tensor> {
          blocks.permuted(from: reader, to: file)
        }
        layer.kernel = map(layer.kernel)
        layer.recurrentKernel = map(layer.recurrentKernel)
        layer.bias = layer.bias.map(map)
        return .convolutionalRecurrent(layer)
      }
    }
  }
}
