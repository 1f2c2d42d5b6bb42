package import RecurTensors

extension Model {
  /// The model as readers of graphs leave it, in the form that writers and people know: without
  /// orders of axes that cancel each other, with biases in their layers, and with recurrent layers in
  /// place of their equations.
  ///
  /// The model computes the same numbers, apart from rounding. `states` are the inputs that are states
  /// of cells; nil when nothing says it.
  package func canonical(states: Set<Name>? = nil) -> Model {
    let model = withoutUnusedNodes().inRounds(states)
    guard let states else { return model.rewritten(UnusedStates.rewrite).model }
    return model.rewritten(RecurrentEquations.rewriteSimple, states: states).model.inRounds(states)
      .rewritten(UnusedStates.rewrite).model
  }

  /// The model after all passes, until they change nothing.
  private func inRounds(_ states: Set<Name>?) -> Model {
    var model = self
    // Each pass makes the graph smaller or moves orders of axes towards its end.
    for _ in 0..<Self.rounds {
      var isChanged = false
      for pass in Self.passes {
        let result = model.rewritten(pass, states: states)
        model = result.model
        isChanged = isChanged || result.isChanged
      }
      guard isChanged else { break }
    }
    return model
  }

  /// The most rounds; deeper graphs keep what is left.
  private static let rounds = 12

  /// The passes, in order.
  private static let passes: [@Sendable (Node, inout RewrittenGraph) -> Void] = [
    SelectedParts.rewrite, JoinedPermutations.rewrite, MovedPermutations.rewrite,
    BiasedProducts.rewrite, FlattenedPositions.rewrite, MovedUnitAxes.rewrite,
    RecurrentEquations.rewrite, LoopedCells.rewrite, PairedDirections.rewrite,
  ]
}
