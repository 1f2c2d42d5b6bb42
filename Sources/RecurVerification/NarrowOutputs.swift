public import RecurInference
public import RecurModel
public import RecurTensors

/// How far the outputs of a model are from a recording when the engine holds weights in a narrow
/// type.
public struct NarrowOutputs: Sendable {
  /// The largest difference of one recorded output.
  public struct Movement: Sendable {
    /// The name of the output: `out_0`, `out_1`, ….
    public let name: String
    /// The largest difference from what was recorded; infinite where NaN or infinities differ.
    public let size: Double
  }

  /// The type of the weights.
  public let type: WeightType
  /// The layers whose weights are in that type.
  public let layers: [String]
  /// One per recorded output.
  public let movements: [Movement]
  /// The largest difference that is allowed; nil where none was declared.
  public let budget: Double?
  /// The layers that bring every output within the budget when they keep float32 too, as few as were
  /// found; empty where the budget is kept, or where no layers bring that about.
  public let advised: [Advice]
  /// The size of the packed weights in bytes.
  public let byteCount: Int

  /// What keeping one more layer in float32 does.
  public struct Advice: Sendable {
    /// The layer.
    public let layer: String
    /// The largest difference of all outputs, with the layers before in float32 too.
    public let size: Double
  }

  /// The most programs that are tried for advice.
  private static let mostTrials = 64

  /// Runs `model` on the inputs of `golden` with weights in `type`.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - golden: the recording of the original.
  ///   - type: the type of the weights.
  ///   - kept: layers that keep float32.
  ///   - kernels: the instruction set.
  ///   - threads: the number of threads of a run.
  ///   - budget: the largest difference that is allowed.
  /// - Throws: `golden.incomplete`, `verify.shape`, `engine.precision`, `engine.weights`, and what
  ///   ``Program/run(_:state:)`` throws.
  public init(
    _ model: Model, golden: GoldenFile, type: WeightType, keeping kept: [String] = [],
    kernels: Kernels = .best, threads: Int = 1, budget: Double? = nil
  ) throws(CheckpointError) {
    let model = golden.recorded(of: model)
    func run(
      _ kept: [String], _ type: WeightType
    ) throws(CheckpointError) -> (Program, [Movement]) {
      let program = try Program(
        model, weights: type, keeping: kept, kernels: kernels, threads: threads)
      return (program, try Self.movements(model, golden, program))
    }
    let (program, movements) = try run(kept, type)
    (self.type, self.movements, self.budget) = (type, movements, budget)
    (layers, byteCount) = (program.narrowLayers, program.byteCount)
    guard let budget, movements.largest > budget else {
      advised = []
      return
    }
    // The layer that brings most is kept first, then the next one beside it.
    var (advice, rest, trials): ([Advice], [String], Int) = ([], layers, 0)
    while advice.last.map({ $0.size > budget }) ?? true {
      var best: Advice?
      for layer in rest where trials < Self.mostTrials {
        trials += 1
        let all = kept + advice.map(\.layer) + [layer]
        let size = try run(all, rest.count > 1 ? type : .float32).1.largest
        if best.map({ size < $0.size }) ?? true { best = Advice(layer: layer, size: size) }
      }
      guard let best else { break }
      advice.append(best)
      rest.removeAll { $0 == best.layer }
    }
    advised = advice.last.map { $0.size <= budget } ?? false ? advice : []
  }

  /// Whether every output is within the budget.
  public var isWithinBudget: Bool { budget.map { movements.largest <= $0 } ?? true }

  private static func movements(
    _ model: Model, _ golden: GoldenFile, _ program: Program
  ) throws(CheckpointError) -> [Movement] {
    let (callsPerSet, recorded) = try Verification.calls(model, golden.firstSet)
    let calls = callsPerSet * golden.setCount
    let count = golden.inputs.count / max(calls, 1)
    var state = RecurrentState()
    var movements: [Movement] = []
    for call in 0..<calls {
      if call % callsPerSet == 0 { state = RecurrentState() }
      let inputs = Array(golden.inputs[call * count..<(call + 1) * count])
      let outputs = try program.run(inputs, state: &state)
      for (index, output) in outputs.prefix(recorded).enumerated() {
        let position = call * recorded + index
        let expected = golden.outputs[position]
        guard output.shape == expected.shape else {
          throw CheckpointError(
            .verifyShape, "'out_\(position)' has another shape than was recorded",
            at: expected.location, expected: shapeText(expected.shape),
            found: shapeText(output.shape))
        }
        movements.append(
          Movement(
            name: "out_\(position)",
            size: zip(output.doubles(), expected.doubles()).reduce(0) {
              max($0, distance($1.0, $1.1))
            }))
      }
    }
    return movements
  }

  /// The errors about outputs beyond the budget.
  public var findings: [Diagnostic] {
    guard let budget, !isWithinBudget else { return [] }
    var notes = advised.enumerated().map { position, advice in
      "with '\(advice.layer)'\(position > 0 ? " too" : "") in float32 outputs move by "
        + scientific(advice.size)
    }
    if advised.isEmpty { notes.append("no layers in float32 keep the budget") }
    return movements.filter { $0.size > budget }.map { movement in
      var finding = Diagnostic(
        .verifyBudget, .error,
        "with weights in \(type.rawValue) '\(movement.name)' moves by more than the budget",
        at: .init(), expected: "|diff| ≤ \(scientific(budget))",
        found: "|diff| up to \(scientific(movement.size))",
        remedies: advised.map { .keepWeights(layer: $0.layer, storing: type.elementType) })
      finding.notes += notes
      return finding
    }
  }

  /// One line per output.
  package var lines: [String] {
    movements.map { movement in
      "\(movement.name)  weights in \(type.rawValue)  max |diff| \(scientific(movement.size))"
        + (budget.map { "  budget \(scientific($0))  \(movement.size <= $0 ? "PASS" : "FAIL")" }
          ?? "")
    }
  }
}

extension [NarrowOutputs.Movement] {
  /// The largest difference of all outputs.
  fileprivate var largest: Double { reduce(0) { Swift.max($0, $1.size) } }
}

extension Diagnostic.Code {
  /// With weights in a narrow type, outputs are further from the recording than the budget.
  public static let verifyBudget = Self(rawValue: "verify.budget")
}
