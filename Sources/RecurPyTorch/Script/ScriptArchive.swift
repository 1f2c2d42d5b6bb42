import RecurContainers
import RecurFormats
import RecurModel
import RecurSource
import RecurStateDicts
import RecurTensors

/// A file of `torch.jit.save`: a module, its weights and its code
/// (torch/csrc/jit/serialization/export_module.cpp).
enum ScriptArchive {
  /// How much code is read.
  private static let most = (files: 20_000, bytes: 64 << 20)

  /// Whether the file holds code of TorchScript.
  static func holdsProgram(_ probe: FileProbe) -> Bool {
    guard let names = probe.zipEntryNames else { return false }
    return names.contains { $0.hasSuffix("/data.pkl") }
      && names.contains { $0.contains("/code/__torch__") && $0.hasSuffix(".py") }
  }

  /// The model of the file.
  ///
  /// - Throws: `source.unsupported`, `source.model`, with the place in the code, and what reading the
  ///   archive throws.
  static func model(
    _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try SourceThread.run { () throws(CheckpointError) in
      try read(probe, options)
    }
  }

  private static func read(
    _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    guard options.readings.isEmpty else {
      throw CheckpointError(
        Diagnostic(
          .fileOptionUnused, .error, "", at: .init(file: probe.path), hint: "leave it out"
        ).saying("\(.readings()) says nothing: the code leaves nothing open"))
    }
    let archive = try ZipArchive(probe.bytes, limits: options.limits)
    let (pickle, name) = try ArchiveEnvelope.read(archive, probe.bytes, options.limits)
    let prefix = String(name.dropLast("data.pkl".count))
    let stateDict = try PyTorchReader.stateDict(probe, limits: options.limits)
    let files = try sources(archive, prefix, probe.path)
    let template = try locating(object: name) { () throws(CheckpointError) in
      try ScriptTemplate(pickle, options.limits)
    }
    var constants: [String: SourceValue] = [:]
    if let entry = archive[prefix + "constants.pkl"] {
      let pickle = try ArchiveEnvelope.pickle(
        entry, in: archive, prefix, options.limits, isScript: true)
      constants = try locating(object: entry.name) { () throws(CheckpointError) in
        try ScriptTemplate.constants(pickle, options.limits)
      }
    }
    let examples = try archive[prefix + "traced_inputs.pkl"].map {
      entry throws(CheckpointError) in
      try ArchiveEnvelope.pickle(entry, in: archive, prefix, options.limits, isScript: true)
    }
    let reader = ScriptModelReader(
      files: files, template: template, constants: constants, stateDict: stateDict,
      examples: examples.map(ScriptExamples.init), inputs: options.inputs,
      settings: options.settings, recorded: options.recorded)
    let (model, warnings) = try reader.model(named: splitPath(probe.path).name)
    var decoded = DecodedModel(
      model: model,
      diagnostics: warnings + stateDict.diagnostics.map { $0.located(file: probe.path) },
      convention: PyTorchConvention())
    decoded.metadata = stateDict.metadata
    decoded.coverage.tensorCount = stateDict.tensors.names.count
    return decoded
  }

  /// The code, file by file.
  private static func sources(
    _ archive: ZipArchive, _ prefix: String, _ path: String
  ) throws(CheckpointError) -> SourceFiles {
    var trees: [SourceTree] = []
    var names: [String] = []
    var bytes = 0
    for entry in archive.entries {
      guard entry.name.hasPrefix(prefix + "code/__torch__"), entry.name.hasSuffix(".py") else {
        continue
      }
      let content = try archive.content(of: entry).bytes()
      bytes += content.count
      guard trees.count < most.files, bytes <= most.bytes else {
        throw CheckpointError(
          .limitExceeded, "the code of the archive is larger than code is allowed to be",
          at: .init(file: path, object: entry.name), expected: byteSize(most.bytes))
      }
      let own = entry.name.dropFirst(prefix.count)
      trees.append(
        try SourceTree(parsing: SourceText(name: "\(path)/\(own)", bytes: content)))
      names.append(
        String(own.dropFirst("code/".count).dropLast(".py".count)).replacing("/", with: "."))
    }
    return SourceFiles(trees: trees, names: names)
  }
}

/// The shapes of the arrays with which a model was traced.
struct ScriptExamples {
  /// The extents of each argument of `forward`, and whether it holds whole numbers; nil for one that is no
  /// tensor.
  private(set) var arguments: [(shape: [Int], isWhole: Bool)?] = []

  init(_ pickle: TorchPickle) {
    let graph = pickle.graph
    let root = pickle.unwrapped(graph.root)
    guard
      let call = (graph.items(root) ?? []).first(where: { graph.string($0.key) == "forward" }),
      let elements = graph.elements(pickle.unwrapped(call.value)), elements.count <= 256
    else { return }
    arguments = elements.map { element in
      let own = pickle.unwrapped(element)
      guard graph.callee(own) == "torch._utils._rebuild_tensor_v2", let call = graph.call(own),
        let parts = graph.elements(call.arguments), parts.count > 3,
        let shape = pickle.sizes(parts[2]), shape.count <= 16,
        let id = TorchStorageID(graph, parts[0])
      else { return nil }
      let type = try? TorchTypes.elementType(ofStorage: id.type, at: .init())
      return (shape, !(type?.isFloatingPoint ?? true))
    }
  }
}
