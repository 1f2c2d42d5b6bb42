public import RecurInference
public import RecurModel
public import RecurTensors

/// The comparison of a model with a recording of the original.
public struct Verification: Sendable {
  /// One comparison per recorded output, in order; the calls of a stateful model follow each other.
  public let comparisons: [Comparison]
  /// The number of consecutive calls.
  public let calls: Int
  /// How many outputs of the model were not recorded, the last ones of each call.
  public let unrecorded: Int
  /// How many recordings were compared, each from its first state.
  package let recordings: Int
  /// The file of the recording, where there is one.
  package var file: String?
  /// Whether this program made the recording, which then says nothing about how the file is read.
  public let isSelfRecorded: Bool
  /// The first layer whose recorded output differs; nil where no layer was recorded, or none differs.
  public private(set) var differingLayer: String?

  /// Whether every output matches.
  public var matches: Bool { comparisons.allSatisfy(\.matches) }

  /// Runs `model` on the inputs of `golden` and compares.
  ///
  /// The reference derives the tolerances. The compared outputs come from the reference too, unless
  /// `engine` is fast.
  ///
  /// A stateful model whose golden holds n times its inputs and outputs is called n times in a row.
  /// Of a golden with fewer outputs than the model has, those are compared, from the first on.
  /// - Parameters:
  ///   - model: the model to verify.
  ///   - golden: the recording of the original.
  ///   - tolerance: replaces the tolerance derived for each output.
  ///   - engine: the engine that computes the compared outputs.
  /// - Throws: `golden.incomplete` when the counts fit no number of calls, `verify.shape`, and what
  ///   ``Model/run(_:state:)`` throws.
  public init(
    _ model: Model, golden: GoldenFile, tolerance: RequestedTolerance? = nil,
    engine: Engine = .reference
  ) throws(CheckpointError) {
    try model.checkConnected()
    let all = model.outputs.count
    let model = golden.recorded(of: model)
    let (callsPerSet, recorded) = try Self.calls(model, golden.firstSet)
    let calls = callsPerSet * golden.setCount
    var state = RecurrentState()
    var floatState = RecurrentState()
    var runner: ModelRunner?
    if case .fast = engine { runner = try ModelRunner(model, on: engine) }
    var runnerState = RecurrentState()
    var comparisons: [Comparison] = []
    var findings: [Diagnostic] = []
    let count = golden.inputs.count / max(calls, 1)
    for call in 0..<calls {
      if call % callsPerSet == 0 {
        (state, floatState, runnerState) = (RecurrentState(), RecurrentState(), RecurrentState())
      }
      let inputs = Array(golden.inputs[call * count..<(call + 1) * count])
      let (outputs, rounded) = try model.runInDoubleAndFloat(
        inputs, state: &state, floatState: &floatState)
      let computed = try runner?.run(inputs, state: &runnerState) ?? outputs
      for (index, (output, roundedOutput)) in zip(outputs, rounded).enumerated() {
        guard index < recorded else { break }
        let position = call * recorded + index
        let derived = Tolerance.derived(
          noise: zip(output.doubles(), roundedOutput.doubles()).reduce(0) {
            let size = distance($1.0, $1.1)
            return size.isFinite ? max($0, size) : $0
          },
          scale: output.doubles().reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 },
          precision: model.arithmeticPrecision(recordedAs: golden.outputs[position].elementType))
        do throws(CheckpointError) {
          comparisons.append(
            try Comparison(
              "out_\(position)", expected: golden.outputs[position], actual: computed[index],
              tolerance: tolerance?.replacing(derived) ?? derived, isDerived: tolerance == nil))
        } catch {
          findings += error.diagnostics
        }
      }
    }
    if let error = CheckpointError(findings: findings) { throw error }
    self.comparisons = comparisons
    self.calls = calls
    recordings = golden.setCount
    isSelfRecorded = golden.producer?.hasPrefix(GoldenFile.ownProducer) ?? false
    unrecorded = all - recorded
    if !comparisons.allSatisfy(\.matches) { differingLayer = model.differingLayer(from: golden) }
  }

  /// A tolerance requested by the user; omitted parts are derived or zero.
  public struct RequestedTolerance: Sendable {
    /// The absolute tolerance; replaces the derived one.
    public var absolute: Double?
    /// The relative tolerance; replaces zero.
    public var relative: Double?

    /// Makes a request.
    public init(absolute: Double?, relative: Double?) {
      self.absolute = absolute
      self.relative = relative
    }

    func replacing(_ derived: Tolerance) -> Tolerance {
      // Without an absolute part, a requested relative tolerance stands alone.
      let rest = relative == nil ? derived.absolute : 0
      return Tolerance(absolute: absolute ?? rest, relative: relative ?? 0)
    }
  }

  /// How many calls were recorded, and how many outputs of each.
  static func calls(
    _ model: Model, _ golden: GoldenFile
  ) throws(CheckpointError) -> (count: Int, recorded: Int) {
    for (index, output) in golden.outputs.enumerated() where output.count == 0 {
      throw CheckpointError(
        .goldenIncomplete, "out_\(index) holds no numbers, so it proves nothing",
        at: output.location, found: shapeText(output.shape))
    }
    guard let calls = model.callCount(inputs: golden.inputs.count),
      golden.outputs.count % calls == 0,
      1...max(model.outputs.count, 1) ~= golden.outputs.count / calls
    else {
      throw CheckpointError(
        .goldenIncomplete,
        "the golden file has \(number(golden.inputs.count, "input")) and "
          + "\(number(golden.outputs.count, "output")); the model has \(text(model)) and "
          + number(model.outputs.count, "output"),
        expected: "\(text(model)) (\(inputNames(model))) and "
          + "\(number(model.outputs.count, "output")) (\(names("out", model.outputs.count)))"
          + (model.isStateful ? ", or the same number of each for several calls in a row" : ""),
        found: number(golden.inputs.count, "input") + " and "
          + number(golden.outputs.count, "output"),
        notes: model.isStateful || golden.inputs.count < 2 * model.inputs.count
          ? [] : ["only a stateful model is called several times in a row"]
      ).advising(
        model.nodes.contains { $0.place != nil }
          ? "declare what was recorded: \"inputs\" and \"outputs\" of an \(.architecture) FILE.json"
          : nil)
    }
    return (calls, golden.outputs.count / calls)
  }

  /// The names of so many arrays: `in_0`, or `in_0 to in_2`.
  private static func names(_ word: String, _ count: Int) -> String {
    count > 1 ? "\(word)_0 to \(word)_\(count - 1)" : "\(word)_0"
  }

  /// The number of inputs; `1 or 3 inputs` when some inputs are optional.
  private static func text(_ model: Model) -> String {
    let (least, most) = (model.requiredInputs.count, model.inputs.count)
    return least == most ? number(most, "input") : "\(least) or \(most) inputs"
  }

  /// The names of as many inputs.
  private static func inputNames(_ model: Model) -> String {
    let (least, most) = (model.requiredInputs.count, model.inputs.count)
    return names("in", least) + (least == most ? "" : ", or " + names("in", most))
  }

  /// So many of something: `1 input`, `2 inputs`.
  private static func number(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
  }
}

extension Model {
  /// The first layer whose output in the first call is not the recorded one.
  fileprivate func differingLayer(from golden: GoldenFile) -> String? {
    let traces = golden.traces.filter { node($0.layer) != nil }
    guard !traces.isEmpty else { return nil }
    var copy = self
    copy.outputs = nodes.filter { node in traces.contains { $0.layer == node.name } }.map {
      Value($0.name)
    }
    let count = inputs(given: golden.inputs.count).count
    guard let computed = try? copy.run(Array(golden.inputs.prefix(count))) else { return nil }
    for (value, output) in zip(copy.outputs, computed) {
      guard let recorded = traces.first(where: { $0.layer == value.node })?.output else { continue }
      guard recorded.shape == output.shape else { return value.node }
      let scale = recorded.doubles().reduce(1.0) { max($0, $1.magnitude) }
      // Recorded in float32 at best.
      if !(recorded.largestDifference(from: output) <= 1e-4 * scale) { return value.node }
    }
    return nil
  }

  /// The least precise of the layers' precisions and the type of the recorded outputs.
  package func arithmeticPrecision(recordedAs type: ElementType) -> ArithmeticPrecision {
    let computing = nodes.filter { node in
      if case .input = node.layer { false } else { true }
    }
    let types = Set(computing.map(\.precision) + [type])
    if types.contains(.bfloat16) { return .brain }
    if types.contains(.float16) { return .half }
    return types == [.float64] ? .double : .full
  }
}
