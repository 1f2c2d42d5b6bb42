import RecurTensors

/// The version 1 B-tree of a dataset's chunks (specification III.A.1, kind 1).
struct HDF5ChunkTree {
  private(set) var list: HDF5ChunkList
  private let keySize: Int

  /// Reads the tree whose root is at `address` into `list`.
  ///
  /// - Throws: `hdf5.chunk.invalid`, `hdf5.structure.invalid`, `hdf5.cycle`.
  init(
    _ list: HDF5ChunkList, root address: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    self.list = list
    keySize = 8 + 8 * (list.grid.shape.count + 1)
    try readNode(at: address, level: nil, &structures)
  }

  private mutating func readNode(
    at address: Int, level: Int?, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    let file = structures.bytes
    try structures.enter(address, "a node of the chunks' B-tree")
    try file.expect("TREE", at: address, "a B-tree node")
    let ownLevel = Int(try file.byte(at: address + 5))
    guard try file.byte(at: address + 4) == 1, level == nil || level == ownLevel else {
      throw CheckpointError(
        .hdf5StructureInvalid, "a B-tree node of an unexpected kind or level",
        at: file.location(at: address, length: 24))
    }
    for entry in 0..<Int(try file.integer(UInt16.self, at: address + 6)) {
      let key = try file.slice(at: address + 24 + entry * (keySize + 8), length: keySize + 8)
      try structures.spend(key.count)
      let child = try key.address(at: keySize)
      if ownLevel > 0 {
        try readNode(at: child, level: ownLevel - 1, &structures)
      } else {
        try list.append(
          try origin(key), at: child, size: Int(try key.integer(UInt32.self, at: 0)),
          mask: try key.integer(UInt32.self, at: 4), key, in: file)
      }
    }
  }

  /// The chunk offsets in a key, or nil when the key belongs to no chunk.
  private func origin(_ key: ByteRegion) throws(CheckpointError) -> [Int]? {
    var origin: [Int] = []
    for axis in list.grid.shape.indices {
      let offset = try key.integer(UInt64.self, at: 8 + 8 * axis)
      guard offset < UInt64(list.grid.shape[axis]),
        offset % UInt64(list.grid.extents[axis]) == 0
      else { return nil }
      origin.append(Int(offset))
    }
    return origin
  }
}
