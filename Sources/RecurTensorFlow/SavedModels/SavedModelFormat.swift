package import RecurContainers
package import RecurFormats
package import RecurKeras
import RecurModel
package import RecurTensors

/// Folders of TensorFlow's SavedModel, as Keras 2 saved whole models and Keras 3 exports them.
package struct SavedModelFormat: ModelDecoding, SourceTaking, LambdaTaking, ArchitectureLending,
  TensorListing, SeveralFiles, KerasArchitectureHolding, ValueTaking, OutputChoosing
{
  package let id = "saved-model"
  package let title = "TensorFlow SavedModel"
  package let extensions: [String] = []
  package var convention: any Convention { KerasConvention() }

  package init() {}

  /// `SavedModel`: a version, which is 1, and graphs (tensorflow/core/protobuf/saved_model.proto).
  package func recognizes(_ probe: FileProbe) -> Bool {
    if let names = probe.archiveNames { return names.contains(where: SavedModel.isModelName) }
    guard probe.bytes.holds([0x08, 0x01, 0x12]), let outline = ProtobufOutline(probe.bytes) else {
      return false
    }
    return outline.isWhole && outline.fields.allSatisfy { $0.number <= 2 } && outline.hasBytes(2)
  }

  // MARK: folders

  package func isModelFolder(_ path: String) -> Bool {
    isRegularFile(file(SavedModel.fileName, in: path))
  }

  package func entry(at path: String) -> String? {
    let (folder, name) = splitPath(path)
    let own = file(SavedModel.fileName, in: path)
    let parts = [SavedModel.metadataName, "fingerprint.pb"]
    var places = [own]
    if parts.contains(name) { places.append(file(SavedModel.fileName, in: folder)) }
    // A folder `variables`, and the files in it.
    let isIndexed = isRegularFile(path + "/variables.index")
    if name == "variables", isIndexed { places.append(file(SavedModel.fileName, in: folder)) }
    let (outer, inner) = splitPath(folder)
    if inner == "variables", name == "variables" || name.hasPrefix("variables.") {
      places.append(file(SavedModel.fileName, in: outer))
    }
    return places.first(where: isRegularFile)
  }

  private func file(_ name: String, in folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  // MARK: reading

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let saved = try SavedModel(probe, limits: options.limits)
      guard let graph = saved.bundle.graph else {
        return try NamedModel.decoded(
          probe, options, running: saved.graphModel(options.limits)
        ) { () throws(CheckpointError) in
          try saved.namedModel(options.limits, architecture: options.architecture)
        }
      }
      try options.refuseGraphOptions(self, probe)
      return try saved.kerasModel(
        graph, in: probe, isArchitectureGiven: options.isArchitectureGiven
      ).decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let saved = try SavedModel(probe, limits: .init())
      var inspection = Inspection(
        format: id, title: title, facts: [], layers: [], tensors: [], diagnostics: [])
      if let graph = saved.bundle.graph {
        inspection = try saved.kerasModel(graph, in: probe, isArchitectureGiven: true)
          .inspection(id, title, probe)
      }
      if saved.bundle.graph == nil {
        let named = try saved.namedModel(.init())
        (inspection.layers, inspection.diagnostics) = (named.layers, named.notes(probe))
      }
      if !saved.producer.isEmpty { inspection.facts.append(("TensorFlow", saved.producer)) }
      inspection.tensors = saved.bundle.table.stored
      return inspection
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      StoredTensors(table: try SavedModel(probe, limits: limits).bundle.table)
    }
  }

  package func kerasArchitecture(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasArchitecture? {
    try SavedModel(probe, limits: limits).architecture()
  }
}
