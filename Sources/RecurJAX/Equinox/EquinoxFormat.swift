package import RecurContainers
package import RecurFormats
package import RecurStateDicts
package import RecurTensors

/// The leaves of an Equinox module as `equinox.tree_serialise_leaves` writes them: arrays of NumPy one
/// behind the other, without names; often with a line of JSON in front.
///
/// A leaf gets its position as its name.
package struct EquinoxFormat: StateDictDecoding {
  package let id = "equinox"
  package let title = "Equinox leaves"
  package let extensions = [".eqx"]
  package let names: any StateDictConvention

  package init(_ names: any StateDictConvention) { self.names = names }

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let start = Self.start(probe.bytes) else { return false }
    guard start == 0 else { return true }
    // One array alone is a file of NumPy.
    guard let (_, length) = try? NPYFile.first(in: probe.bytes, limits: .listing) else {
      return probe.path.hasSuffix(".eqx")
    }
    return probe.path.hasSuffix(".eqx") || probe.bytes.holds(NPYFile.magic, at: length)
  }

  /// Where the arrays begin: behind a line of JSON, if there is one; nil for any other file.
  private static func start(_ bytes: ByteRegion) -> Int? {
    if bytes.holds(NPYFile.magic) { return 0 }
    guard bytes.holds(Array("{".utf8)), let end = bytes.position(of: Array("\n".utf8)),
      bytes.holds(NPYFile.magic, at: end + 1)
    else { return nil }
    return end + 1
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    let start = Self.start(probe.bytes) ?? 0
    var result = StateDict()
    result.container = "arrays of NumPy one behind the other"
    if start > 0 {
      let line = try probe.bytes.slice(at: 0, length: start - 1)
      let json = try JSONParser.parse(line, allowsPythonNumbers: true, limits: limits)
      result.metadata =
        json.object?.members.map { ($0.name, $0.value.string ?? $0.value.text) } ?? []
    }
    let arrays = try NPYSequence.read(probe.bytes.suffix(from: start), limits: limits)
    for (index, array) in arrays.enumerated() {
      switch array {
      case .numbers(let tensor):
        var place = tensor.location
        place.object = "\(index)"
        try result.tensors.append("\(index)", tensor.located(at: place))
      case .unreadable(let type, let shape, let byteCount):
        try result.tensors.append(
          UnreadableTensor(
            name: "\(index)", type: "'\(type)'", shape: shape, byteCount: byteCount,
            location: probe.bytes.location))
      }
    }
    return result
  }
}
