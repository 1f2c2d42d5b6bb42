import RecurTensors

/// The chunks of a dataset: a version 1 B-tree of kind 1 (specification III.A.1) and how its leaves
/// make one array.
struct HDF5Chunks {
  private struct Chunk {
    let origin: [Int]
    let mask: UInt32
    let stored: ByteRegion
  }

  private let file: ByteRegion
  private let shape: [Int]
  private let elementSize: Int
  /// The extents of one chunk.
  private let extents: [Int]
  private var chunks: [Chunk] = []
  private var visited: Set<Int> = []
  private var origins: Set<[Int]> = []

  /// Reads the tree that the data layout message `layout`, version 3, leads to.
  ///
  /// - Throws: `hdf5.chunk.invalid`, `hdf5.structure.invalid`, `hdf5.cycle`.
  init(
    _ layout: ByteRegion, in file: ByteRegion, shape: [Int], elementSize: Int
  ) throws(CheckpointError) {
    self.file = file
    self.shape = shape
    self.elementSize = elementSize
    guard Int(try layout.byte(at: 2)) == shape.count + 1 else {
      throw Self.invalid("chunks of another rank than their dataset", layout)
    }
    var extents: [Int] = []
    for axis in 0...shape.count {
      extents.append(Int(try layout.integer(UInt32.self, at: 11 + 4 * axis)))
    }
    guard extents.removeLast() == elementSize, extents.allSatisfy({ $0 > 0 }),
      let bytes = Tensor.byteCount(of: extents + [elementSize], .uint8), bytes < 1 << 32
    else { throw Self.invalid("chunks of an impossible size", layout) }
    self.extents = extents
    // An address of all ones means that nothing was ever written.
    guard try layout.integer(UInt64.self, at: 3) != .max else { return }
    try readNode(at: try layout.address(at: 3), level: nil)
  }

  /// The whole array, row-major; what no chunk covers is `fill`.
  ///
  /// - Throws: `hdf5.chunk.invalid` when a chunk is broken or outside, `bytes.limit-exceeded`.
  func assembled(
    _ filters: HDF5Filters?, fill: [UInt8]
  ) throws(CheckpointError) -> [UInt8] {
    let total = Tensor.byteCount(of: shape + [elementSize], .uint8) ?? .max
    // Deflate grows data by at most 1032; what is not stored at all is bounded by a small file.
    guard total / 1_032 <= file.count else {
      throw CheckpointError(
        .limitExceeded, "\(total) bytes can't come from a file of \(file.count)", at: file.location)
    }
    var array = [UInt8](repeating: 0, count: total)
    if fill.contains(where: { $0 != 0 }) {
      for index in array.indices { array[index] = fill[index % elementSize] }
    }
    let chunkBytes = extents.reduce(elementSize, *)
    for chunk in chunks {
      let bytes: [UInt8]
      if let filters {
        bytes = try filters.undo(chunk.stored, count: chunkBytes, mask: chunk.mask)
      } else {
        bytes = try Self.exactly(chunk.stored, chunkBytes)
      }
      copy(bytes, at: chunk.origin, into: &array)
    }
    return array
  }

  private mutating func readNode(at address: Int, level: Int?) throws(CheckpointError) {
    guard visited.insert(address).inserted else {
      throw CheckpointError(
        .hdf5Cycle, "a node of the chunks' B-tree is reached a second time",
        at: file.location(at: address, length: 24))
    }
    try file.expect("TREE", at: address, "a B-tree node")
    let ownLevel = Int(try file.byte(at: address + 5))
    guard try file.byte(at: address + 4) == 1, level == nil || level == ownLevel else {
      throw CheckpointError(
        .hdf5StructureInvalid, "a B-tree node of an unexpected kind or level",
        at: file.location(at: address, length: 24))
    }
    let keySize = 8 + 8 * (shape.count + 1)
    for entry in 0..<Int(try file.integer(UInt16.self, at: address + 6)) {
      let key = try file.slice(at: address + 24 + entry * (keySize + 8), length: keySize + 8)
      let child = try key.address(at: keySize)
      if ownLevel > 0 {
        try readNode(at: child, level: ownLevel - 1)
      } else {
        try append(key, child)
      }
    }
  }

  private mutating func append(_ key: ByteRegion, _ child: Int) throws(CheckpointError) {
    var origin: [Int] = []
    for axis in shape.indices {
      let offset = try key.integer(UInt64.self, at: 8 + 8 * axis)
      guard offset < UInt64(shape[axis]), offset % UInt64(extents[axis]) == 0 else {
        throw Self.invalid("a chunk lies outside its dataset, or between two places", key)
      }
      origin.append(Int(offset))
    }
    guard origins.insert(origin).inserted else {
      throw Self.invalid("two chunks stand for the same part of the array", key)
    }
    let size = Int(try key.integer(UInt32.self, at: 0))
    chunks.append(
      Chunk(
        origin: origin, mask: try key.integer(UInt32.self, at: 4),
        stored: try file.slice(at: child, length: size)))
  }

  private static func exactly(
    _ stored: ByteRegion, _ count: Int
  ) throws(CheckpointError) -> [UInt8] {
    guard stored.count == count else {
      throw CheckpointError(
        .hdf5ChunkInvalid, "a chunk does not hold what its dataset promises", at: stored.location,
        expected: "\(count) bytes", found: "\(stored.count) bytes")
    }
    return stored.bytes()
  }

  /// Copies the rows of a chunk that lie inside the array; chunks at its edges stick out.
  private func copy(_ bytes: [UInt8], at origin: [Int], into array: inout [UInt8]) {
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

  private static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5ChunkInvalid, message, at: bytes.location)
  }
}
