package import RecurModel
import RecurTensors

/// The hypotheses about a model, in the order in which they are tried.
package struct HypothesisList: Sendable {
  /// What may have been taken of a sequence, which costs nothing to try.
  package let selections: [Hypothesis]
  /// Single mistakes that people typically make.
  package let likely: [Hypothesis]
  /// Single mistakes that affect only some of a layer's weights.
  package let partial: [Hypothesis]
  /// Mistakes to combine in pairs, when no single mistake explains the differences.
  package let combinable: [Hypothesis]

  /// Lists the hypotheses for `model`.
  package init(_ model: Model, _ conventions: RecurrentConventions) {
    var likely: [Hypothesis] = []
    var partial: [Hypothesis] = []
    for kind in HypothesisScope.CellFamily.allCases {
      for scope in HypothesisScope.all(kind, in: model) {
        likely += Self.gateOrders(kind, scope, conventions, .all)
        likely += Hypothesis.kernels(scope, conventions)
        likely += Hypothesis.activations(scope, in: model)
        if kind == .gru { likely += Hypothesis.gru(scope) }
        if kind == .lstm { likely += Hypothesis.forgetBias(scope) }
        likely += Hypothesis.biases(scope, conventions)
        likely += Hypothesis.sequences(scope, in: model)
        for parts in [[.kernel, .recurrentKernel], .bias, .recurrentKernel, .kernel]
          as [WeightParts]
        {
          partial += Self.gateOrders(kind, scope, conventions, parts)
        }
      }
    }
    selections = Hypothesis.selections(in: model)
    let ofModel =
      Hypothesis.layerOrder(in: model) + Hypothesis.denseActivations(in: model)
      + Hypothesis.masks(in: model) + Hypothesis.initialStates(in: model)
      + Hypothesis.axes(in: model) + Hypothesis.surroundings(of: model, conventions)
      + Hypothesis.roundings(in: model)
    self.likely = likely + ofModel
    self.partial = partial
    // Hypotheses on the activation of a last layer, and on the choice of golden, are not combined.
    combinable = likely
  }

  private static func gateOrders(
    _ kind: HypothesisScope.CellFamily, _ scope: HypothesisScope,
    _ conventions: RecurrentConventions, _ parts: WeightParts
  ) -> [Hypothesis] {
    switch kind {
    case .lstm:
      Hypothesis.gateOrders(scope, conventions.lstm, parts) { cell, change in
        guard case .lstm(var lstm) = cell else { return nil }
        lstm.weights = change(lstm.weights)
        return .lstm(lstm)
      }
    case .gru:
      Hypothesis.gateOrders(scope, conventions.gru, parts) { cell, change in
        guard case .gru(var gru) = cell else { return nil }
        gru.weights = change(gru.weights)
        return .gru(gru)
      }
    case .simpleRNN: []
    }
  }
}
