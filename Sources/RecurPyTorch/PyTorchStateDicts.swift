package import RecurFormats
package import RecurModel
package import RecurStateDicts
package import RecurTensors

/// The convention of torch.nn: the keys and shapes of its modules.
package struct PyTorchStateDicts: StateDictConvention {
  package var convention: any Convention { PyTorchConvention() }

  /// The frameworks whose names are told from torch's.
  private let dialects: [any TensorDialect]

  package init(dialects: [any TensorDialect] = []) { self.dialects = dialects }

  package func model(
    _ stateDict: StateDict, _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    if let source = options.source {
      return try SourceArchitecture.model(stateDict, probe, source, options)
    }
    // Tensors that a declaration names are meant as they are.
    if try StateDictArchitecture.namesTensors(of: stateDict, options) {
      return try StateDictArchitecture.model(stateDict, probe, options)
    }
    let (restated, declaration) = try DialectTensors.restated(stateDict, by: dialects)
    return try StateDictArchitecture.model(restated, probe, options, told: declaration)
  }

  package func declaration(
    of stateDict: StateDict, _ probe: FileProbe
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic]) {
    let (restated, declaration) = try DialectTensors.restated(stateDict, by: dialects)
    if let declaration { return (declaration.text, restated.diagnostics) }
    return try StateDictArchitecture.declaration(of: restated, probe)
  }

  package func stateDict(
    of model: Model, _ options: EncodeOptions
  ) throws(CheckpointError) -> ModelStateDict {
    let fidelity = PyTorchFidelity.findings(model, withModule: options.hasModule)
    if let error = CheckpointError(findings: fidelity) { throw error }
    let mapping = StateDictMapping(model, keepsPlaces: !options.hasModule)
    let (tensors, mappings) = try mapping.encode()
    let added = mappings.filter(\.isAdded).map { mapping in
      Diagnostic(.modelBiasSplit, .note, "'\(mapping.target)' is new: \(mapping.operation)")
    }
    return ModelStateDict(
      stateDict: StateDict(tensors: tensors, metadata: Self.metadata(model, mappings, options)),
      mappings: mappings, diagnostics: fidelity + added
    ) { tensors throws(CheckpointError) in try mapping.decode(tensors) }
  }

  /// The metadata of the source file in its order, and then the source of every tensor.
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

  package func architecture(of model: Model) throws(CheckpointError) -> String {
    var writer = PyTorchDeclarationWriter(model)
    return try writer.declaration().text
  }

  package func code(for model: Model, source: String, weights: String) -> String {
    PyTorchModule(model).code(source: source, weights: weights)
  }

  /// The implied sizes of a recurrent kernel: weight_hh has gates · units rows and units columns.
  package func remark(_ key: String, in tensors: TensorTable) -> String? {
    let stem = RecurrentParameter.kernel.rawValue
    guard let start = key.range(ofSuffixStarting: stem), let kernel = tensors[key],
      let recurrent = tensors[
        String(key[..<start])
          + RecurrentParameter.recurrentKernel.name(String(key[start...].dropFirst(stem.count)))],
      kernel.rank == 2, recurrent.rank == 2, recurrent.shape[1] > 0,
      kernel.shape[0] == recurrent.shape[0]
    else { return nil }
    let units = recurrent.shape[1]
    let gates = recurrent.shape[0] / units
    guard recurrent.shape[0] % units == 0,
      let kind = PyTorchRecurrentKind.all.first(where: { $0.gateCount == gates })
    else { return nil }
    return "\(kind.name), \(units) units, input size \(kernel.shape[1])"
  }
}

extension String {
  /// The position of the last path component, if this component starts with `prefix`.
  fileprivate func range(ofSuffixStarting prefix: String) -> String.Index? {
    let start = lastIndex(of: ".").map { index(after: $0) } ?? startIndex
    return self[start...].hasPrefix(prefix) ? start : nil
  }
}

extension Diagnostic.Code {
  package static let modelBiasSplit = Self(rawValue: "model.bias.split")
}
