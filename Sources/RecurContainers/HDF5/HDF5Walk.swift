package import RecurTensors

/// Finds every object of a file by following its groups; each address is visited once.
struct HDF5Walk {
  private var structures: HDF5Structures
  private(set) var objects: [HDF5Object] = []
  /// The total size of all paths in bytes: long names in deep groups make it grow faster than the
  /// file.
  private var pathBytes = 0

  init(_ structures: HDF5Structures) {
    self.structures = structures
  }

  /// Finds every object reachable from the group whose header is at `root`, parents first.
  ///
  /// - Throws: `hdf5.cycle`, `hdf5.link.refused`, `bytes.limit-exceeded`, and what reading throws.
  mutating func findObjects(below root: Int) throws(CheckpointError) {
    try visit(root, "/", parent: nil, depth: 0)
  }

  private mutating func visit(
    _ address: Int, _ path: String, parent: Int?, depth: Int
  ) throws(CheckpointError) {
    try structures.enter(address, "'\(path)'")
    let limits = structures.limits
    pathBytes += path.utf8.count
    guard depth <= limits.nesting, objects.count < limits.objects,
      path.utf8.count <= 4 * limits.nameBytes, pathBytes <= 1_024 * limits.objects
    else {
      throw CheckpointError(
        .limitExceeded,
        "more than \(limits.objects) objects, groups nested deeper than \(limits.nesting), or paths "
          + "too long",
        at: structures.bytes.location(at: address, length: 16))
    }
    let object = try locating(object: path) { () throws(CheckpointError) in
      let header = try HDF5ObjectHeader(at: address, &structures)
      return HDF5Object(
        path: path, header: header, attributes: HDF5Attributes.attributes(of: header, &structures))
    }
    let position = objects.count
    objects.append(object)
    if let parent { objects[parent].children.append(position) }
    let links = try locating(object: path) { () throws(CheckpointError) in
      try HDF5Links.links(of: object.header, &structures)
    }
    for link in links {
      let child = path == "/" ? "/" + link.name : "\(path)/\(link.name)"
      try visit(link.header, child, parent: position, depth: depth + 1)
    }
  }
}

extension Diagnostic.Code {
  package static let hdf5Cycle = Self(rawValue: "hdf5.cycle")
  package static let hdf5LinkRefused = Self(rawValue: "hdf5.link.refused")
}
