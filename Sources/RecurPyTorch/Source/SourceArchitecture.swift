package import RecurContainers
package import RecurFormats
import RecurModel
import RecurSource
import RecurStateDicts
package import RecurTensors

/// Makes a model of a state dict and the Python sources of its module.
package enum SourceArchitecture {
  /// The model whose weights are in `stateDict`.
  ///
  /// - Throws: what reading the sources throws; `source.model`, `source.mismatch`,
  ///   `source.unsupported`.
  static func model(
    _ stateDict: StateDict, _ probe: FileProbe, _ source: ArchitectureSource,
    _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try SourceThread.run { () throws(CheckpointError) in
      try read(stateDict, probe, source, options)
    }
  }

  private static func read(
    _ stateDict: StateDict, _ probe: FileProbe, _ source: ArchitectureSource,
    _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    guard options.readings.isEmpty else {
      throw CheckpointError(
        Diagnostic(
          .fileOptionUnused, .error, "", at: .init(file: source.path), hint: "leave it out"
        ).saying("\(.readings()) says nothing: the architecture leaves nothing open"))
    }
    let files = try SourceFiles(source, options.limits)
    var reading = SourceModelReader.Options()
    reading.className = source.className
    reading.inputs = options.inputs
    reading.recorded = source.recorded
    for setting in source.settings {
      reading.settings.append((setting.name, try value(setting.value)))
    }
    let name = splitPath(probe.path).name
    var first: CheckpointError?
    for own in try Self.forms(stateDict) {
      var reader = SourceModelReader(files, own.tensors, reading)
      do throws(CheckpointError) {
        let (model, warnings) = try reader.model(named: name, producer: stateDict.producer)
        var decoded = DecodedModel(
          model: model,
          diagnostics: warnings + own.diagnostics.map { $0.located(file: probe.path) },
          convention: PyTorchConvention())
        decoded.basis.declared = [source.path]
        return decoded
      } catch {
        // keys that fit no class say less than what stands in the way of one that fits
        guard first == nil || first?.diagnostic.code == .sourceModel,
          error.diagnostic.code != .sourceModel || first == nil
        else { continue }
        first = error
      }
    }
    throw first ?? CheckpointError(.sourceModel, "no tensors", at: .init(file: probe.path))
  }

  /// The tensors under the names that the module of a source may have for them.
  private static func forms(_ stateDict: StateDict) throws(CheckpointError) -> [StateDict] {
    let restored = try stateDict.restoringDroppedWeights()
    let whole = try restored.foldingWeightNorm()
    // the keys may have the prefix of a wrapper that the source does not have
    var forms = [whole, try whole.strippingPrefixes()]
    // the source may drop weights itself
    if restored.tensors.names != stateDict.tensors.names {
      let plain = try stateDict.foldingWeightNorm()
      forms += [plain, try plain.strippingPrefixes()]
    }
    var names: [[String]] = []
    return forms.filter { form in
      guard !names.contains(form.tensors.names) else { return false }
      names.append(form.tensors.names)
      return true
    }
  }

  /// The value of a setting: what Python would make of the text, or else the text.
  package static func value(_ text: String) throws(CheckpointError) -> SourceValue {
    let tree = try SourceTree(parsing: SourceText(name: "setting", bytes: Array(text.utf8)))
    guard tree.statements.count == 1, case .expression(let expression) = tree.statements[0].kind
    else { return .text(text) }
    var interpreter = SourceInterpreter(SourceFiles(trees: [tree], names: ["setting"]))
    let scope = SourceScope(parent: nil, source: 0)
    guard let value = try? interpreter.evaluate(expression, scope), value.unknown == nil else {
      return .text(text)
    }
    return value
  }
}

extension SourceFiles {
  /// Parses the sources.
  package init(_ source: ArchitectureSource, _ limits: DecodeLimits) throws(CheckpointError) {
    var trees: [SourceTree] = []
    var names: [String] = []
    var texts: [SourceText] = []
    for file in source.files {
      let text = try Self.text(file, limits)
      texts.append(text)
      trees.append(try SourceTree(parsing: text))
      let stem = file.relativePath.split(separator: ".").dropLast().joined(separator: ".")
      names.append(stem.replacing("/", with: "."))
    }
    if let provided = try SourceProvided.tree(for: texts) {
      trees.append(provided)
      names.append(SourceProvided.module)
    }
    self.init(
      trees: trees, names: names, folders: source.folders, givenCount: source.files.count)
  }

  private static func text(
    _ file: ArchitectureSource.File, _ limits: DecodeLimits
  ) throws(CheckpointError) -> SourceText {
    guard file.path.hasSuffix(".ipynb") else {
      return SourceText(name: file.path, bytes: file.bytes.bytes())
    }
    let json = try locating(file: file.path) { () throws(CheckpointError) in
      try JSONParser.parse(file.bytes, allowsPythonNumbers: true, limits: limits)
    }
    guard let cells = json["cells"]?.array ?? json["worksheets"]?.array?.first?["cells"]?.array
    else {
      throw CheckpointError(
        .sourceModel, "the file is no notebook: it has no cells", at: .init(file: file.path))
    }
    var sources: [(number: Int, bytes: [UInt8])] = []
    for (index, cell) in cells.enumerated() where cell["cell_type"]?.string == "code" {
      let text = cell["source"] ?? cell["input"] ?? .null
      let lines = text.string ?? (text.array ?? []).compactMap(\.string).joined()
      sources.append((index + 1, Array(lines.utf8)))
    }
    return SourceText(name: file.path, cells: sources)
  }
}
