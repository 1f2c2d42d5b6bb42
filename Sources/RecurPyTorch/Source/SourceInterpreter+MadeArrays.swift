import RecurModel
import RecurSource
import RecurTensors

// Arrays that a source makes of numbers, sizes or nothing.
extension SourceInterpreter {
  /// An array of known numbers.
  mutating func made(
    _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    if ["Tensor", "FloatTensor", "LongTensor"].contains(name), !given.positional.isEmpty,
      given.positional.allSatisfy({ $0.dimension != nil })
    {
      return try sized(
        "zeros", given.positional,
        name == "LongTensor" ? [("dtype", .library("torch.int64"))] : [])
    }
    guard let first = given.positional.first ?? given.value("data") else {
      return unknown("an empty array")
    }
    if first.array != nil || first.unknown != nil { return first }
    if case .argument = first { return try settled(first) }
    var numbers: [Double] = []
    var shape: [Int] = []
    var isWhole = true
    var isBoolean = true
    func collect(_ value: SourceValue, _ axis: Int) -> Bool {
      switch value {
      case .list(let list): return collect(list.elements, axis)
      case .tuple(let values): return collect(values, axis)
      default:
        guard numbers.count < limits.elements, shape.count == axis, let plain = value.plain,
          let number = plain.double
        else {
          return false
        }
        if case .number = plain { isWhole = false }
        if plain.flag == nil { isBoolean = false }
        numbers.append(number)
        return true
      }
    }
    func collect(_ values: [SourceValue], _ axis: Int) -> Bool {
      if shape.count == axis {
        guard numbers.isEmpty else { return false }
        shape.append(values.count)
      }
      guard shape.count > axis, shape[axis] == values.count, axis < 8 else { return false }
      return values.allSatisfy { collect($0, axis + 1) }
    }
    guard collect(first, 0) else { return unknown("an array of unknown numbers") }
    var type: ElementType = isBoolean ? .bool : isWhole ? .int64 : .float32
    if name == "FloatTensor" || name == "Tensor" { type = .float32 }
    if name == "LongTensor" { type = .int64 }
    if case .library(let own)? = given.value("dtype", at: 1),
      let known = SourceBuiltins.elementType(own)
    {
      type = known
    }
    return .plain(
      try graph { _ throws(CheckpointError) in
        .known(KnownArray(try Tensor.numbers(numbers, type, shape: shape)))
      })
  }

  /// An array that is filled with one number, or with random ones.
  mutating func filled(
    _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let isRandom = ["empty", "rand", "randn", "empty_like", "rand_like", "randn_like"].contains(
      name)
    if isRandom {
      guard phase != .forward || name.hasPrefix("empty") else {
        throw problem("'torch.\(name)' makes random numbers")
      }
      // the numbers of a parameter come from the weights; only its shape matters
      let plain = name.hasSuffix("_like") ? "zeros_like" : "zeros"
      let keywords = given.keywords.filter { $0.name == "size" }
      return try sized(plain, given.positional, keywords)
    }
    if name == "eye" { return try identity(given) }
    let known = [
      "zeros", "ones", "full", "zeros_like", "ones_like", "full_like", "triu", "tril",
    ]
    guard known.contains(name) else {
      return unknown("'torch.\(name)' is not supported")
    }
    do throws(SourceStop) {
      let values = try settledAll(given)
      return try torch(name, values.positional, values.keywords)
    } catch {
      guard phase != .forward, case .problem = error else { throw error }
      return unknown("an array of an unknown shape")
    }
  }

  /// An array of a known shape whose numbers are not known.
  mutating func sized(
    _ name: String, _ sizes: [SourceValue], _ keywords: [(name: String, value: SourceValue)]
  ) throws(SourceStop) -> SourceValue {
    let result = try torch(name, sizes, keywords)
    if let plain = result.plain { unknownNumbers.insert(plain) }
    return result
  }

  /// `eye(n)`, `eye(n, m)`.
  mutating func identity(_ given: SourceArguments) throws(SourceStop) -> SourceValue {
    guard let rows = given.value("n", at: 0)?.integer,
      let columns = (given.value("m", at: 1) ?? .integer(rows)).integer,
      1...1024 ~= rows, 1...1024 ~= columns
    else { return unknown("'torch.eye' of an unknown size") }
    let numbers = (0..<rows * columns).map { $0 / columns == $0 % columns ? 1.0 : 0 }
    return .plain(
      try graph { _ throws(CheckpointError) in
        .known(KnownArray(try Tensor.numbers(numbers, .float32, shape: [rows, columns])))
      })
  }
}
