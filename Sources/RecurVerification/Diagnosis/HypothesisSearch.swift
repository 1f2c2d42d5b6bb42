import RecurInference
import RecurModel
import RecurTensors

/// Tries hypotheses one by one, up to a limit on the multiplications.
struct HypothesisSearch {
  private let stored: Hypothesis.Trial
  /// The number of multiplications in one run of the model.
  private let cost: Double
  private var spent = 0.0
  private let budget: Double
  private let engine: Engine
  private let progress: (Int) -> Void
  /// Readings that explain all differences; each one changes the model in another way.
  private(set) var matching: [Diagnosis.Reading] = []
  /// The reading with the smallest remaining difference among the other readings.
  private(set) var nearest: Diagnosis.Reading?
  /// Up to six readings that come nearest, the nearest first.
  private var near: [Diagnosis.Reading] = []
  private(set) var tried = 0
  private(set) var untried = 0

  /// - Parameters:
  ///   - stored: the unchanged model and recording.
  ///   - budget: the number of multiplications that the reference may use.
  ///   - engine: the engine that sorts out readings far from the recording.
  ///   - progress: is told how many readings were tried, before each one.
  init(
    _ stored: Hypothesis.Trial, budget: Double, engine: Engine,
    progress: @escaping (Int) -> Void = { _ in }
  ) {
    self.stored = stored
    self.progress = progress
    self.engine = engine
    // The engine computes more than ten times as many multiplications per second as the reference.
    if case .fast = engine { self.budget = 10 * budget } else { self.budget = budget }
    cost = stored.cost
  }

  /// Tries every hypothesis by itself.
  mutating func tryAll(_ hypotheses: [Hypothesis]) throws(CheckpointError) {
    for hypothesis in hypotheses { try attempt(hypothesis) }
  }

  /// Tries each gate order in combination with each other mistake of the same scope.
  mutating func tryPairs(_ hypotheses: [Hypothesis]) throws(CheckpointError) {
    for (index, one) in hypotheses.enumerated() {
      for other in hypotheses.dropFirst(index + 1)
      where one.location == other.location && one.kind != other.kind {
        try attempt(one.followed(by: other))
      }
    }
  }

  /// Tries a second mistake on top of each reading that narrows the difference, or gives the recorded
  /// shapes where the unchanged model doesn't.
  mutating func tryBehindNearest(
    _ hypotheses: [Hypothesis], from error: Double
  ) throws(CheckpointError) {
    for reading in near where reading.error < 0.9 * error && matching.isEmpty {
      for other in hypotheses where other.claim != reading.claim {
        try attempt(reading.hypothesis.followed(by: other))
      }
    }
  }

  /// Tries further mistakes on top of the best reading.
  ///
  /// Further mistakes that also explain all differences show what the recording can't decide.
  mutating func tryBesides(
    _ best: Diagnosis.Reading, _ hypotheses: [Hypothesis]
  ) throws(CheckpointError) {
    for other in hypotheses where other.repairsModel {
      if best.hypothesis.kind == other.kind, best.claim == other.claim { continue }
      try attempt(best.hypothesis.followed(by: other))
    }
  }

  private mutating func attempt(_ hypothesis: Hypothesis) throws(CheckpointError) {
    guard spent + cost <= budget || spent == 0 else {
      untried += 1
      return
    }
    guard let trial = try hypothesis.apply(stored), !trial.isSame(as: stored),
      trial.model.findings().isEmpty
    else { return }
    // Nothing is computed to learn that the shapes are others.
    guard trial.mayHaveRecordedShapes else { return }
    tried += 1
    progress(tried)
    spent += cost
    var error = trial.largestError(on: engine)
    if case .fast = engine, error.isInfinite || error <= 2 * trial.generousTolerance {
      // A large difference in float32 is no match in Double either; for the others the reference
      // decides.
      error = trial.largestError(on: .reference)
    }
    // Deriving a tolerance takes a second run, which only near matches are worth.
    let matches = error <= trial.generousTolerance && trial.matches()
    let reading = Diagnosis.Reading(
      kind: hypothesis.kind.rawValue, claim: hypothesis.claim, error: error, matches: matches,
      hypothesis: hypothesis, model: trial.model)
    if !matches {
      if error < nearest?.error ?? .infinity { nearest = reading }
      if error.isFinite, near.count < 6 || error < near.last?.error ?? 0 {
        let place = near.firstIndex { $0.error > error } ?? near.count
        near.insert(reading, at: place)
        if near.count > 6 { near.removeLast() }
      }
    } else if !matching.contains(where: { $0.model.isSame(as: trial.model) }) {
      matching.append(reading)
    }
  }
}

extension Hypothesis.Trial {
  /// The number of multiplications in one run of all calls.
  var cost: Double {
    let rows = inputs.map { Double($0.count) / Double(max($0.shape.last ?? 1, 1)) }.max()
    let parameters = model.nodes.reduce(0.0) { $0 + Double($1.layer.parameterCount) }
    // A weight of a convolution is used at many positions, so its weights alone say too little.
    let calls = max(model.callCount(inputs: inputs.count) ?? 1, 1)
    let shapes = ModelShapes(
      model,
      inputShapes: inputs.prefix(inputs.count / calls).map { $0.shape.map(Dimension.fixed) })
    let products = model.productOperations(shapes).map { Double($0) / 2 * Double(calls) }
    return max(products ?? 0, max(parameters, 1) * max(rows ?? 1, 1))
  }

  /// The largest difference from the recording; infinite when the changed model can't be run.
  func largestError(on engine: Engine) -> Double {
    guard let computed = try? runAll(on: engine), computed.count == outputs.count else {
      return .infinity
    }
    var largest = 0.0
    for (recorded, output) in zip(outputs, computed) {
      guard recorded.shape == output.shape else { return .infinity }
      largest = max(largest, recorded.largestDifference(from: output))
    }
    return largest
  }

  /// Whether the outputs can have the shapes that were recorded, as far as shapes are known before
  /// anything is computed.
  fileprivate var mayHaveRecordedShapes: Bool {
    let calls = max(model.callCount(inputs: inputs.count) ?? 1, 1)
    let given = inputs.prefix(inputs.count / calls).map { $0.shape.map(Dimension.fixed) }
    guard given.count == model.inputs.count else { return true }
    let shapes = ModelShapes(model, inputShapes: given)
    return zip(model.outputs, outputs.prefix(outputs.count / calls)).allSatisfy { value, recorded in
      guard let shape = shapes[value], !shape.isEmpty else { return true }
      let extents = shape.map(\.value)
      return extents.contains(nil) || extents.map { $0 ?? 0 } == recorded.shape
    }
  }

  /// The largest difference that another model leaves; infinite when it can't be run.
  func error(of model: Model) -> Double {
    var copy = self
    copy.model = model
    return copy.largestError(on: .reference)
  }

  /// Whether another model puts out arrays of the recorded shapes.
  func fits(_ model: Model) -> Bool { error(of: model).isFinite }

  /// A tolerance at least as large as every derived tolerance.
  var generousTolerance: Double {
    let scale = outputs.reduce(1.0) { scale, tensor in
      tensor.doubles().reduce(scale) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    }
    let isHalf = model.nodes.contains { $0.precision.isHalfWidthFloat }
    return (isHalf ? 1.2e-2 : 2e-4) * scale
  }

  /// Whether every number is within its derived tolerance.
  func matches() -> Bool {
    let golden = GoldenFile(inputs: inputs, outputs: outputs)
    return (try? Verification(model, golden: golden))?.matches ?? false
  }

  /// Whether model and recording are unchanged.
  func isSame(as other: Hypothesis.Trial) -> Bool {
    zip(inputs, other.inputs).allSatisfy { $0.shape == $1.shape && $0.doubles() == $1.doubles() }
      && model.isSame(as: other.model)
  }

  /// The outputs of all calls, as many of each as were recorded.
  func runAll(on engine: Engine) throws(CheckpointError) -> [Tensor] {
    let runner = try ModelRunner(model, on: engine)
    guard let calls = model.callCount(inputs: inputs.count) else { return [] }
    var state = RecurrentState()
    var results: [Tensor] = []
    let count = inputs.count / max(calls, 1)
    // As many as were recorded of each call.
    let recorded = outputs.count / max(calls, 1)
    for call in 0..<calls {
      let given = Array(inputs[call * count..<(call + 1) * count])
      results += try runner.run(given, state: &state).prefix(recorded)
    }
    return results
  }
}

extension Model {
  /// Whether both models have bit-for-bit equal weights and equal options of all layers.
  func isSame(as other: Model) -> Bool {
    guard nodes.count == other.nodes.count, outputs == other.outputs else { return false }
    return zip(nodes, other.nodes).allSatisfy { one, other in
      let (tensors, others) = (one.layer.tensors, other.layer.tensors)
      return one.mask == other.mask && one.inputs == other.inputs
        && one.initialState == other.initialState
        && one.precision == other.precision && one.layer.optionText == other.layer.optionText
        && tensors.count == others.count
        && zip(tensors, others).allSatisfy { $0.tensor.isBitEqual(to: $1.tensor) }
    }
  }
}

extension Layer {
  /// The options that hypotheses and readings can change, as text for comparing.
  fileprivate var optionText: String {
    let compared = ComparedLayer("", self, activation: nil)
    let options = (compared.fixedOptions + compared.options).map { "\($0.name) \($0.value)" }
    let recurrents = recurrents.map { "\($0.direction) \($0.maskedOutput) \($0.returnsSequence)" }
    return (options + recurrents).joined(separator: "; ")
  }
}
