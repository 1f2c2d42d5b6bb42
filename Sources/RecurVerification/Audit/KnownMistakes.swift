import RecurModel
import RecurTensors

/// The mistakes of meaning that people make, made on a model, to see what a recording shows of them.
///
/// The same changes that undo a mistake make it: they are their own inverse, or as wrong as it.
struct KnownMistakes {
  private let model: Model
  private let conventions: RecurrentConventions

  init(_ model: Model, _ conventions: RecurrentConventions) {
    self.model = model
    self.conventions = conventions
  }

  /// Every mistake, those of cells first; mistakes that change nothing of this model are among them.
  var all: [Hypothesis] {
    var result: [Hypothesis] = []
    for family in HypothesisScope.CellFamily.allCases {
      guard let scope = HypothesisScope.all(family, in: model).first else { continue }
      result += gates(family, scope)
      result += Hypothesis.kernels(scope, conventions)
      result += Hypothesis.activations(scope, in: model)
      if family == .gru { result += Hypothesis.gru(scope) }
      if family == .lstm { result += Hypothesis.forgetBias(scope) }
      result += Hypothesis.biases(scope, conventions)
      result += [columns(scope)] + Hypothesis.sequences(scope, in: model)
    }
    let ofModel =
      Hypothesis.layerOrder(in: model) + Hypothesis.denseActivations(in: model)
      + Hypothesis.selections(in: model) + Hypothesis.masks(in: model)
      + Hypothesis.initialStates(in: model) + Hypothesis.roundings(in: model)
    return (result + ofModel).filter { $0.isAudited && !$0.changesShapes }
  }

  /// Exchanges of two gates in all weights and in the bias alone, and one order of three.
  private func gates(
    _ family: HypothesisScope.CellFamily, _ scope: HypothesisScope
  ) -> [Hypothesis] {
    switch family {
    case .simpleRNN: return []
    case .lstm:
      let gates = conventions.lstm
      let change: GateChange<LSTMGate> = { cell, change in
        guard case .lstm(var lstm) = cell else { return nil }
        lstm.weights = change(lstm.weights)
        return .lstm(lstm)
      }
      return exchanges(gates, scope, change)
        + Hypothesis.gateOrders(
          scope, gates, .all, orders: [[.input, .output, .forget, .cell]], change: change)
    case .gru:
      let gates = conventions.gru
      let change: GateChange<GRUGate> = { cell, change in
        guard case .gru(var gru) = cell else { return nil }
        gru.weights = change(gru.weights)
        return .gru(gru)
      }
      return exchanges(gates, scope, change)
        + Hypothesis.gateOrders(
          scope, gates, .all,
          orders: [[.candidate, .update, .reset], [.reset, .candidate, .update]], change: change)
    }
  }

  private typealias GateChange<Gate: RecurrentGate> =
    @Sendable (
      RecurrentCell, (RecurrentWeights<Gate>) -> RecurrentWeights<Gate>
    ) -> RecurrentCell?

  private func exchanges<Gate: RecurrentGate>(
    _ gates: RecurrentConventions.Gates<Gate>, _ scope: HypothesisScope,
    _ change: @escaping GateChange<Gate>
  ) -> [Hypothesis] {
    let own = gates.layout.gateOrder
    let pairs = own.indices.flatMap { one in own.indices.dropFirst(one + 1).map { (one, $0) } }
    let orders = pairs.map { one, other in
      var order = own
      order.swapAt(one, other)
      return order
    }
    return [WeightParts.all, .bias].flatMap { parts in
      Hypothesis.gateOrders(scope, gates, parts, orders: orders, change: change)
    }
  }

  /// The features of the input in another order.
  private func columns(_ scope: HypothesisScope) -> Hypothesis {
    let change = ReversedColumns()
    return Hypothesis(
      .axes, scope, "the features of the input of \(scope.title) are in the reverse order",
      expected: "the first feature first", found: "the last feature first",
      cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
        try change.cell(cell, conventions)
      })
  }
}

/// Mistake: the input's features are in the reverse order.
private struct ReversedColumns: WeightsChange {
  func changed<Gate: RecurrentGate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> RecurrentWeights<Gate>? {
    var copy = weights
    copy.kernel = try GateMap { gate throws(CheckpointError) in
      let kernel = weights.kernel[gate]
      let width = max(kernel.shape.last ?? 1, 1)
      let numbers = kernel.doubles()
      return try kernel.replacingNumbers(
        numbers.indices.map { numbers[$0 / width * width + (width - 1 - $0 % width)] })
    }
    return copy
  }
}
