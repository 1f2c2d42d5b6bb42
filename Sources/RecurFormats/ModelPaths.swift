package import RecurTensors

/// A format whose models are several files: a folder, or files whose names begin alike.
package protocol SeveralFiles: ModelInspecting {
  /// The file by which the model at a path is read.
  ///
  /// The path may be that of a folder, of any file of the model, or the beginning of their names.
  ///
  /// - Returns: the file; nil when there is no such model.
  /// - Throws: what is wrong with a file that says where the model is.
  func entry(at path: String) throws(CheckpointError) -> String?
  /// Whether the folder at a path is one model, so that its files are none of their own.
  func isModelFolder(_ path: String) -> Bool
}

extension FormatRegistry {
  private var several: [any SeveralFiles] { formats.compactMap { $0 as? any SeveralFiles } }

  /// The file by which the model at `path` is read; `path` itself for a model in one file.
  ///
  /// - Throws: what is wrong with a file that says where the model is.
  package func entry(at path: String) throws(CheckpointError) -> String {
    for format in several {
      if let file = try format.entry(at: path) { return file }
    }
    return path
  }

  /// Whether the folder at `path` is one model.
  package func isModelFolder(_ path: String) -> Bool {
    several.contains { $0.isModelFolder(path) } || foreignFolder(path)?.fillsFolder == true
  }

  /// Opens the model at `path`: a file, or a folder or the beginning of names that stand for one.
  ///
  /// - Throws: `file.other-format` for a folder of a format that is not read, and what opening the
  ///   file throws.
  package func probe(
    _ path: String, watch: InputWatch? = nil
  ) throws(CheckpointError) -> FileProbe {
    let file = try entry(at: path)
    if file == path { try refuseFolder(path) }
    return try FileProbe(path: file, watch: watch)
  }
}
