package import RecurTensors

// Operators that compute with every element by itself, or with arrays of one shape.
extension GraphBuilder {
  /// A function of two arrays or numbers; shapes are aligned by NumPy's rules.
  package mutating func binary(
    _ function: Binary.Function, _ left: GraphValue, _ right: GraphValue
  ) throws(CheckpointError) -> GraphValue {
    if let size = Self.size(function, left, right) { return size }
    if let (one, other) = try known(left, right) {
      return .known(try folded(function, one, other))
    }
    let shape = try common([left, right])
    var inputs: [Model.Value] = []
    let (one, other) = (
      try operand(left, in: shape, beside: right, &inputs),
      try operand(right, in: shape, beside: left, &inputs)
    )
    return .computed(try add(.binary(Binary(function, one, other)), inputs)[0])
  }

  /// A function of one array or number.
  package mutating func unary(
    _ function: Unary, _ x: GraphValue
  ) throws(CheckpointError) -> GraphValue {
    if case .size(let extent) = x, function == .negative { return .size(extent.times(-1)) }
    if case .known(let known) = x, let fold = KnownFunctions.unary(function) {
      try count(known: known.array.count)
      return .known(try known.mapping(known.type.isFloatingPoint ? known.type : .float32, fold))
    }
    return .computed(try add(.unary(function), [computed(x)])[0])
  }

  /// The same numbers in another element type.
  package mutating func cast(
    _ x: GraphValue, to type: ElementType
  ) throws(CheckpointError) -> GraphValue {
    guard type.isArithmetic || !type.isFloatingPoint, !type.isComplex else {
      throw problem("elements of type \(type)")
    }
    guard self.type(x) != type else { return x }
    if case .known(let known) = x {
      try count(known: known.array.count)
      return .known(try known.mapping(type) { $0 })
    }
    return .computed(try add(.casting(Casting(to: type)), [computed(x)])[0])
  }

  /// One of two values, element by element, by a condition.
  package mutating func conditional(
    _ condition: GraphValue, _ onTrue: GraphValue, _ onFalse: GraphValue
  ) throws(CheckpointError) -> GraphValue {
    if let known = condition.known, known.array.count == 1 {
      let shape = try common([condition, onTrue, onFalse])
      return try expanded(known.array.doubles()[0] != 0 ? onTrue : onFalse, to: shape)
    }
    let shape = try common([condition, onTrue, onFalse])
    var inputs = [try computed(condition)]
    let (one, other) = (
      try operand(onTrue, in: shape, beside: condition, &inputs),
      try operand(onFalse, in: shape, beside: condition, &inputs)
    )
    return .computed(try add(.conditional(Where(one, other)), inputs)[0])
  }

  /// One of two values, row by row where the condition has one axis, and element by element otherwise
  /// (tensorflow/core/ops/math_ops.cc, "Select").
  package mutating func rowsOrElements(
    _ condition: GraphValue, _ onTrue: GraphValue, _ onFalse: GraphValue
  ) throws(CheckpointError) -> GraphValue {
    var own = condition
    if try extents(condition).count == 1 {
      for _ in try extents(onTrue).indices.dropFirst() { own = try insertingAxis(own, -1) }
    }
    return try conditional(own, onTrue, onFalse)
  }

  /// Several arrays one after the other along an axis.
  package mutating func concatenated(
    _ parts: [GraphValue], axis given: Int
  ) throws(CheckpointError) -> GraphValue {
    // An array of one axis without elements counts for nothing.
    var own: [GraphValue] = []
    for part in parts where try extents(part) != [.fixed(0)] { own.append(part) }
    guard let first = own.first else { throw problem("nothing is joined") }
    guard own.count > 1 else { return first }
    let axis = try axis(given, of: first)
    if let folded = try joined(own, axis: axis) { return folded }
    if let whole = try rejoined(own, axis: axis) { return whole }
    if let stack = try restacked(own, axis: axis) { return stack }
    let rank = try extents(first).count
    guard axis == 0 else {
      var inputs: [Model.Value] = []
      for part in own { inputs.append(try computed(part)) }
      return .computed(try add(.merge(.concatenate(axis: axis)), inputs)[0])
    }
    // Along the first axis: with the first two axes exchanged, or a new one in front.
    var turned: [GraphValue] = []
    for part in own {
      turned.append(rank > 1 ? try transposed(part, 0, 1) : try insertingAxis(part, 0))
    }
    let joined = try concatenated(turned, axis: 1)
    return rank > 1 ? try transposed(joined, 0, 1) : try reshaped(joined, [.fixed(-1)])
  }

  /// Several arrays of one shape along a new axis.
  package mutating func stacked(
    _ parts: [GraphValue], axis given: Int
  ) throws(CheckpointError) -> GraphValue {
    guard let first = parts.first else { throw problem("nothing is stacked") }
    let rank = try extents(first).count
    guard let axis = positions(of: [given], rank: rank + 1)?.first else {
      throw problem("arrays of \(rank) axes can get no axis \(given)")
    }
    guard parts.contains(where: { $0.known == nil }) else {
      var inserted: [GraphValue] = []
      for part in parts { inserted.append(try insertingAxis(part, axis)) }
      return try concatenated(inserted, axis: axis)
    }
    var inputs: [Model.Value] = []
    for part in parts { inputs.append(try computed(part)) }
    let stack = try add(.merge(.stack(axis: axis)), inputs)[0]
    origins[stack] = .stacked(inputs, axis: axis)
    return .computed(stack)
  }

  /// Parts of these extents along an axis.
  package mutating func split(
    _ x: GraphValue, axis: Int, sizes: [Int]
  ) throws(CheckpointError) -> [GraphValue] {
    var (parts, start): ([GraphValue], Int) = ([], 0)
    for size in sizes {
      let (end, overflow) = start.addingReportingOverflow(size)
      guard size >= 0, !overflow else { throw problem("parts of \(sizes) elements") }
      parts.append(try sliced(x, axis: axis, from: start, to: end))
      start = end
    }
    return parts
  }

  // MARK: operands

  /// The shape of several arrays aligned by NumPy's rules.
  package func common(_ values: [GraphValue]) throws(CheckpointError) -> [Dimension] {
    var shapes: [[Dimension]] = []
    for value in values {
      guard let shape = shape(value) else { throw problem("\(value.title) is used as an array") }
      shapes.append(shape)
    }
    do throws(ShapeProblem) {
      return try broadcast(shapes)
    } catch {
      throw problem(
        "arrays of the shapes " + shapes.map(text).joined(separator: " and ")
          + " can't be combined", code: .shapeMismatch, expected: error.expected)
    }
  }

  /// A value as an operand of an operator; a computed value is added to the inputs.
  private mutating func operand(
    _ value: GraphValue, in shape: [Dimension], beside other: GraphValue,
    _ inputs: inout [Model.Value]
  ) throws(CheckpointError) -> Operand {
    if let number = value.double, !value.isArray {
      let isWhole = if case .number = value { false } else { true }
      return .number(number, isWhole: isWhole)
    }
    guard case .known(let known) = value else {
      inputs.append(try computed(value))
      return .input
    }
    // An axis that the other operand has in full need not be repeated here.
    let own = try extents(other)
    var needed = known
    for (axis, extent) in known.shape.enumerated() {
      let position = own.count - known.shape.count + axis
      if known.array.shape[axis] == 1, position >= 0, own[position] == extent {
        needed.shape[axis] = .fixed(1)
      }
    }
    guard needed.shape.known != nil else {
      inputs.append(try computed(value))
      return .input
    }
    try count(known: needed.storedCount)
    return try needed.stored().operand
  }

  // MARK: known values

  /// Whole numbers computed at once.
  private static func size(
    _ function: Binary.Function, _ left: GraphValue, _ right: GraphValue
  ) -> GraphValue? {
    guard let one = left.dimension, let other = right.dimension else { return nil }
    switch function {
    case .add: return .size(one.plus(other))
    case .subtract: return .size(one.plus(other.times(-1)))
    case .multiply: return .size(one.times(other))
    case .floorDivide:
      if let exact = one.divided(exactlyBy: other) { return .size(exact) }
      guard let divisor = other.value, divisor > 0 else { return nil }
      if let value = one.value {
        return .integer(value / divisor - (value < 0 && value % divisor != 0 ? 1 : 0))
      }
      return .size(one.divided(by: divisor, roundsUp: false))
    case .equal where one == other: return .flag(true)
    case .notEqual where one == other: return .flag(false)
    default:
      guard let x = one.value, let y = other.value,
        let result = function.ofNumbers()?(Double(x), Double(y))
      else { return nil }
      if case .boolean = function.outputType { return .flag(result != 0) }
      return result == result.rounded() && result.magnitude < 0x1p53
        ? .integer(Int(result)) : .number(result)
    }
  }

  /// Both operands as known arrays, if both are known.
  private func known(
    _ left: GraphValue, _ right: GraphValue
  ) throws(CheckpointError) -> (KnownArray, KnownArray)? {
    func array(_ value: GraphValue, like other: GraphValue) throws(CheckpointError) -> KnownArray? {
      if case .known(let known) = value { return known }
      guard let number = value.double else { return nil }
      // A number takes the type of the array unless only the number has a fraction.
      let own = other.known?.type ?? .float32
      let isWhole = if case .number = value { false } else { true }
      return try KnownArray(
        repeating: number, isWhole || own.isFloatingPoint ? own : .float32, shape: [])
    }
    guard left.isArray || right.isArray, let one = try array(left, like: right),
      let other = try array(right, like: left)
    else { return nil }
    return (one, other)
  }

  private mutating func folded(
    _ function: Binary.Function, _ one: KnownArray, _ other: KnownArray
  ) throws(CheckpointError) -> KnownArray {
    guard let fold: (Double, Double) -> Double = function.ofNumbers() else {
      throw problem("\(function.rawValue) of weights")
    }
    let shape = try common([.known(one), .known(other)])
    let (left, right) = (try one.expanded(to: shape), try other.expanded(to: shape))
    let extents = zip(left.array.shape, right.array.shape).map { max($0, $1) }
    try count(known: product(extents))
    let floating = [one.type, other.type].first { $0.isFloatingPoint }
    let type: ElementType =
      switch function.outputType {
      case .boolean: .bool
      case .floatingPoint: floating ?? .float32
      default: floating ?? (one.type.byteCount >= other.type.byteCount ? one.type : other.type)
      }
    let (x, y) = (left.array.repeated(to: extents), right.array.repeated(to: extents))
    var result = left
    result.array = try Tensor.numbers(zip(x, y).map(fold), type, shape: extents)
    result.shape = shape
    result.name = nil
    return result
  }

  /// Known arrays joined; nil when one of them is computed or can't be joined as it is.
  private mutating func joined(
    _ parts: [GraphValue], axis: Int
  ) throws(CheckpointError) -> GraphValue? {
    let known = parts.compactMap(\.known)
    guard known.count == parts.count, Set(known.map(\.type)).count == 1 else { return nil }
    var stored: [KnownArray] = []
    for part in known {
      try count(known: part.storedCount)
      stored.append(try part.stored())
    }
    guard stored.allSatisfy({ $0.shape[axis].value == $0.array.shape[axis] }),
      Set(stored.map { $0.array.shape.enumerated().map { $0 == axis ? 0 : $1 } }).count == 1
    else { return nil }
    var result = stored[0]
    result.array = try Tensor.concatenated(stored.map(\.array), axis: axis)
    result.shape[axis] = .fixed(result.array.shape[axis])
    result.name = nil
    return .known(result)
  }
}

extension KnownArray {
  /// A function of every number.
  func mapping(
    _ type: ElementType, _ change: (Double) -> Double
  ) throws(CheckpointError) -> KnownArray {
    var copy = self
    copy.array = try Tensor.numbers(array.doubles().map(change), type, shape: array.shape)
    copy.name = nil
    return copy
  }
}

extension Tensor {
  /// The elements, with axes of extent 1 repeated to `extents`.
  fileprivate func repeated(to extents: [Int]) -> [Double] {
    let all = doubles()
    guard shape != extents else { return all }
    return extents.reduce(1, *) == 0
      ? []
      : (0..<extents.reduce(1, *)).map { position in
        var (rest, offset, step) = (position, 0, 1)
        for axis in extents.indices.reversed() {
          let index = rest % extents[axis]
          rest /= extents[axis]
          if shape[axis] > 1 { offset += index * step }
          step *= shape[axis]
        }
        return all[offset]
      }
  }
}

/// The functions of one number that are computed with known numbers.
private enum KnownFunctions {
  static func unary(_ function: Unary) -> ((Double) -> Double)? {
    switch function {
    case .squareRoot: { $0.squareRoot() }
    case .square: { $0 * $0 }
    case .absolute: { $0.magnitude }
    case .negative: { -$0 }
    case .reciprocal: { 1 / $0 }
    case .floor: { $0.rounded(.down) }
    case .ceiling: { $0.rounded(.up) }
    default: nil
    }
  }
}
