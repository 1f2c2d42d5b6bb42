package import RecurTensors

/// NumPy arrays by name: a ZIP archive whose entries are `<name>.npy`.
package struct NPZArchive: Sendable {
  private let archive: ZipArchive
  private let limits: DecodeLimits

  /// The array names, in file order.
  package let names: [String]

  /// Reads the archive's directory; arrays are read on request.
  ///
  /// - Throws: what ``ZipArchive`` throws, and `npz.entry.unexpected` for an entry that is not an
  ///   array.
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
    try tensor(name) { bytes throws(CheckpointError) in try NPYFile.tensor(bytes) }
  }

  /// The array called `name`, read by `reading`; nil when there is none.
  ///
  /// - Throws: what reading the entry and `reading` throw.
  package func tensor(
    _ name: String, reading: (ByteRegion) throws(CheckpointError) -> Tensor
  ) throws(CheckpointError) -> Tensor? {
    guard let entry = archive[name + ".npy"] else { return nil }
    return try locating(object: name) { () throws(CheckpointError) in
      let tensor = try reading(archive.content(of: entry))
      var location = tensor.location
      location.object = name
      return tensor.located(at: location)
    }
  }

  /// All arrays, in file order; arrays whose elements are not numbers can only be listed.
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

  /// The text after the archive's directory, or nil when there is none or it is not UTF-8.
  package var comment: String? { archive.comment.count > 0 ? archive.comment.text() : nil }

  /// The arrays `<prefix>0`, `<prefix>1`, … up to the first missing number.
  ///
  /// - Throws: what reading the arrays throws.
  package func numbered(_ prefix: String) throws(CheckpointError) -> [Tensor] {
    var tensors: [Tensor] = []
    while let tensor = try tensor("\(prefix)\(tensors.count)") { tensors.append(tensor) }
    return tensors
  }

  /// Writes an uncompressed archive of `arrays`, in their order.
  ///
  /// - Parameters:
  ///   - arrays: the arrays and their names.
  ///   - comment: the text after the directory, which NumPy ignores.
  ///   - sink: the sink that receives the archive.
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
