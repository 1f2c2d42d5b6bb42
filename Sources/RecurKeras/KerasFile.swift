import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// The content of a Keras file in any container: an architecture, weights, or both.
struct KerasFile {
  /// The two ways in which Keras lays out weights.
  enum Weights {
    /// `layer_names` and `weight_names` (Keras 1 to 3, `.h5`).
    case legacy(KerasH5Weights)
    /// By the place of the layer in the model (`.weights.h5`, `.keras`).
    case native(KerasNativeWeights)
    /// By the attributes that hold layers and variables (TensorFlow's checkpoints).
    case objects(KerasObjectWeights)
    /// By the names of variables (TensorFlow.js).
    case named(TensorTable)

    /// The layers, as far as the weights tell them.
    var layers: [KerasH5Weights.LayerArrays] {
      switch self {
      case .legacy(let weights): weights.layers
      case .native(let weights): weights.layers
      case .objects(let weights): weights.layers
      case .named: []
      }
    }
  }

  var architecture: KerasArchitecture?
  var weights: Weights?
  /// The program that wrote the file, as far as the file says.
  var producer: String?
  var diagnostics: [Diagnostic] = []
  /// The class of a model whose layers the config does not declare.
  var classWithoutCode: String?

  // MARK: reading

  /// Reads a legacy HDF5 file: full model or weights only.
  init(
    legacy probe: FileProbe, _ limits: DecodeLimits, isArchitectureGiven: Bool
  ) throws(CheckpointError) {
    var file = try probe.hdf5File()
    do throws(CheckpointError) {
      try readArchitecture(probe, isGiven: isArchitectureGiven) { () throws(CheckpointError) in
        try Self.legacyArchitecture(&file, limits)
      }
    } catch {
      // What such a model computes is Python code; its weights are there all the same.
      guard error.diagnostic.code == .kerasModelSubclassed else { throw error }
      diagnostics = [error.diagnostic.asWarning]
      classWithoutCode = error.diagnostic.found
    }
    let version = isArchitectureGiven ? try? Self.version(&file) : try Self.version(&file)
    producer = version.map { "Keras \($0)" }
    let root = file["/model_weights"] == nil && architecture == nil ? "/" : "/model_weights"
    weights = .legacy(try KerasH5Weights(&file, root: root))
    diagnostics += file.diagnostics
  }

  /// The architecture in the attributes of a legacy file; nil for a file of weights alone.
  static func legacyArchitecture(
    _ file: inout HDF5File, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasArchitecture? {
    guard let root = file["/"] else { return nil }
    guard let config = try file.strings("model_config", of: root)?.first else { return nil }
    let place = config.location.inside(.init(object: "/@model_config"))
    let versionPlace = Diagnostic.Location(object: "/@keras_version")
    let json = try locating(object: "/@model_config") { () throws(CheckpointError) in
      try JSONParser.parse(config, allowsPythonNumbers: true, limits: limits)
    }
    guard let version = try version(&file) else {
      throw CheckpointError(
        .kerasVersionUnsupported,
        "the file has no keras_version, which decides what 'hard_sigmoid' means", at: versionPlace,
        reason: "another tool wrote the file, or copied it without its attributes",
        hint: "write the version that made it, with h5py: f.attrs['keras_version'] = '2.15.0'")
    }
    return try KerasArchitecture(
      json, version: try KerasVersion(version, at: versionPlace), at: place)
  }

  /// `keras_version`, at the root or beside the weights.
  private static func version(_ file: inout HDF5File) throws(CheckpointError) -> String? {
    for path in ["/", "/model_weights"] {
      guard let group = file[path] else { continue }
      if let text = try file.strings("keras_version", of: group)?.first?.text() { return text }
    }
    return nil
  }

  /// Reads a `.keras` archive (keras/src/saving/saving_lib.py).
  init(
    archive probe: FileProbe, _ limits: DecodeLimits, isArchitectureGiven: Bool
  ) throws(CheckpointError) {
    let archive = try ZipArchive(probe.bytes, limits: limits)
    var findings: [Diagnostic] = []
    do throws(CheckpointError) {
      try readArchitecture(probe, isGiven: isArchitectureGiven) { () throws(CheckpointError) in
        try Self.archiveArchitecture(archive, limits)
      }
    } catch {
      // What such a model computes is Python code; its weights are there all the same.
      guard error.diagnostic.code == .kerasModelSubclassed else { throw error }
      findings = [error.diagnostic.asWarning]
      classWithoutCode = error.diagnostic.found
    }
    producer = architecture.map { "Keras \($0.version)" }
    let file = try Self.weights(in: archive, probe, limits)
    weights = .native(try KerasNativeWeights([(nil, file)]))
    diagnostics += file.diagnostics + findings
  }

  /// The weights in an archive, which are a file of their own.
  static func weights(
    in archive: ZipArchive, _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> HDF5File {
    guard let entry = archive["model.weights.h5"] else {
      throw CheckpointError(
        .kerasWeightsMissing, "the archive has no 'model.weights.h5'", at: probe.bytes.location,
        found: archive.entries.prefix(5).map(\.name).joined(separator: ", "))
    }
    return try locating(object: entry.name) { () throws(CheckpointError) in
      try HDF5File(
        try archive.content(of: entry, holdsArrays: true), limits: limits)
    }
  }

  /// Reads the file's own architecture; where another one is given, that one holds, and what is wrong
  /// with this one is a warning.
  mutating func readArchitecture(
    _ probe: FileProbe, isGiven: Bool, _ read: () throws(CheckpointError) -> KerasArchitecture?
  ) throws(CheckpointError) {
    guard isGiven else {
      architecture = try read()
      return
    }
    let found = KerasInspection.architecture(probe, read: read)
    architecture = found.architecture
    diagnostics += found.problems
  }

  static func archiveArchitecture(
    _ archive: ZipArchive, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasArchitecture? {
    guard let entry = archive["config.json"] else { return nil }
    let metadata = try archive["metadata.json"].map { entry throws(CheckpointError) in
      try locating(object: entry.name) { () throws(CheckpointError) in
        try JSONParser.parse(try archive.content(of: entry), limits: limits)
      }
    }
    let content = try archive.content(of: entry)
    let json = try locating(object: entry.name) { () throws(CheckpointError) in
      try JSONParser.parse(content, allowsPythonNumbers: true, limits: limits)
    }
    let place = Diagnostic.Location(object: "metadata.json")
    guard let version = metadata?["keras_version"]?.string else {
      throw CheckpointError(
        .kerasVersionUnsupported,
        "the archive's metadata.json has no keras_version, which decides what 'hard_sigmoid' means",
        at: place)
    }
    let architecture = try KerasArchitecture(
      json, version: try KerasVersion(version, at: place),
      at: content.location.inside(.init(object: "config.json")))
    return try architecture.withVocabularies { path throws(CheckpointError) in
      try archive["assets/\(path)/vocabulary.txt"].map { entry throws(CheckpointError) in
        String(decoding: try archive.content(of: entry).bytes(), as: UTF8.self)
      }
    }
  }

  /// Reads native weights in one HDF5 file.
  init(native probe: FileProbe) throws(CheckpointError) {
    let file = try probe.hdf5File()
    weights = .native(try KerasNativeWeights([(nil, file)]))
    diagnostics = file.diagnostics
  }

  /// A file that was read elsewhere.
  init(
    architecture: KerasArchitecture?, weights: Weights, producer: String?,
    diagnostics: [Diagnostic]
  ) {
    self.architecture = architecture
    self.weights = weights
    self.producer = producer
    self.diagnostics = diagnostics
  }

  /// A file of weights that were already read.
  init(weights: KerasNativeWeights, diagnostics: [Diagnostic]) {
    self.weights = .native(weights)
    self.diagnostics = diagnostics
  }

  // MARK: decoding

  /// The model, made of an architecture (the given one, or else the file's own) and the file's
  /// weights.
  func decoded(
    _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    if let source = options.source { return try decoded(probe, options, from: source) }
    let given = try options.architecture.map { probe throws(CheckpointError) in
      try KerasArchitecture(in: probe, options.limits, options.formats)
    }
    var diagnostics = diagnostics
    if given != nil { diagnostics.removeAll { $0.code == .kerasModelSubclassed } }
    guard let weights else {
      throw CheckpointError(
        .kerasWeightsMissing, "the file holds an architecture and no weights"
      ).advising("give it as \(.architecture) to the file that has the weights")
    }
    guard let architecture = given ?? architecture else {
      var inference = KerasShapeInference()
      let model = try inference.model(of: weights.layers, producer: producer ?? "Keras")
      if case .objects(let weights) = weights { diagnostics += optimizer(weights.others) }
      var decoded = DecodedModel(
        model: model.located(inFile: probe.path),
        diagnostics: (diagnostics + inference.diagnostics).map { $0.located(file: probe.path) },
        convention: KerasConvention())
      decoded.coverage.classWithoutCode = classWithoutCode
      return decoded
    }
    let whole = try architecture.replacingLambdas(options.lambdas, options.program)
    let (arrays, similar) = try assigned(weights, to: whole, &diagnostics)
    return try model(whole, arrays, similar, probe, options, diagnostics)
  }

  /// The arrays of every layer.
  ///
  /// - Parameters:
  ///   - weights: the weights.
  ///   - architecture: the layers.
  ///   - diagnostics: gets findings about what no layer uses.
  ///   - byPlace: whether the names of layers are made up, so that places tell them apart.
  ///   - groups: the groups in which each layer may be, by name.
  /// - Returns: the arrays by the names of the layers, and groups that are similar to missing ones.
  /// - Throws: `tensor.missing`, `keras.layers.ambiguous`.
  func assigned(
    _ weights: Weights, to architecture: KerasArchitecture, _ diagnostics: inout [Diagnostic],
    byPlace: Bool = false, in groups: [Name: [String]] = [:]
  ) throws(CheckpointError) -> (arrays: [Name: [KerasArray]], similar: KerasSimilarGroups?) {
    let arrays: [Name: [KerasArray]]
    var similar: KerasSimilarGroups?
    switch weights {
    case .legacy(let weights):
      arrays = try weights.assigned(to: architecture, &diagnostics, byPlace: byPlace)
      diagnostics += unused(weights.unused.map { ($0.path, $0.location) })
      diagnostics += optimizer(weights.optimizer.map(\.path))
    case .native(let weights):
      var assigned = weights.assigned(to: architecture)
      if weights.hasAttributes, !assigned.isComplete {
        let own = weights.assigned(to: architecture, in: groups)
        assigned =
          own.isComplete
          ? own : try KerasAttributePairing(weights.layers, architecture).assignment()
      }
      arrays = assigned.arrays
      similar = KerasSimilarGroups(assigned)
      diagnostics += assigned.notes + unused(assigned.unused) + optimizer(weights.optimizer)
    case .objects(let weights):
      let assigned = try weights.assigned(to: architecture)
      arrays = assigned.arrays
      diagnostics += assigned.notes + unused(assigned.unused) + optimizer(weights.others)
    case .named(let table):
      let plain = try KerasPlainArrays(table, architecture).assigned()
      arrays = plain?.arrays ?? [:]
      diagnostics += unused(
        (plain?.unused ?? table.names).map { ($0, table[$0]?.location ?? .init()) })
    }
    return (arrays, similar)
  }

  /// The model of an architecture and the arrays of its layers.
  func model(
    _ architecture: KerasArchitecture, _ arrays: [Name: [KerasArray]],
    _ similar: KerasSimilarGroups?, _ probe: FileProbe, _ options: DecodeOptions,
    _ diagnostics: [Diagnostic], hasOpenWidths: Bool = false
  ) throws(CheckpointError) -> DecodedModel {
    var (architecture, diagnostics) = (architecture, diagnostics)
    architecture.completeInputs(hasOpenWidths: hasOpenWidths) { name in
      arrays[name]?.map(\.tensor.shape) ?? []
    }
    if architecture.isSubclassed { diagnostics.append(Self.subclassed(architecture)) }
    var reader = KerasGraphReader(
      architecture, arrays: arrays, takesMask: options.takesMask)
    let model: Model
    do throws(CheckpointError) {
      model = try reader.model()
    } catch {
      throw similar?.completed(error) ?? error
    }
    diagnostics += reader.findings
    for layer in reader.unusedLayers {
      diagnostics.append(
        Diagnostic(
          .tensorUnused, .warning,
          "layer '\(layer)' has \(arrays[layer]?.count ?? 0) arrays and the model never calls it",
          at: arrays[layer]?.first?.tensor.location ?? .init()))
    }
    var decoded = DecodedModel(
      model: model.located(inFile: probe.path),
      diagnostics: diagnostics.map { $0.located(file: probe.path) },
      convention: KerasConvention())
    decoded.basis.declared = options.architecture.map { [$0.path] } ?? []
    return decoded
  }

  /// Says that a model's class may compute something else than its config says.
  private static func subclassed(_ architecture: KerasArchitecture) -> Diagnostic {
    Diagnostic(
      .kerasModelSubclassed, .warning,
      "the model is of class '\(architecture.className)', which is not Keras' own: it is read as its "
        + "config says, and its call() may do something else",
      hint: "compare with recorded outputs; a class that only trains in its own way changes nothing"
    )
  }

  private func unused(_ objects: [(path: String, place: Diagnostic.Location)]) -> [Diagnostic] {
    objects.map { object in
      Diagnostic(
        .tensorUnused, .warning, "no layer uses the dataset",
        at: object.place.inside(.init(file: object.place.file, object: object.path)))
    }
  }

  private func optimizer(_ paths: [String]) -> [Diagnostic] {
    guard let first = paths.first else { return [] }
    return [
      Diagnostic(
        .kerasOptimizerIgnored, .note,
        "the state of optimizer, metrics and random generators (\(paths.count) tensors) is not "
          + "needed to run the model and was not loaded", at: .init(object: first))
    ]
  }
}

extension Model {
  /// The same model with every location inside `file`.
  fileprivate func located(inFile file: String) -> Model {
    var copy = self
    for index in copy.nodes.indices where copy.nodes[index].location.file == nil {
      copy.nodes[index].location.file = file
    }
    return copy
  }
}

extension Diagnostic {
  /// The same finding about something that does not stop the reading.
  var asWarning: Diagnostic {
    var copy = self
    copy.severity = .warning
    return copy
  }
}

extension Diagnostic.Code {
  static let kerasModelSubclassed = Self(rawValue: "keras.model.subclassed")
  static let kerasOptimizerIgnored = Self(rawValue: "keras.optimizer.ignored")
  static let kerasArchitectureNeeded = Self(rawValue: "keras.architecture.needed")
}
