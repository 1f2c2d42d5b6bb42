package import RecurInference
public import RecurModel
public import RecurTensors

/// Why a model does not compute what was recorded: every known mistake is undone in turn, the reference
/// is run, and what then gives the recorded numbers is named.
///
/// It is evidence about one recording and never applied silently.
public struct Diagnosis: Sendable {
  /// What came of it.
  public enum Verdict: String, Sendable {
    /// Nothing is wrong.
    case matches
    /// One mistake explains every number.
    case likely
    /// Several mistakes explain every number; the recording can't tell them apart.
    case ambiguous
    /// No known mistake explains the numbers.
    case unexplained
  }

  /// One mistake that was undone, and what came of it.
  public struct Reading: Sendable {
    /// The kind of mistake: `gate-order`.
    public let kind: String
    /// The mistake as a sentence.
    public let claim: String
    /// The largest difference from the recording; infinite where shapes or NaN differ.
    public let error: Double
    /// Whether every number is within the tolerance.
    public let matches: Bool
    let hypothesis: Hypothesis
    let model: Model
  }

  /// The multiplications that are spent before the rest is given up.
  package static let budget = 1e10

  /// What came of it.
  public private(set) var verdict: Verdict
  /// The largest difference as the file is read; infinite where shapes differ.
  public let storedError: Double
  /// The readings that explain every number, the simplest first.
  public private(set) var matching: [Reading] = []
  /// The reading that comes nearest without explaining every number.
  public private(set) var nearest: Reading?
  /// How many readings were tried.
  public private(set) var tried = 0
  /// How many were not tried, because each costs too much.
  public private(set) var untried = 0
  /// What is wrong with the shapes as the file is read.
  package let shapeFindings: [Diagnostic]
  /// The type that all weights could be stored in without loss though they are stored wider, when
  /// rounding to it explains the size of the difference.
  package private(set) var roundedTo: ElementType?
  /// A note of outputs that were not recorded, if there are such.
  private(set) var unrecorded: Diagnostic?
  /// The largest number of timesteps in the recording.
  package let timesteps: Int
  /// What is to be said; nothing for a model that matches.
  public package(set) var findings: [Diagnostic] = []
  /// Whether the file holds weights alone, and a declaration of its modules the options.
  let hasDeclaredOptions: Bool

  /// The model as it should have been, when one mistake of the file explains everything.
  public var repaired: Model? {
    guard verdict == .likely, let reading = matching.first, reading.hypothesis.repairsModel else {
      return nil
    }
    return reading.model
  }

  /// Whether the mistake is one of options, which a file of weights alone does not hold.
  public var concernsOptions: Bool {
    matching.first.map {
      [.activation, .direction, .resetPlacement, .mask].contains($0.hypothesis.kind)
    }
      ?? false
  }

  /// Diagnoses `model` with what was recorded of the original.
  ///
  /// The reference judges; `engine` finds out first what is far from the recording.
  /// - Throws: `golden.incomplete` and what running the model throws, but shapes that differ.
  package init(
    _ model: Model, golden: GoldenFile, conventions: RecurrentConventions,
    engine: Engine = .reference
  ) throws(CheckpointError) {
    let stored = Hypothesis.Trial(model: model, inputs: golden.inputs, outputs: golden.outputs)
    hasDeclaredOptions = model.weightedNodes.contains { $0.place != nil }
    let takesTokens = model.nodes.contains { node in
      if case .embedding = node.layer { true } else { false }
    }
    timesteps =
      golden.inputs.filter { $0.rank == 3 || $0.rank == 2 && takesTokens }.map { $0.shape[1] }.max()
      ?? 1
    let calls = max(model.callCount(inputs: golden.inputs.count) ?? 1, 1)
    unrecorded = .unrecorded(
      model.outputs.count - golden.outputs.count / calls, of: model.outputs.count)
    do throws(CheckpointError) {
      let verification = try Verification(model, golden: golden)
      storedError = verification.comparisons.map(\.passingTolerance).max() ?? .infinity
      shapeFindings = []
      verdict = verification.matches ? .matches : .unexplained
    } catch {
      let isShape = error.diagnostics.allSatisfy { finding in
        finding.code == .verifyShape || finding.code.rawValue.hasPrefix("input.")
          || finding.severity != .error
      }
      guard isShape else { throw error }
      storedError = .infinity
      shapeFindings = error.diagnostics
      verdict = .unexplained
    }
    guard verdict != .matches else { return }
    var search = HypothesisSearch(stored, budget: Self.budget, engine: engine)
    let list = HypothesisList(model, conventions)
    try search.tryAll(list.likely)
    if search.matching.isEmpty { try search.tryAll(list.partial) }
    if search.matching.isEmpty { try search.tryPairs(list.combinable) }
    if let best = search.matching.first {
      try search.tryBesides(best, list.likely)
    } else {
      roundedTo = try stored.roundedType(explaining: storedError)
    }
    matching = search.matching
    nearest = search.nearest
    tried = search.tried
    untried = search.untried
    verdict =
      matching.isEmpty && roundedTo == nil
      ? .unexplained : matching.count > 1 ? .ambiguous : .likely
  }
}
