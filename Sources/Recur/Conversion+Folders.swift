import RecurFormats
import RecurTensors

// Models that are folders.
extension Checkpoint {
  /// Writes a folder under a hidden name, compares what is read back with the model, and names the folder.
  ///
  /// - Throws: `file.unwritable`, `convert.verification-failed`, and what `review` throws.
  func writeFolder(
    _ folder: EncodedFolder, _ encoded: any EncodedModel, _ format: String, to path: String,
    _ review: ([Diagnostic]) throws(CheckpointError) -> Void
  ) throws(CheckpointError) -> Conversion {
    var target = try AtomicFolder(replacing: path)
    for (name, content) in folder.files {
      var file = try AtomicFile(replacing: try target.place(name))
      try file.write(content)
      try file.commit()
    }
    var main = try AtomicFile(replacing: try target.place(folder.main))
    try encoded.write(to: &main)
    let written = try main.readBack()
    try main.commit()
    var (byteCount, second) = (written.count, ByteRegion?.none)
    if let name = encoded.neighbour {
      var file = try AtomicFile(
        replacing: try target.place("\(splitPath(folder.main).folder)/\(name)"))
      try encoded.writeNeighbour(to: &file)
      let bytes = try file.readBack()
      try file.commit()
      byteCount += bytes.count
      second = bytes
    }
    let probe = FileProbe(path: "\(path)/\(folder.main)", bytes: written)
    let outcome = try checked(encoded, probe, neighbour: second, review)
    try target.commit()
    return Conversion(
      path: path, format: format, byteCount: byteCount, module: nil,
      mappings: encoded.mappings, diagnostics: outcome.diagnostics,
      largestDifference: outcome.difference, isRounded: encoded.isRounded,
      isReordered: encoded.isReordered, proof: outcome.proof)
  }
}
