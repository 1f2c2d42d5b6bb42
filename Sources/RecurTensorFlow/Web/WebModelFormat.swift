package import RecurContainers
package import RecurFormats
package import RecurKeras
import RecurModel
package import RecurTensors

/// Layers models of TensorFlow.js: `model.json` and its files with weights.
package struct WebModelFormat: ModelDecoding, SourceTaking, LambdaTaking, ArchitectureLending,
  TensorListing, ShardedFormat,
  SeveralFiles, KerasArchitectureHolding
{
  package let id = "tensorflow-js"
  package let title = "TensorFlow.js model"
  package let extensions: [String] = []
  package var convention: any Convention { KerasConvention() }

  private static let fileName = "model.json"

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let json = probe.json(.init()) else { return false }
    return WebModel.recognizes(json)
  }

  // MARK: folders

  package func isModelFolder(_ path: String) -> Bool { entry(at: path) == model(in: path) }

  private func model(in folder: String) -> String {
    folder.hasSuffix("/") ? folder + Self.fileName : "\(folder)/\(Self.fileName)"
  }

  package func entry(at path: String) -> String? {
    let (folder, name) = splitPath(path)
    let isShard = name.hasSuffix(".bin") && name.contains("-shard") && name.contains("of")
    let file = model(in: isShard ? folder : path)
    guard isRegularFile(file), let probe = try? FileProbe(path: file), recognizes(probe) else {
      return nil
    }
    return file
  }

  package func shards(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [String] {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try WebModel(probe, limits: limits).shards
    }
  }

  // MARK: reading

  private func weights(
    _ model: WebModel, _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> (table: TensorTable, notes: [Diagnostic]) {
    let folder = FolderFiles(folder: splitPath(probe.path).folder, watch: probe.watch)
    let (table, quantized) = try model.weights(folder, limits: limits)
    guard let first = quantized.first else { return (table, []) }
    let note = Diagnostic(
      .tensorFlowDequantized, .note,
      "\(quantized.count) weights were quantized; they are computed with as TensorFlow.js does, as "
        + "float32", at: .init(file: probe.path, object: first))
    return (table, [note])
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let model = try WebModel(probe, limits: options.limits)
      let architecture = try model.architecture()
      let (table, notes) = try weights(model, probe, options.limits)
      return try KerasStoredModel(architecture: architecture, named: table, diagnostics: notes)
        .decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let model = try WebModel(probe, limits: .init())
      let (table, notes) = try weights(model, probe, .init())
      var inspection = Inspection(
        format: id, title: title, facts: [], layers: [], tensors: [], diagnostics: [])
      do throws(CheckpointError) {
        inspection = KerasStoredModel(
          architecture: try model.architecture(), named: table
        ).inspection(id, title, probe)
      } catch {
        inspection.diagnostics = error.diagnostics.map { finding in
          var warning = finding.located(file: probe.path)
          if warning.severity == .error { warning.severity = .warning }
          return warning
        }
      }
      for name in ["generatedBy", "convertedBy"] {
        if let text = model.json[name]?.string { inspection.facts.append((name, text)) }
      }
      inspection.tensors = table.stored
      inspection.diagnostics += notes
      return inspection
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let model = try WebModel(probe, limits: limits)
      let (table, notes) = try weights(model, probe, limits)
      return StoredTensors(table: table, diagnostics: notes)
    }
  }

  package func kerasArchitecture(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasArchitecture? {
    try WebModel(probe, limits: limits).architecture()
  }
}
