package import RecurInference
package import RecurModel
package import RecurTensors

/// Which of the mistakes that people make a recording would show.
///
/// Every known mistake is made on the model in turn, and the model is run on the recorded inputs. A
/// mistake that moves no output by more than the tolerance would go unnoticed: the recording proves
/// nothing about it.
public struct GoldenAudit: Sendable {
  /// One mistake.
  public struct Mistake: Sendable {
    /// The kind of mistake: `gate-order`.
    public let kind: String
    /// The mistake as a sentence.
    public let claim: String
    /// How far it moves an output; infinite where it changes the shape.
    public let effect: Double
    /// Whether the recording shows it.
    public let isVisible: Bool
    let group: Hypothesis.Kind
  }

  /// The mistakes, those that the recording shows and those that it doesn't.
  public let mistakes: [Mistake]
  /// How many known mistakes would change nothing of this model: its weights are too plain.
  public let withoutEffect: [String]
  /// How many mistakes were not made, because running them would take too long.
  public let untried: Int
  /// What a better recording has, a sentence each; empty when it shows every mistake.
  public let advice: [String]

  /// The mistakes that the recording doesn't show.
  public var invisible: [Mistake] { mistakes.filter { !$0.isVisible } }

  /// Whether the inputs of a recording alone hide mistakes: zeros, a constant, or hardly any timesteps.
  package static func isPoor(_ golden: GoldenFile, for model: Model) -> Bool {
    RecordedInputs(golden, of: model).isPoor
  }

  /// The number of multiplications after which no further mistake is made.
  package static let budget = 2e10

  /// Makes every known mistake on `model` and compares on the inputs of `golden`.
  ///
  /// - Parameters:
  ///   - model: the model that was recorded.
  ///   - golden: the recording; only its inputs are used, and which outputs it holds.
  ///   - conventions: the words for gates.
  ///   - engine: computes the mistakes; the reference decides about those that are near the tolerance.
  ///   - budget: the number of multiplications.
  ///   - progress: is told how many mistakes were made.
  /// - Throws: `golden.incomplete` and what running the model throws.
  package init(
    _ model: Model, golden: GoldenFile, conventions: RecurrentConventions,
    engine: Engine = .reference, budget: Double = Self.budget,
    progress: (Int) -> Void = { _ in }
  ) throws(CheckpointError) {
    let whole = golden.recorded(of: model)
    let sets = try golden.sets.map { set throws(CheckpointError) in
      try AuditedCalls(whole, set)
    }
    let cost = sets.reduce(0) { $0 + $1.cost }
    var (spent, untried) = (0.0, 0)
    var mistakes: [Mistake] = []
    var withoutEffect: [String] = []
    var models: [Model] = []
    for mistake in KnownMistakes(whole, conventions).all {
      guard let first = sets.first, let trial = try mistake.apply(first.trial) else { continue }
      if trial.isSame(as: first.trial) {
        withoutEffect.append(mistake.claim)
        continue
      }
      guard trial.model.findings().isEmpty, !models.contains(where: { $0.isSame(as: trial.model) })
      else { continue }
      guard spent + cost <= budget || spent == 0 else {
        untried += 1
        continue
      }
      progress(mistakes.count)
      spent += cost
      models.append(trial.model)
      var (effect, isVisible) = (0.0, false)
      for set in sets where !isVisible {
        let (size, shows) = try set.effect(of: mistake, on: engine)
        effect = max(effect, size)
        isVisible = shows
      }
      mistakes.append(
        Mistake(
          kind: mistake.kind.rawValue, claim: mistake.claim, effect: effect, isVisible: isVisible,
          group: mistake.kind))
    }
    self.mistakes = mistakes
    self.withoutEffect = withoutEffect
    self.untried = untried
    advice = RecordedInputs(golden, of: whole).advice(
      for: Set(mistakes.filter { !$0.isVisible }.map(\.group)))
  }
}

/// The calls of one recording, with what the right model puts out.
private struct AuditedCalls {
  let trial: Hypothesis.Trial
  private let tolerances: [Tolerance]
  let cost: Double

  init(_ model: Model, _ golden: GoldenFile) throws(CheckpointError) {
    let verification = try Verification(model, golden: golden)
    tolerances = verification.comparisons.map(\.tolerance)
    var trial = Hypothesis.Trial(model: model, inputs: golden.inputs, outputs: golden.outputs)
    trial.outputs = try trial.runAll(on: .reference)
    self.trial = trial
    cost = trial.cost
  }

  /// How far a mistake moves an output, and whether that is more than the tolerance.
  func effect(
    of mistake: Hypothesis, on engine: Engine
  ) throws(CheckpointError) -> (size: Double, isVisible: Bool) {
    guard let wrong = try mistake.apply(trial) else { return (0, false) }
    var found = compared(wrong, on: engine)
    if case .fast = engine, !found.isVisible || found.size < 10 * found.tolerance {
      found = compared(wrong, on: .reference)
    }
    return (found.size, found.isVisible)
  }

  private func compared(
    _ wrong: Hypothesis.Trial, on engine: Engine
  ) -> (size: Double, tolerance: Double, isVisible: Bool) {
    guard let outputs = try? wrong.runAll(on: engine), outputs.count == wrong.outputs.count else {
      return (.infinity, 0, true)
    }
    var (size, tolerance, isVisible) = (0.0, 0.0, false)
    for (index, (right, output)) in zip(wrong.outputs, outputs).enumerated() {
      guard right.shape == output.shape else { return (.infinity, 0, true) }
      let allowed = tolerances[index]
      for (expected, actual) in zip(right.doubles(), output.doubles()) {
        let difference = distance(expected, actual)
        size = max(size, difference)
        isVisible = isVisible || !(difference <= allowed.allowed(for: expected))
      }
      tolerance = max(tolerance, allowed.absolute)
    }
    return (size, tolerance, isVisible)
  }
}

extension Model {
  /// The number of multiplications in one run on a recording.
  package func cost(of golden: GoldenFile) -> Double {
    golden.sets.reduce(0) { sum, set in
      sum + Hypothesis.Trial(model: self, inputs: set.inputs, outputs: set.outputs).cost
    }
  }
}
