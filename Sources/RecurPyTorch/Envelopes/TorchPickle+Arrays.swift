import RecurContainers
import RecurTensors

extension TorchPickle {
  /// What an array of NumPy in a pickle is.
  enum ArrayContent {
    case numbers(Tensor)
    /// Python objects, in row-major order.
    case objects([PickleGraph.Reference])
    case unreadable(UnreadableTensor)
  }

  /// The NumPy array or scalar at `reference`, rebuilt as data.
  ///
  /// - Throws: `pickle.value.invalid`, `npy.dtype.unsupported`, `tensor.bytes-mismatch`,
  ///   `bytes.limit-exceeded`.
  mutating func array(
    _ reference: PickleGraph.Reference, _ key: String
  ) throws(CheckpointError) -> ArrayContent {
    var place = place(reference)
    place.object = key
    if let known = made[reference] { return .numbers(known.located(at: place)) }
    guard let array = try PickledArray(reference, graph, at: place) else {
      throw invalid("'\(key)' is no array as NumPy pickles one", reference)
    }
    switch array.elements {
    case .objects(let objects): return .objects(objects)
    case .unreadable(let type, let width):
      let count = Tensor.byteCount(of: array.shape, .uint8) ?? 0
      return .unreadable(
        UnreadableTensor(
          name: key, type: type, shape: array.shape,
          byteCount: count.multipliedReportingOverflow(by: width).partialValue, location: place))
    case .numbers(let type, let isSwapped, let data):
      guard var content = made.bytes(of: data, graph) else {
        throw invalid("'\(key)' is an array without bytes", reference)
      }
      if isSwapped, type.byteCount > 1 {
        try made.spend(content.count, of: bytes.count, at: place)
        content = content.byteSwapped(width: type.isComplex ? type.byteCount / 2 : type.byteCount)
      }
      let tensor =
        array.isFortranOrder
        ? try Tensor(content, type, shape: array.shape.reversed(), at: place).transposed()
        : try Tensor(content, type, shape: array.shape, at: place)
      made.keep(tensor, for: reference)
      return .numbers(tensor)
    }
  }

  /// The numbers of a list, or of lists of equal length in it, as a tensor: of float32 where that holds all
  /// of them exactly, else of float64; nil when it is anything else, or holds whole numbers only.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  mutating func numbers(
    _ reference: PickleGraph.Reference, _ key: String
  ) throws(CheckpointError) -> Tensor? {
    var place = place(reference)
    place.object = key
    if let known = made[reference] { return known.located(at: place) }
    var values: [Double] = []
    var hasFractions = false
    guard
      let shape = try shape(reference, 0, &values, &hasFractions, place), !shape.isEmpty,
      hasFractions
    else { return nil }
    let isSingle = values.allSatisfy { !$0.isFinite || Double(Float($0)) == $0 }
    let tensor =
      isSingle
      ? try Tensor.float32(values.map { Float($0) }, shape: shape, at: place)
      : try Tensor.float64(values, shape: shape, at: place)
    made.keep(tensor, for: reference)
    return tensor
  }

  /// The shape of a list of numbers, whose values are added row by row; nil when rows differ.
  private mutating func shape(
    _ reference: PickleGraph.Reference, _ depth: Int, _ values: inout [Double],
    _ hasFractions: inout Bool, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> [Int]? {
    switch graph[reference] {
    case .float(let value):
      hasFractions = true
      values.append(value)
      return []
    case .integer(let value):
      values.append(Double(value))
      return []
    case .list(let elements), .tuple(let elements):
      guard depth < 8, !elements.isEmpty else { return nil }
      try made.spend(
        elements.count * MemoryLayout<Double>.size, of: bytes.count, at: place)
      var inner: [Int]?
      for element in elements {
        guard let found = try shape(element, depth + 1, &values, &hasFractions, place),
          inner == nil || inner == found
        else { return nil }
        inner = found
      }
      return inner.map { [elements.count] + $0 }
    case .call(let call):
      // array.array(code, values)
      guard graph.globalName(call.function) == "array.array",
        let arguments = graph.elements(call.arguments), arguments.count == 2, depth == 0
      else { return nil }
      return try shape(arguments[1], depth + 1, &values, &hasFractions, place)
    case .none, .bool, .bigInteger, .string, .bytes, .dictionary, .set, .global, .persistent:
      return nil
    }
  }
}
