import RecurModel
import RecurTensors

/// Whole numbers that may be computed from free extents: one, or a list; what `Shape` gives.
struct GraphSizes {
  var elements: [Dimension]
  /// Whether this is one number and no list.
  var isSingle: Bool

  init(_ elements: [Dimension], isSingle: Bool = false) {
    self.elements = elements
    self.isSingle = isSingle && elements.count == 1
  }

  /// The numbers of a value; nil for other values.
  init?(_ value: GraphValue) {
    switch value {
    case .size(let size): self.init([size], isSingle: true)
    case .list(let values):
      let sizes = values.compactMap(\.dimension)
      guard sizes.count == values.count else { return nil }
      self.init(sizes)
    case .known(let known):
      guard known.shape.count <= 1, known.storedCount ?? .max <= 1_024,
        !known.type.isFloatingPoint, !known.type.isComplex, let stored = try? known.stored(),
        stored.isStored
      else { return nil }
      self.init(
        stored.array.doubles().map { .fixed(Int(exactly: $0) ?? .max) },
        isSingle: known.shape.isEmpty)
    default: return nil
    }
  }

  /// The value: an array where all numbers are known.
  func value() throws(CheckpointError) -> GraphValue {
    let known = elements.compactMap(\.value)
    guard known.count == elements.count else {
      return isSingle ? .size(elements[0]) : .list(elements.map { .size($0) })
    }
    return .known(
      KnownArray(
        try Tensor.numbers(
          known.map { Double($0) }, .int64, shape: isSingle ? [] : [known.count])))
  }

  /// A function of the numbers of two values, one of which may be a single number.
  static func combined(
    _ left: GraphSizes, _ right: GraphSizes, _ function: (Dimension, Dimension) -> Dimension?
  ) -> GraphSizes? {
    let count = max(left.elements.count, right.elements.count)
    guard [1, count].contains(left.elements.count), [1, count].contains(right.elements.count) else {
      return nil
    }
    var results: [Dimension] = []
    for index in 0..<count {
      let one = left.elements[left.elements.count == 1 ? 0 : index]
      let other = right.elements[right.elements.count == 1 ? 0 : index]
      guard let result = function(one, other) else { return nil }
      results.append(result)
    }
    return GraphSizes(results, isSingle: left.isSingle && right.isSingle)
  }
}

extension GraphValue {
  /// Whether the value is whole numbers that are computed from free extents.
  var isSymbolic: Bool {
    switch self {
    case .size, .list: true
    default: false
    }
  }
}
