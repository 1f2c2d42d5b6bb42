package import RecurTensors

/// Whole numbers that may be computed from free extents: one, or a list; what `Shape` gives.
package struct GraphSizes: Sendable {
  /// The numbers.
  package var elements: [Dimension]
  /// Whether this is one number and no list.
  package var isSingle: Bool

  package init(_ elements: [Dimension], isSingle: Bool = false) {
    self.elements = elements
    self.isSingle = isSingle && elements.count == 1
  }

  /// The numbers of a value; nil for other values.
  ///
  /// - Parameters:
  ///   - value: one number, or a list.
  ///   - count: how many known numbers an array may hold.
  package init?(_ value: GraphValue, atMost count: Int = 4_096) {
    switch value {
    case .size(let size): self.init([size], isSingle: true)
    case .list(let values):
      let sizes = values.compactMap(\.dimension)
      guard sizes.count == values.count else { return nil }
      self.init(sizes)
    case .known(let given):
      guard given.shape.count <= 1, given.storedCount ?? .max <= count,
        !given.type.isFloatingPoint, !given.type.isComplex, let known = try? given.stored(),
        known.isStored
      else { return nil }
      self.init(known.wholeNumbers.map { .fixed($0) }, isSingle: known.array.rank == 0)
    default: return nil
    }
  }

  /// The number, of a value of one; nil for more.
  package var single: Dimension? { elements.count == 1 ? elements[0] : nil }

  /// The value: an array where all numbers are known.
  package var value: GraphValue {
    let known = elements.compactMap(\.value)
    if known.count == elements.count,
      let array = try? KnownArray(whole: known, shape: isSingle ? [] : [known.count])
    {
      return .known(array)
    }
    return isSingle ? .size(elements[0]) : .list(elements.map { .size($0) })
  }

  /// A function of the numbers of two values, one of which may be a single number.
  package static func combined(
    _ left: GraphSizes, _ right: GraphSizes, _ function: (Dimension, Dimension) -> Dimension?
  ) -> GraphSizes? {
    let count = max(left.elements.count, right.elements.count)
    guard left.elements.count == count || left.elements.count == 1,
      right.elements.count == count || right.elements.count == 1
    else { return nil }
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
  package var isSymbolic: Bool {
    switch self {
    case .size, .list: true
    default: false
    }
  }

  /// Whether the value is a list of whole numbers as shapes are.
  package var isListOfSizes: Bool {
    guard let known else { return isSymbolic }
    return known.array.rank == 1 && known.storedCount ?? .max <= 64
      && known.shape.allSatisfy { $0.value != nil } && [.int32, .int64].contains(known.type)
  }
}

extension KnownArray {
  /// The numbers as whole ones; those beyond an `Int` become its bounds.
  package var wholeNumbers: [Int] {
    array.doubles().map { number in
      Int(exactly: number.rounded(.towardZero)) ?? (number > 0 ? .max : number < 0 ? .min : 0)
    }
  }

  /// An array of whole numbers of 64 bits.
  package init(whole numbers: [Int], shape: [Int]) throws(CheckpointError) {
    let bytes = numbers.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    self.init(try Tensor(ByteRegion(ByteStorage(copying: bytes)), .int64, shape: shape))
  }
}
