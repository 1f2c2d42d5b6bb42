import RecurTensors

extension Model {
  /// The model as readers of graphs leave it, in the form that writers and people know: without
  /// orders of axes that cancel each other, with biases in their layers, and with recurrent layers in
  /// place of their equations.
  ///
  /// The model computes the same numbers, apart from rounding.
  package func canonical() -> Model {
    var model = withoutUnusedNodes()
    // Each pass makes the graph smaller or moves orders of axes towards its end.
    for _ in 0..<Self.rounds {
      var isChanged = false
      for pass in Self.passes {
        let result = model.rewritten(pass)
        model = result.model
        isChanged = isChanged || result.isChanged
      }
      guard isChanged else { break }
    }
    return model.rewritten(UnusedStates.rewrite).model
  }

  /// The most rounds; deeper graphs keep what is left.
  private static let rounds = 12

  /// The passes, in order.
  private static let passes: [@Sendable (Node, inout RewrittenGraph) -> Void] = [
    SelectedParts.rewrite, JoinedPermutations.rewrite, MovedPermutations.rewrite,
    BiasedProducts.rewrite, FlattenedPositions.rewrite, MovedUnitAxes.rewrite,
    RecurrentEquations.rewrite, LoopedCells.rewrite,
  ]
}
