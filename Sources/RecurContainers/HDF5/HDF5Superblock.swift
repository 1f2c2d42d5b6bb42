package import RecurTensors

/// The superblock (specification II.A), version 0: where the root group is and the file ends.
struct HDF5Superblock {
  /// The address of the root group's object header.
  let rootHeader: Int
  /// One past the last byte of the HDF5 data, from where its signature stands.
  let endOfFile: Int

  /// Reads the superblock at the start of `bytes`, which stands `start` bytes into its file.
  init(_ bytes: ByteRegion, start: Int) throws(CheckpointError) {
    guard bytes.holds(HDF5File.signature) else {
      throw CheckpointError(
        .hdf5SuperblockInvalid, "the HDF5 signature is missing",
        at: bytes.location(at: 0, length: 8))
    }
    let version = try bytes.byte(at: 8)
    guard version == 0 else {
      throw CheckpointError(
        .hdf5SuperblockUnsupported, "superblock version \(version) is not read",
        at: bytes.location(at: 8, length: 1), expected: "version 0", found: "version \(version)",
        hint: "write the file without libver='latest', or rewrite it with "
          + "'h5repack -l CONTI --low=0 --high=1 in.h5 out.h5'")
    }
    let sizes = (try bytes.byte(at: 13), try bytes.byte(at: 14))
    guard sizes == (8, 8) else {
      throw CheckpointError(
        .hdf5SuperblockUnsupported,
        "offsets of \(sizes.0) and lengths of \(sizes.1) bytes are not "
          + "read, only of 8", at: bytes.location(at: 13, length: 2))
    }
    // Addresses count from the base address, which is where the signature stands.
    let base = try bytes.integer(UInt64.self, at: 24)
    guard base == UInt64(start) else {
      throw CheckpointError(
        .hdf5SuperblockInvalid, "the base address is \(base), and the signature stands at \(start)",
        at: bytes.location(at: 24, length: 8))
    }
    let end = try bytes.integer(UInt64.self, at: 40)
    guard end >= base, end - base <= UInt64(bytes.count) else {
      throw CheckpointError(
        .bytesTruncated, "the file is cut off", at: bytes.location(at: 40, length: 8),
        expected: "\(end) bytes", found: "\(start + bytes.count) bytes",
        hint: "fetch the file again")
    }
    endOfFile = Int(end - base)
    rootHeader = try bytes.address(at: 64)
  }
}

extension ByteRegion {
  /// The 8-byte address at `offset`, which must lie in the file.
  ///
  /// - Throws: `hdf5.address.invalid`.
  func address(at offset: Int) throws(CheckpointError) -> Int {
    let value = try integer(UInt64.self, at: offset)
    guard value < UInt64(storage.count) else {
      throw CheckpointError(
        .hdf5AddressInvalid, "the address \(value) lies outside the file of \(storage.count) bytes",
        at: location(at: offset, length: 8))
    }
    return Int(value)
  }

  /// The 8-byte size at `offset`.
  ///
  /// - Throws: `hdf5.address.invalid` when it exceeds the file.
  func length(at offset: Int) throws(CheckpointError) -> Int {
    let value = try integer(UInt64.self, at: offset)
    guard value <= UInt64(storage.count) else {
      throw CheckpointError(
        .hdf5AddressInvalid, "the size \(value) exceeds the file of \(storage.count) bytes",
        at: location(at: offset, length: 8))
    }
    return Int(value)
  }

  /// Checks that a structure's signature stands at `offset`.
  ///
  /// - Throws: `hdf5.structure.invalid`.
  func expect(_ signature: String, at offset: Int, _ what: String) throws(CheckpointError) {
    guard holds(Array(signature.utf8), at: offset) else {
      throw CheckpointError(
        .hdf5StructureInvalid, "\(what) does not begin with '\(signature)'",
        at: location(at: offset, length: 4))
    }
  }
}

extension Diagnostic.Code {
  package static let hdf5SuperblockInvalid = Self(rawValue: "hdf5.superblock.invalid")
  package static let hdf5SuperblockUnsupported = Self(rawValue: "hdf5.superblock.unsupported")
  package static let hdf5AddressInvalid = Self(rawValue: "hdf5.address.invalid")
  package static let hdf5StructureInvalid = Self(rawValue: "hdf5.structure.invalid")
}
