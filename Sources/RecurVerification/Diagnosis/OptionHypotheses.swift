import RecurModel
import RecurTensors

extension Hypothesis {
  /// Mistake: the gates or candidates have other activations than the file declares.
  static func activations(_ scope: HypothesisScope, in model: Model) -> [Hypothesis] {
    let gates: [Activation] = [
      .sigmoid, .hardSigmoidOfFifths, .hardSigmoidOfSixths, .tanh,
    ]
    let candidates: [Activation] = [.tanh, .sigmoid, .relu, .linear]
    func hypothesis(
      _ role: String, _ wanted: Activation, _ found: Activation, reason: String? = nil,
      facts: [Diagnostic.Fact] = [], _ change: @escaping CellChange
    ) -> Hypothesis {
      Hypothesis(
        .activation, scope, "the \(role) of \(scope.title) is \(wanted.name)",
        expected: wanted.name, found: found.name, reason: reason, facts: facts, cells: change)
    }
    guard let functions = scope.recurrents(in: model).first?.cell.activations else { return [] }
    let (activation, recurrent) = (functions.activation, functions.recurrent)
    var result: [Hypothesis] = []
    if let recurrent {
      for wanted in gates where wanted != recurrent {
        result.append(
          hypothesis(
            "recurrent activation", wanted, recurrent,
            facts: difference(wanted, recurrent).map { [.difference($0)] } ?? [],
            { $0.with(recurrentActivation: wanted) }))
      }
      result.append(
        hypothesis(
          "activation \(recurrent.name) and the recurrent activation", activation, recurrent,
          reason: "both are exchanged",
          { $0.with(activation: recurrent)?.with(recurrentActivation: activation) }))
    }
    for wanted in candidates where wanted != activation {
      var other = hypothesis("activation", wanted, activation, { $0.with(activation: wanted) })
      // What is not 0 at 0 shows in every recording.
      other.isAudited = wanted != .sigmoid
      result.append(other)
    }
    return result
  }

  /// The known difference between frameworks that explains the exchange of two recurrent
  /// activations.
  private static func difference(
    _ wanted: Activation, _ found: Activation
  ) -> Diagnostic.KnownDifference? {
    switch (wanted, found) {
    case (.hardSigmoid, .hardSigmoid): .hardSigmoid
    case (.hardSigmoid, .sigmoid): .hardSigmoidByDefault
    case (.sigmoid, .hardSigmoid): .sigmoidByDefault
    default: nil
    }
  }

  /// Mistake: the last layers with an activation have another one; weights do not tell the
  /// activation.
  static func denseActivations(in model: Model) -> [Hypothesis] {
    let wanted: [Activation] = [.linear, .sigmoid, .softmax, .tanh, .relu]
    return model.weightedNodes.flatMap { node -> [Hypothesis] in
      guard case .dense(let dense) = node.layer else { return [] }
      return wanted.filter { $0 != dense.activation }.map { activation in
        var hypothesis = Hypothesis(
          kind: .activation, claim: "the activation of '\(node.layerName)' is \(activation.name)",
          expected: activation.name, found: dense.activation.name,
          reason: node.place == nil
            ? nil : "a state dict does not say what forward() applies after a module",
          location: node.location
        ) { trial in
          trial.mapping(node.layerName) { layer in
            guard case .dense(var dense) = layer else { return layer }
            dense.activation = activation
            return .dense(dense)
          }
        }
        // Where outputs happen to be positive, relu changes nothing.
        hypothesis.isAudited = activation != .relu && dense.activation != .relu
        return hypothesis
      }
    }
  }

  /// Mistake: a GRU has the other reset placement, or a text's other convention for its gates.
  static func gru(_ scope: HypothesisScope) -> [Hypothesis] {
    [
      Hypothesis(
        .resetPlacement, scope, "the reset gate of \(scope.title) is applied elsewhere",
        expected: "reset_after and its biases as in the model that was recorded",
        found: "the other form of a GRU",
        facts: [.difference(.resetPlacement)],
        cells: { $0.withOtherResetPlacement() }),
      Hypothesis(
        .bias, scope,
        "the recurrent bias of the candidate of \(scope.title) does not pass the "
          + "reset gate",
        expected: "two biases of the candidate", found: "their sum outside the reset gate",
        reason: "both biases were added, which is exact for z and r and wrong for the candidate",
        cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
          try cell.movingCandidateBias(toRecurrent: false)
        }),
      Hypothesis(
        .bias, scope,
        "the bias of the candidate of \(scope.title) belongs to the recurrent product",
        expected: "a recurrent bias", found: "an input bias",
        reason: "only the recurrent bias of the candidate passes the reset gate",
        cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
          try cell.movingCandidateBias(toRecurrent: true)
        }),
      Hypothesis(
        .updateGate, scope, "the update gate of \(scope.title) is 1 − z",
        expected: "h = z·h + (1 − z)·candidate", found: "h = (1 − z)·h + z·candidate",
        reason: "papers and hand-written cells write it either way",
        cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
          try cell.invertingUpdateGate()
        }),
    ]
  }

  /// Mistake: a layer reads the sequence from the other end.
  static func sequences(_ scope: HypothesisScope, in model: Model) -> [Hypothesis] {
    // Cells take one timestep and have no direction.
    let wanted = Set(scope.names.map { Name($0) })
    let isCell = model.nodes.contains {
      wanted.contains(Name($0.layerName)) && $0.place != nil && $0.place?.layer == nil
    }
    guard !isCell else { return [] }
    return [
      Hypothesis(
        .direction, scope, "\(scope.title) reads the sequence from the other end",
        expected: "the direction of the model that was recorded",
        found: "the other direction",
        reason: "go_backwards was left out or added, or the recording was made on reversed input",
        change: { recurrent in
          var copy = recurrent
          copy.direction = recurrent.direction == .forward ? .backward : .forward
          return copy
        })
    ]
  }
}

extension Hypothesis.Trial {
  /// The trial after changing the layers called `name`.
  func mapping(_ name: String, _ change: (Layer) -> Layer) -> Hypothesis.Trial {
    var copy = self
    for index in copy.model.nodes.indices
    where Name(copy.model.nodes[index].layerName) == Name(name) {
      copy.model.nodes[index].layer = change(copy.model.nodes[index].layer)
    }
    return copy
  }
}

extension RecurrentCell {
  /// φ, and ρ for cells with gates; for a stack, those of its first cell.
  fileprivate var activations: CellFunctions? { cells.first?.definition.functions }

  fileprivate func with(activation: Activation) -> RecurrentCell? {
    var cell = definition
    guard cell.functions != nil else { return nil }
    cell.functions?.activation = activation
    return cell.asCell
  }

  fileprivate func with(recurrentActivation activation: Activation) -> RecurrentCell? {
    var cell = definition
    guard cell.functions?.recurrent != nil else { return nil }
    cell.functions?.recurrent = activation
    return cell.asCell
  }

  /// A GRU with the other reset placement.
  ///
  /// Two biases become their sum; one bias becomes the input bias.
  fileprivate func withOtherResetPlacement() -> RecurrentCell? {
    guard case .gru(var gru) = self else { return nil }
    gru.resetPlacement =
      gru.resetPlacement == .afterProduct ? .beforeProduct : .afterProduct
    return .gru(gru)
  }

  /// A GRU whose candidate has one bias, either before or behind the reset gate.
  fileprivate func movingCandidateBias(
    toRecurrent: Bool
  ) throws(CheckpointError) -> RecurrentCell? {
    guard case .gru(var gru) = self, gru.resetPlacement == .afterProduct,
      case .split(var input, var recurrent) = gru.weights.bias
    else { return nil }
    let (one, other) = (input[.candidate], recurrent[.candidate])
    let sum = zip(one.doubles(), other.doubles()).map(+)
    let zeros = [Double](repeating: 0, count: sum.count)
    input[.candidate] = try one.replacingNumbers(toRecurrent ? zeros : sum)
    recurrent[.candidate] = try other.replacingNumbers(toRecurrent ? sum : zeros)
    gru.weights.bias = .split(input: input, recurrent: recurrent)
    return .gru(gru)
  }

  /// A GRU whose update gate gives 1 − z, which follows from σ(−x) = 1 − σ(x).
  fileprivate func invertingUpdateGate() throws(CheckpointError) -> RecurrentCell? {
    guard case .gru(var gru) = self else { return nil }
    func negated(
      _ gates: GateMap<GRUGate, Tensor>
    ) throws(CheckpointError) -> GateMap<GRUGate, Tensor> {
      var copy = gates
      copy[.update] = try gates[.update].replacingNumbers(gates[.update].doubles().map { -$0 })
      return copy
    }
    gru.weights.kernel = try negated(gru.weights.kernel)
    gru.weights.recurrentKernel = try negated(gru.weights.recurrentKernel)
    switch gru.weights.bias {
    case .none: break
    case .single(let one): gru.weights.bias = .single(try negated(one))
    case .split(let input, let recurrent):
      gru.weights.bias = .split(input: try negated(input), recurrent: try negated(recurrent))
    }
    return .gru(gru)
  }
}
