import RecurModel
import RecurTensors

extension ConvolutionalRecurrent: DiagnosedLayer {
  /// One hypothesis per other order of the gate blocks.
  func hypotheses(_ node: Model.Node, _ context: DiagnosedContext) -> [Hypothesis] {
    let gates = context.conventions.lstm
    let reader = gates.layout.gateOrder
    func text(_ order: [LSTMGate]) -> String {
      order.map { gates.letters[$0] }.joined(separator: ", ")
    }
    return Hypothesis.permutations(of: reader).filter { $0 != reader }.map { file in
      Hypothesis(
        .gateOrder, node,
        "the gate blocks of '\(node.layerName)' are in the order \(text(file))",
        expected: "blocks \(text(reader))", found: "blocks \(text(file))",
        reason: gates.knownOrders.first { $0.order == file }.map {
          "\(text(file)) is the order of \($0.programs)"
        }
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
