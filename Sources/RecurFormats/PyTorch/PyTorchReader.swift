import RecurContainers
import RecurTensors

/// Reads the tensors of a state dict without executing its pickle (torch/serialization.py, `_load`;
/// torch/_utils.py, `_rebuild_tensor_v2`).
enum PyTorchReader {
  /// torch's storage classes by the type of their elements (torch/storage.py).
  static let storageTypes: [String: ElementType] = [
    "torch.FloatStorage": .float32, "torch.DoubleStorage": .float64,
    "torch.HalfStorage": .float16, "torch.BFloat16Storage": .bfloat16,
    "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16,
    "torch.CharStorage": .int8, "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
  ]

  /// The state dict at the root of `data.pkl`.
  ///
  /// - Throws: `pickle.callable.refused` for anything but tensors and plain values, and what reading
  ///   the archive and the pickle throws.
  static func stateDict(
    _ bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> StateDict {
    let archive = try ZipArchive(bytes, limits: limits)
    let pickles = archive.entries.filter { $0.name.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw CheckpointError(
        .pytorchArchiveInvalid, "the archive has \(pickles.count) entries 'data.pkl' and needs one",
        at: bytes.location)
    }
    let prefix = String(pickle.name.dropLast("data.pkl".count))
    if let order = archive[prefix + "byteorder"] {
      let text = try archive.content(of: order).text()
      guard text == "little" else {
        throw CheckpointError(
          .pytorchArchiveInvalid, "the byte order is '\(text ?? "")'; only 'little' is read",
          at: order.stored.location)
      }
    }
    let content = try archive.content(of: pickle)
    return try locating(object: pickle.name) { () throws(CheckpointError) in
      let (graph, count) = try PickleMachine.read(content, limits: limits)
      guard count == content.count else {
        throw CheckpointError(
          .pickleValueInvalid, "\(content.count - count) bytes follow the pickle's end",
          at: content.location(at: count, length: content.count - count))
      }
      var reader = TensorReader(graph: graph, archive: archive, prefix: prefix, pickle: content)
      return StateDict(
        tensors: try reader.table(), metadata: StateDictMetadata.read(archive, prefix, limits))
    }
  }
}

/// Turns the nodes of a pickle that rebuild tensors into views of the archive.
private struct TensorReader {
  let graph: PickleGraph
  let archive: ZipArchive
  let prefix: String
  let pickle: ByteRegion
  private var storages: [Name: ByteRegion] = [:]

  init(graph: PickleGraph, archive: ZipArchive, prefix: String, pickle: ByteRegion) {
    self.graph = graph
    self.archive = archive
    self.prefix = prefix
    self.pickle = pickle
  }

  mutating func table() throws(CheckpointError) -> TensorTable {
    // OrderedDict() without items stays a call.
    if case .call(let function, let arguments, _) = graph[graph.root],
      graph.globalName(function) == "collections.OrderedDict",
      graph.elements(arguments)?.isEmpty == true
    {
      return TensorTable()
    }
    guard case .dictionary(let items) = graph[graph.root] else { throw refused(graph.root) }
    var table = TensorTable()
    for item in items {
      guard let key = graph.string(item.key) else {
        throw invalid("a key of the state dict is no string", item.key)
      }
      let tensor = try locating(object: key) { () throws(CheckpointError) in
        try self.tensor(item.value, key)
      }
      try table.append(key, tensor)
    }
    return table
  }

  private mutating func tensor(
    _ reference: PickleGraph.Reference, _ key: String, isParameter: Bool = false
  ) throws(CheckpointError) -> Tensor {
    guard case .call(let function, let arguments, _) = graph[reference],
      let values = graph.elements(arguments)
    else { throw invalid("'\(key)' is no tensor", reference) }
    switch graph.globalName(function) {
    case "torch._utils._rebuild_parameter" where !isParameter:
      // A parameter holds a tensor and never another parameter, which could be itself.
      guard let inner = values.first else { throw refused(reference) }
      return try tensor(inner, key, isParameter: true)
    case "torch._utils._rebuild_tensor_v2":
      guard values.count >= 6, let offset = graph.integer(values[1]),
        let shape = sizes(values[2]), let strides = sizes(values[3])
      else { throw invalid("'\(key)' is rebuilt from unexpected values", reference) }
      let (bytes, type) = try storage(values[0])
      let tensor = try Tensor(
        bytes, type, shape: shape, strides: strides, offset: offset, at: .init(object: key))
      // A stride of 0 repeats elements; without a bound it would make terabytes of 16 bytes.
      guard tensor.byteCount / 64 <= bytes.count else {
        throw CheckpointError(
          .limitExceeded,
          "'\(key)' of \(shapeText(shape)) repeats its \(bytes.count) stored bytes more than 64 times",
          at: tensor.location)
      }
      return tensor
    default: throw refused(reference)
    }
  }

  private func sizes(_ reference: PickleGraph.Reference) -> [Int]? {
    guard let elements = graph.elements(reference), elements.count <= 32 else { return nil }
    let sizes = elements.compactMap { graph.integer($0) }
    return sizes.count == elements.count ? sizes : nil
  }

  /// The persistent id ("storage", type, key, location, element count).
  private mutating func storage(
    _ reference: PickleGraph.Reference
  ) throws(CheckpointError) -> (ByteRegion, ElementType) {
    guard case .persistent(let id) = graph[reference], let parts = graph.elements(id),
      parts.count >= 5, graph.string(parts[0]) == "storage",
      let typeName = graph.globalName(parts[1]), let key = graph.string(parts[2]),
      let count = graph.integer(parts[4])
    else { throw invalid("a storage has an unexpected id", reference) }
    guard let type = PyTorchReader.storageTypes[typeName] else {
      throw CheckpointError(
        .tensorDtypeUnsupported, "storages of type '\(typeName)' are not read", at: place(reference)
      )
    }
    let path = prefix + "data/" + key
    if storages[Name(path)] == nil {
      guard let entry = archive[path] else {
        throw CheckpointError(
          .pytorchArchiveInvalid, "the archive has no entry '\(path)'", at: place(reference))
      }
      storages[Name(path)] = try archive.content(of: entry)
    }
    guard let bytes = storages[Name(path)] else { throw invalid("no storage", reference) }
    let (needed, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
    guard !overflow, needed == bytes.count else {
      throw CheckpointError(
        .pytorchArchiveInvalid, "the storage '\(path)' does not hold its \(count) elements",
        at: bytes.location, expected: "\(needed) bytes", found: "\(bytes.count) bytes")
    }
    return (bytes, type)
  }

  private func place(_ reference: PickleGraph.Reference) -> Diagnostic.Location {
    pickle.location(at: graph.offsets[reference], length: 1)
  }

  private func invalid(
    _ message: String, _ reference: PickleGraph.Reference
  ) -> CheckpointError {
    CheckpointError(
      .pickleValueInvalid, "\(message) (pickle byte \(graph.offsets[reference]))",
      at: place(reference))
  }

  /// Names what the pickle wanted to call.
  ///
  /// It was not called.
  private func refused(_ reference: PickleGraph.Reference) -> CheckpointError {
    var name = "a value that is no dictionary of tensors"
    if case .call(let function, _, _) = graph[reference], let global = graph.globalName(function) {
      name = "'\(global)'"
    } else if let global = graph.globalName(reference) {
      name = "'\(global)'"
    }
    return CheckpointError(
      .pickleCallableRefused,
      "the pickle builds \(name) (pickle byte \(graph.offsets[reference])); only tensors are read, "
        + "and nothing is ever called", at: place(reference),
      hint: "save the state dict: torch.save(model.state_dict(), path)")
  }
}

extension Diagnostic.Code {
  static let pytorchArchiveInvalid = Self(rawValue: "pytorch.archive.invalid")
  static let pickleCallableRefused = Self(rawValue: "pickle.callable.refused")
}
