import RecurFormats
public import RecurInference
public import RecurModel
public import RecurTensors
public import RecurVerification

extension Checkpoint {
  /// Looks for the mistake that explains why the model does not compute what was recorded.
  ///
  /// - Parameters:
  ///   - path: an `.npz` with `in_0, …` and `out_0, …`.
  ///   - engine: finds the hypotheses whose outputs are far from the recording; the reference
  ///     judges the other hypotheses.
  /// - Returns: what was found; `findings` says it, and `repaired` is the model without the mistake.
  /// - Throws: `golden.incomplete` and what reading the file and running the model throws.
  public func diagnose(
    golden path: String, engine: Engine = .reference
  ) throws(CheckpointError) -> Diagnosis {
    try diagnose(GoldenSource.given(path).read(for: model), at: path, engine: engine)
  }

  /// The same with a recording that was read from `path` before; `progress` is told how many readings
  /// were tried.
  package func diagnose(
    _ golden: GoldenFile, at path: String, engine: Engine = .reference,
    progress: @escaping (Int) -> Void = { _ in }
  ) throws(CheckpointError) -> Diagnosis {
    try explaining { () throws(CheckpointError) in
      try locating(file: self.path) { () throws(CheckpointError) in try model.checkConnected() }
    }
    let golden = golden.firstSet
    let called = try called(as: golden)
    var diagnosis = try explaining { () throws(CheckpointError) in
      try locating(file: path) { () throws(CheckpointError) in
        try Diagnosis(
          called.model, golden: golden, conventions: convention.recurrent, engine: engine,
          readings: called.otherReadings,
          isDequantized: diagnostics.contains { $0.code.rawValue == "pytorch.tensor.dequantized" },
          progress: progress)
      }
    }
    diagnosis.findings = explained(diagnosis.findings(file: self.path, golden: path))
    return diagnosis
  }

  /// What the file may mean besides what was assumed.
  private var otherReadings: [ModelReading] {
    guard options.architecture == nil else { return otherModels }
    var answers = combinations.filter { !$0.isEmpty }
    // A module by itself returns every timestep, and its users read what they like of it.
    if fileCoverage.isInferred, options.readings.timesteps == nil,
      !answers.contains(where: { $0.timesteps != nil })
    {
      let parts = Readings.Timesteps.allCases.filter { $0 != .all }.map { Readings(timesteps: $0) }
      answers += parts + parts.flatMap { part in answers.map { $0.adding(part) } }
    }
    return otherModels
      + answers.compactMap { answer in
        var options = options
        options.readings = options.readings.adding(answer)
        guard let other = try? Checkpoint(opening: path, options: options) else { return nil }
        var said = options.readings
        // No option says how arrays are laid out; a declaration does.
        let isSayable = said.isBatchFirst != false
        said.isBatchFirst = nil
        var shown = answer
        if shown.isBatchFirst == true { shown.isBatchFirst = nil }
        return ModelReading(
          shown.words, other.model, remedy: isSayable ? .answer(said) : .declareModel)
      }
  }

  /// The other models in the file, such as the averaged weights beside those of the last step.
  private var otherModels: [ModelReading] {
    guard options.key == nil, let probe = try? FormatRegistry.all.probe(path),
      let format = try? FormatRegistry.all.format(of: probe) as? any KeyedDecoding,
      let keys = try? format.keys(probe), keys.count > 1
    else { return [] }
    return keys.prefix(20).compactMap { key in
      var options = options
      options.key = key
      guard let other = try? Checkpoint(opening: path, options: options) else { return nil }
      return ModelReading(
        ["the weights under '\(key)' are taken"], other.model, remedy: .chooseStateDict(path: key))
    }
  }

  /// Writes the repaired model of `diagnosis`, with all checks of
  /// ``convert(to:format:module:overwriting:operatorSet:exposesStates:review:)``.
  ///
  /// - Throws: `verify.not-repaired` when no single mistake in the file explains all recorded
  ///   numbers, or when the format does not store the part that was wrong; and what converting
  ///   throws.
  public func repair(
    _ diagnosis: Diagnosis, to path: String, format: FileFormat? = nil, overwriting: Bool = false
  ) throws(CheckpointError) -> Conversion {
    func refusal(_ reason: String) -> CheckpointError {
      CheckpointError(
        .verifyNotRepaired, "nothing was written to '\(path)'", at: .init(file: self.path),
        reason: reason)
    }
    guard let model = diagnosis.repaired else {
      throw refusal(
        diagnosis.verdict == .likely
          ? "the recording is at fault, or digits are lost, and the file holds nothing to repair"
          : "one mistake has to explain every recorded number before the model is repaired")
    }
    let encoding = try FormatRegistry.all.encoding(forPath: path, id: format?.rawValue)
    if diagnosis.concernsOptions, encoding is any CodeWriting {
      throw refusal(
        "the mistake is one of options, and \(encoding.title) holds weights alone; write .keras or .h5"
      )
    }
    // The recording decided what the file leaves open.
    var repaired = self.replacing(model: model)
    repaired.openReadings = []
    return try repaired.convert(to: path, format: format, overwriting: overwriting)
  }

  /// This checkpoint with another model, as if the file had held it.
  ///
  /// ``convert(to:format:module:overwriting:operatorSet:exposesStates:review:)`` then writes it, with all its checks.
  public func replacing(model: Model) -> Checkpoint {
    Checkpoint(
      path: path, architecturePath: architecturePath, format: format, model: model,
      diagnostics: diagnostics, options: options, metadata: metadata, openReadings: openReadings,
      basis: basis, convention: convention)
  }
}

extension Diagnostic.Code {
  /// --write was asked for and there is nothing to write.
  public static let verifyNotRepaired = Self(rawValue: "verify.not-repaired")
}
