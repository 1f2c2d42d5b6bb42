import RecurModel
import RecurSource
import RecurTensors

extension SourceInterpreter {
  mutating func unary(
    _ operation: UnaryOperator, _ value: SourceValue, _ expression: Expression
  ) throws(SourceStop) -> SourceValue {
    if operation == .not {
      if case .unknown = value, phase == .construction { return value }
      return .flag(try !truth(value, of: expression))
    }
    if case .foreign(let own) = value { return try own.unary(operation, &self) }
    let value = try settled(value)
    if case .step = value, operation == .minus { return try torch("neg", [value]) }
    guard let plain = value.plain else { return unknown("an operator of \(value.title)") }
    if operation == .plus { return value }
    switch plain {
    case .size(let extent) where operation == .minus: return .plain(.size(extent.times(-1)))
    case .number(let number) where operation == .minus: return .plain(.number(-number))
    case .flag(let flag) where operation == .minus: return .integer(flag ? -1 : 0)
    case .computed, .known:
      return try torch(operation == .minus ? "neg" : "logical_not", [value])
    default: return unknown("an operator of \(value.title)")
    }
  }

  mutating func binary(
    _ operation: BinaryOperator, _ left: SourceValue, _ right: SourceValue
  ) throws(SourceStop) -> SourceValue {
    if case .foreign(let own) = left {
      return try own.binary(operation, right, isLeft: true, &self)
    }
    if case .foreign(let own) = right {
      return try own.binary(operation, left, isLeft: false, &self)
    }
    var (left, right) = (try settled(left), try settled(right))
    if case .positions(let own) = left, right.plain != nil { left = .plain(try numbers(own)) }
    if case .positions(let own) = right, left.plain != nil { right = .plain(try numbers(own)) }
    if left.isStep || right.isStep {
      return try torch(Self.functions[operation] ?? "", [left, right])
    }
    if left.array != nil || right.array != nil {
      for side in [left, right] {
        if case .unknown(let unknown) = side { throw problem(unknown.reason, at: unknown.place) }
      }
      return try torch(Self.functions[operation] ?? "", [left, right])
    }
    if let joined = try joined(operation, left, right) { return joined }
    guard let one = left.plain, let other = right.plain else {
      if case .unknown = left { return left }
      if case .unknown = right { return right }
      return unknown("'\(operation.rawValue)' of \(left.title) and \(right.title)")
    }
    return number(operation, one, other)
  }

  private static let functions: [BinaryOperator: String] = [
    .add: "add", .subtract: "sub", .multiply: "mul", .divide: "div", .matrixMultiply: "matmul",
    .power: "pow", .floorDivide: "floor_divide", .modulo: "remainder", .bitAnd: "logical_and",
    .bitOr: "logical_or", .bitXor: "logical_xor",
  ]

  /// Lists, tuples and texts that are joined or repeated.
  private mutating func joined(
    _ operation: BinaryOperator, _ left: SourceValue, _ right: SourceValue
  ) throws(SourceStop) -> SourceValue? {
    switch (operation, left, right) {
    case (.add, .list(let one), .list(let other)):
      try checkCount(one.elements.count + other.elements.count)
      return .list(SourceList(one.elements + other.elements))
    case (.add, .tuple(let one), .tuple(let other)):
      try checkCount(one.count + other.count)
      return .tuple(one + other)
    case (.add, .plain(.text(let one)), .plain(.text(let other))):
      try checkCount(one.utf8.count + other.utf8.count)
      return .text(one + other)
    case (.multiply, .list(let list), _), (.multiply, _, .list(let list)):
      let values = try repeated(list.elements, (right.dimension ?? left.dimension))
      return .list(SourceList(values))
    case (.multiply, .tuple(let list), _), (.multiply, _, .tuple(let list)):
      return .tuple(try repeated(list, (right.dimension ?? left.dimension)))
    case (.modulo, .plain(.text(let text)), _):
      return SourceFormatting.text(text, right).map { .text($0) } ?? unknown("a formatted text")
    default: return nil
    }
  }

  func checkCount(_ count: Int) throws(SourceStop) {
    guard count <= limits.elements else {
      throw problem("a list of more than \(limits.elements) elements", code: .limitExceeded)
    }
  }

  private func repeated(
    _ values: [SourceValue], _ count: Dimension?
  ) throws(SourceStop) -> [SourceValue] {
    guard let count else { throw problem("a list is repeated an unknown number of times") }
    guard let number = count.value else { throw .needs("\(count)", position) }
    guard number <= 0 || values.count <= limits.elements / number else {
      throw problem("a list of more than \(limits.elements) elements", code: .limitExceeded)
    }
    return number > 0 ? Array([[SourceValue]](repeating: values, count: number).joined()) : []
  }

  /// Python's arithmetic with numbers and sizes.
  private func number(
    _ operation: BinaryOperator, _ left: GraphValue, _ right: GraphValue
  ) -> SourceValue {
    func extent(_ value: GraphValue) -> Dimension? {
      value.dimension ?? value.flag.map { .fixed($0 ? 1 : 0) }
    }
    if let one = extent(left), let other = extent(right) {
      if let size = SourceInterpreter.size(operation, one, other) { return .plain(.size(size)) }
      if one.value == nil || other.value == nil {
        return unknown("'\(operation.rawValue)' of sizes that are not known: \(one), \(other)")
      }
    }
    guard let x = left.double, let y = right.double else {
      return unknown("'\(operation.rawValue)' of \(left.title) and \(right.title)")
    }
    switch operation {
    case .add: return .plain(.number(x + y))
    case .subtract: return .plain(.number(x - y))
    case .multiply: return .plain(.number(x * y))
    case .divide where y != 0: return .plain(.number(x / y))
    case .floorDivide where y != 0: return .plain(.number((x / y).rounded(.down)))
    case .power:
      let whole = right.dimension?.value
      if y == 0.5 { return .plain(.number(x.squareRoot())) }
      if let whole, (-64...64).contains(whole) {
        let power = (0..<whole.magnitude).reduce(1.0) { product, _ in product * x }
        return .plain(.number(whole < 0 ? 1 / power : power))
      }
      return .plain(.number(SourceBuiltins.power(x, y)))
    default: return unknown("'\(operation.rawValue)' of \(left.title) and \(right.title)")
    }
  }

  /// Whole numbers that are known, or computed from free extents.
  static func size(
    _ operation: BinaryOperator, _ one: Dimension, _ other: Dimension
  ) -> Dimension? {
    switch operation {
    case .add: return one.plus(other)
    case .subtract: return one.plus(other.times(-1))
    case .multiply: return one.times(other)
    case .floorDivide:
      if let x = one.value, let y = other.value {
        guard y != 0, !(x == .min && y == -1) else { return nil }
        return .fixed(x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0))
      }
      if let exact = one.divided(exactlyBy: other) { return exact }
      guard let divisor = other.value, divisor > 0 else { return nil }
      return one.divided(by: divisor, roundsUp: false)
    case .divide:
      // a quotient of sizes is a size again only through int(…)
      return nil
    case .modulo:
      guard let x = one.value, let y = other.value, y > 0 else { return nil }
      return .fixed(((x % y) + y) % y)
    case .power:
      guard let x = one.value, let y = other.value, 0...62 ~= y else { return nil }
      var result = 1
      for _ in 0..<y {
        let (product, overflow) = result.multipliedReportingOverflow(by: x)
        guard !overflow else { return nil }
        result = product
      }
      return .fixed(result)
    case .bitAnd: return one.value.flatMap { x in other.value.map { .fixed(x & $0) } }
    case .bitOr: return one.value.flatMap { x in other.value.map { .fixed(x | $0) } }
    case .shiftLeft:
      guard let x = one.value, let y = other.value, 0...32 ~= y, x.magnitude < 1 << 28 else {
        return nil
      }
      return .fixed(x << y)
    case .shiftRight:
      guard let x = one.value, let y = other.value, 0...63 ~= y else { return nil }
      return .fixed(x >> y)
    case .bitXor, .matrixMultiply: return nil
    }
  }

  // MARK: comparisons

  mutating func comparison(
    _ first: Expression, _ rest: [(operation: ComparisonOperator, operand: Expression)],
    _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    var left = try evaluate(first, scope)
    var result = SourceValue.flag(true)
    for (operation, operand) in rest {
      let right = try evaluate(operand, scope)
      result = try compare(operation, left, right)
      if rest.count > 1 {
        guard try truth(result, of: operand) else { return .flag(false) }
      }
      left = right
    }
    return result
  }

  mutating func compare(
    _ operation: ComparisonOperator, _ left: SourceValue, _ right: SourceValue
  ) throws(SourceStop) -> SourceValue {
    switch operation {
    case .is: return .flag(try isSame(left, right))
    case .isNot: return .flag(try !isSame(left, right))
    case .in, .notIn:
      guard let found = try contains(right, left) else {
        return unknown("whether a value is in another")
      }
      return .flag(found == (operation == .in))
    default: break
    }
    if let answer = try compareOpen(operation, left, right) { return answer }
    let (left, right) = (try settled(left), try settled(right))
    if let mask = try lengthMask(operation, left, right) { return mask }
    if left.array != nil || right.array != nil {
      if left.isNone || right.isNone { return .flag(operation == .notEqual) }
      return try torch(Self.comparisons[operation] ?? "", [left, right])
    }
    for (one, other) in [(left, right), (right, left)] {
      guard case .positions(let positions) = one else { continue }
      let numbers = SourceValue.plain(try numbers(positions))
      return one.array == nil && left.array == nil && right.array == nil && other.plain == nil
        ? unknown("a comparison of \(other.title)")
        : try torch(
          Self.comparisons[operation] ?? "",
          left.array == nil && right.plain == nil
            ? [left, numbers] : [numbers, right])
    }
    if case .unknown = left { return left }
    if case .unknown = right { return right }
    if let same = equal(left, right) {
      if operation == .equal { return .flag(same) }
      if operation == .notEqual { return .flag(!same) }
    }
    if let one = left.dimension, let other = right.dimension, one.value == nil || other.value == nil
    {
      if let name = one.openName ?? other.openName { throw needs(name) }
      if operation == .equal || operation == .notEqual {
        for (free, known) in [(one, other), (other, one)] {
          guard let value = known.value, value > 0, case .free(let name) = free,
            name.description.hasPrefix("features"), free.solved(for: value)?.value == value
          else { continue }
          // what the source asks for first is how it is called
          throw .learned(.extent(name.description, value))
        }
        for (free, known) in [(one, other), (other, one)] {
          guard let value = known.value, case .free(let name) = free, name.description == "batch"
          else { continue }
          if !specialBatches.contains(where: { $0.batch == value }) {
            specialBatches.append((value, position))
          }
          return .flag(operation == .notEqual)
        }
      }
      // every extent is at least 1
      let difference = one.plus(other.times(-1))
      if let known = difference.value { return .flag(Self.holds(operation, Double(known), 0)) }
      if let limit = other.value, limit < 1 {
        return .flag([.greater, .greaterOrEqual, .notEqual].contains(operation))
      }
      throw problem(
        "a choice that depends on extents: \(one) \(operation.rawValue) \(other)")
    }
    guard let x = left.plain?.double, let y = right.plain?.double else {
      if case .plain(.text(let one)) = left, case .plain(.text(let other)) = right {
        return .flag(Self.holds(operation, one < other ? -1 : one == other ? 0 : 1, 0))
      }
      return unknown("'\(operation.rawValue)' of \(left.title) and \(right.title)")
    }
    return .flag(Self.holds(operation, x, y))
  }

  /// A comparison of something that the source does not say with a text or another value.
  private func compareOpen(
    _ operation: ComparisonOperator, _ left: SourceValue, _ right: SourceValue
  ) throws(SourceStop) -> SourceValue? {
    for (open, other) in [(left, right), (right, left)] {
      guard let name = open.openName, other.dimension == nil else { continue }
      guard [.equal, .notEqual].contains(operation) else { throw needs(name) }
      guard let text = other.text else { throw needs(name) }
      guard excluded[name]?.contains(text) == true else { throw needs(name, among: [text]) }
      return .flag(operation == .notEqual)
    }
    return nil
  }

  private static let comparisons: [ComparisonOperator: String] = [
    .equal: "eq", .notEqual: "ne", .less: "lt", .lessOrEqual: "le", .greater: "gt",
    .greaterOrEqual: "ge",
  ]

  private static func holds(_ operation: ComparisonOperator, _ x: Double, _ y: Double) -> Bool {
    switch operation {
    case .less: x < y
    case .lessOrEqual: x <= y
    case .greater: x > y
    case .greaterOrEqual: x >= y
    case .notEqual: x != y
    default: x == y
    }
  }

  private func isSame(_ left: SourceValue, _ right: SourceValue) throws(SourceStop) -> Bool {
    for side in [left, right] {
      if case .unknown(let unknown) = side {
        throw problem("a choice depends on something unknown: \(unknown.reason)", at: unknown.place)
      }
      if let name = side.openName { throw needs(name) }
      if side.isForeign, equal(left, right) == nil {
        throw problem("a choice depends on something unknown: \(side.title)")
      }
      if side.holdsStep { throw problem("a choice depends on \(side.title)") }
    }
    switch (left, right) {
    case (.object(let one), .object(let other)): return one === other
    case (.type(let one), .type(let other)): return one === other
    default: return equal(left, right) ?? false
    }
  }

  mutating func contains(
    _ whole: SourceValue, _ part: SourceValue
  ) throws(SourceStop) -> Bool? {
    if let name = part.openName {
      let texts = try elements(whole).map(\.text)
      guard !texts.contains(nil) else { throw needs(name) }
      let open = texts.compactMap { $0 }.filter { excluded[name]?.contains($0) != true }
      guard open.isEmpty else { throw needs(name, among: open) }
      return false
    }
    switch whole {
    case .dictionary(let dictionary):
      if dictionary[try key(part)] != nil { return true }
      return dictionary.unknown == nil ? false : nil
    case .plain(.text(let text)): return part.text.map { text.contains($0) }
    case .object(let object) where object.kind?.isContainer == true:
      let name = SourceInterpreter.childName(try key(part))
      return object.children.contains { $0.name == name }
    case .unknown: return nil
    default:
      for element in try elements(whole) {
        guard let same = equal(element, part) else { return nil }
        if same { return true }
      }
      return false
    }
  }
}
