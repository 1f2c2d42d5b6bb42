package import RecurInference
public import RecurModel
public import RecurTensors

/// Finds the mistake that explains why a model's outputs differ from a recording.
///
/// Every known mistake is undone in turn, and the changed model is run. The mistakes whose changed
/// model gives the recorded outputs are named. This is evidence from one recording; no change is
/// applied silently.
public struct Diagnosis: Sendable {
  /// The overall result.
  public enum Verdict: String, Sendable {
    /// The model matches the recording.
    case matches
    /// Exactly one mistake explains all differences.
    case likely
    /// Several mistakes explain all differences; the recording can't tell which one was made.
    case ambiguous
    /// No known mistake explains the differences.
    case unexplained
  }

  /// One mistake that was undone, and the remaining difference.
  public struct Reading: Sendable {
    /// The kind of mistake: `gate-order`.
    public let kind: String
    /// The mistake as a sentence.
    public let claim: String
    /// The largest remaining difference; infinite where shapes differ or a number is NaN.
    public let error: Double
    /// Whether every number is within the tolerance.
    public let matches: Bool
    let hypothesis: Hypothesis
    let model: Model
  }

  /// The number of multiplications after which no further readings are tried.
  package static let budget = 1e10

  /// The overall result.
  public private(set) var verdict: Verdict
  /// The largest difference of the unchanged model; infinite where shapes differ.
  public let storedError: Double
  /// The readings that explain all differences, the simplest first.
  public private(set) var matching: [Reading] = []
  /// The reading with the smallest remaining difference among those that don't explain everything.
  public private(set) var nearest: Reading?
  /// The number of readings that were tried.
  public private(set) var tried = 0
  /// The number of readings that were not tried because of their cost.
  public private(set) var untried = 0
  /// The shape errors of the unchanged model.
  package let shapeFindings: [Diagnostic]
  /// A 16-bit type that could store all weights without loss, although the file stores a wider
  /// type; set when rounding to that type explains the size of the difference.
  package private(set) var roundedTo: ElementType?
  /// The 16-bit type in which the recording was likely computed, if it was.
  package private(set) var computedIn: ElementType?
  /// Further mistakes, each beside the one that explains everything, that would not show in the
  /// recording.
  public private(set) var hiddenBesides: [String] = []
  /// Where the unchanged model begins to differ, output by output.
  public private(set) var localizations: [Localization] = []
  /// How the computed numbers of the unchanged model go with the recorded ones: 1 for the same course,
  /// around 0 for another model; nil where shapes differ.
  public private(set) var correlation: Double?
  /// A note of outputs that were not recorded, if there are such.
  private(set) var unrecorded: Diagnostic?
  /// The largest number of timesteps in the recording.
  package let timesteps: Int
  /// The findings; empty for a model that matches.
  public package(set) var findings: [Diagnostic] = []
  /// What is left, and how the file is read, when the recording was likely made with inputs of layers
  /// rounded to 8 bits, as quantized layers do; else nil.
  private(set) var quantized: (error: Double, reading: ModelReading?)?
  /// Whether weights of the file were stored as integers of 8 bits.
  let isDequantized: Bool
  /// The GRUs whose recurrent bias of the candidate is zeros though they have two biases.
  let summedGRUs: [String]
  /// Whether the file holds only weights, and the options come from a declaration of its modules.
  let hasDeclaredOptions: Bool

  /// How many times farther from the recording the next best reading is than the best one; nil where
  /// nothing explains the recording.
  ///
  /// Below 100 the recording hardly decides.
  public var margin: Double? {
    guard let best = matching.first, let nearest, nearest.error.isFinite else { return nil }
    // Differences below float32's rounding say nothing.
    return nearest.error / max(best.error, 1e-7)
  }

  /// The corrected model, when exactly one mistake of the file explains all differences.
  public var repaired: Model? {
    guard verdict == .likely, let reading = matching.first, reading.hypothesis.repairsModel else {
      return nil
    }
    return reading.model
  }

  /// Whether the mistake is in the options, which a file of weights does not hold.
  public var concernsOptions: Bool {
    matching.first.map {
      [.activation, .direction, .resetPlacement, .mask, .reading, .selection].contains(
        $0.hypothesis.kind)
    }
      ?? false
  }

  /// Diagnoses `model` by a recording of the original.
  ///
  /// What the file may mean besides, `readings`, is tried before any mistake. `isDequantized` says that
  /// weights were stored as integers of 8 bits.
  ///
  /// `engine` sorts out readings that are far from the recording; the reference decides about the
  /// others.
  ///
  /// - Throws: `golden.incomplete` and what running the model throws, except for differing shapes.
  package init(
    _ model: Model, golden: GoldenFile, conventions: RecurrentConventions,
    engine: Engine = .reference, readings: [ModelReading] = [], isDequantized: Bool = false,
    progress: @escaping (Int) -> Void = { _ in }
  ) throws(CheckpointError) {
    let all = model.outputs.count
    let model = golden.recorded(of: model)
    let stored = Hypothesis.Trial(model: model, inputs: golden.inputs, outputs: golden.outputs)
    self.isDequantized = isDequantized
    summedGRUs = model.weightedNodes.filter(\.hasSummedBiases).map(\.layerName)
    hasDeclaredOptions = model.weightedNodes.contains { $0.place != nil }
    let takesTokens = model.nodes.contains { node in
      if case .embedding = node.layer { true } else { false }
    }
    timesteps =
      golden.inputs.filter { $0.rank == 3 || $0.rank == 2 && takesTokens }.map { $0.shape[1] }.max()
      ?? 1
    let calls = max(model.callCount(inputs: golden.inputs.count) ?? 1, 1)
    unrecorded = .unrecorded(
      all - golden.outputs.count / calls, of: all)
    do throws(CheckpointError) {
      let verification = try Verification(model, golden: golden)
      storedError = verification.comparisons.map(\.passingTolerance).max() ?? .infinity
      shapeFindings = []
      verdict = verification.matches ? .matches : .unexplained
      localizations = verification.comparisons.compactMap(\.localization)
      correlation = verification.comparisons.compactMap(\.correlation).max()
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
    if let type = try stored.arithmeticType(explaining: storedError) {
      computedIn = type
      verdict = .likely
      return
    }
    var search = HypothesisSearch(stored, budget: Self.budget, engine: engine, progress: progress)
    try search.tryAll(readings.map(\.hypothesis))
    if isDequantized, search.matching.isEmpty {
      let errors = [storedError] + readings.map { stored.error(of: $0.model) }
      if let error = errors.min(), error <= stored.effectOfQuantizedInputs {
        let index = errors.firstIndex(of: error) ?? 0
        quantized = (error, index == 0 ? nil : readings[index - 1])
        verdict = .likely
        tried = search.tried
        return
      }
    }
    let list = HypothesisList(model, conventions)
    // What may have been taken of a sequence is tried first: it is what people do most often.
    if search.matching.isEmpty { try search.tryAll(list.selections) }
    // What the file may mean is no mistake, so a mistake is looked for when none of it was recorded.
    if search.matching.isEmpty { try search.tryAll(list.likely) }
    if search.matching.isEmpty {
      for reading in readings where stored.fits(reading.model) {
        try search.tryAll(HypothesisList(reading.model, conventions).likely.map(reading.with))
      }
    }
    if search.matching.isEmpty { try search.tryAll(Hypothesis.inputs(of: stored)) }
    if search.matching.isEmpty { try search.tryAll(list.partial) }
    if search.matching.isEmpty { try search.tryBehindNearest(list.likely, from: storedError) }
    // Where no single mistake gives the recorded shapes, no order of gates beside it does.
    if search.matching.isEmpty, search.tried > 0 { try search.tryPairs(list.combinable) }
    let simple = search.matching.count
    let isTaken: Set<Hypothesis.Kind> = [.reading, .selection, .inputScale]
    if let best = search.matching.first, !isTaken.contains(best.hypothesis.kind) {
      try search.tryBesides(best, list.likely)
    } else if search.matching.isEmpty {
      roundedTo = try stored.roundedType(explaining: storedError)
    }
    // Of several timesteps, the smallest explanation is believed; a second mistake that would not show
    // is told.
    let decides = timesteps > 2 && simple > 0
    matching = decides ? Array(search.matching.prefix(simple)) : search.matching
    hiddenBesides = decides ? search.matching.dropFirst(simple).map(\.claim) : []
    nearest = search.nearest
    tried = search.tried
    untried = search.untried
    verdict =
      matching.isEmpty && roundedTo == nil
      ? .unexplained : matching.count > 1 ? .ambiguous : .likely
  }
}

extension Model.Node {
  /// Whether a GRU of the layer has two biases, and the one that passes the reset gate is zeros.
  fileprivate var hasSummedBiases: Bool {
    layer.recurrents.contains { recurrent in
      guard case .gru(let gru) = recurrent.cell, gru.resetPlacement == .afterProduct,
        case .split(let input, let other) = gru.weights.bias
      else { return false }
      return other[.candidate].doubles().allSatisfy { $0 == 0 }
        && !input[.candidate].doubles().allSatisfy { $0 == 0 }
    }
  }
}
