import RecurContainers
package import RecurModel
package import RecurTensors

/// Where inputs and outputs were recorded: an archive, a folder, or a file for each array.
package enum GoldenSource: Sendable {
  case archive(String)
  case arrays(inputs: [String], outputs: [String])
  /// A folder in a format's own form, and what reads it.
  case folder(String, ReadFolder)

  /// Reads the recording in a folder, of a model if that is known.
  package typealias ReadFolder =
    @Sendable (String, Model?, InputWatch?) throws(CheckpointError) -> GoldenFile

  /// The file that findings about the recording as a whole are placed in.
  package var path: String {
    switch self {
    case .archive(let path), .folder(let path, _): path
    case .arrays(let inputs, let outputs): outputs.first ?? inputs.first ?? ""
    }
  }

  /// Reads what was recorded of `model`.
  ///
  /// - Throws: `golden.incomplete`, `file.unreadable` and what reading the files throws.
  package func read(
    for model: Model?, watch: InputWatch? = nil
  ) throws(CheckpointError) -> GoldenFile {
    switch self {
    case .archive(let path): try GoldenFile(at: path, for: model, watch: watch)
    case .folder(let path, let read): try read(path, model, watch)
    case .arrays(let inputs, let outputs):
      GoldenFile(
        inputs: try Self.arrays(inputs, ModelArrays(model), watch),
        outputs: try Self.arrays(outputs, ModelArrays(nil), watch))
    }
  }

  private static func arrays(
    _ paths: [String], _ arrays: ModelArrays, _ watch: InputWatch?
  ) throws(CheckpointError) -> [Tensor] {
    var tensors: [Tensor] = []
    for path in paths {
      let bytes = ByteRegion(try .opening(path, watch))
      let tensor = try locating(file: path) { () throws(CheckpointError) in
        try arrays.tensor(bytes, at: tensors.count)
      }
      var location = tensor.location
      location.file = path
      tensors.append(tensor.located(at: location))
    }
    return tensors
  }
}
