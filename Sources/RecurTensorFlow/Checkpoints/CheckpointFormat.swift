package import RecurContainers
package import RecurFormats
import RecurKeras
import RecurModel
package import RecurTensors

/// TensorFlow's checkpoints: `model.save_weights(path)`, `tf.train.Checkpoint`, `tf.train.Saver`.
package struct TensorFlowCheckpointFormat: ModelDecoding, SourceTaking, LambdaTaking,
  ArchitectureLending, TensorListing, ShardedFormat, SeveralFiles, ValueTaking, OutputChoosing
{
  package let id = "tensorflow-checkpoint"
  package let title = "TensorFlow checkpoint"
  package let extensions: [String] = []
  package var convention: any Convention { KerasConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    let name = splitPath(probe.path).name
    return SortedTable.recognizes(probe.bytes) || CheckpointPaths.isPointer(probe.bytes)
      || CheckpointPaths.isData(name)
      || name.hasSuffix(CheckpointPaths.indexEnding) && CheckpointPaths.hasData(beside: probe.path)
  }

  // MARK: folders

  package func isModelFolder(_ path: String) -> Bool { false }

  package func entry(at path: String) throws(CheckpointError) -> String? {
    let (folder, name) = splitPath(path)
    if isFolder(path) {
      let base = path.hasSuffix("/") ? String(path.dropLast()) : path
      let pointer = base + "/" + CheckpointPaths.pointerName
      if isRegularFile(pointer), let bytes = try? ByteStorage(mapping: pointer),
        CheckpointPaths.isPointer(ByteRegion(bytes))
      {
        return try CheckpointPaths.pointed(by: pointer, in: base)
      }
      return CheckpointPaths.onlyIndex(in: base)
    }
    if isRegularFile(path) {
      if name == CheckpointPaths.pointerName,
        let bytes = try? ByteStorage(mapping: path),
        CheckpointPaths.isPointer(ByteRegion(bytes))
      {
        return try CheckpointPaths.pointed(by: path, in: folder)
      }
      guard !name.hasSuffix(CheckpointPaths.indexEnding),
        let prefix = CheckpointPaths.prefix(of: path),
        isRegularFile(prefix + CheckpointPaths.indexEnding)
      else { return nil }
      return prefix + CheckpointPaths.indexEnding
    }
    let index = path + CheckpointPaths.indexEnding
    return isRegularFile(index) ? index : nil
  }

  package func shards(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [String] {
    guard let prefix = CheckpointPaths.prefix(of: splitPath(probe.path).name) else { return [] }
    return fileNames(in: splitPath(probe.path).folder).filter { name in
      name == CheckpointPaths.pointerName
        || name != prefix + CheckpointPaths.indexEnding
          && CheckpointPaths.prefix(of: name) == prefix
    }
  }

  // MARK: reading

  /// The tensors of the checkpoint whose index a file is.
  private func bundle(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> CheckpointBundle {
    let (folder, name) = splitPath(probe.path)
    guard name.hasSuffix(CheckpointPaths.indexEnding) || SortedTable.recognizes(probe.bytes),
      let prefix = CheckpointPaths.prefix(of: name)
    else {
      throw CheckpointError(
        .bundleFileMissing, "this is a part of a checkpoint whose index is not there",
        at: .init(file: probe.path),
        expected: (CheckpointPaths.prefix(of: name) ?? "x") + CheckpointPaths.indexEnding,
        reason: "names, shapes and types of the tensors are in the index alone",
        hint: "put all files of the checkpoint into one folder")
    }
    return try CheckpointBundle(
      FolderFiles(folder: folder, watch: probe.watch), prefix: prefix, limits: limits)
  }

  /// The model of Keras whose weights a checkpoint holds.
  private func model(
    _ bundle: CheckpointBundle, _ graph: TrackableGraph, in probe: FileProbe
  ) throws(CheckpointError) -> KerasStoredModel {
    try KerasStoredModel(
      objects: bundle.objects(of: graph), in: probe, isArchitectureGiven: true
    ) { nil }
  }

  /// The graph beside a checkpoint; nil when there is none.
  private func graph(
    beside probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> GraphMessage? {
    let (folder, name) = splitPath(probe.path)
    let files = FolderFiles(folder: folder, watch: probe.watch)
    let beside = (CheckpointPaths.prefix(of: name) ?? name) + ".meta"
    guard files.has(beside) else { return nil }
    return try locating(file: files.path(of: beside)) { () throws(CheckpointError) in
      try ProtobufReader.field(2, of: files.bytes(beside)).map {
        message throws(CheckpointError) in try GraphMessage(message, limits: limits)
      }
    }
  }

  /// The graph beside a checkpoint as a model, where its outputs are chosen.
  private func running(
    _ table: TensorTable, _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> GraphModel? {
    guard options.outputs != nil, let graph = try graph(beside: probe, options.limits) else {
      return nil
    }
    return GraphModel(
      graph, variables: table, weights: table.names.filter { !NamedCells.isLeftover($0) })
  }

  /// The cells that names tell, with the graph beside the checkpoint.
  private func namedModel(
    _ table: TensorTable, _ probe: FileProbe, _ limits: DecodeLimits,
    architecture: FileProbe? = nil
  ) throws(CheckpointError) -> NamedModel {
    try NamedModel(
      table, graph: graph(beside: probe, limits), architecture: architecture, limits: limits)
  }

  /// The model of a checkpoint that names its variables.
  private func named(
    _ table: TensorTable, _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try NamedModel.decoded(probe, options, running: running(table, probe, options)) {
      () throws(CheckpointError) in
      try namedModel(table, probe, options.limits, architecture: options.architecture)
    }
  }

  /// The tensors of a checkpoint in one file, as TensorFlow wrote before tensor bundles; nil for others.
  private func oldTable(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> TensorTable? {
    guard OldCheckpoint.recognizes(probe.bytes) else { return nil }
    return try OldCheckpoint(probe.bytes, limits: limits).table
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      if let table = try oldTable(probe, options.limits) {
        return try named(table, probe, options)
      }
      let bundle = try bundle(probe, options.limits)
      guard let graph = bundle.graph else {
        return try named(bundle.table, probe, options)
      }
      try options.refuseGraphOptions(self, probe)
      return try model(bundle, graph, in: probe).decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      if let table = try oldTable(probe, .init()) {
        return listed(table, try namedModel(table, probe, .init()), probe)
      }
      let bundle = try bundle(probe, .init())
      guard let graph = bundle.graph else {
        return listed(bundle.table, try namedModel(bundle.table, probe, .init()), probe)
      }
      var inspection = try model(bundle, graph, in: probe).inspection(id, title, probe)
      inspection.facts.append(("data files", "\(bundle.bundle.shardCount)"))
      inspection.tensors = bundle.table.stored
      return inspection
    }
  }

  private func listed(_ table: TensorTable, _ named: NamedModel, _ probe: FileProbe) -> Inspection {
    Inspection(
      format: id, title: title, facts: [], layers: named.layers, tensors: table.stored,
      diagnostics: named.notes(probe))
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      if let table = try oldTable(probe, limits) { return StoredTensors(table: table) }
      return StoredTensors(table: try bundle(probe, limits).table)
    }
  }
}
