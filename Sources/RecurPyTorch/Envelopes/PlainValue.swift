import RecurContainers
import RecurStateDicts
import RecurTensors

/// The plain values in a pickle, as JSON and in a few words.
enum PlainValue {
  /// The value at `reference`; nil if it holds anything but None, Booleans, numbers, text and short
  /// lists of such values.
  static func json(
    _ reference: PickleGraph.Reference, _ graph: PickleGraph, depth: Int = 0
  ) -> JSONValue? {
    switch graph[reference] {
    case .none: return .null
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .number(value)
    case .string(let text): return text.utf8.count <= 4_096 ? .string(text) : nil
    case .global(let module, let name):
      return module == "torch" ? .string("torch.\(name)") : nil
    case .tuple(let elements), .list(let elements):
      return list(elements, graph, depth)
    case .call(let call):
      guard let name = graph.globalName(call.function) else { return nil }
      if name == "torch.Size", let first = graph.elements(call.arguments)?.first,
        let sizes = graph.elements(first)
      {
        return list(sizes, graph, depth)
      }
      return numpyScalar(call, name, graph)
    case .bigInteger, .bytes, .dictionary, .set, .persistent: return nil
    }
  }

  private static func list(
    _ elements: [PickleGraph.Reference], _ graph: PickleGraph, _ depth: Int
  ) -> JSONValue? {
    guard elements.count <= 8, depth < 2 else { return nil }
    var values: [JSONValue] = []
    for element in elements {
      guard let value = json(element, graph, depth: depth + 1) else { return nil }
      values.append(value)
    }
    return .array(values)
  }

  /// A numpy scalar, which pickles as `scalar(dtype('f8'), bytes)`.
  private static func numpyScalar(
    _ call: PickleGraph.Call, _ name: String, _ graph: PickleGraph
  ) -> JSONValue? {
    guard ["numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"].contains(name),
      let arguments = graph.elements(call.arguments), arguments.count == 2,
      graph.callee(arguments[0]) == "numpy.dtype", let dtype = graph.call(arguments[0]),
      let code = graph.elements(dtype.arguments)?.first.flatMap({ graph.string($0) }),
      let order = dtype.states.last.flatMap({ graph.elements($0) })?.dropFirst().first,
      graph.string(order) == "<", let bytes = bytes(arguments[1], graph)
    else { return nil }
    var bits: UInt64 = 0
    for byte in bytes.prefix(8).reversed() { bits = bits << 8 | UInt64(byte) }
    switch (code, bytes.count) {
    case ("f8", 8): return .number(Double(bitPattern: bits))
    case ("f4", 4): return .number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
    case ("i8", 8): return .integer(Int(Int64(bitPattern: bits)))
    case ("i4", 4): return .integer(Int(Int32(truncatingIfNeeded: bits)))
    default: return nil
    }
  }

  /// Bytes, which protocol 2 writes as `_codecs.encode(text, 'latin1')`.
  private static func bytes(
    _ reference: PickleGraph.Reference, _ graph: PickleGraph
  ) -> [UInt8]? {
    if case .bytes(let bytes) = graph[reference] { return bytes }
    guard graph.callee(reference) == "_codecs.encode", let call = graph.call(reference),
      let text = graph.elements(call.arguments)?.first.flatMap({ graph.string($0) })
    else { return nil }
    let bytes = text.unicodeScalars.prefix(9).compactMap { UInt8(exactly: $0.value) }
    return bytes.count == text.unicodeScalars.count ? bytes : nil
  }

  /// The value in a few words.
  static func text(_ reference: PickleGraph.Reference, _ pickle: TorchPickle) -> String {
    if let value = json(reference, pickle.graph) { return PlainText.text(value) }
    if pickle.isTensor(reference) { return "a tensor" }
    if PickledArray.isArray(reference, pickle.graph) {
      let array = try? PickledArray(reference, pickle.graph, at: pickle.place(reference))
      return array.map { "an array of shape \(shapeText($0.shape))" } ?? "an array"
    }
    if let items = pickle.graph.items(reference) {
      return "a dictionary of \(counted(items.count, "entry", "entries"))"
    }
    if let elements = pickle.graph.elements(reference) { return "a list of \(elements.count)" }
    switch pickle.graph[reference] {
    case .set(let elements): return "a set of \(elements.count)"
    case .bytes(let bytes): return "\(bytes.count) bytes"
    case .string(let text): return "text of \(text.utf8.count) bytes"
    case .global(let module, let name): return "'\(module).\(name)'"
    case .call(let call):
      let name = pickle.typeName(reference) ?? "?"
      if case .list(let elements) = pickle.kind(reference) {
        let type = name.split(separator: ".").last ?? "list"
        return "a \(type) of \(elements.count)"
      }
      let arguments = pickle.graph.elements(call.arguments)?.prefix(16) ?? []
      let words = arguments.compactMap { pickle.graph.string($0) }
      if name.hasSuffix("Path") { return PlainText.shortened(words.joined(separator: "/")) }
      if name == "torch.device" { return PlainText.shortened(words.joined(separator: ":")) }
      return "'\(name)'"
    case .none, .bool, .integer, .bigInteger, .float, .tuple, .list, .dictionary, .persistent:
      return "a value"
    }
  }
}
