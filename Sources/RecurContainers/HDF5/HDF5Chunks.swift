import RecurTensors

/// Assembles one array from the chunks of a dataset.
struct HDF5Chunks {
  private let list: HDF5ChunkList
  private let file: ByteRegion
  private var grid: HDF5ChunkGrid { list.grid }

  init(_ list: HDF5ChunkList, in file: ByteRegion) {
    self.list = list
    self.file = file
  }

  /// The whole array, row-major; elements that no chunk covers are `fill`.
  ///
  /// - Throws: `hdf5.chunk.invalid` when a chunk is broken or outside the array,
  ///   `hdf5.data.missing`.
  func assembled(
    _ filters: HDF5Filters?, fill: [UInt8]
  ) throws(CheckpointError) -> [UInt8] {
    let total = Tensor.byteCount(of: grid.shape + [grid.elementSize], .uint8) ?? .max
    // Deflate shrinks data by at most a factor of 1032. An array of which most chunks are not
    // stored must be small.
    let stored = list.chunks.reduce(0) { $0 + $1.stored.count }
    guard total / 1_032 <= stored || total <= max(file.count, 1 << 20) else {
      throw CheckpointError(
        .hdf5DataMissing,
        "most of the data was never written: \(total) bytes are promised, and the chunks hold "
          + "\(stored)", at: file.location(at: 0, length: 0))
    }
    var array = repeated(fill, count: total)
    let chunkBytes = grid.chunkBytes
    for chunk in list.chunks {
      let bytes: [UInt8]
      if let filters, let mask = chunk.mask {
        bytes = try filters.undo(chunk.stored, count: chunkBytes, mask: mask)
      } else {
        bytes = try Self.exactly(chunk.stored, chunkBytes)
      }
      copy(bytes, at: chunk.origin, into: &array)
    }
    return array
  }

  private static func exactly(
    _ stored: ByteRegion, _ count: Int
  ) throws(CheckpointError) -> [UInt8] {
    guard stored.count == count else {
      throw CheckpointError(
        .hdf5ChunkInvalid, "a chunk does not hold what its dataset promises", at: stored.location,
        expected: "\(count) bytes", found: "\(stored.count) bytes", hint: Hint.damaged)
    }
    return stored.bytes()
  }

  /// Copies those rows of a chunk that lie inside the array: chunks at its edges extend beyond it.
  private func copy(_ bytes: [UInt8], at origin: [Int], into array: inout [UInt8]) {
    let (shape, extents, elementSize) = (grid.shape, grid.extents, grid.elementSize)
    let inside = shape.indices.map { min(extents[$0], shape[$0] - origin[$0]) }
    let rowLength = (inside.last ?? 1) * elementSize
    var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
    while true {
      var source = 0
      var target = 0
      for axis in shape.indices {
        let step = axis < index.count ? index[axis] : 0
        source = source * extents[axis] + step
        target = target * shape[axis] + origin[axis] + step
      }
      array.replaceSubrange(
        target * elementSize..<target * elementSize + rowLength,
        with: bytes[source * elementSize..<source * elementSize + rowLength])
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < inside[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

/// `count` bytes made of repetitions of `element`.
func repeated(_ element: [UInt8], count: Int) -> [UInt8] {
  guard element.contains(where: { $0 != 0 }) else { return [UInt8](repeating: 0, count: count) }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count)
  bytes.append(contentsOf: element.prefix(count))
  while bytes.count < count { bytes.append(contentsOf: bytes.prefix(count - bytes.count)) }
  return bytes
}
