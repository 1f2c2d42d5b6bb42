package import RecurTensors

/// Reads the structures of one file, each one once, and limits the number of bytes read.
///
/// The structures of a legitimate file don't overlap, and the objects of a heap lie inside its
/// blocks, so all structures together are at most twice as large as the file. A larger total means
/// that the file points into itself.
struct HDF5Structures {
  let bytes: ByteRegion
  let limits: DecodeLimits
  private var visited: Set<Int> = []
  private var bytesLeft: Int

  init(_ bytes: ByteRegion, _ limits: DecodeLimits) {
    self.bytes = bytes
    self.limits = limits
    bytesLeft = 2 * bytes.count
  }

  /// Records that `what` at `address` is being read.
  ///
  /// - Throws: `hdf5.cycle` when a structure at `address` was read before.
  mutating func enter(_ address: Int, _ what: @autoclosure () -> String) throws(CheckpointError) {
    guard visited.insert(address).inserted else {
      throw CheckpointError(
        .hdf5Cycle, "\(what()) is reached a second time",
        at: bytes.location(at: address, length: 24),
        reason: "two names lead to one object, as after f['b'] = f['a'] in h5py",
        hint: "give the second name a copy of its own: del f['b']; f.copy('a', 'b')")
    }
  }

  /// Subtracts `count` bytes from the number of bytes that may still be read.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  mutating func spend(_ count: Int) throws(CheckpointError) {
    bytesLeft -= min(max(count, 0), bytes.count + 1)
    guard bytesLeft >= 0 else {
      throw CheckpointError(
        .limitExceeded,
        "the structures of the file are larger than the file of \(bytes.count) bytes",
        at: bytes.location(at: 0, length: 0))
    }
  }

  /// The `length` bytes of the structure at `address`, which begins with `signature` and `version`
  /// and ends with a checksum.
  ///
  /// - Throws: `hdf5.structure.invalid`, `hdf5.checksum.mismatch`, `hdf5.cycle`,
  ///   `bytes.truncated`.
  mutating func checked(
    _ signature: String, version: UInt8 = 0, at address: Int, length: Int, _ what: String
  ) throws(CheckpointError) -> ByteRegion {
    try enter(address, what)
    try expect(signature, version: version, at: address, what)
    let structure = try bytes.slice(at: address, length: length)
    try spend(length)
    try structure.verifyChecksum(what)
    return structure
  }

  /// Checks the signature and version, the first five bytes of a structure.
  ///
  /// - Throws: `hdf5.structure.invalid`.
  func expect(
    _ signature: String, version: UInt8, at address: Int, _ what: String
  ) throws(CheckpointError) {
    try bytes.expect(signature, at: address, what)
    let found = try bytes.byte(at: address + 4)
    guard found == version else {
      throw CheckpointError(
        .hdf5StructureInvalid, "\(what) of version \(found) is unknown",
        at: bytes.location(at: address, length: 5), expected: "version \(version)",
        found: "version \(found)")
    }
  }
}

extension ByteRegion {
  /// Compares the last four bytes with the checksum of the bytes before.
  ///
  /// - Throws: `hdf5.checksum.mismatch`.
  func verifyChecksum(_ what: String) throws(CheckpointError) {
    let promised = try integer(UInt32.self, at: count - 4)
    let computed = HDF5Checksum.lookup3(bytes()[..<(count - 4)])
    try Self.compare(promised, computed, what, location)
  }

  /// - Throws: `hdf5.checksum.mismatch` when `promised` is not `computed`.
  static func compare(
    _ promised: UInt32, _ computed: UInt32, _ what: String, _ location: Diagnostic.Location
  ) throws(CheckpointError) {
    guard promised == computed else {
      throw CheckpointError(
        .hdf5ChecksumMismatch, "\(what) does not have the checksum stored with it", at: location,
        expected: hexText(promised), found: hexText(computed),
        hint: Hint.damaged)
    }
  }

  /// The little-endian number in the `size` bytes at `offset`; `size` is 1 to 8.
  ///
  /// - Throws: `hdf5.structure.invalid` when the number needs more than 63 bits.
  func number(at offset: Int, size: Int) throws(CheckpointError) -> Int {
    var value: UInt64 = 0
    for place in 0..<size { value |= UInt64(try byte(at: offset + place)) << UInt64(8 * place) }
    guard let number = Int(exactly: value) else {
      throw CheckpointError(
        .hdf5StructureInvalid, "the number \(value) is larger than any in a file",
        at: location(at: offset, length: size))
    }
    return number
  }

  /// The 8-byte address at `offset`, or nil when it is all ones, which means that there is no
  /// structure.
  ///
  /// - Throws: `hdf5.address.invalid`.
  func optionalAddress(at offset: Int) throws(CheckpointError) -> Int? {
    try integer(UInt64.self, at: offset) == .max ? nil : try address(at: offset)
  }
}

private func hexText(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}

extension Diagnostic.Code {
  package static let hdf5ChecksumMismatch = Self(rawValue: "hdf5.checksum.mismatch")
}
