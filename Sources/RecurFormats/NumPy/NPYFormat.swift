package import RecurContainers
package import RecurTensors

/// A single NumPy array: it is no model, and can be listed.
///
/// As an input or a golden value it is read elsewhere.
package struct NPYFormat: TensorListing {
  package let id = "npy"
  package let title = "NumPy array"
  package let extensions = [".npy"]

  package init() {}

  /// Files that end in `.eqx` hold several arrays, one behind the other.
  package func recognizes(_ probe: FileProbe) -> Bool {
    probe.bytes.holds(NPYFile.magic) && !probe.path.hasSuffix(".eqx")
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let tensor: Inspection.StoredTensor
      switch try NPYFile.content(probe.bytes, limits: .listing) {
      case .numbers(let array):
        tensor = Inspection.StoredTensor(
          name: "array", shape: array.shape, type: "\(array.elementType)",
          byteCount: array.byteCount, remark: nil)
      case .unreadable(let type, let shape, let byteCount):
        tensor = Inspection.StoredTensor(
          name: "array", shape: shape, type: type, byteCount: byteCount,
          remark: "not read as numbers")
      }
      return Inspection(
        format: id, title: title, facts: [], layers: [], tensors: [tensor], diagnostics: [])
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      var table = TensorTable()
      switch try NPYFile.content(probe.bytes, limits: limits) {
      case .numbers(let array): try table.append("array", array)
      case .unreadable(let type, let shape, let byteCount):
        try table.append(
          UnreadableTensor(
            name: "array", type: type, shape: shape, byteCount: byteCount,
            location: probe.bytes.location))
      }
      return StoredTensors(table: table)
    }
  }
}
