import RecurTensors

/// The grid of equally sized chunks that make up an array (data layout message, specification
/// IV.A.2.i, class 2).
struct HDF5ChunkGrid {
  /// The extents of the array.
  let shape: [Int]
  /// The extents to which the array may grow; nil where there is no limit.
  let largestShape: [UInt64?]
  /// The extents of one chunk.
  let extents: [Int]
  let elementSize: Int

  /// The size of one chunk in bytes.
  var chunkBytes: Int { extents.reduce(elementSize, *) }

  /// - Throws: `hdf5.chunk.invalid` when the chunk extents don't fit the dataset or are too large.
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

  /// The number of chunks along every axis when the array has its largest extents; nil where there
  /// is no limit.
  var largestCounts: [Int?] {
    zip(largestShape, extents).map { largest, extent in
      largest.map { largest in
        let (whole, rest) = largest.quotientAndRemainder(dividingBy: UInt64(extent))
        return Int(clamping: whole + (rest > 0 ? 1 : 0))
      }
    }
  }

  /// The array index at which the chunk with grid position `scaled` begins, or nil when that index
  /// is outside the array.
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

  /// Whether the chunk at `origin` extends beyond the array.
  func isPartial(at origin: [Int]) -> Bool {
    shape.indices.contains { shape[$0] - origin[$0] < extents[$0] }
  }

  static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5ChunkInvalid, message, at: bytes.location, hint: Hint.damaged)
  }
}

/// A numbering of the chunks of a grid: the last axis varies fastest.
struct HDF5ChunkNumbering {
  private let counts: [Int]

  /// - Throws: `hdf5.chunk.invalid` when the number of chunks exceeds 63 bits.
  init(_ counts: [Int], _ layout: ByteRegion) throws(CheckpointError) {
    guard Tensor.byteCount(of: counts, .uint8) != nil else {
      throw HDF5ChunkGrid.invalid("a dataset of more chunks than 63 bits count", layout)
    }
    self.counts = counts
  }

  /// The number of chunks.
  var total: Int { counts.reduce(1, *) }

  /// The grid position of chunk `number`; when there is no such chunk, a position beyond the grid
  /// along the first axis.
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
