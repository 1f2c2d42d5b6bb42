import RecurTensors

/// A version 2 B-tree (specification III.A.2): ordered records of one size.
struct HDF5BTree2 {
  /// The layout of the nodes at one level; level 0 holds the leaves.
  private struct Level {
    let mostRecords: Int
    /// The largest record count of a node and all nodes below it.
    let mostRecordsBelow: Int
    /// The size of a pointer to a node of this level, in bytes.
    let pointerSize: Int
  }

  private let address: Int
  private let type: UInt8
  private let recordSize: Int
  /// The size of the record count in a pointer, in bytes.
  private let countSize: Int
  private var levels: [Level] = []
  private var records: [ByteRegion] = []

  /// All records of the tree whose header is at `address`.
  ///
  /// The tree's header must name the record type `type` and, when `recordSize` is given, that size.
  ///
  /// - Throws: `hdf5.structure.invalid`, `hdf5.checksum.mismatch`, `hdf5.cycle`.
  static func records(
    at address: Int, type: UInt8, recordSize: Int?, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> [ByteRegion] {
    let header = try structures.checked("BTHD", at: address, length: 38, "a B-tree's header")
    let foundType = try header.byte(at: 5)
    let foundSize = Int(try header.integer(UInt16.self, at: 10))
    guard foundType == type, foundSize > 0, recordSize == nil || recordSize == foundSize else {
      throw invalid(
        "a B-tree holds records of type \(foundType) and \(foundSize) bytes; type \(type)"
          + (recordSize.map { " and \($0) bytes" } ?? "") + " is needed", header)
    }
    let total = try header.number(at: 26, size: 8)
    guard total <= structures.bytes.count / foundSize else {
      throw invalid("a B-tree promises \(total) records, more than the file has room for", header)
    }
    var tree = try HDF5BTree2(header, address: address, type: type, recordSize: foundSize)
    let rootCount = Int(try header.integer(UInt16.self, at: 24))
    // A tree without records has no root.
    if let root = try header.optionalAddress(at: 16), rootCount > 0 {
      try tree.readNode(
        at: root, count: rootCount, level: tree.levels.count - 1, limit: total, &structures)
    }
    guard tree.records.count == total else {
      throw invalid("a B-tree promises \(total) records and holds \(tree.records.count)", header)
    }
    return tree.records
  }

  /// Computes the layout of the nodes from the sizes in `header`, with the formulas of H5B2hdr.c.
  private init(
    _ header: ByteRegion, address: Int, type: UInt8, recordSize: Int
  ) throws(CheckpointError) {
    self.address = address
    self.type = type
    self.recordSize = recordSize
    let nodeSize = Int(try header.integer(UInt32.self, at: 6))
    let depth = Int(try header.integer(UInt16.self, at: 12))
    // 10 bytes of a node hold signature, version, type and checksum.
    let mostInLeaf = max(0, nodeSize - 10) / recordSize
    countSize = HDF5HeapBlocks.bytesNeeded(for: mostInLeaf)
    levels.append(
      Level(
        mostRecords: mostInLeaf, mostRecordsBelow: mostInLeaf, pointerSize: 8 + countSize))
    while let below = levels.last, levels.count <= depth {
      let most = max(0, nodeSize - 10 - below.pointerSize) / (recordSize + below.pointerSize)
      let (product, tooMany) = (most + 1).multipliedReportingOverflow(by: below.mostRecordsBelow)
      let (sum, tooManyMore) = product.addingReportingOverflow(most)
      guard most > 0, !tooMany, !tooManyMore else {
        throw Self.invalid(
          "a B-tree of depth \(depth) with nodes of \(nodeSize) bytes is impossible", header)
      }
      levels.append(
        Level(
          mostRecords: most, mostRecordsBelow: sum,
          pointerSize: 8 + countSize + HDF5HeapBlocks.bytesNeeded(for: sum)))
    }
  }

  /// Reads a node of `count` records and the nodes below it, at most `limit` records in all.
  private mutating func readNode(
    at address: Int, count: Int, level: Int, limit: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    let pointerSize = level > 0 ? levels[level - 1].pointerSize : 0
    guard count <= levels[level].mostRecords, records.count + count <= limit else {
      throw Self.invalid(
        "a B-tree node promises \(count) records, more than it has room for",
        try structures.bytes.slice(at: address, length: 0))
    }
    let pointers = level > 0 ? (count + 1) * pointerSize : 0
    let node = try structures.checked(
      level > 0 ? "BTIN" : "BTLF", at: address, length: 6 + count * recordSize + pointers + 4,
      "a B-tree node")
    guard try node.byte(at: 5) == type else {
      throw Self.invalid("a B-tree node of another type than its tree", node)
    }
    for index in 0...count {
      if level > 0 {
        let pointer = 6 + count * recordSize + index * pointerSize
        try readNode(
          at: try node.address(at: pointer),
          count: try node.number(at: pointer + 8, size: countSize), level: level - 1,
          limit: limit, &structures)
      }
      if index < count {
        records.append(try node.slice(at: 6 + index * recordSize, length: recordSize))
      }
    }
  }

  private static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5StructureInvalid, message, at: bytes.location, hint: Hint.damaged)
  }
}
