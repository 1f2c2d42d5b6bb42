package import RecurTensors

/// The links of an old-style group: a version 1 B-tree (specification III.A.1) whose leaves are
/// symbol-table nodes (III.B) with names in a local heap (III.D).
struct HDF5GroupTree {
  private let heap: HDF5LocalHeap
  private var links: [HDF5Links.Link] = []
  private var names: Set<Name> = []

  /// The links that the Symbol Table message `message` leads to, in name order.
  ///
  /// - Throws: `hdf5.structure.invalid`, `hdf5.cycle`, `hdf5.link.refused`, `hdf5.name.invalid`.
  static func links(
    of message: ByteRegion, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> [HDF5Links.Link] {
    let heap = try HDF5LocalHeap(structures.bytes, at: try message.address(at: 8))
    var tree = HDF5GroupTree(heap: heap)
    try tree.readNode(at: try message.address(at: 0), level: nil, &structures)
    return tree.links
  }

  private mutating func readNode(
    at address: Int, level: Int?, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    let bytes = structures.bytes
    try structures.enter(address, "a node of the group's B-tree")
    try bytes.expect("TREE", at: address, "a B-tree node")
    let kind = try bytes.byte(at: address + 4)
    let ownLevel = Int(try bytes.byte(at: address + 5))
    // The level decreases by one from parent to child, which bounds the depth.
    guard kind == 0, level == nil || ownLevel == level else {
      throw invalid(
        "a B-tree node of kind \(kind) and level \(ownLevel) where kind 0"
          + (level.map { " and level \($0)" } ?? "") + " belongs",
        bytes.location(at: address, length: 24))
    }
    let count = Int(try bytes.integer(UInt16.self, at: address + 6))
    for entry in 0..<count {
      let child = try bytes.address(at: address + 24 + 8 + 16 * entry)
      if ownLevel > 0 {
        try readNode(at: child, level: ownLevel - 1, &structures)
      } else {
        try readLeaf(at: child, &structures)
      }
    }
  }

  private mutating func readLeaf(
    at address: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    let bytes = structures.bytes
    let limits = structures.limits
    try structures.enter(address, "a node of the group's B-tree")
    try bytes.expect("SNOD", at: address, "a symbol-table node")
    guard try bytes.byte(at: address + 4) == 1 else {
      throw invalid(
        "a symbol-table node of an unknown version", bytes.location(at: address, length: 24))
    }
    let count = Int(try bytes.integer(UInt16.self, at: address + 6))
    for entry in 0..<count {
      let start = address + 8 + 40 * entry
      let name = try heap.name(at: try bytes.length(at: start), limits)
      try structures.spend(40 + name.utf8.count)
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
      links.append(HDF5Links.Link(name: name, header: try bytes.address(at: start + 8)))
      guard links.count <= limits.objects else {
        throw CheckpointError(
          .limitExceeded, "a group of more than \(limits.objects) links",
          at: bytes.location(at: start, length: 40))
      }
    }
  }

  private func invalid(
    _ message: String, _ location: Diagnostic.Location
  ) -> CheckpointError {
    CheckpointError(.hdf5StructureInvalid, message, at: location, hint: Hint.damaged)
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
        at: window.location,
        hint: "the file was damaged, or its names are in another encoding; save the model again")
    }
    return name
  }
}

extension Diagnostic.Code {
  package static let hdf5NameInvalid = Self(rawValue: "hdf5.name.invalid")
}
