import RecurTensors

/// The chunks of an array that can grow along one axis (specification VII.B, "Extensible Array
/// Index"): entries in an index block, in data blocks, and in data blocks below secondary blocks,
/// each larger than the ones before.
struct HDF5ExtensibleArray {
  private let address: Int
  private let header: ByteRegion
  private let client: UInt8
  private let entrySize: Int
  /// The size of an entry number, in bytes.
  private let offsetSize: Int
  private let indexEntries: Int
  private let smallestBlock: Int
  private let secondaryPointers: Int
  private let pageEntries: Int
  /// The number of secondary blocks.
  ///
  /// The data blocks of the first secondary blocks are listed in the index block.
  private let secondaryCount: Int
  private let entry: HDF5ChunkEntry
  /// The axis that grows, and the chunk numbering in which that axis comes first.
  private let axis: Int
  private let numbering: HDF5ChunkNumbering
  private var list: HDF5ChunkList

  /// Adds the chunks of the extensible array whose header is at `address` to `list`.
  ///
  /// - Throws: `hdf5.structure.invalid`, `hdf5.checksum.mismatch`, `hdf5.cycle` and what
  ///   `HDF5ChunkList.append` throws.
  static func chunks(
    _ list: HDF5ChunkList, at address: Int, _ entry: HDF5ChunkEntry, _ layout: ByteRegion,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> HDF5ChunkList {
    var array = try HDF5ExtensibleArray(list, at: address, entry, layout, &structures)
    if let index = try array.header.optionalAddress(at: 60) {
      try array.readIndexBlock(at: index, &structures)
    }
    return array.list
  }

  private init(
    _ list: HDF5ChunkList, at address: Int, _ entry: HDF5ChunkEntry, _ layout: ByteRegion,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    let counts = list.grid.largestCounts
    guard let axis = counts.firstIndex(of: nil), counts.filter({ $0 == nil }).count == 1 else {
      throw HDF5ChunkGrid.invalid(
        "an extensible array for chunks of an array that does not grow along one axis", layout)
    }
    self.axis = axis
    // The axis that grows varies slowest, so the numbering does not use its chunk count.
    numbering = try HDF5ChunkNumbering([1] + counts.compactMap(\.self), layout)
    self.list = list
    self.entry = entry
    self.address = address
    header = try structures.checked("EAHD", at: address, length: 72, "an extensible array")
    client = try header.byte(at: 5)
    entrySize = Int(try header.byte(at: 6))
    let bits = Int(try header.byte(at: 7))
    offsetSize = (bits + 7) / 8
    indexEntries = Int(try header.byte(at: 8))
    smallestBlock = Int(try header.byte(at: 9))
    secondaryPointers = Int(try header.byte(at: 10))
    let pageBits = Int(try header.byte(at: 11))
    guard client == (entry.isFiltered ? 1 : 0), entrySize > 0, (1...56).contains(bits),
      Self.isPowerOfTwo(smallestBlock), Self.isPowerOfTwo(secondaryPointers), pageBits < 32,
      bits > smallestBlock.trailingZeroBitCount
    else {
      throw Self.invalid(
        "an extensible array of kind \(client) with entries of \(entrySize) bytes, \(bits) bits, "
          + "blocks from \(smallestBlock) and pages of 2^\(pageBits) entries is impossible", header)
    }
    pageEntries = 1 << pageBits
    secondaryCount = 1 + bits - smallestBlock.trailingZeroBitCount
  }

  /// The number of data blocks below secondary block `index`, and the entry count of each block.
  private static func blocks(
    below index: Int, _ smallest: Int
  ) -> (count: Int, entries: Int) {
    (1 << (index / 2), smallest << ((index + 1) / 2))
  }

  private mutating func readIndexBlock(
    at indexAddress: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    let skipped = 2 * secondaryPointers.trailingZeroBitCount
    let dataPointers = 2 * (secondaryPointers - 1)
    let secondary = max(0, secondaryCount - skipped)
    let length = 14 + indexEntries * entrySize + 8 * (dataPointers + secondary) + 4
    let block = try structures.checked(
      "EAIB", at: indexAddress, length: length, "the index block of an extensible array")
    try checkOwner(block)
    try read(try block.suffix(from: 14), from: 0, count: indexEntries, structures.bytes)
    var pointer = 14 + indexEntries * entrySize
    var first = indexEntries
    for index in 0..<secondaryCount {
      let (count, entries) = Self.blocks(below: index, smallestBlock)
      if index < skipped {
        for number in 0..<count {
          if let child = try block.optionalAddress(at: pointer) {
            try readDataBlock(
              at: child, first + number * entries, entries, isInitialized: nil, &structures)
          }
          pointer += 8
        }
      } else {
        if let child = try block.optionalAddress(at: pointer) {
          try readSecondaryBlock(at: child, first, count, entries, &structures)
        }
        pointer += 8
      }
      first += count * entries
    }
  }

  private mutating func readSecondaryBlock(
    at blockAddress: Int, _ first: Int, _ count: Int, _ entries: Int,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    guard count <= structures.bytes.count else {
      throw Self.invalid("a secondary block of \(count) blocks is larger than the file", header)
    }
    let pages = entries > pageEntries ? entries / pageEntries : 0
    // One bit per page of each data block; the bits of each block begin in a new byte.
    let bitmap = count * ((pages + 7) / 8)
    let prefix = 14 + offsetSize
    let block = try structures.checked(
      "EASB", at: blockAddress, length: prefix + bitmap + 8 * count + 4,
      "a secondary block of an extensible array")
    try checkOwner(block)
    for index in 0..<count {
      guard let child = try block.optionalAddress(at: prefix + bitmap + 8 * index) else {
        continue
      }
      var isInitialized: [Bool]? = pages > 0 ? [] : nil
      for page in 0..<pages {
        let bit = index * pages + page
        isInitialized?.append(
          try block.byte(at: prefix + bit / 8) & (0x80 >> UInt8(bit % 8)) != 0)
      }
      try readDataBlock(
        at: child, first + index * entries, entries, isInitialized: isInitialized, &structures)
    }
  }

  /// Reads a data block; when the block has pages, `isInitialized` tells which pages were written.
  private mutating func readDataBlock(
    at blockAddress: Int, _ first: Int, _ entries: Int, isInitialized: [Bool]?,
    _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    guard entries <= structures.bytes.count, isInitialized != nil || entries <= pageEntries else {
      throw Self.invalid("a data block of \(entries) entries is impossible", header)
    }
    let prefix = 14 + offsetSize
    let length = prefix + (isInitialized == nil ? entries * entrySize : 0) + 4
    let block = try structures.checked(
      "EADB", at: blockAddress, length: length, "a data block of an extensible array")
    try checkOwner(block)
    guard let isInitialized else {
      return try read(try block.suffix(from: prefix), from: first, count: entries, structures.bytes)
    }
    let pageLength = pageEntries * entrySize + 4
    for (page, isWritten) in isInitialized.enumerated() where isWritten {
      let bytes = try structures.bytes.slice(
        at: blockAddress + length + page * pageLength, length: pageLength)
      try structures.spend(bytes.count)
      try bytes.verifyChecksum("a page of an extensible array")
      try read(bytes, from: first + page * pageEntries, count: pageEntries, structures.bytes)
    }
  }

  /// Reads `count` entries; the first entry has the number `first`.
  private mutating func read(
    _ entries: ByteRegion, from first: Int, count: Int, _ file: ByteRegion
  ) throws(CheckpointError) {
    for index in 0..<count {
      let bytes = try entries.slice(at: index * entrySize, length: entrySize)
      guard let stored = try entry.read(bytes, size: entrySize) else { continue }
      var place = numbering.place(of: first + index)
      place.insert(place.removeFirst(), at: axis)
      try list.append(
        list.grid.origin(of: place), at: stored.address, size: stored.size, mask: stored.mask,
        bytes, in: file)
    }
  }

  /// Checks that `block` belongs to this array.
  private func checkOwner(_ block: ByteRegion) throws(CheckpointError) {
    // A block also stores the number of its first entry, but libhdf5 counts some entries
    // differently.
    guard try block.byte(at: 5) == client, try block.number(at: 6, size: 8) == address else {
      throw Self.invalid("a block of another extensible array", block)
    }
  }

  private static func isPowerOfTwo(_ value: Int) -> Bool { value > 0 && value & (value - 1) == 0 }

  private static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5StructureInvalid, message, at: bytes.location, hint: Hint.damaged)
  }
}
