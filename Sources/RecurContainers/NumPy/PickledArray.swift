package import RecurTensors

/// A NumPy array or scalar as a pickle describes it: its type, its shape and where its bytes are
/// (numpy/core/src/multiarray/methods.c, `array_reduce`; numpy/core/numeric.py, `_frombuffer`).
package struct PickledArray {
  private typealias Reference = PickleGraph.Reference

  /// What the elements are.
  package enum Elements {
    /// Numbers, as the bytes of the value at `data`.
    case numbers(ElementType, isSwapped: Bool, data: PickleGraph.Reference)
    /// Python objects, each pickled by itself.
    case objects([PickleGraph.Reference])
    /// What is no number: texts, times, records; the name of the type, and the bytes of one element.
    case unreadable(type: String, byteCount: Int)
  }

  /// The extents, outermost first; empty for a scalar.
  package let shape: [Int]
  /// Whether elements follow each other along the first axis.
  package let isFortranOrder: Bool
  /// What the elements are.
  package let elements: Elements

  /// Whether the value at `reference` is made by NumPy's functions that make arrays and scalars.
  package static func isArray(_ reference: PickleGraph.Reference, _ graph: PickleGraph) -> Bool {
    graph.callee(reference).map { makers[$0] != nil } ?? false
  }

  private enum Maker { case array, scalar, buffer }

  private static let makers: [String: Maker] = {
    var makers: [String: Maker] = [:]
    for package in ["numpy.core", "numpy._core"] {
      makers["\(package).multiarray._reconstruct"] = .array
      makers["\(package).multiarray.scalar"] = .scalar
      makers["\(package).numeric._frombuffer"] = .buffer
    }
    return makers
  }()

  /// Classes of arrays that hold nothing besides their numbers.
  private static let plainClasses: Set<String> = [
    "numpy.ndarray", "numpy.matrix", "numpy.matrixlib.defmatrix.matrix", "numpy.memmap",
    "numpy.core.memmap.memmap", "numpy._core.memmap.memmap",
  ]

  /// Reads the description at `reference`; nil when it is none, or not as NumPy writes it.
  ///
  /// `place` is where the value stands, for errors.
  ///
  /// - Throws: `npy.dtype.unsupported` for what NumPy has no such type for.
  package init?(
    _ reference: PickleGraph.Reference, _ graph: PickleGraph, at place: Diagnostic.Location
  ) throws(CheckpointError) {
    guard let call = graph.call(reference), let name = graph.callee(reference),
      let arguments = graph.elements(call.arguments)
    else { return nil }
    let parts: (shape: Reference?, type: Reference, isFortran: Bool, data: Reference?)
    switch Self.makers[name] {
    case .array:
      guard let first = arguments.first, let type = graph.globalName(first) else { return nil }
      guard var state = call.states.last.flatMap({ graph.elements($0) }) else { return nil }
      // The version came with NumPy 1.0.
      if state.count == 5 { state.removeFirst() }
      guard state.count == 4, case .bool(let isFortran) = graph[state[2]] else { return nil }
      guard Self.plainClasses.contains(type) else {
        shape = Self.integers(state[0], graph) ?? []
        isFortranOrder = isFortran
        elements = .unreadable(type: "'\(type)'", byteCount: 0)
        return
      }
      parts = (state[0], state[1], isFortran, state[3])
    case .scalar:
      guard let type = arguments.first else { return nil }
      parts = (nil, type, false, arguments.count > 1 ? arguments[1] : nil)
    case .buffer:
      guard arguments.count >= 3 else { return nil }
      let order = arguments.count > 3 ? graph.string(arguments[3]) : "C"
      parts = (arguments[2], arguments[1], order == "F", arguments[0])
    case nil: return nil
    }
    guard let shape = parts.shape.map({ Self.integers($0, graph) }) ?? [] else { return nil }
    self.shape = shape
    isFortranOrder = parts.isFortran
    elements = try Self.elements(parts.type, parts.data, graph, place)
  }

  /// `numpy.dtype(code, align, copy)` with the state `(version, order, subarray, names, …)`.
  private static func elements(
    _ type: Reference, _ data: Reference?, _ graph: PickleGraph, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> Elements {
    guard let dtype = graph.call(type), graph.callee(type) == "numpy.dtype",
      let code = graph.elements(dtype.arguments)?.first
    else { return .unreadable(type: "an unknown dtype", byteCount: 0) }
    let state = dtype.states.last.flatMap { graph.elements($0) } ?? []
    let order = state.count > 1 ? graph.string(state[1]) ?? "|" : "|"
    // Types that other packages add to NumPy are named by their class.
    if let name = graph.globalName(code) {
      let last = name.split(separator: ".").last.map(String.init) ?? name
      guard let type = ElementType(rawValue: last), let data else {
        return .unreadable(type: "'\(name)'", byteCount: 0)
      }
      return .numbers(type, isSwapped: order == ">", data: data)
    }
    guard let letters = graph.string(code) else {
      return .unreadable(type: "an unknown dtype", byteCount: 0)
    }
    if state.count > 3, let names = graph.elements(state[3]) {
      let fields = names.prefix(8).compactMap { graph.string($0) }.joined(separator: ", ")
      return .unreadable(
        type: "records of \(names.count) fields (\(fields))", byteCount: width(letters))
    }
    if letters.hasPrefix("O") {
      guard let data, let objects = graph.elements(data) else {
        return .unreadable(type: "Python objects", byteCount: 0)
      }
      return .objects(objects)
    }
    let descriptor = ("<>|=".contains(order) ? order : "|") + letters
    let known = try NPYType(descriptor, at: place)
    switch known.meaning {
    case .numbers(let type):
      guard let data else { return .unreadable(type: "'\(descriptor)'", byteCount: 0) }
      return .numbers(type, isSwapped: known.isSwapped, data: data)
    case .unreadable(let count): return .unreadable(type: "'\(descriptor)'", byteCount: count)
    }
  }

  private static func width(_ letters: String) -> Int {
    Int(letters.drop { !("0"..."9").contains($0) }.prefix(9)) ?? 0
  }

  private static func integers(_ reference: Reference, _ graph: PickleGraph) -> [Int]? {
    guard let elements = graph.elements(reference), elements.count <= 64 else { return nil }
    let integers = elements.compactMap { graph.integer($0) }
    return integers.count == elements.count ? integers : nil
  }
}

extension PickleGraph {
  /// The bytes at `reference`: bytes, a byte array, or `_codecs.encode(text, 'latin1')`, which
  /// protocols before 3 make of them; nil for anything else.
  package func bytes(_ reference: Reference) -> [UInt8]? {
    switch self[reference] {
    case .bytes(let bytes): return bytes
    // Python 2 wrote text and bytes alike.
    case .string(let text): return Array(text.utf8)
    case .call(let call):
      guard let name = globalName(call.function), let elements = elements(call.arguments) else {
        return nil
      }
      // Protocol 2 makes empty bytes by calling their type.
      let types = ["bytearray", "bytes"].flatMap { ["builtins.\($0)", "__builtin__.\($0)"] }
      let isArray = types.contains(name)
      guard isArray || name == "_codecs.encode" else { return nil }
      guard let first = elements.first else { return isArray ? [] : nil }
      if let text = string(first) { return latin(text) }
      // Python wraps bytes once; deeper values are none of its making.
      guard isArray, self.call(first).map({ globalName($0.function) == "_codecs.encode" }) ?? true
      else { return nil }
      return bytes(first)
    case .none, .bool, .integer, .bigInteger, .float, .tuple, .list, .dictionary, .set, .global,
      .persistent:
      return nil
    }
  }

  private func latin(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
