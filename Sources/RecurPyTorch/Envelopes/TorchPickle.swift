import RecurContainers
package import RecurTensors

/// A pickle of torch, with the storages of its tensors.
///
/// Makes views of the file from the nodes that stand for tensors.
struct TorchPickle {
  let graph: PickleGraph
  /// The bytes of the pickle, for diagnostics.
  let bytes: ByteRegion
  /// Whether it was written by TorchScript.
  let isScript: Bool
  var storages: TorchStorages
  /// Tensors whose numbers are not in the file as they are.
  var made = MadeTensors()

  /// - Throws: `pickle.callable.refused` when the pickle names a harmful function.
  init(
    _ graph: PickleGraph, _ bytes: ByteRegion, _ storages: TorchStorages, isScript: Bool = false
  ) throws(CheckpointError) {
    self.graph = graph
    self.bytes = bytes
    self.storages = storages
    self.isScript = isScript
    try Self.refuseHarm(graph, bytes)
  }

  /// Refuses a pickle with a function that no checkpoint needs.
  ///
  /// - Throws: `pickle.callable.refused`.
  static func refuseHarm(_ graph: PickleGraph, _ bytes: ByteRegion) throws(CheckpointError) {
    var known: Set<Name> = []
    for (reference, node) in graph.nodes.enumerated() {
      guard case .global(let module, let name) = node,
        known.insert(Name("\(module)\n\(name)")).inserted,
        TorchCallables.isRefused(module: module, name: name)
      else { continue }
      throw CheckpointError(
        .pickleCallableRefused,
        "the pickle would call '\(module).\(name)' (pickle byte \(graph.offsets[reference])), which "
          + "no checkpoint needs; nothing was called",
        at: bytes.location(at: graph.offsets[reference], length: 1),
        hint: "don't load this file with Python; get the weights from a source you trust")
    }
  }

  /// The value without TorchScript's type tags.
  func unwrapped(_ reference: PickleGraph.Reference) -> PickleGraph.Reference {
    var current = reference
    for _ in 0..<8 {
      guard let name = graph.callee(current), TorchCallables.typeTags.contains(name),
        let call = graph.call(current), let value = graph.elements(call.arguments)?.first
      else { return current }
      current = value
    }
    return current
  }

  /// The dotted name of a class or function, which is a global, or a class with its source in a
  /// legacy file.
  func className(_ reference: PickleGraph.Reference) -> String? {
    if let name = graph.globalName(reference) { return name }
    guard case .persistent(let id) = graph[reference], let parts = graph.elements(id),
      parts.count >= 2, graph.string(parts[0]) == "module"
    else { return nil }
    return graph.globalName(parts[1])
  }

  /// The class of the object at `reference`, or the function of a call; nil for any other value.
  func typeName(_ reference: PickleGraph.Reference) -> String? {
    guard let call = graph.call(reference), let name = className(call.function) else { return nil }
    // In protocols 0 and 1, objects are made by a call of a function in Python's library.
    if ["copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__"].contains(name),
      let first = graph.elements(call.arguments)?.first, let inner = className(first)
    {
      return inner
    }
    return name
  }

  /// Whether the value stands for a tensor, including tensors of kinds that are not read.
  func isTensor(_ reference: PickleGraph.Reference) -> Bool {
    guard let name = typeName(unwrapped(reference)) else { return false }
    return TorchCallables.rebuild(name) != nil
  }

  /// The tensor that `reference` stands for.
  ///
  /// - Throws: `pickle.callable.refused` for an unknown function, `pytorch.tensor.unsupported` for
  ///   a kind of tensor that is not read, `pickle.value.invalid`, `tensor.dtype-unsupported`,
  ///   `tensor.bytes-mismatch`, `pytorch.archive.invalid`, `zip.crc.mismatch`.
  mutating func tensor(
    _ reference: PickleGraph.Reference, _ key: String
  ) throws(CheckpointError) -> Tensor {
    var current = unwrapped(reference)
    // A parameter holds a tensor. A limit ends a parameter that holds itself.
    for _ in 0..<8 {
      guard let call = graph.call(current), let name = typeName(current),
        var rebuild = TorchCallables.rebuild(name)
      else { throw refused(current) }
      guard var arguments = graph.elements(call.arguments) else {
        throw invalid("'\(key)' is rebuilt from unexpected values", current)
      }
      if case .typed = rebuild { (rebuild, arguments) = try typed(arguments, current) }
      switch rebuild {
      case .wrapper:
        guard let inner = arguments.first else { throw refused(current) }
        current = unwrapped(inner)
      case .tensor(let dtype, let metadata):
        return try rebuilt(arguments, key, current, dtype: dtype, metadata: metadata)
      case .quantized: return try dequantized(arguments, key, current)
      case .refused(let what, let hint):
        throw unsupported("'\(key)' is \(what) ('\(name)')", current, hint: hint)
      case .typed: throw refused(current)
      }
    }
    throw refused(reference)
  }

  /// The function and arguments of `_rebuild_from_type_v2(function, class, arguments, state)`.
  private func typed(
    _ arguments: [PickleGraph.Reference], _ reference: PickleGraph.Reference
  ) throws(CheckpointError) -> (TorchCallables.Rebuild, [PickleGraph.Reference]) {
    guard arguments.count >= 3, let function = graph.globalName(arguments[0]),
      let type = graph.globalName(arguments[1]), let inner = graph.elements(arguments[2]),
      let rebuild = TorchCallables.rebuild(function)
    else { throw refused(reference) }
    guard TorchCallables.plainTensorClasses.contains(type) else {
      throw unsupported(
        "the tensor is of the class '\(type)'", reference, hint: "save it as a plain tensor")
    }
    return (rebuild, inner)
  }

  private mutating func rebuilt(
    _ values: [PickleGraph.Reference], _ key: String, _ reference: PickleGraph.Reference,
    dtype: Int?, metadata: Int?
  ) throws(CheckpointError) -> Tensor {
    guard values.count >= 4, let offset = graph.integer(values[1]), let shape = sizes(values[2]),
      let strides = sizes(values[3]), dtype.map({ $0 < values.count }) ?? true
    else { throw invalid("'\(key)' is rebuilt from unexpected values", reference) }
    if let metadata, metadata < values.count { try refuseBits(values[metadata], key) }
    var type: ElementType?
    if let dtype {
      guard let name = graph.globalName(values[dtype]) else {
        throw invalid("'\(key)' has no type of elements", reference)
      }
      type = try TorchTypes.elementType(named: name, at: place(reference))
    }
    let (bytes, storedType) = try storage(values[0])
    return try view(
      bytes, type ?? storedType, shape: shape, strides: strides, offset: offset, key)
  }

  /// A view of a storage.
  ///
  /// - Throws: `tensor.bytes-mismatch`, `bytes.limit-exceeded`.
  func view(
    _ bytes: ByteRegion, _ type: ElementType, shape: [Int], strides: [Int], offset: Int,
    _ key: String
  ) throws(CheckpointError) -> Tensor {
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
  }

  /// With the bits `conj` and `neg`, the numbers differ from the stored ones (torch/_utils.py).
  private func refuseBits(
    _ reference: PickleGraph.Reference, _ key: String
  ) throws(CheckpointError) {
    for item in graph.items(reference) ?? [] {
      guard case .bool(false) = graph[item.value] else {
        let bit = graph.string(item.key) ?? "?"
        throw unsupported(
          "'\(key)' has the bit '\(bit)': its numbers are not those stored", reference,
          hint: "save tensor.resolve_conj().resolve_neg()")
      }
    }
  }

  func sizes(_ reference: PickleGraph.Reference) -> [Int]? {
    var list = reference
    if graph.callee(reference) == "torch.Size", let call = graph.call(reference),
      let first = graph.elements(call.arguments)?.first
    {
      list = first
    }
    guard let elements = graph.elements(list), elements.count <= 32 else { return nil }
    let sizes = elements.compactMap { graph.integer($0) }
    return sizes.count == elements.count ? sizes : nil
  }

  /// The storage of a persistent id `("storage", type, key, location, count[, view])`; a view is
  /// `(key, offset, count)` in elements.
  mutating func storage(
    _ reference: PickleGraph.Reference, quantized: Bool = false
  ) throws(CheckpointError) -> (ByteRegion, ElementType) {
    guard let id = TorchStorageID(graph, reference) else {
      throw invalid("a storage has an unexpected id", reference)
    }
    let place = place(reference)
    let type =
      quantized
      ? try TorchTypes.elementType(ofQuantizedStorage: id.type, at: place)
      : try TorchTypes.elementType(ofStorage: id.type, at: place)
    let bytes = try storages.bytes(
      of: id.key, count: id.count, width: type.byteCount, isUntyped: TorchTypes.isUntyped(id.type),
      isComplex: type.isComplex, at: place)
    guard let view = id.view else { return (bytes, type) }
    let start = view.offset.multipliedReportingOverflow(by: type.byteCount)
    let length = view.count.multipliedReportingOverflow(by: type.byteCount)
    guard !start.overflow, !length.overflow else {
      throw invalid("a view of a storage is impossible", reference)
    }
    return (try bytes.slice(at: start.partialValue, length: length.partialValue), type)
  }

  func place(_ reference: PickleGraph.Reference) -> Diagnostic.Location {
    bytes.location(at: graph.offsets[reference], length: 1)
  }

  func invalid(_ message: String, _ reference: PickleGraph.Reference) -> CheckpointError {
    CheckpointError(
      .pickleValueInvalid, "\(message) (pickle byte \(graph.offsets[reference]))",
      at: place(reference))
  }

  func unsupported(
    _ message: String, _ reference: PickleGraph.Reference, hint: String
  ) -> CheckpointError {
    CheckpointError(
      .pytorchTensorUnsupported, "\(message), which is not read", at: place(reference), hint: hint)
  }

  /// An error about a function that the pickle names where a tensor should be; the function is not
  /// called.
  ///
  /// It was not called.
  func refused(_ reference: PickleGraph.Reference) -> CheckpointError {
    let name =
      typeName(reference).map { "'\($0)'" } ?? graph.globalName(reference).map { "'\($0)'" }
      ?? "a value that is no tensor"
    return CheckpointError(
      .pickleCallableRefused,
      "the pickle builds \(name) (pickle byte \(graph.offsets[reference])) where a tensor is wanted; "
        + "it was not called", at: place(reference),
      hint: "save the state dict: torch.save(model.state_dict(), path)")
  }
}

/// The value that torch writes in place of a storage.
struct TorchStorageID {
  let type: String
  let key: String
  let count: Int
  /// A view of a storage, which old files write as an object.
  let view: (offset: Int, count: Int)?

  init?(_ graph: PickleGraph, _ reference: PickleGraph.Reference) {
    guard case .persistent(let id) = graph[reference], let parts = graph.elements(id),
      parts.count >= 5, graph.string(parts[0]) == "storage",
      let type = graph.globalName(parts[1]), let key = graph.string(parts[2]),
      let count = graph.integer(parts[4]), count >= 0
    else { return nil }
    self.type = type
    self.key = key
    self.count = count
    guard parts.count > 5, let view = graph.elements(parts[5]) else {
      self.view = nil
      return
    }
    guard view.count == 3, let offset = graph.integer(view[1]), let size = graph.integer(view[2])
    else { return nil }
    self.view = (offset, size)
  }
}

extension Diagnostic.Code {
  package static let pytorchTensorUnsupported = Self(rawValue: "pytorch.tensor.unsupported")
}
