package import RecurTensors

/// NumPy arrays by name: a ZIP archive whose entries are `<name>.npy`.
package struct NPZArchive: Sendable {
  private let archive: ZipArchive
  private let limits: DecodeLimits

  /// The array names, in file order.
  package let names: [String]

  /// Reads the directory; arrays are read when asked for.
  ///
  /// - Throws: what ``ZipArchive`` throws, and `npz.entry.unexpected` for an entry that is no array.
  package init(_ bytes: ByteRegion, limits: DecodeLimits = .init()) throws(CheckpointError) {
    archive = try ZipArchive(bytes, limits: limits)
    self.limits = limits
    var names: [String] = []
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw CheckpointError(
          .npzEntryUnexpected, "entry '\(entry.name)' is not a NumPy array",
          at: entry.stored.location,
          reason: "another archive was given, such as a .keras or .pt file, or a file was added",
          fixes: [.init(.numpy, "np.savez('golden.npz', in_0=x, out_0=y)")])
      }
      names.append(String(entry.name.dropLast(4)))
    }
    self.names = names
  }

  /// The array called `name`, or nil when there is none.
  ///
  /// - Throws: what reading the entry and ``NPYFile`` throw.
  package func tensor(_ name: String) throws(CheckpointError) -> Tensor? {
    guard let entry = archive[name + ".npy"] else { return nil }
    return try locating(object: name) { () throws(CheckpointError) in
      let tensor = try NPYFile.tensor(archive.content(of: entry))
      var location = tensor.location
      location.object = name
      return tensor.located(at: location)
    }
  }

  /// All arrays, in file order; those that are no numbers can be listed only.
  ///
  /// - Throws: what reading the entries and ``NPYFile`` throw.
  package func table() throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    for name in names {
      guard let entry = archive[name + ".npy"] else { continue }
      try locating(object: name) { () throws(CheckpointError) in
        var location = entry.stored.location
        location.object = name
        switch try NPYFile.content(
          archive.content(of: entry, holdsArrays: true), limits: limits)
        {
        case .numbers(let tensor):
          try table.append(name, tensor.located(at: tensor.location.inside(location)))
        case .unreadable(let type, let shape, let byteCount):
          try table.append(
            UnreadableTensor(
              name: name, type: type, shape: shape, byteCount: byteCount, location: location))
        }
      }
    }
    return table
  }

  /// What stands after the directory of the archive, or nil when nothing or no text does.
  package var comment: String? { archive.comment.count > 0 ? archive.comment.text() : nil }

  /// The arrays `<prefix>0`, `<prefix>1`, … up to the first number that is missing.
  ///
  /// - Throws: what reading them throws.
  package func numbered(_ prefix: String) throws(CheckpointError) -> [Tensor] {
    var tensors: [Tensor] = []
    while let tensor = try tensor("\(prefix)\(tensors.count)") { tensors.append(tensor) }
    return tensors
  }

  /// Writes an uncompressed archive of `arrays`, in their order.
  ///
  /// - Parameters:
  ///   - arrays: the arrays and their names.
  ///   - comment: what stands after the directory, where NumPy does not look.
  ///   - sink: where the archive goes.
  /// - Throws: `npy.dtype.unsupported` and what `sink` throws.
  package static func write<Sink: ByteSink & ~Copyable>(
    _ arrays: [(name: String, tensor: Tensor)], comment: [UInt8] = [], to sink: inout Sink
  ) throws(CheckpointError) {
    var writer = ZipWriter(alignment: 64)
    for (name, tensor) in arrays {
      try writer.append(name + ".npy", NPYFile.source(of: tensor), to: &sink)
    }
    try writer.finish(comment: comment, to: &sink)
  }
}

extension Diagnostic.Code {
  package static let npzEntryUnexpected = Self(rawValue: "npz.entry.unexpected")
}
