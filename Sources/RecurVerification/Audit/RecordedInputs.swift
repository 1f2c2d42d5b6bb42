import RecurModel
import RecurTensors

/// What the inputs of a recording are like, as far as mistakes hide behind it.
struct RecordedInputs {
  private let model: Model
  private let timesteps: Int
  private let isZero: Bool
  private let isConstant: Bool
  private let masks: Bool
  private let takesStates: Bool

  init(_ golden: GoldenFile, of model: Model) {
    self.model = model
    let sequences = golden.inputs.filter { $0.rank > 1 }
    timesteps =
      zip(model.inputs, golden.inputs).compactMap { name, input in
        input.rank == 3 || input.rank == 2 && Self.isTokens(name, of: model) ? input.shape[1] : nil
      }.max() ?? 1
    isZero = golden.inputs.allSatisfy { $0.doubles().allSatisfy { $0 == 0 } }
    isConstant = sequences.allSatisfy(Self.isConstant)
    masks = model.nodes.contains { $0.mask != nil }
    takesStates = model.nodes.contains { !$0.initialState.isEmpty }
  }

  /// Whether the inputs alone hide mistakes: zeros, a constant, or hardly any timesteps.
  var isPoor: Bool { isZero || isConstant || timesteps < 3 }

  /// Whether an input is read as rows of a table, so that its second axis is the timesteps.
  private static func isTokens(_ name: String, of model: Model) -> Bool {
    model.nodes.contains { node in
      guard case .embedding = node.layer else { return false }
      return node.inputs.contains(Model.Value(name))
    }
  }

  /// What a recording needs that shows mistakes of these kinds.
  func advice(for kinds: Set<Hypothesis.Kind>) -> [String] {
    guard !kinds.isEmpty else { return [] }
    var result: [String] = []
    if isZero {
      result.append(
        "random inputs: from zeros most layers compute zeros whatever their weights are")
    } else if isConstant {
      result.append(
        "inputs that change from timestep to timestep and from feature to feature: a constant one hides "
          + "the direction and the order of the features")
    }
    if timesteps < 3 {
      result.append(
        "three timesteps or more: with \(timesteps) the recurrent kernel, the forget gate and what is "
          + "carried on have little effect or none")
    }
    if masks, !kinds.isDisjoint(with: [.mask, .selection]) {
      result.append(
        "sequences with masked timesteps at the end, at the beginning and in the middle")
    }
    if takesStates, kinds.contains(.initialState) {
      result.append("initial states that are not zeros, and h other than c")
    }
    if kinds.contains(.rounding) {
      result.append("larger inputs, or more timesteps, so that rounding shows")
    }
    if result.isEmpty {
      result.append("more sequences, whole sequences in place of the last timestep, and the states")
    }
    return result
  }

  /// Whether all numbers of each sequence are the same.
  private static func isConstant(_ tensor: Tensor) -> Bool {
    let numbers = tensor.doubles()
    let length = max(tensor.shape.dropFirst().reduce(1, *), 1)
    return numbers.indices.allSatisfy { numbers[$0] == numbers[$0 / length * length] }
  }
}
