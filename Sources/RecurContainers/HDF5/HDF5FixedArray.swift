import RecurTensors

/// The chunk index of an array whose extents are limited (specification VII.A, "Fixed Array
/// Index").
enum HDF5FixedArray {
  /// Adds the chunks of the fixed array whose header is at `address` to `list`.
  ///
  /// - Throws: `hdf5.structure.invalid`, `hdf5.checksum.mismatch`, `hdf5.cycle` and what
  ///   `HDF5ChunkList.append` throws.
  static func chunks(
    _ list: HDF5ChunkList, at address: Int, _ entry: HDF5ChunkEntry, _ layout: ByteRegion,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> HDF5ChunkList {
    let counts = list.grid.largestCounts.compactMap(\.self)
    guard counts.count == list.grid.shape.count else {
      throw HDF5ChunkGrid.invalid("a fixed array for chunks of an array that may grow", layout)
    }
    let numbering = try HDF5ChunkNumbering(counts, layout)
    let header = try structures.checked("FAHD", at: address, length: 28, "a fixed array")
    let client = try header.byte(at: 5)
    let entrySize = Int(try header.byte(at: 6))
    let pageBits = Int(try header.byte(at: 7))
    let count = try header.number(at: 8, size: 8)
    guard client == (entry.isFiltered ? 1 : 0), count == numbering.total, pageBits < 32 else {
      throw invalid(
        "a fixed array of kind \(client) with \(count) entries for \(numbering.total) chunks",
        header)
    }
    guard count <= structures.bytes.count, entrySize > 0 else {
      throw invalid("a fixed array of \(count) entries is larger than the file", header)
    }
    guard let blockAddress = try header.optionalAddress(at: 16) else { return list }
    var list = list
    func read(_ entries: ByteRegion, from first: Int, count: Int) throws(CheckpointError) {
      for index in 0..<count {
        let bytes = try entries.slice(at: index * entrySize, length: entrySize)
        guard let stored = try entry.read(bytes, size: entrySize) else { continue }
        try list.append(
          list.grid.origin(of: numbering.place(of: first + index)), at: stored.address,
          size: stored.size, mask: stored.mask, bytes, in: structures.bytes)
      }
    }
    let pageCount = 1 << pageBits
    let isPaged = count > pageCount
    let pages = isPaged ? (count + pageCount - 1) / pageCount : 0
    // First signature, version, kind and the header's address; then one bit per page, or the
    // entries.
    let length = 14 + (isPaged ? (pages + 7) / 8 : count * entrySize) + 4
    let block = try structures.checked(
      "FADB", at: blockAddress, length: length, "a block of a fixed array")
    guard try block.byte(at: 5) == client, try block.number(at: 6, size: 8) == address else {
      throw invalid("a block of another fixed array", block)
    }
    guard isPaged else {
      try read(try block.suffix(from: 14), from: 0, count: count)
      return list
    }
    for page in 0..<pages where try block.byte(at: 14 + page / 8) & (0x80 >> UInt8(page % 8)) != 0 {
      let first = page * pageCount
      let entries = min(pageCount, count - first)
      let bytes = try structures.bytes.slice(
        at: blockAddress + length + page * (pageCount * entrySize + 4),
        length: entries * entrySize + 4)
      try structures.spend(bytes.count)
      try bytes.verifyChecksum("a page of a fixed array")
      try read(bytes, from: first, count: entries)
    }
    return list
  }

  private static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5StructureInvalid, message, at: bytes.location, hint: Hint.damaged)
  }
}
