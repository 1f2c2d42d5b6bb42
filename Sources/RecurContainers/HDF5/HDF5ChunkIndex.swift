import RecurTensors

/// The index through which a data layout message of version 4 finds its chunks (specification
/// IV.A.2.i, class 2); there are five kinds of index.
struct HDF5ChunkIndex {
  private let layout: ByteRegion
  private let filtersAreUsed: Bool
  private let grid: HDF5ChunkGrid
  private let flags: UInt8
  /// The offset of the index kind in the message; the parameters of that kind follow.
  private let kindPlace: Int

  /// Reads `layout`, the layout message of a dataset with the extents `space`.
  ///
  /// - Throws: `hdf5.chunk.invalid`, `hdf5.structure.invalid`.
  init(
    _ layout: ByteRegion, of space: HDF5Dataspace, elementSize: Int, filtersAreUsed: Bool
  ) throws(CheckpointError) {
    self.layout = layout
    self.filtersAreUsed = filtersAreUsed
    flags = try layout.byte(at: 2)
    let rank = Int(try layout.byte(at: 3))
    let width = Int(try layout.byte(at: 4))
    guard (1...8).contains(width) else {
      throw HDF5ChunkGrid.invalid("chunk extents of \(width) bytes", layout)
    }
    var extents: [Int] = []
    for axis in 0..<rank { extents.append(try layout.number(at: 5 + width * axis, size: width)) }
    grid = try HDF5ChunkGrid(extents: extents, of: space, elementSize: elementSize, layout)
    kindPlace = 5 + width * rank
  }

  /// The chunks that are stored in the file.
  ///
  /// - Throws: `hdf5.chunk.invalid`, `hdf5.structure.invalid`, `hdf5.checksum.mismatch`,
  ///   `hdf5.cycle`, `hdf5.layout.unsupported` for an unknown kind of index.
  func chunks(_ structures: inout HDF5Structures) throws(CheckpointError) -> HDF5ChunkList {
    let list = HDF5ChunkList(
      grid, in: structures.bytes, leavesPartialUnfiltered: flags & 1 != 0)
    let kind = try layout.byte(at: kindPlace)
    // The number of bytes between the index kind and the address of the index.
    let parameters: Int
    switch kind {
    case 1: parameters = flags & 2 != 0 ? 12 : 0
    case 2: parameters = 0
    case 3: parameters = 1
    case 4: parameters = 5
    case 5: parameters = 6
    default:
      throw CheckpointError(
        .hdf5LayoutUnsupported, "chunks with an index of the unknown kind \(kind) are not read",
        at: layout.location)
    }
    // An address of all ones means that no chunk was ever stored.
    guard let address = try layout.optionalAddress(at: kindPlace + 1 + parameters) else {
      return list
    }
    switch kind {
    case 1: return try single(list, at: address, structures.bytes)
    case 2: return try implicit(list, at: address, structures.bytes)
    case 3:
      return try HDF5FixedArray.chunks(list, at: address, entry, layout, &structures)
    case 4:
      return try HDF5ExtensibleArray.chunks(list, at: address, entry, layout, &structures)
    default: return try tree(list, at: address, &structures)
    }
  }

  private var entry: HDF5ChunkEntry {
    HDF5ChunkEntry(chunkBytes: grid.chunkBytes, isFiltered: filtersAreUsed)
  }

  /// The whole array is one chunk.
  private func single(
    _ list: HDF5ChunkList, at address: Int, _ file: ByteRegion
  ) throws(CheckpointError) -> HDF5ChunkList {
    var list = list
    let isFiltered = flags & 2 != 0
    try list.append(
      grid.origin(of: [Int](repeating: 0, count: grid.shape.count)), at: address,
      size: isFiltered ? try layout.length(at: kindPlace + 1) : grid.chunkBytes,
      mask: isFiltered ? try layout.integer(UInt32.self, at: kindPlace + 9) : .max, layout,
      in: file)
    return list
  }

  /// All chunks of the largest possible array are stored one after the other.
  private func implicit(
    _ list: HDF5ChunkList, at address: Int, _ file: ByteRegion
  ) throws(CheckpointError) -> HDF5ChunkList {
    var list = list
    let numbering = try HDF5ChunkNumbering(try fixedCounts(), layout)
    let (bytes, overflow) = numbering.total.multipliedReportingOverflow(by: grid.chunkBytes)
    guard !overflow else {
      throw HDF5ChunkGrid.invalid("\(numbering.total) chunks are larger than any file", layout)
    }
    let stored = try file.slice(at: address, length: bytes)
    for number in 0..<numbering.total {
      // The current array may be smaller than its largest extents.
      guard let origin = grid.origin(of: numbering.place(of: number)) else { continue }
      try list.append(
        origin, at: address + number * grid.chunkBytes, size: grid.chunkBytes, mask: .max, stored,
        in: file)
    }
    return list
  }

  /// A version 2 B-tree with records of type 10 or, for filtered chunks, of type 11 (specification
  /// III.A.2).
  private func tree(
    _ list: HDF5ChunkList, at address: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> HDF5ChunkList {
    var list = list
    let rank = grid.shape.count
    let records = try HDF5BTree2.records(
      at: address, type: filtersAreUsed ? 11 : 10, recordSize: nil, &structures)
    for record in records {
      guard let stored = try entry.read(record, size: record.count - 8 * rank) else { continue }
      var scaled: [Int] = []
      for axis in 0..<rank {
        scaled.append(try record.number(at: record.count - 8 * (rank - axis), size: 8))
      }
      try list.append(
        grid.origin(of: scaled), at: stored.address, size: stored.size, mask: stored.mask, record,
        in: structures.bytes)
    }
    return list
  }

  private func fixedCounts() throws(CheckpointError) -> [Int] {
    let counts = grid.largestCounts.compactMap(\.self)
    guard counts.count == grid.shape.count else {
      throw HDF5ChunkGrid.invalid("an index of fixed size for an array that may grow", layout)
    }
    return counts
  }
}

/// An index entry for one chunk: its address and, for a filtered chunk, its stored size and the
/// mask of skipped filters.
struct HDF5ChunkEntry {
  let chunkBytes: Int
  let isFiltered: Bool

  /// Reads an entry from the first `size` bytes of `bytes`; nil when the chunk was never stored.
  ///
  /// - Throws: `hdf5.structure.invalid` when `size` is no possible entry size.
  func read(
    _ bytes: ByteRegion, size: Int
  ) throws(CheckpointError) -> (address: Int, size: Int, mask: UInt32)? {
    // Filtered: 8 bytes for the address, 1 to 8 for the size, 4 for the mask.
    guard isFiltered ? (13...20).contains(size) : size == 8 else {
      throw CheckpointError(
        .hdf5StructureInvalid, "an entry of \(size) bytes in an index of chunks",
        at: bytes.location)
    }
    guard let address = try bytes.optionalAddress(at: 0) else { return nil }
    guard isFiltered else { return (address, chunkBytes, .max) }
    return (
      address, try bytes.number(at: 8, size: size - 12),
      try bytes.integer(UInt32.self, at: size - 4)
    )
  }
}
