package import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

/// A format of another container whose files hold architectures of Keras.
package protocol KerasArchitectureHolding: ModelInspecting {
  /// The architecture in a file; nil for a file without one.
  ///
  /// - Throws: what is wrong with it.
  func kerasArchitecture(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasArchitecture?
}

/// A model of Keras that another container holds than Keras' own files: its architecture, if the
/// container has it, and its arrays.
package struct KerasStoredModel {
  private let file: KerasFile

  /// A model whose arrays are held by attributes, with the architecture that the container has.
  ///
  /// Where another architecture is given, what is wrong with the model's own is a warning.
  ///
  /// - Throws: what `architecture` throws, except for a model that is Python code alone.
  package init(
    objects: KerasObjects, in probe: FileProbe, isArchitectureGiven: Bool,
    architecture: () throws(CheckpointError) -> KerasArchitecture?
  ) throws(CheckpointError) {
    var file = KerasFile(
      architecture: nil, weights: .objects(KerasObjectWeights(objects)), producer: nil,
      diagnostics: [])
    do throws(CheckpointError) {
      try file.readArchitecture(probe, isGiven: isArchitectureGiven, architecture)
    } catch {
      guard error.diagnostic.code == .kerasModelSubclassed else { throw error }
      file.diagnostics = [error.diagnostic.asWarning]
      file.classWithoutCode = error.diagnostic.found
    }
    let version = file.architecture?.version ?? objects.version
    file.producer = version.map { "Keras \($0)" }
    self.file = file
  }

  /// A model whose arrays have the names of variables: `bidirectional/forward_lstm/lstm_cell/kernel`.
  package init(
    architecture: KerasArchitecture, named arrays: TensorTable, diagnostics: [Diagnostic] = []
  ) {
    file = KerasFile(
      architecture: architecture, weights: .named(arrays),
      producer: "Keras \(architecture.version)", diagnostics: diagnostics)
  }

  /// The model, made of the architecture, or the one that is given, and the arrays.
  ///
  /// - Throws: everything that doesn't fit.
  package func decoded(
    _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try file.decoded(probe, options)
  }

  /// The layers as the architecture declares them, or as shapes tell them.
  package func inspection(_ id: String, _ title: String, _ probe: FileProbe) -> Inspection {
    guard file.architecture == nil, let weights = file.weights else {
      var inspection = KerasInspection.inspection(file.architecture, id, title)
      inspection.diagnostics = file.diagnostics
      return inspection
    }
    var inspection = KerasInspection.inferred(id, title, probe) { weights.layers }
    inspection.diagnostics += file.diagnostics
    return inspection
  }
}

extension KerasStoredModel {
  /// The layers that arrays make by their shapes, not connected.
  ///
  /// - Throws: what unpacking the gates throws.
  package static func layers(
    _ groups: [(name: String, arrays: [KerasArray])]
  ) throws(CheckpointError) -> (nodes: [Model.Node], findings: [Diagnostic]) {
    guard !groups.isEmpty else { return ([], []) }
    var inference = KerasShapeInference()
    let model = try inference.model(
      of: groups.map { KerasH5Weights.LayerArrays(name: $0.name, arrays: $0.arrays) },
      producer: "Keras")
    return (model.nodes, inference.diagnostics)
  }
}
