import RecurContainers
package import RecurTensors

/// The storages of a checkpoint by key, which hold the numbers.
///
/// A storage is read, and its checksum in an archive checked, when a tensor first needs it.
struct TorchStorages {
  private enum Source {
    case archive(ZipArchive, folder: String, isBigEndian: Bool)
    case list([Name: ByteRegion])
  }

  private let source: Source
  /// The bytes of all storages that were asked for, each counted once.
  private(set) var byteCount = 0
  private var known: [Name: ByteRegion] = [:]
  private var swapped: [Name: [Int: ByteRegion]] = [:]

  /// The entries `FOLDER/KEY` of an archive.
  init(_ archive: ZipArchive, folder: String, isBigEndian: Bool) {
    source = .archive(archive, folder: folder, isBigEndian: isBigEndian)
  }

  /// Storages that were found one behind the other.
  init(_ storages: [Name: ByteRegion]) {
    source = .list(storages)
    byteCount = storages.values.reduce(0) { $0 + $1.count }
  }

  /// The bytes of a storage with `count` elements of `width` bytes; an element is one number or,
  /// with `isComplex`, two.
  ///
  /// - Throws: `pytorch.archive.invalid` when it is missing or of another size,
  ///   `zip.crc.mismatch`, `pytorch.envelope.unsupported`.
  mutating func bytes(
    of key: String, count: Int, width: Int, isUntyped: Bool, isComplex: Bool = false,
    at place: Diagnostic.Location
  ) throws(CheckpointError) -> ByteRegion {
    let (path, bytes) = try stored(key, at: place)
    let (needed, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, needed == bytes.count else {
      throw CheckpointError(
        .pytorchArchiveInvalid, "the storage '\(path)' does not hold its \(count) elements",
        at: bytes.location, expected: overflow ? nil : "\(needed) bytes",
        found: "\(bytes.count) bytes")
    }
    guard case .archive(_, _, isBigEndian: true) = source else { return bytes }
    guard !isUntyped else {
      throw CheckpointError(
        .pytorchEnvelopeUnsupported,
        "the archive is big-endian and its storage '\(path)' does not say what its elements are",
        at: bytes.location, hint: "load and save the checkpoint on a little-endian machine")
    }
    let width = isComplex ? width / 2 : width
    if let done = swapped[Name(key)]?[width] { return done }
    let turned = width == 1 ? bytes : bytes.byteSwapped(width: width)
    swapped[Name(key), default: [:]][width] = turned
    return turned
  }

  private mutating func stored(
    _ key: String, at place: Diagnostic.Location
  ) throws(CheckpointError) -> (path: String, bytes: ByteRegion) {
    switch source {
    case .list(let storages):
      guard let bytes = storages[Name(key)] else {
        throw CheckpointError(
          .pytorchArchiveInvalid, "the file has no storage '\(key)'", at: place)
      }
      return (key, bytes)
    case .archive(let archive, let folder, _):
      let path = folder + "/" + key
      if let bytes = known[Name(key)] { return (path, bytes) }
      guard let entry = archive[path] else {
        throw CheckpointError(
          .pytorchArchiveInvalid, "the archive has no entry '\(path)'", at: place)
      }
      let bytes = try archive.content(of: entry, holdsArrays: true)
      known[Name(key)] = bytes
      byteCount += bytes.count
      return (path, bytes)
    }
  }
}

extension Diagnostic.Code {
  package static let pytorchArchiveInvalid = Self(rawValue: "pytorch.archive.invalid")
  package static let pytorchEnvelopeUnsupported = Self(rawValue: "pytorch.envelope.unsupported")
}
