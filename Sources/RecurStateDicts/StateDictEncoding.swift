import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

/// A format that is written as a state dict.
package protocol StateDictEncoding: StateDictDecoding, CodeWriting, TensorEncoding {
  /// What of a state dict is written, where the format can't hold all of it, and notes that say so.
  ///
  /// - Throws: `tensor.dtype-unsupported` for a tensor that the format can hold in no form.
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

  package func architecture(of model: Model) throws(CheckpointError) -> String {
    try names.architecture(of: model)
  }

  package func code(for model: Model, source: String, weights: String) -> String {
    names.code(for: model, source: source, weights: weights)
  }
}

/// The state dict of a model, ready to be written.
private struct EncodedStateDict: EncodedFile {
  let mappings: [TensorMapping]
  let diagnostics: [Diagnostic]
  let isRounded = false
  private let model: Model
  private let planned: ModelStateDict
  private let stateDict: StateDict
  private let format: any StateDictEncoding

  init(
    _ model: Model, _ format: any StateDictEncoding, _ options: EncodeOptions
  ) throws(CheckpointError) {
    self.model = model
    self.format = format
    planned = try format.names.stateDict(of: model, options)
    mappings = planned.mappings
    let written = try format.adapted(planned.stateDict)
    stateDict = written.stateDict
    diagnostics = planned.diagnostics + written.diagnostics
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
    let (copy, unused) = try planned.filled(tensors)
    // The written file must be read without a warning about an unused tensor.
    if let finding = unused.first { throw CheckpointError(finding.code, finding.message) }
    return .model(copy)
  }
}
