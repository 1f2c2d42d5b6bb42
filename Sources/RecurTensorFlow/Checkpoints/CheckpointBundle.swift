import RecurContainers
import RecurFormats
import RecurTensors

/// The tensors of a checkpoint in a folder: its index and its data files.
struct CheckpointBundle {
  let bundle: TensorBundle
  let files: TensorBundleFiles
  /// The objects that hold the variables; nil for a checkpoint that names its variables only.
  let graph: TrackableGraph?
  /// Every tensor of numbers by its name.
  let table: TensorTable

  /// Reads the checkpoint whose files in `folder` begin with `prefix`, every tensor in full.
  ///
  /// - Throws: `bundle.invalid`, `bundle.checksum`, `bundle.file-missing`, `tensorflow.graph.invalid`
  ///   and what opening files throws.
  init(
    _ folder: FolderFiles, prefix: String, limits: DecodeLimits
  ) throws(CheckpointError) {
    let indexName = prefix + ".index"
    let index = try folder.bytes(indexName)
    let bundle = try locating(file: folder.path(of: indexName)) { () throws(CheckpointError) in
      try TensorBundle(index: index, limits: limits)
    }
    let files = Self.files(folder, prefix: prefix, count: bundle.shardCount)
    self.bundle = bundle
    self.files = files
    (graph, table) = try locating(file: folder.path(of: indexName)) {
      () throws(CheckpointError) in
      (
        try Self.graph(bundle, files, limits), try Self.table(bundle, files)
      )
    }
  }

  private static func files(
    _ folder: FolderFiles, prefix: String, count: Int
  ) -> TensorBundleFiles {
    func name(_ shard: Int) -> String { "\(prefix).data-\(digits(shard))-of-\(digits(count))" }
    return TensorBundleFiles(path: { folder.path(of: name($0)) }) {
      (shard) throws(CheckpointError) in
      guard folder.has(name(shard)) else {
        throw CheckpointError(
          .bundleFileMissing, "there is no data file '\(name(shard))' beside the index",
          at: .init(file: folder.path(of: prefix + ".index")), expected: name(shard),
          reason: "the index says what the tensors are, and the data files hold their numbers",
          hint: "put all files of the checkpoint into one folder")
      }
      let bytes = try folder.bytes(name(shard))
      guard !bytes.holds(Array("version https://git-lfs".utf8)) else {
        throw CheckpointError(
          .bundleFileMissing, "the data file is a Git LFS pointer",
          at: .init(file: folder.path(of: name(shard))), expected: "the numbers of the tensors",
          hint: "fetch the file itself with 'git lfs pull'")
      }
      return bytes
    }
  }

  /// A number of five digits, as in the names of data files.
  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 5 - text.utf8.count)) + text
  }

  private static func graph(
    _ bundle: TensorBundle, _ files: TensorBundleFiles, _ limits: DecodeLimits
  ) throws(CheckpointError) -> TrackableGraph? {
    guard let entry = bundle[TrackableGraph.tensorName], entry.isText else { return nil }
    let texts = try bundle.texts(entry, files)
    guard let text = texts.first, texts.count == 1 else {
      throw CheckpointError(
        .tensorFlowGraphInvalid, "the graph of objects is \(texts.count) texts", at: entry.location,
        expected: "one text")
    }
    return try locating(object: TrackableGraph.tensorName) { () throws(CheckpointError) in
      try TrackableGraph(text, limits: limits)
    }
  }

  private static func table(
    _ bundle: TensorBundle, _ files: TensorBundleFiles
  ) throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    // Tensors may be the same bytes; their checksums are computed once for each.
    for entry in bundle.entries where entry.name != TrackableGraph.tensorName {
      if entry.elementType == nil {
        if entry.isText { _ = try bundle.texts(entry, files) }
        try table.append(
          UnreadableTensor(
            name: entry.name, type: entry.typeName, shape: entry.shape,
            byteCount: entry.byteCount, location: entry.location))
      } else {
        try table.append(entry.name, try bundle.tensor(entry, files))
      }
    }
    return table
  }
}
