import RecurTensors

/// The blocks of a fractal heap (specification III.G).
///
/// Direct blocks hold objects. Indirect blocks hold a table of blocks whose sizes double from row
/// to row.
struct HDF5HeapBlocks {
  /// Blocks that were read and checked already, by address.
  struct Cache {
    fileprivate var blocks: [Int: (start: Int, bytes: ByteRegion)] = [:]
  }

  /// The size of a heap offset in bytes.
  let offsetSize: Int
  /// The size of the largest direct block in bytes.
  let largestDirect: Int
  private let heap: Int
  private let width: Int
  private let startSize: Int
  private let hasChecksums: Bool
  /// The number of rows of an indirect block whose entries are direct blocks.
  private let directRows: Int

  /// The size in bytes of a direct block's header, which is in front of the objects.
  var directPrefix: Int { 13 + offsetSize + (hasChecksums ? 4 : 0) }

  /// Reads the doubling table in the heap's `header`, which stands at `address`.
  ///
  /// - Throws: `hdf5.structure.invalid`.
  init(_ header: ByteRegion, address: Int) throws(CheckpointError) {
    heap = address
    hasChecksums = try header.byte(at: 9) & 2 != 0
    width = Int(try header.integer(UInt16.self, at: 110))
    startSize = try header.number(at: 112, size: 8)
    largestDirect = try header.number(at: 120, size: 8)
    let offsetBits = Int(try header.integer(UInt16.self, at: 128))
    offsetSize = (offsetBits + 7) / 8
    // With sizes of at most 2^40 and widths of at most 2^16, every product below fits in 63 bits.
    guard Self.isPowerOfTwo(width), Self.isPowerOfTwo(startSize),
      Self.isPowerOfTwo(largestDirect), startSize <= largestDirect, largestDirect <= 1 << 40,
      (1...56).contains(offsetBits)
    else {
      throw CheckpointError(
        .hdf5StructureInvalid,
        "a fractal heap of \(width) blocks in a row, from \(startSize) to \(largestDirect) bytes, "
          + "and offsets of \(offsetBits) bits is impossible", at: header.location)
    }
    directRows = Self.log2(largestDirect) - Self.log2(startSize) + 2
  }

  /// The direct block that contains heap offset `offset`, and the offset at which that block
  /// starts.
  ///
  /// When the heap has no rows, its root block at `root` is a direct block. `id` is the identifier
  /// being resolved, for messages.
  ///
  /// - Throws: `hdf5.heap.invalid` when the heap has no such block, and what reading throws.
  func directBlock(
    holding offset: Int, root: Int, rootRows: Int, _ id: ByteRegion,
    _ cache: inout Cache, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> (ByteRegion, start: Int) {
    var address = root
    var start = 0
    var rows = rootRows
    // Every indirect block is smaller than its parent, so this loop ends.
    while rows > 0 {
      let block = try indirect(at: address, start: start, rows: rows, &cache, &structures)
      let place = self.place(of: offset - start)
      let entry = 13 + offsetSize + 8 * (place.row * width + place.column)
      guard place.row < rows, let child = try block.optionalAddress(at: entry) else {
        throw CheckpointError(
          .hdf5HeapInvalid, "no block of the heap holds the offset \(offset)", at: id.location)
      }
      address = child
      start += place.start
      if place.row < directRows {
        return (
          try direct(at: address, start: start, size: place.size, &cache, &structures), start
        )
      }
      rows = Self.log2(place.size) - Self.log2(startSize * width) + 1
    }
    guard offset < startSize else {
      throw CheckpointError(
        .hdf5HeapInvalid, "no block of the heap holds the offset \(offset)", at: id.location)
    }
    return (try direct(at: address, start: 0, size: startSize, &cache, &structures), 0)
  }

  /// The position of `offset` in an indirect block: the entry, and the start and size of the
  /// entry's block.
  private func place(of offset: Int) -> (row: Int, column: Int, start: Int, size: Int) {
    let rowSize = width * startSize
    guard offset >= rowSize else {
      let column = offset / startSize
      return (0, column, column * startSize, startSize)
    }
    // Row 1 is as large as row 0; every further row is twice the size of the row before.
    let doublings = Self.log2(offset / rowSize)
    let size = startSize << doublings
    let rowStart = rowSize << doublings
    let column = (offset - rowStart) / size
    return (doublings + 1, column, rowStart + column * size, size)
  }

  private func direct(
    at address: Int, start: Int, size: Int, _ cache: inout Cache,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> ByteRegion {
    if let known = cache.blocks[address] {
      return try Self.same(known, start: start, size: size)
    }
    let block = try block("FHDB", at: address, start: start, length: size, &structures)
    if hasChecksums {
      // The checksum covers the whole block, with zeros in place of the checksum itself.
      let place = 13 + offsetSize
      var bytes = block.bytes()
      let promised = try block.integer(UInt32.self, at: place)
      bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0, 0])
      try ByteRegion.compare(
        promised, HDF5Checksum.lookup3(bytes[...]), "a block of a fractal heap", block.location)
    }
    cache.blocks[address] = (start, block)
    return block
  }

  private func indirect(
    at address: Int, start: Int, rows: Int, _ cache: inout Cache,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> ByteRegion {
    let length = 13 + offsetSize + 8 * rows * width + 4
    if let known = cache.blocks[address] {
      return try Self.same(known, start: start, size: length)
    }
    let block = try block("FHIB", at: address, start: start, length: length, &structures)
    try block.verifyChecksum("a block of a fractal heap")
    cache.blocks[address] = (start, block)
    return block
  }

  /// The `length` bytes of a block, whose header must name this heap and the block's place in the
  /// heap.
  private func block(
    _ signature: String, at address: Int, start: Int, length: Int,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> ByteRegion {
    try structures.enter(address, "a block of a fractal heap")
    try structures.expect(signature, version: 0, at: address, "a block of a fractal heap")
    let block = try structures.bytes.slice(at: address, length: length)
    try structures.spend(length)
    guard try block.number(at: 5, size: 8) == heap,
      try block.number(at: 13, size: offsetSize) == start
    else {
      throw CheckpointError(
        .hdf5StructureInvalid, "a block of a fractal heap belongs to another heap or place",
        at: block.location)
    }
    return block
  }

  private static func same(
    _ known: (start: Int, bytes: ByteRegion), start: Int, size: Int
  ) throws(CheckpointError) -> ByteRegion {
    guard known.start == start, known.bytes.count == size else {
      throw CheckpointError(
        .hdf5Cycle, "a block of a fractal heap is in two places", at: known.bytes.location)
    }
    return known.bytes
  }

  /// The number of bytes that hold any number up to `limit` (`H5VM_limit_enc_size`).
  static func bytesNeeded(for limit: Int) -> Int { log2(max(limit, 1)) / 8 + 1 }

  private static func log2(_ value: Int) -> Int { Int.bitWidth - 1 - value.leadingZeroBitCount }

  private static func isPowerOfTwo(_ value: Int) -> Bool { value > 0 && value & (value - 1) == 0 }
}
