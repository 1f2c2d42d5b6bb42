package import RecurTensors

/// The links of an old-style group: a version 1 B-tree (specification III.A.1) whose leaves are
/// symbol-table nodes (III.B) with names in a local heap (III.D).
struct HDF5GroupTree {
  struct Link {
    let name: String
    let header: Int
  }

  private let bytes: ByteRegion
  private let limits: DecodeLimits
  /// Every address read so far in this file: legitimate groups share none.
  private(set) var visited: Set<Int>
  private var links: [Link] = []
  private var names: Set<Name> = []

  init(bytes: ByteRegion, limits: DecodeLimits, visited: Set<Int>) {
    self.bytes = bytes
    self.limits = limits
    self.visited = visited
  }

  /// The links that the Symbol Table message `message` leads to, in name order.
  ///
  /// - Throws: `hdf5.structure.invalid`, `hdf5.cycle`, `hdf5.link.refused`, `hdf5.name.invalid`.
  mutating func links(of message: ByteRegion) throws(CheckpointError) -> [Link] {
    let heap = try HDF5LocalHeap(bytes, at: try message.address(at: 8))
    try readNode(at: try message.address(at: 0), level: nil, heap)
    return links
  }

  private mutating func readNode(
    at address: Int, level: Int?, _ heap: HDF5LocalHeap
  ) throws(CheckpointError) {
    try enter(address)
    try bytes.expect("TREE", at: address, "a B-tree node")
    let kind = try bytes.byte(at: address + 4)
    let ownLevel = Int(try bytes.byte(at: address + 5))
    // Levels fall by one from parent to child, which bounds the depth.
    guard kind == 0, level == nil || ownLevel == level else {
      throw invalid(
        "a B-tree node of kind \(kind) and level \(ownLevel) where kind 0"
          + (level.map { " and level \($0)" } ?? "") + " belongs", at: address)
    }
    let count = Int(try bytes.integer(UInt16.self, at: address + 6))
    for entry in 0..<count {
      let child = try bytes.address(at: address + 24 + 8 + 16 * entry)
      if ownLevel > 0 {
        try readNode(at: child, level: ownLevel - 1, heap)
      } else {
        try readLeaf(at: child, heap)
      }
    }
  }

  private mutating func readLeaf(
    at address: Int, _ heap: HDF5LocalHeap
  ) throws(CheckpointError) {
    try enter(address)
    try bytes.expect("SNOD", at: address, "a symbol-table node")
    guard try bytes.byte(at: address + 4) == 1 else {
      throw invalid("a symbol-table node of an unknown version", at: address)
    }
    let count = Int(try bytes.integer(UInt16.self, at: address + 6))
    for entry in 0..<count {
      let start = address + 8 + 40 * entry
      let name = try heap.name(at: try bytes.length(at: start), limits)
      guard names.insert(Name(name)).inserted else {
        throw CheckpointError(
          .hdf5NameInvalid, "two links are named '\(name)'",
          at: bytes.location(at: start, length: 40))
      }
      // Cache type 2 is a symbolic link.
      guard try bytes.integer(UInt32.self, at: start + 16) != 2 else {
        throw CheckpointError(
          .hdf5LinkRefused, "'\(name)' is a soft link; a model file may only hold its own data",
          at: bytes.location(at: start, length: 40),
          hint: "copy the target in place of the link: 'h5repack' keeps links, h5py's "
            + "f.copy(f['source'], 'target') does not")
      }
      links.append(Link(name: name, header: try bytes.address(at: start + 8)))
      guard links.count <= limits.objects else {
        throw CheckpointError(
          .limitExceeded, "a group of more than \(limits.objects) links",
          at: bytes.location(at: start, length: 40))
      }
    }
  }

  private mutating func enter(_ address: Int) throws(CheckpointError) {
    guard visited.insert(address).inserted else {
      throw CheckpointError(
        .hdf5Cycle, "a node of the group's B-tree is reached a second time",
        at: bytes.location(at: address, length: 24))
    }
  }

  private func invalid(_ message: String, at address: Int) -> CheckpointError {
    CheckpointError(
      .hdf5StructureInvalid, message, at: bytes.location(at: address, length: 24))
  }
}

/// A local heap (specification III.D): the names of one group's links.
struct HDF5LocalHeap {
  private let data: ByteRegion

  init(_ bytes: ByteRegion, at address: Int) throws(CheckpointError) {
    try bytes.expect("HEAP", at: address, "a local heap")
    guard try bytes.byte(at: address + 4) == 0 else {
      throw CheckpointError(
        .hdf5StructureInvalid, "a local heap of an unknown version",
        at: bytes.location(at: address, length: 32))
    }
    data = try bytes.slice(
      at: try bytes.address(at: address + 24), length: try bytes.length(at: address + 8))
  }

  func name(at offset: Int, _ limits: DecodeLimits) throws(CheckpointError) -> String {
    let rest = try data.suffix(from: offset)
    let window = try rest.slice(at: 0, length: min(rest.count, limits.nameBytes + 1))
    guard let end = window.firstZero(), end > 0,
      let name = try window.slice(at: 0, length: end).text(), !name.utf8.contains(0x2F)
    else {
      throw CheckpointError(
        .hdf5NameInvalid,
        "a link's name is empty, longer than \(limits.nameBytes) bytes, not UTF-8 or contains '/'",
        at: window.location)
    }
    return name
  }
}

extension Diagnostic.Code {
  package static let hdf5NameInvalid = Self(rawValue: "hdf5.name.invalid")
}
