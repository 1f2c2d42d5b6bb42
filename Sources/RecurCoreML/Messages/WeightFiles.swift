import RecurContainers
import RecurFormats
import RecurTensors

/// The file of weights beside a program (coremltools, mlmodel/src/MILBlob/Blob/StorageFormat.hpp).
///
/// A header of 64 bytes, and then for every array 64 bytes that say where its numbers are. Places in a program
/// lead to these, not to the numbers.
struct WeightFiles: Sendable {
  /// Opens a file by its name behind `@model_path/`; nil for one that is not there.
  private let open: @Sendable (String) throws(CheckpointError) -> ByteRegion?

  /// The files in the folder of a model.
  init(_ files: FolderFiles) {
    open = { (name) throws(CheckpointError) in
      files.has(name) ? try files.bytes(name) : nil
    }
  }

  /// One file that is not under its name yet.
  init(_ bytes: ByteRegion, named name: String) {
    open = { (given) throws(CheckpointError) in Name(given) == Name(name) ? bytes : nil }
  }

  /// What stands in front of the names of files.
  static let prefix = "@model_path/"
  /// The first bytes of a description.
  static let sentinel: UInt32 = 0xDEAD_BEEF
  /// Headers and descriptions are this long, and so are steps between places.
  static let alignment = 64

  /// Element types by their numbers.
  static let elementTypes: [UInt32: ElementType] = [
    1: .float16, 2: .float32, 3: .uint8, 4: .int8, 5: .bfloat16, 6: .int16, 7: .uint16,
    14: .int32, 15: .uint32,
  ]

  /// The bytes of an array.
  ///
  /// - Throws: `coreml.weights`, `file.unreadable`, `folder.file-outside`.
  func numbers(
    _ file: String, offset: Int, _ type: ElementType, byteCount: Int, of name: String,
    at location: Diagnostic.Location
  ) throws(CheckpointError) -> ByteRegion {
    func problem(_ message: String, hint: String? = nil) -> CheckpointError {
      CheckpointError(
        .coreMLWeights, "the numbers of '\(name)' \(message)", at: location, hint: hint)
    }
    guard file.hasPrefix(Self.prefix) else {
      throw problem("are in '\(file)', which is no file of the model")
    }
    let own = String(file.dropFirst(Self.prefix.utf8.count))
    guard let all = try open(own) else {
      throw problem("are in '\(own)', which is not there", hint: "keep the whole package together")
    }
    let version = try? all.integer(UInt32.self, at: 4)
    guard version == 2 else { throw problem("are in a file of version \(version ?? 0)") }
    guard offset >= 0, offset % Self.alignment == 0, offset <= all.count - Self.alignment,
      let sentinel = try? all.integer(UInt32.self, at: offset), sentinel == Self.sentinel
    else { throw problem("are said to be at \(offset) in '\(own)', where no array is") }
    let number = try all.integer(UInt32.self, at: offset + 4)
    let size = try all.integer(UInt64.self, at: offset + 8)
    let start = try all.integer(UInt64.self, at: offset + 16)
    guard Self.elementTypes[number] == type else {
      throw problem("are of type \(number) in '\(own)', and of type \(type) in the model")
    }
    guard size == UInt64(byteCount), let first = Int(exactly: start), first <= all.count,
      byteCount <= all.count - first
    else {
      throw problem("are \(size) bytes at \(start) in '\(own)', which has \(all.count) bytes")
    }
    return try all.slice(at: first, length: byteCount)
  }
}

extension Diagnostic.Code {
  /// The file of weights is not there, or has other arrays than the program says.
  static let coreMLWeights = Self(rawValue: "coreml.weights")
}
