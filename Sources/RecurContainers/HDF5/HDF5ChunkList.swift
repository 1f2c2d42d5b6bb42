import RecurTensors

/// The chunks of a dataset that are stored in the file.
struct HDF5ChunkList {
  struct Chunk {
    /// The array index at which the chunk begins.
    let origin: [Int]
    /// The mask of skipped filters, a bit for each filter; nil when the chunk is unfiltered.
    let mask: UInt32?
    let stored: ByteRegion
  }

  let grid: HDF5ChunkGrid
  /// Whether chunks that extend beyond the array are stored without filters.
  let leavesPartialUnfiltered: Bool
  private(set) var chunks: [Chunk] = []
  private var origins: Set<[Int]> = []
  private var bytesLeft: Int

  init(_ grid: HDF5ChunkGrid, in file: ByteRegion, leavesPartialUnfiltered: Bool = false) {
    self.grid = grid
    self.leavesPartialUnfiltered = leavesPartialUnfiltered
    bytesLeft = file.count
  }

  /// Adds the chunk that begins at `origin` and is stored in the `size` bytes at `address`.
  ///
  /// `entry` is the index entry of the chunk, for messages.
  ///
  /// - Throws: `hdf5.chunk.invalid`, `bytes.truncated`, `bytes.limit-exceeded`.
  mutating func append(
    _ origin: [Int]?, at address: Int, size: Int, mask: UInt32, _ entry: ByteRegion,
    in file: ByteRegion
  ) throws(CheckpointError) {
    guard let origin else {
      throw HDF5ChunkGrid.invalid("a chunk lies outside its dataset, or between two places", entry)
    }
    guard origins.insert(origin).inserted else {
      throw HDF5ChunkGrid.invalid("two chunks stand for the same part of the array", entry)
    }
    // Chunks don't overlap in a legitimate file.
    bytesLeft -= min(size, file.count + 1)
    guard bytesLeft >= 0 else {
      throw CheckpointError(
        .limitExceeded, "the chunks together are larger than their file", at: entry.location)
    }
    let isUnfiltered = leavesPartialUnfiltered && grid.isPartial(at: origin)
    chunks.append(
      Chunk(
        origin: origin, mask: isUnfiltered ? nil : mask,
        stored: try file.slice(at: address, length: size)))
  }
}
