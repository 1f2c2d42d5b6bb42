import RecurModel
import RecurTensors

/// A change of the weights of any cell; it returns nil when there is nothing to change.
protocol WeightsChange: Sendable {
  func changed<Gate: RecurrentGate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> RecurrentWeights<Gate>?
}

extension WeightsChange {
  /// The cell after changing its weights.
  func cell(
    _ cell: RecurrentCell, _ conventions: RecurrentConventions
  ) throws(CheckpointError) -> RecurrentCell? {
    // Formats have no agreed packing for other cells.
    if case .lstm(var lstm) = cell {
      guard let weights = try changed(lstm.weights, conventions.lstm.layout) else { return nil }
      lstm.weights = weights
      return .lstm(lstm)
    }
    if case .gru(var gru) = cell {
      guard let weights = try changed(gru.weights, conventions.gru.layout) else { return nil }
      gru.weights = weights
      return .gru(gru)
    }
    if case .simpleRNN(var rnn) = cell {
      guard let weights = try changed(rnn.weights, conventions.simpleRNN) else { return nil }
      rnn.weights = weights
      return .simpleRNN(rnn)
    }
    return nil
  }
}

/// Mistake: each gate's block of a kernel is transposed.
struct TransposedBlocks: WeightsChange {
  let parts: WeightParts

  func changed<Gate: RecurrentGate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>
  ) -> RecurrentWeights<Gate>? {
    func isSquare(_ gates: GateMap<Gate, Tensor>) -> Bool {
      Gate.allCases.allSatisfy { gates[$0].rank == 2 && gates[$0].shape[0] == gates[$0].shape[1] }
    }
    var copy = weights
    if parts.contains(.kernel) {
      guard isSquare(weights.kernel) else { return nil }
      copy.kernel = GateMap { weights.kernel[$0].transposed() }
    }
    if parts.contains(.recurrentKernel) {
      guard isSquare(weights.recurrentKernel) else { return nil }
      copy.recurrentKernel = GateMap { weights.recurrentKernel[$0].transposed() }
    }
    return copy
  }
}

/// Mistake: a matrix was reshaped with `reshape` instead of transposed.
struct ReshapedMatrices: WeightsChange {
  let parts: WeightParts

  func changed<Gate: RecurrentGate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> RecurrentWeights<Gate>? {
    func repaired(
      _ gates: GateMap<Gate, Tensor>
    ) throws(CheckpointError) -> GateMap<Gate, Tensor> {
      let matrix = try layout.pack(gates)
      return try layout.unpack(matrix.reshaped(matrix.shape.reversed()).transposed())
    }
    var copy = weights
    if parts.contains(.kernel) { copy.kernel = try repaired(weights.kernel) }
    if parts.contains(.recurrentKernel) {
      copy.recurrentKernel = try repaired(weights.recurrentKernel)
    }
    return copy
  }
}

/// Mistake: all biases were changed together.
struct ChangedBiases: WeightsChange {
  enum Change: Sendable {
    case withoutRecurrent, withoutInput, exchanged, halved, without
  }

  let change: Change

  func changed<Gate: RecurrentGate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> RecurrentWeights<Gate>? {
    func scaled(
      _ gates: GateMap<Gate, Tensor>, by factor: Double
    ) throws(CheckpointError) -> GateMap<Gate, Tensor> {
      try GateMap { gate throws(CheckpointError) in
        try gates[gate].replacingNumbers(gates[gate].doubles().map { $0 * factor })
      }
    }
    var copy = weights
    // A bias stored in both halves is one mistake, not three. Where both halves are added, removing
    // either half gives the same result.
    if case .split(let input, let recurrent) = weights.bias,
      Gate.allCases.allSatisfy({ input[$0].isBitEqual(to: recurrent[$0]) }),
      change == .halved || change == .withoutInput && Gate.self != GRUGate.self
    {
      return nil
    }
    switch (change, weights.bias) {
    case (.without, .none), (_, .none), (.withoutRecurrent, .single), (.withoutInput, .single),
      (.exchanged, .single):
      return nil
    case (.without, .single), (.without, .split): copy.bias = .none
    case (.halved, .single(let one)): copy.bias = .single(try scaled(one, by: 0.5))
    case (.halved, .split(let input, let recurrent)):
      copy.bias = .split(
        input: try scaled(input, by: 0.5), recurrent: try scaled(recurrent, by: 0.5))
    case (.withoutRecurrent, .split(let input, let recurrent)):
      copy.bias = .split(input: input, recurrent: try scaled(recurrent, by: 0))
    case (.withoutInput, .split(let input, let recurrent)):
      copy.bias = .split(input: try scaled(input, by: 0), recurrent: recurrent)
    case (.exchanged, .split(let input, let recurrent)):
      copy.bias = .split(input: recurrent, recurrent: input)
    }
    return copy
  }
}

extension Hypothesis {
  /// Mistakes with kernels that do not change the kernels' shapes.
  static func kernels(
    _ scope: HypothesisScope, _ conventions: RecurrentConventions
  ) -> [Hypothesis] {
    [WeightParts.recurrentKernel, .kernel, [.kernel, .recurrentKernel]].flatMap { parts in
      let transposed = TransposedBlocks(parts: parts)
      let reshaped = ReshapedMatrices(parts: parts)
      let isOne = parts != [.kernel, .recurrentKernel]
      let what = "\(parts.title) of \(scope.title)"
      let rows = "a row per unit of h or x, as \(conventions.name) has it"
      let mistakes = [
        Hypothesis(
          .kernelTransposed, scope,
          "\(what) \(isOne ? "is" : "are") transposed, gate by gate", expected: rows,
          found: "each gate's block transposed",
          reason: "a square block has the same shape either way, so no shape check can see it",
          cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
            try transposed.cell(cell, conventions)
          }),
        Hypothesis(
          .kernelReshaped, scope,
          "\(what) \(isOne ? "was" : "were") reshaped where a transpose was meant",
          expected: "w.T", found: "w.reshape(…)",
          reason: "reshape keeps the numbers in their order and gives the right shape",
          cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
            try reshaped.cell(cell, conventions)
          }),
      ]
      return mistakes.map { mistake in
        var copy = mistake
        copy.isAudited = isOne
        return copy
      }
    }
  }

  /// Mistakes that affect all biases together.
  static func biases(
    _ scope: HypothesisScope, _ conventions: RecurrentConventions
  ) -> [Hypothesis] {
    let changes: [(ChangedBiases.Change, String, String, String, String)] = [
      (
        .halved, "the bias of \(scope.title) counts twice", "the bias", "twice the bias",
        "one bias was copied into both halves where they are added, or added to itself"
      ),
      (
        .withoutRecurrent, "the recurrent bias of \(scope.title) should be zeros",
        "an input bias alone", "an input bias and a recurrent bias",
        "one bias was copied into both halves, or the recording was made without bias_hh"
      ),
      (
        .withoutInput, "the input bias of \(scope.title) should be zeros",
        "a recurrent bias alone", "an input bias and a recurrent bias",
        "the recording was made without bias_ih"
      ),
      (
        .exchanged, "the input and the recurrent bias of \(scope.title) are exchanged",
        "input bias, recurrent bias", "recurrent bias, input bias",
        "only the recurrent bias of the candidate passes the reset gate"
      ),
      (
        .without, "the recording was made without the biases of \(scope.title)", "biases",
        "no biases", "they were dropped on the way to the model that was recorded"
      ),
    ]
    return changes.map { change, claim, expected, found, reason in
      let biases = ChangedBiases(change: change)
      return Hypothesis(
        .bias, scope, claim, expected: expected, found: found, reason: reason,
        cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
          // Exchanging the two halves matters only where one half passes the reset gate.
          if change == .exchanged {
            guard case .gru(let gru) = cell, gru.resetPlacement == .afterProduct else { return nil }
          }
          return try biases.cell(cell, conventions)
        })
    }
  }

  /// Mistakes with the biases of an LSTM's forget gate.
  static func forgetBias(_ scope: HypothesisScope) -> [Hypothesis] {
    [(1.0, "lacks the 1 that is added at run time"), (-1.0, "has the 1 twice")].map {
      (offset, claim) in
      Hypothesis(
        .forgetBias, scope, "the forget bias of \(scope.title) \(claim)",
        expected: "the bias as it counts, a trained 1 included",
        found: offset > 0 ? "the bias less 1" : "the bias plus 1",
        reason: offset > 0
          ? "TensorFlow 1's LSTM cells add forget_bias=1.0 in every step and do not store it"
          : "unit_forget_bias is an initializer: the 1 is in the stored bias already",
        cells: { (cell: RecurrentCell) throws(CheckpointError) -> RecurrentCell? in
          guard case .lstm(var lstm) = cell else { return nil }
          func shifted(
            _ gates: GateMap<LSTMGate, Tensor>
          ) throws(CheckpointError) -> GateMap<LSTMGate, Tensor> {
            var copy = gates
            let bias = gates[.forget]
            copy[.forget] = try bias.replacingNumbers(bias.doubles().map { $0 + offset })
            return copy
          }
          switch lstm.weights.bias {
          case .none: return nil
          case .single(let one): lstm.weights.bias = .single(try shifted(one))
          case .split(let input, let recurrent):
            lstm.weights.bias = .split(input: try shifted(input), recurrent: recurrent)
          }
          return .lstm(lstm)
        })
    }
  }
}
