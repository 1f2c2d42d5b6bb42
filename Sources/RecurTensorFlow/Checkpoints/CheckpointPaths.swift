import RecurContainers
import RecurFormats
import RecurTensors

/// The files of a checkpoint by their names: `x.index`, `x.data-00000-of-00001`, `x.meta`, and
/// `checkpoint`, which says which one is the last
/// (tensorflow/python/training/checkpoint_management.py).
enum CheckpointPaths {
  static let indexEnding = ".index"
  static let pointerName = "checkpoint"
  private static let graphEnding = ".meta"
  private static let pointerStart = "model_checkpoint_path:"

  /// The beginning of all names of the checkpoint that a file belongs to; nil for other names.
  static func prefix(of name: String) -> String? {
    for ending in [indexEnding, graphEnding] where name.hasSuffix(ending) {
      return String(name.dropLast(ending.count))
    }
    guard isData(name) else { return nil }
    return name.split(separator: ".", omittingEmptySubsequences: false).dropLast()
      .joined(separator: ".")
  }

  /// Whether a data file of the same checkpoint is beside an index.
  static func hasData(beside path: String) -> Bool {
    let (folder, name) = splitPath(path)
    guard let prefix = prefix(of: name) else { return false }
    return fileNames(in: folder).contains { isData($0) && self.prefix(of: $0) == prefix }
  }

  /// The index in a folder that has no more than one; nil for other folders.
  static func onlyIndex(in folder: String) -> String? {
    let found = fileNames(in: folder).filter { $0.hasSuffix(indexEnding) }
      .map { "\(folder)/\($0)" }.filter { hasData(beside: $0) }
    return found.count == 1 ? found[0] : nil
  }

  /// Whether a name is that of a data file.
  static func isData(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let last = parts.last, last.hasPrefix("data-") else { return false }
    let numbers = last.dropFirst(5).split(separator: "-", omittingEmptySubsequences: false)
    return numbers.count == 3 && numbers[1] == "of" && Int(numbers[0]) != nil
      && Int(numbers[2]) != nil
  }

  /// Whether bytes are those of the file `checkpoint`.
  static func isPointer(_ bytes: ByteRegion) -> Bool { bytes.holds(Array(pointerStart.utf8)) }

  /// The index that the file `checkpoint` in a folder says to be the last one.
  ///
  /// - Throws: `tensorflow.checkpoint.pointer` for a path out of the folder, or to nothing.
  static func pointed(
    by pointer: String, in folder: String
  ) throws(CheckpointError) -> String {
    let bytes = ByteRegion(try ByteStorage(mapping: pointer))
    func invalid(_ reason: String, _ found: String? = nil) -> CheckpointError {
      CheckpointError(
        .checkpointPointer, "the file 'checkpoint' \(reason)",
        at: bytes.location.inside(.init(file: pointer)),
        expected: "the name of a checkpoint beside it", found: found,
        hint: "give the index itself: x.index")
    }
    guard bytes.count <= 1 << 20, let text = bytes.text(), text.hasPrefix(pointerStart),
      let line = text.split(whereSeparator: \.isNewline).first
    else { throw invalid("does not say which checkpoint is the last one") }
    var path = line.dropFirst(pointerStart.count).filter { $0 != "\"" }
      .drop { $0 == " " }.map { $0 == "\\" ? "/" : $0 }
    while path.last == " " { path.removeLast() }
    let parts = String(path).split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.last, !last.isEmpty, !path.contains("\0") else {
      throw invalid("names no checkpoint", String(path))
    }
    // The path of the machine that trained the model says nothing here but its last part.
    let isAbsolute = path.first == "/" || parts[0].hasSuffix(":")
    guard isAbsolute || !parts.contains("..") else {
      throw invalid("leads out of its folder", String(path))
    }
    let name = isAbsolute ? String(last) : String(path)
    let index = (folder == "/" ? "/" : folder + "/") + name + indexEnding
    guard isRegularFile(index) || isRegularFile(String(index.dropLast(indexEnding.count))) else {
      throw invalid("names a checkpoint that is not there", String(path))
    }
    return isRegularFile(index) ? index : String(index.dropLast(indexEnding.count))
  }
}

extension Diagnostic.Code {
  /// A file `checkpoint` that leads nowhere, or out of its folder.
  static let checkpointPointer = Self(rawValue: "tensorflow.checkpoint.pointer")
}
