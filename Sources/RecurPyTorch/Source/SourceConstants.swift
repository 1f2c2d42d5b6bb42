import RecurModel
import RecurSource
import RecurTensors

/// Numbers that are known before a model runs: an array, or a number of Python.
struct SourceNumbers {
  /// The largest number of elements that is computed with.
  static let limit = 1 << 22

  var values: [Double]
  var shape: [Int]
  /// The element type; nil for a number of Python, which takes the type of the arrays beside it.
  var type: ElementType?
  /// Whether a number of Python is whole.
  var isWhole = true

  /// The numbers of a value; nil for one that is computed when the model runs.
  init?(_ value: SourceValue) {
    switch value {
    case .plain(.known(let known)):
      guard known.shape.allSatisfy({ $0.value != nil }), (known.storedCount ?? .max) <= Self.limit,
        let stored = try? known.stored()
      else { return nil }
      (values, shape, type) = (stored.array.doubles(), stored.array.shape, stored.type)
      isWhole = !stored.type.isFloatingPoint
    case .plain(.size(.fixed(let number))):
      (values, shape, type) = ([Double(number)], [], nil)
    case .plain(.number(let number)): (values, shape, type, isWhole) = ([number], [], nil, false)
    default: return nil
    }
  }

  /// The functions of two numbers.
  static let binary: [String: @Sendable (Double, Double) -> Double] = [
    "add": { $0 + $1 }, "sub": { $0 - $1 }, "mul": { $0 * $1 }, "div": { $0 / $1 },
    "pow": { SourceBuiltins.power($0, $1) },
  ]

  /// A function of one number, by its name in torch; nil for others.
  static func unary(_ name: String) -> ((Double) -> Double)? {
    switch name {
    case "neg": { -$0 }
    case "reciprocal": { 1 / $0 }
    case "rsqrt": { 1 / $0.squareRoot() }
    case "square": { $0 * $0 }
    case "exp", "sin", "cos", "sqrt", "log", "tanh", "abs", "floor", "ceil":
      SourceBuiltins.function(name)
    default: nil
    }
  }

  /// Whether a function gives whole numbers for whole numbers.
  static func keepsWhole(_ name: String) -> Bool {
    ["add", "sub", "mul", "neg", "abs", "square", "floor", "ceil", "sum", "prod"].contains(name)
  }

  /// The extents of two arrays together by the rules of broadcasting; nil when they do not fit.
  static func joined(_ one: [Int], _ other: [Int]) -> [Int]? {
    var result: [Int] = []
    for place in 0..<max(one.count, other.count) {
      let x = place < one.count ? one[one.count - 1 - place] : 1
      let y = place < other.count ? other[other.count - 1 - place] : 1
      guard x == y || x == 1 || y == 1 else { return nil }
      result.insert(x == 1 ? y : x, at: 0)
    }
    return result
  }

  /// The elements repeated to another shape; nil when the shape does not fit.
  func expanded(to wanted: [Int]) -> [Double]? {
    guard shape.count <= wanted.count, Self.joined(shape, wanted) == wanted,
      let count = Tensor.byteCount(of: wanted, .uint8), count <= Self.limit
    else { return nil }
    if shape == wanted { return values }
    var strides = [Int](repeating: 0, count: wanted.count)
    var stride = 1
    for axis in shape.indices.reversed() {
      strides[axis + wanted.count - shape.count] = shape[axis] == 1 ? 0 : stride
      stride *= shape[axis]
    }
    return (0..<count).map { position in
      var (rest, offset) = (position, 0)
      for axis in wanted.indices.reversed() {
        offset += rest % wanted[axis] * strides[axis]
        rest /= wanted[axis]
      }
      return values[offset]
    }
  }
}

/// The arrays whose shape is known and whose numbers are not: random ones, ones without a value, and
/// those that were changed under another name.
final class SourceUnknownNumbers {
  // The arrays are kept, because an identity is valid only as long as its array lives.
  private var arrays: [TensorIdentity: Tensor] = [:]

  func insert(_ value: GraphValue) {
    guard let known = value.known else { return }
    arrays[TensorIdentity(known.array)] = known.array
  }

  func contains(_ value: GraphValue) -> Bool {
    guard !arrays.isEmpty, let known = value.known else { return false }
    return arrays[TensorIdentity(known.array)] != nil
  }

  /// Whether the numbers of an array in these values are not known.
  func contains(anyOf values: [SourceValue]) -> Bool {
    guard !arrays.isEmpty else { return false }
    return values.contains { value in
      value.parts.contains { $0.plain.map(contains) ?? false }
    }
  }
}

// What a constructor computes: tables of sines, masks, scales.
extension SourceInterpreter {
  /// The value of a function of known numbers; nil when it is not one of these functions, or a number
  /// is not known.
  mutating func folded(
    _ name: String, _ positional: [SourceValue], _ keywords: [(name: String, value: SourceValue)]
  ) throws(SourceStop) -> SourceValue? {
    let arrays = positional.filter { $0.array != nil }
    guard let first = positional.first, !arrays.isEmpty, keywords.isEmpty,
      !unknownNumbers.contains(anyOf: positional), let x = SourceNumbers(first)
    else { return nil }
    if positional.count == 1, let function = SourceNumbers.unary(name) {
      return try constant(
        x.values.map(function), x.shape, type(name, [x]))
    }
    if positional.count == 1, ["sum", "prod", "mean"].contains(name), !x.values.isEmpty {
      let result =
        name == "prod" ? x.values.reduce(1, *) : x.values.reduce(0, +)
      return try constant(
        [name == "mean" ? result / Double(x.values.count) : result], [], type(name, [x]))
    }
    guard positional.count == 2, let function = SourceNumbers.binary[name],
      let y = SourceNumbers(positional[1]),
      let shape = SourceNumbers.joined(x.shape, y.shape),
      let one = x.expanded(to: shape), let other = y.expanded(to: shape)
    else { return nil }
    try step(1 + one.count / 64)
    return try constant(zip(one, other).map(function), shape, type(name, [x, y]))
  }

  private func type(_ name: String, _ numbers: [SourceNumbers]) -> ElementType {
    let arrays = numbers.compactMap(\.type)
    if let floating = arrays.first(where: { $0.isFloatingPoint }) {
      return arrays.contains(.float64) ? .float64 : floating
    }
    guard SourceNumbers.keepsWhole(name), numbers.allSatisfy(\.isWhole) else { return .float32 }
    return .int64
  }

  private mutating func constant(
    _ values: [Double], _ shape: [Int], _ type: ElementType
  ) throws(SourceStop) -> SourceValue {
    .plain(
      try graph { builder throws(CheckpointError) in
        try builder.count(known: values.count)
        return .known(KnownArray(try Tensor.numbers(values, type, shape: shape)))
      })
  }

  /// An array of this shape whose numbers are not known.
  mutating func unknownNumbers(like array: GraphValue) -> SourceValue {
    guard let known = array.known, known.shape.allSatisfy({ $0.value != nil }),
      let copy = try? KnownArray(repeating: 0, known.type, shape: known.shape)
    else { return unknown("an array of unknown numbers") }
    unknownNumbers.insert(.known(copy))
    return .plain(.known(copy))
  }

  /// Refuses an array whose numbers are not known.
  func checkNumbers(_ values: [SourceValue]) throws(SourceStop) {
    guard unknownNumbers.contains(anyOf: values) else { return }
    throw problem(
      "the numbers of an array are used that no file has: it is random, has no value, or is changed under another name"
    )
  }

  /// A function of torch in a constructor: what is not known there matters only where it is used.
  mutating func constructed(
    _ positional: [SourceValue], _ keywords: [(name: String, value: SourceValue)],
    _ body: (inout SourceInterpreter) throws(SourceStop) -> SourceValue
  ) throws(SourceStop) -> SourceValue {
    let result: SourceValue
    do throws(SourceStop) {
      result = try body(&self)
    } catch {
      guard case .problem(let error) = error, error.diagnostic.code != .limitExceeded else {
        throw error
      }
      return unknown(error.diagnostic.message)
    }
    if unknownNumbers.contains(anyOf: positional + keywords.map(\.value)) {
      for part in result.parts { if let plain = part.plain { unknownNumbers.insert(plain) } }
    }
    // a constructor has no graph
    for part in result.parts {
      if case .plain(.computed) = part { return unknown("an array that a constructor computes") }
    }
    return result
  }

  // MARK: changes in place

  /// `w.fill_(0)`, `w.data.normal_()` in a constructor: the array has other numbers from here on.
  mutating func changeConstant(
    _ array: GraphValue, _ owner: Expression, _ name: String, _ given: SourceArguments,
    _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    let (root, isWhole) = base(owner)
    if try isWeight(root, scope) { return .plain(array) }
    let plain = String(name.dropLast())
    var result: SourceValue = .none
    switch plain {
    case "zero", "fill", "copy":
      let value = plain == "zero" ? .integer(0) : given.positional.first ?? .none
      result = try constant(array, [], value)
    default:
      if GraphFunctions.parameters(plain) != nil {
        result = try call(.plain(array), method: plain, given)
      }
    }
    if result.array == nil { result = unknownNumbers(like: array) }
    try replaceConstant(array, root, isWhole, by: result, scope)
    return result
  }

  /// `table[:, 0::2] = values` in a constructor.
  mutating func setConstant(
    _ array: GraphValue, _ owner: Expression, _ key: SourceValue, _ value: SourceValue,
    _ scope: SourceScope
  ) throws(SourceStop) {
    let (root, isWhole) = base(owner)
    if try isWeight(root, scope) { return }
    let keys: [SourceValue] = if case .tuple(let own) = key { own } else { [key] }
    var result = try constant(array, keys, settled(value))
    if result.array == nil { result = unknownNumbers(like: array) }
    try replaceConstant(array, root, isWhole, by: result, scope)
  }

  /// The expression whose array is changed, and whether that is the array itself and no part of it.
  private func base(_ owner: Expression) -> (root: Expression, isWhole: Bool) {
    var (root, isWhole) = (owner, true)
    while true {
      switch root.kind {
      case .attribute(let inner, "data"): root = inner
      case .item(let inner, _): (root, isWhole) = (inner, false)
      case .call(let function, _):
        guard case .attribute(let inner, _) = function.kind else { return (root, isWhole) }
        (root, isWhole) = (inner, false)
      default: return (root, isWhole)
      }
    }
  }

  /// Whether an expression is a weight, whose numbers the file has.
  private mutating func isWeight(
    _ root: Expression, _ scope: SourceScope
  ) throws(SourceStop) -> Bool {
    guard case .attribute(let parent, let name) = root.kind,
      case .object(let object) = try evaluate(parent, scope)
    else { return false }
    return object.tensors[name] == true
  }

  private mutating func replaceConstant(
    _ array: GraphValue, _ root: Expression, _ isWhole: Bool, by result: SourceValue,
    _ scope: SourceScope
  ) throws(SourceStop) {
    unknownNumbers.insert(array)
    switch root.kind {
    case .name, .attribute:
      if isWhole {
        try assign(result, to: root, scope)
      } else if let whole = try settled(evaluate(root, scope)).array {
        unknownNumbers.insert(whole)
        try assign(unknownNumbers(like: whole), to: root, scope)
      }
    default: break
    }
  }

  /// The array with other numbers at the places that the keys name; none when they are not known.
  private mutating func constant(
    _ array: GraphValue, _ keys: [SourceValue], _ value: SourceValue
  ) throws(SourceStop) -> SourceValue {
    guard let own = SourceNumbers(.plain(array)), let type = own.type,
      !unknownNumbers.contains(anyOf: [value]),
      keys.isEmpty || !unknownNumbers.contains(array),
      let new = SourceNumbers(value)
    else { return .none }
    var places: [[Int]] = []
    var shape: [Int] = []
    for (axis, extent) in own.shape.enumerated() {
      guard axis < keys.count else {
        places.append(Array(0..<extent))
        shape.append(extent)
        continue
      }
      if let index = keys[axis].integer {
        guard -extent..<extent ~= index else { return .none }
        places.append([index < 0 ? index + extent : index])
      } else if case .slice(let start, let stop, let step) = keys[axis],
        [start, stop, step].allSatisfy({ $0.isNone || $0.integer != nil }),
        let stride = step.isNone ? 1 : step.integer, stride != 0, stride != .min
      {
        let part = Slicing.Part(
          axis: 0, start: start.integer, stop: stop.integer, step: stride)
        let (first, count) = part.positions(in: extent)
        places.append((0..<count).map { first + $0 * stride })
        shape.append(count)
      } else {
        return .none
      }
    }
    guard keys.count <= own.shape.count, let numbers = new.expanded(to: shape) else {
      return .none
    }
    try step(1 + numbers.count / 64)
    var values = own.values
    for (position, number) in numbers.enumerated() {
      var (rest, offset, stride) = (position, 0, 1)
      for axis in own.shape.indices.reversed() {
        offset += places[axis][rest % places[axis].count] * stride
        rest /= places[axis].count
        stride *= own.shape[axis]
      }
      values[offset] = number
    }
    return try constant(values, own.shape, type)
  }
}
