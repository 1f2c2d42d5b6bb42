import RecurTensors

/// A fractal heap (specification III.G).
///
/// It holds the links of a large group, or the attributes of an object with many or large
/// attributes.
struct HDF5FractalHeap {
  /// The size of an identifier in bytes.
  let idLength: Int
  private let blocks: HDF5HeapBlocks
  /// The size in bytes of the offset and length of a managed object in an identifier.
  private let offsetSize: Int
  private let lengthSize: Int
  private let largestManaged: Int
  private let root: Int?
  private let rootRows: Int
  private let hugeTree: Int?
  private let header: ByteRegion
  private var hugeObjects: [Int: ByteRegion]?
  private var cache = HDF5HeapBlocks.Cache()

  /// Reads the heap's header at `address`.
  ///
  /// - Throws: `hdf5.message.unsupported` when the heap is filtered, `hdf5.structure.invalid`,
  ///   `hdf5.checksum.mismatch`, `hdf5.cycle`.
  init(at address: Int, _ structures: inout HDF5Structures) throws(CheckpointError) {
    let filtersLength = Int(try structures.bytes.integer(UInt16.self, at: address + 7))
    let filterBytes = filtersLength > 0 ? 12 + filtersLength : 0
    header = try structures.checked(
      "FRHP", at: address, length: 146 + filterBytes, "a fractal heap")
    guard filtersLength == 0 else {
      throw CheckpointError(
        .hdf5MessageUnsupported, "a fractal heap with filters is not read", at: header.location)
    }
    idLength = Int(try header.integer(UInt16.self, at: 5))
    largestManaged = Int(try header.integer(UInt32.self, at: 10))
    hugeTree = try header.optionalAddress(at: 22)
    blocks = try HDF5HeapBlocks(header, address: address)
    offsetSize = blocks.offsetSize
    lengthSize = min(
      HDF5HeapBlocks.bytesNeeded(for: blocks.largestDirect),
      HDF5HeapBlocks.bytesNeeded(for: largestManaged))
    root = try header.optionalAddress(at: 132)
    rootRows = Int(try header.integer(UInt16.self, at: 140))
    guard idLength >= 1 + offsetSize + lengthSize else {
      throw Self.invalid(
        "identifiers of \(idLength) bytes can't hold an offset of \(offsetSize) and a length of "
          + "\(lengthSize) bytes", header)
    }
  }

  /// The object with the identifier `id` of `idLength` bytes (specification III.G, "Fractal Heap
  /// ID").
  ///
  /// - Throws: `hdf5.heap.invalid` when the heap has no such object, and what reading throws.
  mutating func object(
    _ id: ByteRegion, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> ByteRegion {
    let first = try id.byte(at: 0)
    guard first >> 6 == 0 else {
      throw Self.invalid("an identifier of version \(first >> 6) is unknown", id)
    }
    let object: ByteRegion
    switch first >> 4 & 3 {
    case 0: object = try managed(id, &structures)
    case 1: object = try huge(id, &structures)
    case 2: object = try tiny(id, first)
    default: throw Self.invalid("an identifier of an unknown kind", id)
    }
    try structures.spend(object.count)
    return object
  }

  private mutating func managed(
    _ id: ByteRegion, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> ByteRegion {
    let offset = try id.number(at: 1, size: offsetSize)
    let length = try id.number(at: 1 + offsetSize, size: lengthSize)
    guard let root, length > 0, length <= largestManaged else {
      throw Self.invalid("an object of \(length) bytes is not in the heap's blocks", id)
    }
    let (block, start) = try blocks.directBlock(
      holding: offset, root: root, rootRows: rootRows, id, &cache, &structures)
    // Offsets also count the headers of blocks, which hold no objects.
    guard offset - start >= blocks.directPrefix, length <= block.count - (offset - start) else {
      throw Self.invalid(
        "an object of \(length) bytes at \(offset) sticks out of its block", id)
    }
    return try block.slice(at: offset - start, length: length)
  }

  /// A huge object, stored outside the heap: the identifier is its address, or its key in a B-tree.
  private mutating func huge(
    _ id: ByteRegion, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> ByteRegion {
    if idLength >= 17 {
      return try structures.bytes.slice(at: try id.address(at: 1), length: try id.length(at: 9))
    }
    if hugeObjects == nil, let hugeTree {
      // Records of type 1: address, length, identifier.
      var objects: [Int: ByteRegion] = [:]
      for record in try HDF5BTree2.records(
        at: hugeTree, type: 1, recordSize: 24, &structures)
      {
        objects[try record.number(at: 16, size: 8)] = try structures.bytes.slice(
          at: try record.address(at: 0), length: try record.length(at: 8))
      }
      hugeObjects = objects
    }
    let key = try id.number(at: 1, size: min(idLength - 1, 8))
    guard let object = hugeObjects?[key] else {
      throw Self.invalid("no huge object \(key) is in the heap", id)
    }
    return object
  }

  /// A tiny object, stored in the identifier itself after one byte, or two bytes in long
  /// identifiers.
  private func tiny(_ id: ByteRegion, _ first: UInt8) throws(CheckpointError) -> ByteRegion {
    if idLength <= 17 { return try id.slice(at: 1, length: Int(first & 15) + 1) }
    return try id.slice(at: 2, length: (Int(first & 15) << 8 | Int(try id.byte(at: 1))) + 1)
  }

  private static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5HeapInvalid, message, at: bytes.location, hint: Hint.damaged)
  }
}
