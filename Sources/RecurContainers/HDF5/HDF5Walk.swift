package import RecurTensors

/// Finds every object of a file by following its groups, each address once.
struct HDF5Walk {
  let bytes: ByteRegion
  let limits: DecodeLimits
  private var visited: Set<Int> = []
  // A message takes at least 8 bytes and belongs to one object, so a file can't hold more.
  private var messagesLeft: Int
  private var objects: [HDF5Object] = []

  init(bytes: ByteRegion, limits: DecodeLimits) {
    self.bytes = bytes
    self.limits = limits
    messagesLeft = bytes.count / 8
  }

  /// Every object reachable from the group whose header is at `root`, parents first.
  ///
  /// - Throws: `hdf5.cycle`, `hdf5.link.refused`, `bytes.limit-exceeded`, and what reading throws.
  mutating func objects(below root: Int) throws(CheckpointError) -> [HDF5Object] {
    try visit(root, "/", depth: 0)
    return objects
  }

  private mutating func visit(
    _ address: Int, _ path: String, depth: Int
  ) throws(CheckpointError) {
    guard visited.insert(address).inserted else {
      throw CheckpointError(
        .hdf5Cycle, "'\(path)' is reached a second time",
        at: bytes.location(at: address, length: 16)
      )
    }
    guard depth <= limits.nesting, objects.count < limits.objects,
      path.utf8.count <= 4 * limits.nameBytes
    else {
      throw CheckpointError(
        .limitExceeded,
        "more than \(limits.objects) objects, or groups nested deeper than \(limits.nesting)",
        at: bytes.location(at: address, length: 16))
    }
    let header = try locating(object: path) { () throws(CheckpointError) in
      try HDF5ObjectHeader(bytes, at: address, budget: &messagesLeft)
    }
    objects.append(HDF5Object(path: path, header: header))
    let links = try locating(object: path) { () throws(CheckpointError) in
      guard let message = header.first(.symbolTable) else {
        return try HDF5LinkMessages.links(of: header, limits)
      }
      var tree = HDF5GroupTree(bytes: bytes, limits: limits, visited: visited)
      let links = try tree.links(of: message)
      visited = tree.visited
      return links
    }
    for link in links {
      let child = path == "/" ? "/" + link.name : "\(path)/\(link.name)"
      try visit(link.header, child, depth: depth + 1)
    }
  }
}

extension Diagnostic.Code {
  package static let hdf5Cycle = Self(rawValue: "hdf5.cycle")
  package static let hdf5LinkRefused = Self(rawValue: "hdf5.link.refused")
}
