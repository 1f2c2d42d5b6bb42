package import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Refuses an output path that would destroy a file, before anything is read or computed.
///
/// - Throws: `file.exists` when the file is there and may not be replaced, or is one of the inputs;
///   `file.unwritable` when it is a folder or a device.
package func checkOutput(
  _ path: String, inputs: [String], replacing: Bool
) throws(CheckpointError) {
  var status = stat()
  guard unsafe lstat(path, &status) == 0 else { return }
  var target = status
  let isLink = status.st_mode & S_IFMT == S_IFLNK
  if isLink, unsafe stat(path, &target) != 0 {
    throw CheckpointError(
      .fileUnwritable, "the output is a symbolic link to nothing", at: .init(file: path))
  }
  for input in inputs {
    var other = stat()
    guard unsafe stat(input, &other) == 0 else { continue }
    guard other.st_dev != target.st_dev || other.st_ino != target.st_ino else {
      throw CheckpointError(
        .fileExists, "the output is the same file as the input '\(input)'", at: .init(file: path))
    }
  }
  guard target.st_mode & S_IFMT == S_IFREG else {
    throw CheckpointError(
      .fileUnwritable, "the output is not a regular file", at: .init(file: path))
  }
  guard replacing else {
    throw CheckpointError(
      .fileExists, "the output exists already", at: .init(file: path)
    ).advising("choose another name, or allow it with \(.replacing)")
  }
}

/// Refuses an output folder that would destroy anything but a model of its own kind.
///
/// - Parameters:
///   - path: the folder to write.
///   - marker: the file in a folder that makes the folder such a model.
///   - inputs: files that are read.
///   - replacing: whether such a model may be replaced.
/// - Throws: `file.exists`, `file.unwritable`.
package func checkOutputFolder(
  _ path: String, marker: String, inputs: [String], replacing: Bool
) throws(CheckpointError) {
  var status = stat()
  guard unsafe lstat(path, &status) == 0 else { return }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    throw CheckpointError(
      .fileUnwritable, "the output is a file, and such a model is a folder", at: .init(file: path))
  }
  let own = realPath(path) ?? path
  for input in inputs {
    guard let other = realPath(input), other == own || other.hasPrefix(own + "/") else { continue }
    throw CheckpointError(
      .fileExists, "the output holds the input '\(input)'", at: .init(file: path))
  }
  guard isRegularFile("\(path)/\(marker)") else {
    throw CheckpointError(
      .fileUnwritable, "the output is a folder of another kind, which is not replaced",
      at: .init(file: path), expected: "no folder, or one with '\(marker)'")
  }
  guard replacing else {
    throw CheckpointError(
      .fileExists, "the output exists already", at: .init(file: path)
    ).advising("choose another name, or allow it with \(.replacing)")
  }
}

/// Refuses two output paths that lead to the same file.
///
/// - Throws: `file.exists`.
package func checkDistinct(_ one: String, _ other: String) throws(CheckpointError) {
  guard canonical(one) != canonical(other) else {
    throw CheckpointError(
      .fileExists, "the output is the same file as the output '\(one)'", at: .init(file: other))
  }
}

/// The path with links and dots resolved, also when the file is not there yet.
private func canonical(_ path: String) -> String {
  let (folder, name) = splitPath(path)
  return realPath(path) ?? (realPath(folder) ?? folder) + "/" + name
}
