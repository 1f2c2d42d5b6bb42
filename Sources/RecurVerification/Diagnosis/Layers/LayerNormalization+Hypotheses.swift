import RecurModel
import RecurTensors

extension LayerNormalization: DiagnosedLayer {
  func hypotheses(_ node: Model.Node, _ context: DiagnosedContext) -> [Hypothesis] {
    Hypothesis.epsilons(node, epsilon) { layer, epsilon in
      guard case .layerNormalization(var layer) = layer else { return nil }
      layer.epsilon = epsilon
      return .layerNormalization(layer)
    }
  }
}

extension Hypothesis {
  /// Mistake: a normalization has the epsilon of another framework.
  static func epsilons(
    _ node: Model.Node, _ own: Double, _ change: @escaping @Sendable (Layer, Double) -> Layer?
  ) -> [Hypothesis] {
    // The defaults of the frameworks, the last one of code for transformers.
    [1e-3, 1e-5, 1e-6, 1e-12].filter { $0 != own }.map { epsilon in
      Hypothesis(
        .normalization, node, "the epsilon of '\(node.layerName)' is \(epsilon)",
        expected: "\(epsilon)", found: "\(own)",
        reason: "frameworks have different defaults, and weights don't say it"
      ) { change($0, epsilon) }
    }
  }
}
