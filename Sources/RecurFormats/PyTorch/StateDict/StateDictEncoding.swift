import RecurContainers
package import RecurModel
package import RecurTensors

/// A format that is written as a state dict.
package protocol StateDictEncoding: StateDictDecoding, ModelEncoding {
  /// What of a state dict is written, where the format can't hold all of it, and notes that say so.
  ///
  /// - Throws: `tensor.dtype-unsupported` for what the format can't hold in any form.
  func adapted(
    _ stateDict: StateDict
  ) throws(CheckpointError) -> (stateDict: StateDict, diagnostics: [Diagnostic])
  /// Writes a state dict.
  func encode<Sink: ByteSink & ~Copyable>(
    _ stateDict: StateDict, into sink: inout Sink
  ) throws(CheckpointError)
}

extension StateDictEncoding {
  package func adapted(
    _ stateDict: StateDict
  ) throws(CheckpointError) -> (stateDict: StateDict, diagnostics: [Diagnostic]) {
    (stateDict, [])
  }

  package func encode(
    _ model: Model, options: EncodeOptions
  ) throws(CheckpointError) -> any EncodedModel {
    try EncodedStateDict(model, self, options)
  }
}

/// The state dict of a model, ready to be written.
private struct EncodedStateDict: EncodedModel {
  let mappings: [TensorMapping]
  let diagnostics: [Diagnostic]
  let isRounded = false
  private let model: Model
  private let mapping: StateDictMapping
  private let stateDict: StateDict
  private let format: any StateDictEncoding

  init(
    _ model: Model, _ format: any StateDictEncoding, _ options: EncodeOptions
  ) throws(CheckpointError) {
    let fidelity = PyTorchFidelity.findings(model, withModule: options.hasModule)
    if let error = CheckpointError(findings: fidelity) { throw error }
    self.model = model
    self.format = format
    mapping = StateDictMapping(model, keepsPlaces: !options.hasModule)
    let (tensors, mappings) = try mapping.encode()
    self.mappings = mappings
    let added = mappings.filter { $0.source == nil }.map { mapping in
      Diagnostic(.modelBiasSplit, .note, "'\(mapping.target)' is new: \(mapping.operation)")
    }
    let written = try format.adapted(
      StateDict(tensors: tensors, metadata: Self.metadata(model, mappings, options)))
    stateDict = written.stateDict
    diagnostics = fidelity + added + written.diagnostics
  }

  /// What the model's own file said of itself, in its order, then what was mapped from what.
  ///
  /// The same input gives the same text.
  private static func metadata(
    _ model: Model, _ mappings: [TensorMapping], _ options: EncodeOptions
  ) -> [(name: String, value: String)] {
    let kept = options.metadata.filter { $0.name != "format" && !$0.name.hasPrefix("recur.") }
    return [("format", "pt")] + kept
      + [("recur.source", options.source), ("recur.producer", model.producer)]
      + mappings.map { mapping in
        ("recur.tensor.\(mapping.target)", "\(mapping.source ?? "new"): \(mapping.operation)")
      }
  }

  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try format.encode(stateDict, into: &sink)
  }

  func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack {
    let tensors = try format.stateDict(written, .init()).tensors
    guard model.canRun else {
      var pairs: [(name: String, written: Tensor, meant: Tensor)] = []
      for (name, meant) in stateDict.tensors.entries {
        guard let tensor = tensors[name] else {
          throw CheckpointError(.tensorMissing, "there is no tensor '\(name)'")
        }
        pairs.append((name, tensor, meant))
      }
      return .tensors(pairs)
    }
    let (copy, unused) = try mapping.decode(tensors)
    // Nothing in the file may be left over, not even with a warning.
    if let finding = unused.first { throw CheckpointError(finding.code, finding.message) }
    return .model(copy)
  }
}

extension Model {
  /// Whether everything the model computes is known: no opaque layers, and nodes that follow each
  /// other as in the original.
  package var canRun: Bool {
    isConnected
      && !nodes.contains { node in
        if case .opaque = node.layer { true } else { false }
      }
  }
}

extension Diagnostic.Code {
  package static let modelBiasSplit = Self(rawValue: "model.bias.split")
}
