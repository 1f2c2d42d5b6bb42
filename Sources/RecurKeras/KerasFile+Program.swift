import RecurContainers
import RecurFormats
import RecurTensors

// Weights whose architecture is in the program that made them.
extension KerasFile {
  /// The model of the program that the weights belong to.
  ///
  /// - Throws: `source.model` when none or several of the program's models fit, or when a size is open.
  func decoded(
    _ probe: FileProbe, _ options: DecodeOptions, from source: ArchitectureSource
  ) throws(CheckpointError) -> DecodedModel {
    guard let program = options.program else {
      throw CheckpointError(
        .sourceModel, "this build reads no sources of Keras", at: .init(file: source.path))
    }
    guard let weights else {
      throw CheckpointError(
        .kerasWeightsMissing, "the file holds an architecture and no weights"
      ).advising("give it as \(.architecture) to the file that has the weights")
    }
    let all = try program.architectures(in: source, options.limits)
    var refused: [(candidate: ProgramArchitecture, error: CheckpointError)] = []
    for standing in ProgramArchitecture.Standing.allCases {
      var fitting: [(candidate: ProgramArchitecture, model: DecodedModel)] = []
      for candidate in all where candidate.standing == standing {
        do throws(CheckpointError) {
          fitting.append((candidate, try decoded(probe, options, candidate, weights)))
        } catch {
          refused.append((candidate, error))
        }
      }
      guard let first = fitting.first else { continue }
      guard fitting.count == 1 else {
        throw CheckpointError(
          .sourceModel, "\(fitting.count) models of the source fit these weights",
          at: .init(file: source.path),
          hint:
            "name the one that is meant, behind a colon: \(source.path):\(first.candidate.name)",
          notes: fitting.map { "'\($0.candidate.name)' \($0.candidate.placeText)" })
      }
      // A model that took the place of this one in the program, and is not understood, may be the one.
      let later = refused.first { entry in
        entry.candidate.standing < standing && entry.candidate.problem != nil
      }
      if standing == .made, let later { throw later.error }
      var decoded = first.model
      decoded.basis.declared = [source.path]
      let others = all.filter { other in
        other.standing > standing && other.config != first.candidate.config
          && (try? self.decoded(probe, options, other, weights)) != nil
      }
      if !others.isEmpty {
        decoded.diagnostics.append(
          Diagnostic(
            .sourceModel, .note,
            "the weights also fit what the source makes besides '\(first.candidate.name)'",
            at: .init(file: source.path),
            hint: "name the one that is meant, behind a colon: \(source.path):\(others[0].name)",
            notes: others.map { "'\($0.name)' \($0.placeText)" }))
      }
      return decoded
    }
    guard let first = refused.first else {
      throw CheckpointError(
        .sourceModel, "the source makes no model", at: .init(file: source.path))
    }
    guard refused.count > 1 else { throw first.error }
    throw CheckpointError(
      .sourceModel, "none of the \(refused.count) models of the source fits these weights",
      at: first.candidate.place,
      hint: "name the one that is meant, behind a colon: \(source.path):\(first.candidate.name)",
      notes: refused.prefix(12).map { candidate, error in
        "'\(candidate.name)' \(candidate.placeText): \(error.diagnostic.message)"
      })
  }

  private func decoded(
    _ probe: FileProbe, _ options: DecodeOptions, _ candidate: ProgramArchitecture,
    _ weights: Weights
  ) throws(CheckpointError) -> DecodedModel {
    if let problem = candidate.problem { throw problem }
    var architecture = try KerasArchitecture(
      candidate.config, version: try version(for: candidate), at: candidate.place
    ).placed(candidate.places)
    architecture.completeDefaults()
    if !candidate.isOrdered { architecture = architecture.inBuiltOrder() }
    if case .native = weights, !candidate.isOrdered,
      let (one, other) = architecture.layersOfUnknownOrder
    {
      throw CheckpointError(
        .sourceModel,
        "the order of '\(one)' and '\(other)' in the weights can't be told from the source",
        at: candidate.place,
        reason: "Keras 3 orders the layers of a graph with masks by more than calls",
        hint: "give the JSON that model.to_json() gives instead of the source")
    }
    var diagnostics = diagnostics.filter { $0.code != .kerasModelSubclassed }
    let (arrays, similar) = try assigned(
      weights, to: architecture, &diagnostics, byPlace: true, in: candidate.groups)
    if let left = diagnostics.first(where: { $0.code == .tensorUnused }) {
      throw CheckpointError(
        .sourceModel, "the weights have arrays that the model '\(candidate.name)' does not use",
        at: candidate.place, found: left.location.object)
    }
    architecture.completeOptions { name in arrays[name]?.map(\.tensor.shape) ?? [] }
    let open = candidate.open.filter {
      architecture.option($0.option, ofLayer: $0.layer)?.isNull ?? true
    }
    if let error = CheckpointError(findings: open.map(Self.finding)) { throw error }
    return try model(
      architecture, arrays, similar, probe, options, diagnostics, hasOpenWidths: true)
  }

  private static func finding(_ value: ProgramArchitecture.OpenValue) -> Diagnostic {
    Diagnostic(
      .sourceModel, .error,
      "'\(value.option.last ?? "")' of the layer '\(value.layer)' is open: \(value.reason)",
      at: value.place, hint: value.name.map { "give its value: \($0)=…" })
  }

  /// The version that the weights were written by, which decides what names mean.
  private func version(
    for candidate: ProgramArchitecture
  ) throws(CheckpointError) -> KerasVersion {
    if let producer, producer.hasPrefix("Keras "), let text = producer.split(separator: " ").last,
      text.first?.isNumber == true
    {
      return try KerasVersion(String(text), at: candidate.place)
    }
    switch weights {
    // Keras 3 writes no checkpoints of TensorFlow.
    case .objects?: return try KerasVersion("2.15.0", at: candidate.place)
    // Arrays per gate are those of Keras 1, whose layers became those of 2.0.
    case .legacy(let own)?
    where own.layers.contains(where: { $0.arrays.contains(where: \.isOfOneGate) }):
      return try KerasVersion("2.0.0", at: candidate.place)
    case .native(let own)? where own.isOfKeras3: return .newest
    case .legacy?, .native?, .named?, nil: break
    }
    let text = candidate.config.text
    guard !text.contains("hard_sigmoid"), !text.contains("\"recurrent\"") else {
      throw CheckpointError(
        .kerasVersionUnsupported,
        "the weights have no keras_version, which decides what 'hard_sigmoid' means",
        at: candidate.place,
        hint: "give the JSON that model.to_json() gives instead of the source")
    }
    return .newest
  }
}

extension KerasArray {
  /// Whether this is the array of one gate, as Keras 1 had them: `lstm_1_W_i`.
  fileprivate var isOfOneGate: Bool {
    ["_W_i", "_W_f", "_W_z", "_U_i", "_U_z"].contains(where: name.hasSuffix)
  }
}

extension ProgramArchitecture {
  /// Where it is made, in words.
  fileprivate var placeText: String { "at \(place.object ?? place.file ?? "an unknown place")" }
}
