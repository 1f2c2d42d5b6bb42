import RecurTensors

/// How an array is cut into chunks of one size (data layout message, specification IV.A.2.i,
/// class 2).
struct HDF5ChunkGrid {
  /// The extents of the array.
  let shape: [Int]
  /// The extents the array may grow to; nil where there is no limit.
  let largestShape: [UInt64?]
  /// The extents of one chunk.
  let extents: [Int]
  let elementSize: Int

  /// The bytes of one chunk.
  var chunkBytes: Int { extents.reduce(elementSize, *) }

  /// - Throws: `hdf5.chunk.invalid` when the extents don't fit the dataset or are too large.
  init(
    extents sizes: [Int], of space: HDF5Dataspace, elementSize: Int, _ layout: ByteRegion
  ) throws(CheckpointError) {
    guard sizes.count == space.shape.count + 1, sizes.last == elementSize else {
      throw Self.invalid("chunks of another rank or element size than their dataset", layout)
    }
    guard sizes.allSatisfy({ $0 > 0 }), let bytes = Tensor.byteCount(of: sizes, .uint8),
      bytes < 1 << 32
    else { throw Self.invalid("chunks of an impossible size", layout) }
    shape = space.shape
    largestShape = space.largestShape
    extents = Array(sizes.dropLast())
    self.elementSize = elementSize
  }

  /// The number of chunks along every axis of the largest array; nil where there is no limit.
  var largestCounts: [Int?] {
    zip(largestShape, extents).map { largest, extent in
      largest.map { largest in
        let (whole, rest) = largest.quotientAndRemainder(dividingBy: UInt64(extent))
        return Int(clamping: whole + (rest > 0 ? 1 : 0))
      }
    }
  }

  /// Where in the array the chunk with the place `scaled` in the grid begins, or nil when that is
  /// outside.
  func origin(of scaled: [Int]) -> [Int]? {
    var origin: [Int] = []
    origin.reserveCapacity(scaled.count)
    for axis in shape.indices {
      let (offset, overflow) = scaled[axis].multipliedReportingOverflow(by: extents[axis])
      guard !overflow, offset >= 0, offset < shape[axis] else { return nil }
      origin.append(offset)
    }
    return origin
  }

  /// Whether the chunk at `origin` sticks out of the array.
  func isPartial(at origin: [Int]) -> Bool {
    shape.indices.contains { shape[$0] - origin[$0] < extents[$0] }
  }

  static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5ChunkInvalid, message, at: bytes.location, hint: Hint.damaged)
  }
}

/// A numbering of a grid of chunks, the last axis running fastest.
struct HDF5ChunkNumbering {
  private let counts: [Int]

  /// - Throws: `hdf5.chunk.invalid` when there are more chunks than 63 bits count.
  init(_ counts: [Int], _ layout: ByteRegion) throws(CheckpointError) {
    guard Tensor.byteCount(of: counts, .uint8) != nil else {
      throw HDF5ChunkGrid.invalid("a dataset of more chunks than 63 bits count", layout)
    }
    self.counts = counts
  }

  /// The number of chunks.
  var total: Int { counts.reduce(1, *) }

  /// The place in the grid of the chunk with `number`; past the grid along the first axis when
  /// there is no such chunk.
  func place(of number: Int) -> [Int] {
    var place = [Int](repeating: 0, count: counts.count)
    var rest = number
    for axis in counts.indices.reversed() where axis > 0 && counts[axis] > 0 {
      place[axis] = rest % counts[axis]
      rest /= counts[axis]
    }
    if !place.isEmpty { place[0] = rest }
    return place
  }
}
