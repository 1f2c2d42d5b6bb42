package import RecurTensors

/// The superblock (specification II.A), versions 0 to 3: the addresses of the root group and of the
/// file's end.
struct HDF5Superblock {
  /// The address of the root group's object header.
  let rootHeader: Int
  /// The address of the superblock extension, an object header with further settings.
  let extensionHeader: Int?
  /// The offset behind the last byte of the HDF5 data, counted from the signature.
  let endOfFile: Int

  /// Reads the superblock at the start of `bytes`; `bytes` begin at offset `start` of their file.
  ///
  /// - Throws: `hdf5.superblock.invalid`, `hdf5.superblock.unsupported`, `hdf5.checksum.mismatch`,
  ///   `bytes.truncated`, `hdf5.address.invalid`.
  init(_ bytes: ByteRegion, start: Int) throws(CheckpointError) {
    guard bytes.holds(HDF5File.signature) else {
      throw CheckpointError(
        .hdf5SuperblockInvalid, "the HDF5 signature is missing",
        at: bytes.location(at: 0, length: 8))
    }
    let version = try bytes.byte(at: 8)
    switch version {
    case 0, 1:
      try Self.checkSizes(bytes, at: 13)
      // Version 1 has four further bytes, for B-trees of chunks.
      let addresses = version == 0 ? 24 : 28
      endOfFile = try Self.end(of: bytes, start: start, base: addresses, end: addresses + 16)
      extensionHeader = nil
      rootHeader = try bytes.address(at: addresses + 40)
    case 2, 3:
      try Self.checkSizes(bytes, at: 9)
      try bytes.slice(at: 0, length: 48).verifyChecksum("the superblock")
      try Self.checkClosed(bytes)
      endOfFile = try Self.end(of: bytes, start: start, base: 12, end: 28)
      extensionHeader = try bytes.optionalAddress(at: 20)
      rootHeader = try bytes.address(at: 36)
    default:
      throw CheckpointError(
        .hdf5SuperblockUnsupported, "superblock version \(version) is not read",
        at: bytes.location(at: 8, length: 1), expected: "version 0 to 3",
        found: "version \(version)",
        hint: "rewrite the file with 'h5repack -j 0 -k 1 in.h5 out.h5'")
    }
  }

  private static func checkSizes(_ bytes: ByteRegion, at offset: Int) throws(CheckpointError) {
    let sizes = (try bytes.byte(at: offset), try bytes.byte(at: offset + 1))
    guard sizes == (8, 8) else {
      throw CheckpointError(
        .hdf5SuperblockUnsupported,
        "offsets of \(sizes.0) and lengths of \(sizes.1) bytes are not read, only of 8",
        at: bytes.location(at: offset, length: 2))
    }
  }

  /// Checks the flags that a writer sets while the file is open for writing.
  private static func checkClosed(_ bytes: ByteRegion) throws(CheckpointError) {
    let flags = try bytes.byte(at: 11)
    guard flags & 5 == 0 else {
      throw CheckpointError(
        .hdf5SuperblockUnsupported,
        "the file is marked as open for writing: its writer is still at work, or crashed",
        at: bytes.location(at: 11, length: 1), expected: "flags 0", found: "flags \(flags)",
        hint: "close the file in the program that writes it; after a crash, 'h5clear -s' removes "
          + "the mark")
    }
  }

  /// Addresses count from the base address, which is the address of the signature.
  private static func end(
    of bytes: ByteRegion, start: Int, base baseOffset: Int, end endOffset: Int
  ) throws(CheckpointError) -> Int {
    let base = try bytes.integer(UInt64.self, at: baseOffset)
    guard base == UInt64(start) else {
      throw CheckpointError(
        .hdf5SuperblockInvalid, "the base address is \(base), and the signature stands at \(start)",
        at: bytes.location(at: baseOffset, length: 8),
        reason: "bytes were put before the HDF5 data, or cut off there, after it was written",
        hint: "fetch the file again")
    }
    let end = try bytes.integer(UInt64.self, at: endOffset)
    guard end >= base, end - base <= UInt64(bytes.count) else {
      throw CheckpointError(
        .bytesTruncated, "the file is cut off", at: bytes.location(at: endOffset, length: 8),
        expected: "\(end) bytes", found: "\(start + bytes.count) bytes",
        hint: "fetch the file again")
    }
    return Int(end - base)
  }
}

extension ByteRegion {
  /// The 8-byte address at `offset`; the address must lie in the file.
  ///
  /// - Throws: `hdf5.address.invalid`.
  func address(at offset: Int) throws(CheckpointError) -> Int {
    let value = try integer(UInt64.self, at: offset)
    guard value < UInt64(storage.count) else {
      throw CheckpointError(
        .hdf5AddressInvalid, "the address \(value) lies outside the file of \(storage.count) bytes",
        at: location(at: offset, length: 8), hint: Hint.damaged)
    }
    return Int(value)
  }

  /// The 8-byte size at `offset`.
  ///
  /// - Throws: `hdf5.address.invalid` when the size exceeds the file.
  func length(at offset: Int) throws(CheckpointError) -> Int {
    let value = try integer(UInt64.self, at: offset)
    guard value <= UInt64(storage.count) else {
      throw CheckpointError(
        .hdf5AddressInvalid, "the size \(value) exceeds the file of \(storage.count) bytes",
        at: location(at: offset, length: 8), hint: Hint.damaged)
    }
    return Int(value)
  }

  /// Checks that the signature of a structure is at `offset`.
  ///
  /// - Throws: `hdf5.structure.invalid`.
  func expect(_ signature: String, at offset: Int, _ what: String) throws(CheckpointError) {
    guard holds(Array(signature.utf8), at: offset) else {
      throw CheckpointError(
        .hdf5StructureInvalid, "\(what) does not begin with '\(signature)'",
        at: location(at: offset, length: 4), hint: Hint.damaged)
    }
  }
}

extension Diagnostic.Code {
  package static let hdf5SuperblockInvalid = Self(rawValue: "hdf5.superblock.invalid")
  package static let hdf5SuperblockUnsupported = Self(rawValue: "hdf5.superblock.unsupported")
  package static let hdf5AddressInvalid = Self(rawValue: "hdf5.address.invalid")
  package static let hdf5StructureInvalid = Self(rawValue: "hdf5.structure.invalid")
}
