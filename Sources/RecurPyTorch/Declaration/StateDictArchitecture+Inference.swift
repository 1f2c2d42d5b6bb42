import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

// What names and shapes tell, with an answer to every question that they leave open: one that was given,
// or the one that is assumed.
extension StateDictArchitecture {
  /// The model that is inferred; modules that are not connected where they do not follow each other.
  ///
  /// - Throws: `pytorch.inputs.undeclared`, `file.option-unused` for answers to what is not open, and
  ///   what reading the modules throws.
  static func inferred(
    _ stateDict: StateDict, _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    let inference = PyTorchInference(stateDict, options.readings)
    try check(options.readings, inference)
    guard inference.isChain else {
      return try unconnected(
        stateDict, probe, because: inference.gap.map { [$0] } ?? [], strays: inference.strays)
    }
    try checkFolded(stateDict)
    // Which timesteps can be read is what can be built.
    let answers: [Readings.Timesteps?] =
      inference.head == nil || options.readings.timesteps != nil ? [nil] : [.all, .last]
    var built: [(answer: Readings.Timesteps?, inference: PyTorchInference, model: DecodedModel)] =
      []
    var problem: CheckpointError?
    for answer in answers {
      let readings = options.readings.adding(Readings(timesteps: answer))
      let inference = answer == .last ? PyTorchInference(stateDict, readings) : inference
      do throws(CheckpointError) {
        let model = try declared(inference.declaration, stateDict, probe, options)
        built.append((answer, inference, model))
      } catch {
        problem = problem ?? error
      }
    }
    guard let first = built.first else {
      // What can't be run can still be listed, compared and converted; what is broken can't.
      let limits: Set<Diagnostic.Code> = [
        .pytorchOptionUnsupported, .pytorchLayerUnsupported, .shapeMismatch,
      ]
      let findings = problem?.diagnostics ?? []
      let isLimit = findings.allSatisfy { $0.severity != .error || limits.contains($0.code) }
      if let problem, options.inputs != nil || !options.readings.isEmpty || !isLimit {
        throw problem
      }
      return try unconnected(stateDict, probe, because: findings.map(\.message))
    }
    var decoded = first.model
    var assumptions = first.inference.assumptions
    decoded.openReadings = first.inference.open
    if let head = inference.head, options.readings.timesteps == nil {
      if built.count > 1 {
        decoded.openReadings.append(head.open(built.compactMap(\.answer)))
      } else {
        // Only one answer can be built, so nothing was assumed.
        assumptions.removeAll { $0 == head.assumption }
      }
    }
    decoded.coverage.isInferred = true
    decoded.basis.assumed = assumptions
    decoded.basis.declared = options.readings.answersInWords
    decoded.diagnostics.append(remark(first.inference.remarks, assumptions))
    return decoded
  }

  /// What is said of a model that was inferred.
  private static func remark(_ remarks: [String], _ assumptions: [String]) -> Diagnostic {
    let assumed = remarks + assumptions
    // The axes of arrays are the caller's.
    return Diagnostic(
      .architectureAssumed, assumptions.isEmpty && !remarks.isEmpty ? .note : .warning,
      "a state dict has no architecture; it was inferred from names and shapes"
        + (assumed.isEmpty ? "" : ", and some of it assumed"),
      notes: assumed.map { "assumed: \($0)" }
    ).advising(
      "check it: \(.declaration) writes what was inferred, to edit and to give back with "
        + "\(.architecture)")
  }

  /// Refuses answers to what is not open.
  private static func check(
    _ readings: Readings, _ inference: PyTorchInference
  ) throws(CheckpointError) {
    guard !readings.isEmpty else { return }
    let layers = inference.modules
    var unused: [(readings: Readings, reason: String)] = []
    if readings.timesteps != nil, !layers.contains(where: { $0.recurrentKind != nil && !$0.isCell })
    {
      unused.append((Readings(timesteps: readings.timesteps), "no module puts out timesteps"))
    }
    if readings.nonlinearity != nil,
      !layers.contains(where: { $0.recurrentKind?.nonlinearities.isEmpty == false })
    {
      unused.append((Readings(nonlinearity: readings.nonlinearity), "no module has a choice"))
    }
    if let order = readings.order, PyTorchOrder.answer(layers, order) == nil {
      unused.append(
        (
          Readings(order: order),
          "the modules are " + layers.map { "'\($0.title)'" }.joined(separator: ", ")
        ))
    }
    if let between = readings.between, inference.between.functions(between)?.isEmpty ?? true {
      let places = inference.between.places.map { "after '\($0.before)'" }
      unused.append(
        (
          Readings(between: between),
          places.isEmpty
            ? "nothing suggests that there is something between its modules"
            : "the places are " + places.joined(separator: ", ")
        ))
    }
    let findings = unused.map { readings, reason in
      Diagnostic(
        .fileOptionUnused, .error, "", hint: "leave it out, or name what there is"
      ).saying("\(.readings(readings)) says nothing about the file: \(reason)")
    }
    if let error = CheckpointError(findings: findings) { throw error }
    guard inference.isChain else {
      throw CheckpointError(
        .pytorchArchitectureNeeded,
        "how the modules follow each other is not known, so what they read can't be chosen",
        found: inference.others.isEmpty
          ? layers.map(\.title).joined(separator: ", ")
          : "no known module: " + inference.others.prefix(4).joined(separator: ", ")
      ).advising(
        "declare it: \(.declaration) writes the modules, to edit and to give back with "
          + "\(.architecture)")
    }
  }
}
