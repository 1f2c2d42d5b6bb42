import RecurContainers
import RecurFormats
import RecurKeras
import RecurTensors

/// The folder in which TensorFlow saves a whole model: `saved_model.pb`, `variables/`, and from
/// TensorFlow 2.5 on `keras_metadata.pb` (tensorflow/core/protobuf/saved_model.proto).
///
/// Graphs and functions in it, which are programs, are never read.
struct SavedModel {
  static let fileName = "saved_model.pb"
  static let metadataName = "keras_metadata.pb"
  static let variables = "variables/variables"

  let folder: FolderFiles
  let bundle: CheckpointBundle
  private let metadata: KerasMetadata?
  /// The file that holds the metadata.
  private let metadataPath: String
  /// The version of TensorFlow that wrote it; empty when the file does not say it.
  let producer: String

  /// Reads the model beside or in `probe`.
  ///
  /// - Throws: `tensorflow.saved-model.incomplete`, and what reading its files throws.
  init(_ probe: FileProbe, limits: DecodeLimits) throws(CheckpointError) {
    let folder = try Self.folder(of: probe, limits)
    guard folder.has(Self.variables + ".index") else {
      throw CheckpointError(
        .savedModelIncomplete, "the SavedModel has no variables", at: .init(file: folder.path),
        expected: "\(Self.variables).index, and its data files",
        reason: "the folder was copied without 'variables', or the model has no weights",
        hint: "keep 'variables' beside \(Self.fileName)")
    }
    let bundle = try CheckpointBundle(folder, prefix: Self.variables, limits: limits)
    let model = try folder.bytes(Self.fileName)
    let hasFile = folder.has(Self.metadataName)
    let metadataPath = folder.path(of: hasFile ? Self.metadataName : Self.fileName)
    let file = hasFile ? try folder.bytes(Self.metadataName) : model
    (metadata, producer) = try locating(file: metadataPath) { () throws(CheckpointError) in
      let graph = try ProtobufReader.field(2, of: model)
      let information = try ProtobufReader.field(1, of: graph)
      return (
        bundle.graph == nil
          ? nil
          : hasFile
            ? try KerasMetadata(metadata: file, limits: limits)
            : try KerasMetadata(savedModel: file, limits: limits),
        try ProtobufReader.field(5, of: information)?.text() ?? ""
      )
    }
    self.folder = folder
    self.bundle = bundle
    self.metadataPath = metadataPath
    let count = bundle.graph?.nodes.count ?? 0
    if let last = metadata?.configs.keys.max(), last >= count {
      throw CheckpointError(
        .tensorFlowGraphInvalid, "there are options of object \(last), and \(count) objects",
        at: .init(file: metadataPath))
    }
  }

  /// The folder of a file, or the part of an archive in which a SavedModel is.
  static func folder(
    of probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> FolderFiles {
    guard let names = probe.archiveNames else {
      return FolderFiles(folder: splitPath(probe.path).folder, watch: probe.watch)
    }
    let models = names.filter(isModelName)
    guard models.count <= 1 else {
      throw CheckpointError(
        .tensorFlowUnsupported, "the archive holds \(models.count) SavedModels",
        at: .init(file: probe.path), expected: "one", hint: "unpack it, and give the folder of one")
    }
    let name = models.first ?? fileName
    if let tar = probe.tar {
      return FolderFiles(tar, prefix: String(name.dropLast(fileName.count)), path: probe.path)
    }
    return FolderFiles(
      try ZipArchive(probe.bytes, limits: limits),
      prefix: String(name.dropLast(fileName.count)), path: probe.path)
  }

  /// Whether a name in an archive is that of a SavedModel, at its top or a few folders deep.
  static func isModelName(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.last == fileName[...] && parts.count <= 6
  }

  /// The architecture that Keras wrote; nil when the model is none of Keras, or Keras 3 exported it.
  ///
  /// - Throws: `keras.config.invalid`, `keras.model.subclassed`, `keras.version.unsupported`.
  func architecture() throws(CheckpointError) -> KerasArchitecture? {
    guard let metadata, let root = metadata.root, root["class_name"] != nil else { return nil }
    let place = metadata.location.inside(.init(file: metadataPath, object: "root"))
    guard let version = try metadata.version() else {
      throw CheckpointError(
        .kerasVersionUnsupported,
        "the model has no keras_version, which decides what 'hard_sigmoid' means", at: place)
    }
    return try KerasArchitecture(root, version: version, at: place)
  }

  /// The graph of what the model is served with, for a file that TensorFlow 1 wrote.
  ///
  /// - Throws: what is wrong with the graph.
  func graphModel(_ limits: DecodeLimits) throws(CheckpointError) -> GraphModel? {
    guard let meta = try ProtobufReader.field(2, of: folder.bytes(Self.fileName)),
      let message = try ProtobufReader.field(2, of: meta)
    else { return nil }
    return GraphModel(
      try GraphMessage(message, limits: limits), variables: bundle.table,
      weights: bundle.table.names.filter { !NamedCells.isLeftover($0) },
      outputs: try GraphSignature(meta)?.outputs)
  }

  /// The cells that names tell, for a file that TensorFlow 1 wrote.
  ///
  /// - Throws: what is wrong with the graph, or with the arrays of a cell.
  func namedModel(
    _ limits: DecodeLimits, architecture: FileProbe? = nil
  ) throws(CheckpointError) -> NamedModel {
    let meta = try ProtobufReader.field(2, of: folder.bytes(Self.fileName))
    let graph = try ProtobufReader.field(2, of: meta).map { message throws(CheckpointError) in
      try GraphMessage(message, limits: limits)
    }
    return try NamedModel(
      bundle.table, graph: graph, architecture: architecture, limits: limits)
  }

  /// The model of Keras, for a file that Keras wrote.
  ///
  /// - Throws: what is wrong with the architecture, unless another one is given.
  func kerasModel(
    _ graph: TrackableGraph, in probe: FileProbe, isArchitectureGiven: Bool
  ) throws(CheckpointError) -> KerasStoredModel {
    try KerasStoredModel(
      objects: bundle.objects(
        of: graph, configs: metadata?.configs ?? [:], version: try? metadata?.version()),
      in: probe, isArchitectureGiven: isArchitectureGiven
    ) { () throws(CheckpointError) in try architecture() }
  }
}

extension Diagnostic.Code {
  /// A SavedModel that lacks a part of it.
  static let savedModelIncomplete = Self(rawValue: "tensorflow.saved-model.incomplete")
}
