import RecurInference
import RecurModel
import RecurTensors

/// Tries hypotheses one by one, within a budget.
struct HypothesisSearch {
  private let stored: Hypothesis.Trial
  /// The multiplications of one run of the model.
  private let cost: Double
  private var spent = 0.0
  private let budget: Double
  private let engine: Engine
  /// Readings that explain every number, each different from the others.
  private(set) var matching: [Diagnosis.Reading] = []
  /// The best of the others.
  private(set) var nearest: Diagnosis.Reading?
  private(set) var tried = 0
  private(set) var untried = 0

  /// - Parameters:
  ///   - stored: the model as the file is read.
  ///   - budget: the multiplications of the reference that may be spent.
  ///   - engine: what tells readings that are far from the recording.
  init(_ stored: Hypothesis.Trial, budget: Double, engine: Engine) {
    self.stored = stored
    self.engine = engine
    // The engine multiplies more than ten times as fast as the reference.
    if case .fast = engine { self.budget = 10 * budget } else { self.budget = budget }
    let rows = stored.inputs.map { Double($0.count) / Double(max($0.shape.last ?? 1, 1)) }.max()
    let parameters = stored.model.nodes.reduce(0.0) { $0 + Double($1.layer.parameterCount) }
    cost = max(parameters, 1) * max(rows ?? 1, 1)
  }

  /// Tries every hypothesis by itself.
  mutating func tryAll(_ hypotheses: [Hypothesis]) throws(CheckpointError) {
    for hypothesis in hypotheses { try attempt(hypothesis) }
  }

  /// Tries gate orders together with each other mistake of the same scope.
  mutating func tryPairs(_ hypotheses: [Hypothesis]) throws(CheckpointError) {
    for (index, one) in hypotheses.enumerated() {
      for other in hypotheses.dropFirst(index + 1)
      where one.location == other.location && one.kind != other.kind {
        try attempt(one.followed(by: other))
      }
    }
  }

  /// Tries what else could be wrong besides the best reading: what still explains every number shows
  /// what the recording can't tell.
  mutating func tryBesides(
    _ best: Diagnosis.Reading, _ hypotheses: [Hypothesis]
  ) throws(CheckpointError) {
    for other in hypotheses where other.repairsModel {
      if best.hypothesis.kind == other.kind, best.claim == other.claim { continue }
      try attempt(best.hypothesis.followed(by: other))
    }
  }

  private mutating func attempt(_ hypothesis: Hypothesis) throws(CheckpointError) {
    guard spent + cost <= budget || tried == 0 else {
      untried += 1
      return
    }
    guard let trial = try hypothesis.apply(stored), !trial.isSame(as: stored),
      trial.model.findings().isEmpty
    else { return }
    spent += cost
    tried += 1
    var error = trial.largestError(on: engine)
    if case .fast = engine, error.isInfinite || error <= 2 * trial.generousTolerance {
      // What is far off in float32 is no match in Double; the rest is the reference's to say.
      error = trial.largestError(on: .reference)
    }
    // A full verification derives the tolerance; it is worth its second run only near a match.
    let matches = error <= trial.generousTolerance && trial.matches()
    let reading = Diagnosis.Reading(
      kind: hypothesis.kind.rawValue, claim: hypothesis.claim, error: error, matches: matches,
      hypothesis: hypothesis, model: trial.model)
    if !matches {
      if error < nearest?.error ?? .infinity { nearest = reading }
    } else if !matching.contains(where: { $0.model.isSame(as: trial.model) }) {
      matching.append(reading)
    }
  }
}

extension Hypothesis.Trial {
  /// The largest difference from the recording; infinite when the model can't be run so.
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

  /// No derived tolerance is larger.
  var generousTolerance: Double {
    let scale = outputs.reduce(1.0) { scale, tensor in
      tensor.doubles().reduce(scale) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    }
    let isHalf = model.nodes.contains { $0.precision.isHalfWidthFloat }
    return (isHalf ? 1.2e-2 : 2e-4) * scale
  }

  /// Whether every number is within its tolerance.
  func matches() -> Bool {
    let golden = GoldenFile(inputs: inputs, outputs: outputs)
    return (try? Verification(model, golden: golden))?.matches ?? false
  }

  /// Whether nothing was changed.
  func isSame(as other: Hypothesis.Trial) -> Bool {
    zip(inputs, other.inputs).allSatisfy { $0.shape == $1.shape && $0.doubles() == $1.doubles() }
      && model.isSame(as: other.model)
  }

  /// The 16-bit type that all weights could be stored in without loss though they are stored wider,
  /// when rounding to it explains a difference of this size; else nil.
  ///
  /// Every weight is moved by up to half a unit in its last place, up and down in turn.
  func roundedType(explaining error: Double) throws(CheckpointError) -> ElementType? {
    guard error.isFinite else { return nil }
    for type in [ElementType.float16, .bfloat16] {
      let tensors = model.weightedNodes.flatMap { $0.layer.tensors.map(\.tensor) }
        .filter { $0.elementType.isFloatingPoint }
      guard tensors.contains(where: { $0.elementType != type }),
        tensors.allSatisfy({ $0.doubles().allSatisfy { type.rounded($0) == $0 } })
      else { continue }
      let step = type == .float16 ? 0x1p-12 : 0x1p-9
      var moved = self
      var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
      for index in moved.model.nodes.indices {
        moved.model.nodes[index].layer = try moved.model.nodes[index].layer.mappingTensors {
          (tensor: Tensor) throws(CheckpointError) -> Tensor in
          guard tensor.elementType.isFloatingPoint else { return tensor }
          return try tensor.replacingNumbers(
            tensor.doubles().map { value in
              bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
              return value * (1 + (bits >> 63 == 0 ? step : -step))
            })
        }
      }
      moved.outputs = try runAll(on: .reference)
      // Eight such steps leave room for an unlucky draw; another mistake is far beyond.
      if error <= 8 * moved.largestError(on: .reference) { return type }
    }
    return nil
  }

  private func runAll(on engine: Engine) throws(CheckpointError) -> [Tensor] {
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
  /// Whether both have the same weights, bit for bit, and say the same of every layer besides.
  func isSame(as other: Model) -> Bool {
    guard nodes.count == other.nodes.count else { return false }
    return zip(nodes, other.nodes).allSatisfy { one, other in
      let (tensors, others) = (one.layer.tensors, other.layer.tensors)
      return one.mask == other.mask && one.initialState == other.initialState
        && one.precision == other.precision && one.layer.optionText == other.layer.optionText
        && tensors.count == others.count
        && zip(tensors, others).allSatisfy { $0.tensor.isBitEqual(to: $1.tensor) }
    }
  }
}

extension Layer {
  /// What hypotheses change besides weights, as text.
  fileprivate var optionText: String {
    let compared = ComparedLayer("", self, activation: nil)
    let options = (compared.fixedOptions + compared.options).map { "\($0.name) \($0.value)" }
    let recurrents = recurrents.map { "\($0.direction) \($0.maskedOutput)" }
    return (options + recurrents).joined(separator: "; ")
  }
}
