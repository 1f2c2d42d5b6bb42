import RecurContainers
import RecurModel
package import RecurTensors

/// Keras' HDF5 full model (`model.save("x.h5")`), and its weights-only sibling.
package struct KerasH5Format: ModelDecoding {
  package let id = "keras-h5"
  package let title = "Keras HDF5 model"
  package let extensions = [".h5", ".hdf5"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    probe.hdf5RootAttributes.contains {
      ["model_config", "layer_names", "layer_names0"].contains($0)
    }
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      var file = try probe.hdf5File()
      let own = try architecture(&file, options)
      let given = try options.architecture.map { probe throws(CheckpointError) in
        try architecture(of: probe, options)
      }
      guard let architecture = given ?? own else {
        throw CheckpointError(
          .kerasArchitectureNeeded, "the file holds weights only: no layer's options are known",
          hint: "give the full model they were saved from: --architecture model.h5")
      }
      var weights = try KerasH5Weights(&file, root: own == nil ? "/" : "/model_weights")
      var diagnostics = file.diagnostics
      let arrays = try assign(weights.layers, to: architecture, &diagnostics)
      var reader = KerasGraphReader(architecture, arrays: arrays)
      let model = try reader.model()
      diagnostics += reader.findings + leftovers(&weights)
      for layer in reader.unusedLayers {
        diagnostics.append(
          Diagnostic(
            .tensorUnused, .warning,
            "layer '\(layer)' has \(arrays[layer]?.count ?? 0) arrays and the model never calls it",
            at: arrays[layer]?.first?.location ?? .init()))
      }
      return DecodedModel(
        model: model.located(inFile: probe.path),
        diagnostics: diagnostics.map { $0.located(file: probe.path) })
    }
  }

  /// The architecture in the file itself, or nil when it holds weights only.
  private func architecture(
    _ file: inout HDF5File, _ options: DecodeOptions
  ) throws(CheckpointError) -> KerasArchitecture? {
    guard let root = file["/"] else { return nil }
    guard let config = try file.strings("model_config", of: root)?.first else { return nil }
    let place = config.location.inside(.init(object: "/@model_config"))
    let json = try locating(object: "/@model_config") { () throws(CheckpointError) in
      try JSONParser.parse(config, allowsPythonNumbers: true, limits: options.limits)
    }
    return try KerasArchitecture(json, version: try version(&file, root), at: place)
  }

  private func architecture(
    of probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> KerasArchitecture {
    try locating(file: probe.path) { () throws(CheckpointError) in
      var file = try probe.hdf5File()
      guard let architecture = try architecture(&file, options) else {
        throw CheckpointError(
          .kerasArchitectureNeeded, "the file given as architecture holds weights only")
      }
      return architecture
    }
  }

  private func version(
    _ file: inout HDF5File, _ root: HDF5Object
  ) throws(CheckpointError) -> KerasVersion {
    let place = Diagnostic.Location(object: "/@keras_version")
    guard let text = try file.strings("keras_version", of: root)?.first?.text() else {
      throw CheckpointError(
        .kerasVersionUnsupported,
        "the file has no keras_version, which decides what 'hard_sigmoid' means", at: place)
    }
    return try KerasVersion(text, at: place)
  }

  /// Pairs the file's layers with the architecture's: by name, or else by position as Keras does.
  private func assign(
    _ stored: [KerasH5Weights.LayerArrays], to architecture: KerasArchitecture,
    _ diagnostics: inout [Diagnostic]
  ) throws(CheckpointError) -> [Name: [Tensor]] {
    let withArrays = stored.filter { !$0.tensors.isEmpty }
    let known = Set(architecture.layers.map { Name($0.name) })
    var arrays: [Name: [Tensor]] = [:]
    if withArrays.allSatisfy({ known.contains(Name($0.name)) }) {
      for layer in withArrays { arrays[Name(layer.name)] = layer.tensors }
      return arrays
    }
    let takers = architecture.layers.filter {
      ["LSTM", "Dense", "Embedding"].contains($0.className)
        || !KerasLayerReader.classes.contains($0.className)
    }
    guard takers.count == withArrays.count else {
      throw CheckpointError(
        .tensorMissing,
        "the file has weights for \(withArrays.count) layers and the architecture needs them for "
          + "\(takers.count)",
        expected: takers.map(\.name).joined(separator: ", "),
        found: withArrays.map(\.name).joined(separator: ", "),
        hint: "give the architecture these weights were saved from")
    }
    for (layer, stored) in zip(takers, withArrays) { arrays[Name(layer.name)] = stored.tensors }
    diagnostics.append(
      Diagnostic(
        .kerasPairedByPosition, .note,
        "the layers' names differ from the architecture's; they were paired by position",
        notes: zip(takers, withArrays).map { "'\($1.name)' → '\($0.name)'" }))
    return arrays
  }

  private func leftovers(_ weights: inout KerasH5Weights) -> [Diagnostic] {
    var diagnostics = weights.unused.map { object in
      Diagnostic(
        .tensorUnused, .warning, "no layer uses the dataset",
        at: object.location.inside(.init(object: object.path)))
    }
    if !weights.optimizer.isEmpty {
      diagnostics.append(
        Diagnostic(
          .kerasOptimizerIgnored, .note,
          "the optimizer's state (\(weights.optimizer.count) tensors) is not needed to run the "
            + "model and was not loaded", at: .init(object: "/optimizer_weights")))
    }
    return diagnostics
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let options = DecodeOptions()
      var file = try probe.hdf5File()
      let architecture = try architecture(&file, options)
      var inspection = try HDF5Format.inspection(of: file)
      inspection.format = id
      inspection.title = architecture == nil ? "Keras HDF5 weights only" : title
      if let architecture {
        inspection.facts = [
          ("producer", "Keras \(architecture.version)"),
          ("model", "\(architecture.className) '\(architecture.name)'"),
        ]
        inspection.layers = architecture.layers.map(KerasH5Format.layer)
      }
      inspection.diagnostics = inspection.diagnostics.map { $0.located(file: probe.path) }
      return inspection
    }
  }

  /// What the config says of one layer in a few words: the options that are not at rest.
  private static func layer(_ config: KerasArchitecture.LayerConfig) -> Inspection.Layer {
    let told = [
      "units", "input_dim", "output_dim", "activation", "recurrent_activation", "mask_value",
      "mask_zero", "use_bias", "return_sequences", "return_state", "go_backwards", "stateful",
      "zero_output_for_mask", "rate", "batch_shape", "batch_input_shape",
    ]
    let details = told.compactMap { name -> String? in
      guard let value = config.options[name], !value.isNull else { return nil }
      switch value {
      case .bool(let value):
        // use_bias is the one option whose usual value is true.
        return value == (name == "use_bias") ? nil : "\(name)=\(value)"
      case .string(let text): return "\(name)=\(text)"
      default: return "\(name)=\(value.text)"
      }
    }
    return Inspection.Layer(
      name: config.name, className: config.className, detail: details.joined(separator: " "),
      isSupported: KerasLayerReader.classes.contains(config.className))
  }
}

extension Model {
  /// The same model, with every place named inside `file`.
  fileprivate func located(inFile file: String) -> Model {
    var copy = self
    for index in copy.nodes.indices where copy.nodes[index].location.file == nil {
      copy.nodes[index].location.file = file
    }
    return copy
  }
}

extension Diagnostic.Code {
  static let kerasArchitectureNeeded = Self(rawValue: "keras.architecture.needed")
  static let kerasPairedByPosition = Self(rawValue: "keras.layers.paired-by-position")
  static let kerasOptimizerIgnored = Self(rawValue: "keras.optimizer.ignored")
}
