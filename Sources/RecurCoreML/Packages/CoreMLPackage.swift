import RecurContainers
import RecurFormats
import RecurTensors

/// Where the files of a package are, and which of them a path means.
enum CoreMLPackage {
  /// The list of the package's files.
  static let manifest = "Manifest.json"
  /// The folder with all other files.
  static let data = "Data"
  /// The model, behind ``data``.
  static let model = "com.apple.CoreML/model.mlmodel"
  /// The weights, in the folder of the model.
  static let weights = "weights/weight.bin"

  /// The path of the model in the package at `folder`, as its manifest says; nil for another folder.
  ///
  /// - Throws: `coreml.invalid` for a manifest that leads out of the package or names no model.
  static func modelPath(in folder: String) throws(CheckpointError) -> String? {
    let base = folder.hasSuffix("/") ? folder : folder + "/"
    guard isRegularFile(base + manifest) else { return nil }
    let probe = try FileProbe(path: base + manifest)
    guard let json = probe.json(.init()), json["itemInfoEntries"] != nil,
      let root = json["rootModelIdentifier"]?.string
    else { return nil }
    guard let path = json["itemInfoEntries"]?[root]?["path"]?.string,
      !path.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
        ["", ".", ".."].contains($0)
      }), !path.contains("\0")
    else {
      throw CheckpointError(
        .coreMLInvalid, "the package's list of files names no model in the package",
        at: .init(file: base + manifest))
    }
    return "\(base)\(data)/\(path)"
  }

  /// The package that a file belongs to; nil for a file of no package.
  static func folder(of path: String) -> String? {
    var folder = path
    for _ in 0..<4 {
      folder = splitPath(folder).folder
      if isRegularFile(folder + "/" + manifest) { return folder }
    }
    return nil
  }
}
