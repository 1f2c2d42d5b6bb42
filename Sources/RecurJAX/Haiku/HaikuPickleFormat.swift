package import RecurContainers
package import RecurFormats
package import RecurStateDicts
package import RecurTensors

/// A pickle of Haiku's parameters as NumPy arrays: `{module: {name: array}}`.
///
/// The pickle is read as data; see ``RecurContainers/PickleMachine``.
package struct HaikuPickleFormat: StateDictDecoding {
  package let id = "haiku-pickle"
  package let title = "Haiku parameters in a pickle"
  package let extensions = [".pkl"]
  package let names: any StateDictConvention

  package init(_ names: any StateDictConvention) { self.names = names }

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard (2...5).contains(where: { probe.bytes.holds([0x80, $0]) }),
      let (graph, count) = try? PickleMachine.read(probe.bytes), count == probe.bytes.count,
      let modules = graph.items(graph.root), !modules.isEmpty
    else { return false }
    return modules.allSatisfy { module in
      guard graph.string(module.key) != nil, let arrays = graph.items(module.value),
        !arrays.isEmpty
      else { return false }
      return arrays.allSatisfy { array in
        graph.string(array.key) != nil && PickledArray.isArray(array.value, graph)
      }
    }
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    let (graph, count) = try PickleMachine.read(probe.bytes, limits: limits)
    guard count == probe.bytes.count else {
      throw CheckpointError(
        .pickleValueInvalid, "\(probe.bytes.count - count) bytes follow the pickle",
        at: probe.bytes.location(at: count, length: probe.bytes.count - count))
    }
    for (index, node) in graph.nodes.enumerated() {
      guard case .global(let module, let name) = node,
        PickleRefusals.contains(module: module, name: name)
      else { continue }
      throw CheckpointError(
        .pickleCallableRefused, "the pickle would call '\(module).\(name)'",
        at: place(index, graph, probe, nil), reason: "no parameters need it",
        hint: "do not load the file in Python")
    }
    var contents: [String: ByteRegion] = [:]
    var result = StateDict()
    result.container = "a pickle"
    for module in graph.items(graph.root) ?? [] {
      for array in graph.items(module.value) ?? [] {
        guard let path = graph.string(module.key), let name = graph.string(array.key) else {
          throw CheckpointError(
            .pickleValueInvalid, "a key is no text", at: place(array.key, graph, probe, nil))
        }
        try append(
          "\(path)/\(name)", array.value, graph, probe, &contents, to: &result.tensors)
      }
    }
    return result
  }

  private func place(
    _ reference: PickleGraph.Reference, _ graph: PickleGraph, _ probe: FileProbe, _ name: String?
  ) -> Diagnostic.Location {
    var place = probe.bytes.location(at: graph.offsets[reference], length: 1)
    place.object = name
    return place
  }

  private func append(
    _ name: String, _ reference: PickleGraph.Reference, _ graph: PickleGraph, _ probe: FileProbe,
    _ contents: inout [String: ByteRegion], to table: inout TensorTable
  ) throws(CheckpointError) {
    let place = place(reference, graph, probe, name)
    guard let array = try PickledArray(reference, graph, at: place) else {
      throw CheckpointError(
        .pickleValueInvalid, "'\(name)' is no array as NumPy pickles one", at: place)
    }
    guard case .numbers(let type, let isSwapped, let data) = array.elements,
      let content = Self.content(data, isSwapped ? type : .uint8, graph, &contents)
    else {
      try table.append(
        UnreadableTensor(
          name: name, type: "no numbers", shape: array.shape, byteCount: 0, location: place))
      return
    }
    let tensor =
      array.isFortranOrder
      ? try Tensor(content, type, shape: array.shape.reversed(), at: place).transposed()
      : try Tensor(content, type, shape: array.shape, at: place)
    try table.append(name, tensor)
  }

  /// The bytes of an array in little-endian order; each value of the pickle is copied once for each width.
  private static func content(
    _ data: PickleGraph.Reference, _ swapped: ElementType, _ graph: PickleGraph,
    _ contents: inout [String: ByteRegion]
  ) -> ByteRegion? {
    let width = swapped.isComplex ? swapped.byteCount / 2 : swapped.byteCount
    let key = "\(data) \(width)"
    if let known = contents[key] { return known }
    guard let bytes = graph.bytes(data) else { return nil }
    var content = ByteRegion(ByteStorage(copying: bytes))
    if width > 1 { content = content.byteSwapped(width: width) }
    contents[key] = content
    return content
  }
}
