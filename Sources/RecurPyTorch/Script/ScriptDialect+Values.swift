import RecurModel
import RecurSource
import RecurTensors

// Operators on numbers, sizes, lists and texts, and questions about arrays.
extension ScriptDialect {
  /// A constant array of no axes is the number in it; other values are themselves.
  func number(
    of value: SourceValue, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard let known = value.array?.known, known.isStored, known.array.shape.isEmpty else {
      return value
    }
    let number = known.array.doubles()[0]
    switch known.array.elementType {
    case .bool: return .flag(number != 0)
    case let type where type.isFloatingPoint: return .plain(.number(number))
    default: return number.magnitude < 0x1p53 ? .integer(Int(number)) : value
    }
  }

  private static let arithmetic: [String: BinaryOperator] = [
    "add": .add, "sub": .subtract, "mul": .multiply, "div": .divide, "floordiv": .floorDivide,
    "floor_divide": .floorDivide, "remainder": .modulo, "pow": .power,
  ]

  private static let comparisons: [String: ComparisonOperator] = [
    "eq": .equal, "ne": .notEqual, "lt": .less, "le": .lessOrEqual, "gt": .greater,
    "ge": .greaterOrEqual,
  ]

  /// The result of an operator that needs no array; nil for one of arrays.
  func plain(
    _ name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    let values = given.positional
    if let result = try question(name, values, &interpreter) { return result }
    if let result = try ofLists(name, values, &interpreter) { return result }
    guard let first = values.first, !values.contains(where: { isOfArrays($0, interpreter) }) else {
      return nil
    }
    for value in values {
      if case .unknown(let unknown) = value {
        throw interpreter.problem(unknown.reason, at: unknown.place)
      }
    }
    if let operation = Self.arithmetic[name], values.count > 1 {
      var own = operation
      if name == "div", let mode = given.value("rounding_mode", at: 2)?.text {
        guard ["trunc", "floor"].contains(mode) else {
          throw interpreter.problem("division rounded by '\(mode)' is not supported")
        }
        own = .floorDivide
      }
      return try known(interpreter.binary(own, first, values[1]), interpreter)
    }
    if let operation = Self.comparisons[name], values.count > 1 {
      return try compared(operation, first, values[1], &interpreter)
    }
    switch name {
    case "neg": return try known(interpreter.binary(.multiply, first, .integer(-1)), interpreter)
    case "__not__": return .flag(try !interpreter.truth(first))
    case "__and__", "__or__", "__xor__":
      guard values.count > 1, let one = first.flag, let other = values[1].flag else { return nil }
      return .flag(
        name == "__and__" ? one && other : name == "__or__" ? one || other : one != other)
    case "Int", "IntImplicit", "ScalarImplicit": return first
    case "Float", "FloatImplicit": return try interpreter.call(library: "builtins.float", given)
    case "Bool": return .flag(try interpreter.truth(first))
    case "sqrt", "floor", "ceil", "log", "exp", "abs", "round":
      guard let value = first.plain?.double else { return nil }
      return try known(
        interpreter.call(
          library: name == "round" || name == "abs" ? "builtins.\(name)" : "math.\(name)",
          SourceArguments(positional: [
            .plain(first.integer != nil && name == "abs" ? .integer(Int(value)) : .number(value))
          ])),
        interpreter)
    default: return nil
    }
  }

  private func known(
    _ value: SourceValue, _ interpreter: SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    if case .unknown(let unknown) = value {
      throw interpreter.problem(unknown.reason, at: unknown.place)
    }
    return value
  }

  private func isOfArrays(_ value: SourceValue, _ interpreter: SourceInterpreter) -> Bool {
    if value.array != nil || value.holdsStep { return true }
    switch value {
    case .argument, .positions, .packed: return true
    default: return false
    }
  }

  private func compared(
    _ operation: ComparisonOperator, _ left: SourceValue, _ right: SourceValue,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    if let one = sequence(left), let other = sequence(right),
      operation == .equal || operation == .notEqual
    {
      guard one.count == other.count else { return .flag(operation == .notEqual) }
      for (x, y) in zip(one, other) {
        guard try interpreter.truth(compared(.equal, x, y, &interpreter)) else {
          return .flag(operation == .notEqual)
        }
      }
      return .flag(operation == .equal)
    }
    if let one = left.dimension, let other = right.dimension, one.openName == nil,
      other.openName == nil, let answer = try extents(operation, one, other, &interpreter)
    {
      return answer
    }
    return try known(interpreter.compare(operation, left, right), interpreter)
  }

  /// Compares extents of which one is free; nil for those that compare as in any source.
  private func extents(
    _ operation: ComparisonOperator, _ one: Dimension, _ other: Dimension,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard operation == .equal || operation == .notEqual, one != other,
      (one.value == nil) != (other.value == nil)
    else { return nil }
    let (free, known) = one.value == nil ? (one, other.value ?? 0) : (other, one.value ?? 0)
    guard known > 0 else { return nil }
    let names = Set(interpreter.inputs.keys)
    func isOfArgument(_ extent: String) -> Bool {
      ["features(", "axis"].contains(where: extent.hasPrefix)
        && names.contains { extent.hasSuffix("(\($0))") }
    }
    if let solved = free.solved(for: known), solved.value > 0, isOfArgument(solved.name) {
      throw .learned(.extent(solved.name, solved.value))
    }
    if free.names.allSatisfy({ $0 == "batch" || $0.hasPrefix("timesteps") }) {
      // other forms of the arguments may do without
      if let solved = free.solved(for: known), solved.value > 0 {
        interpreter.lastResort = interpreter.lastResort ?? .extent(solved.name, solved.value)
      }
      return nil
    }
    // torch's modules compare extents to check them: what is computed from them says the same
    let source = interpreter.files.names[interpreter.position.source]
    guard source.hasPrefix("__torch__.torch."), free.agrees(with: .fixed(known)) else { return nil }
    return .flag(operation == .equal)
  }

  private func sequence(_ value: SourceValue) -> [SourceValue]? {
    switch value {
    case .list(let list): list.elements
    case .tuple(let all): all
    case .plain(.list(let all)): all.map { .plain($0) }
    default: nil
    }
  }

  /// Comparisons of the numbers of the timesteps, which are masks of lengths, and their axes.
  func ofPositions(
    _ name: String, _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    func isPositions(_ value: SourceValue) -> Bool {
      if case .positions = value { true } else { false }
    }
    // a slice of all positions
    if name == "slice", let first = values.first, isPositions(first),
      values.dropFirst(2).allSatisfy({ bound in
        bound.isNone || bound.integer == 0 || bound.integer ?? 0 >= 1 << 62
      }), values.count < 5, values.count < 3 || values[2].integer ?? 0 == 0
    {
      return first
    }
    guard values.count == 2, values.contains(where: isPositions) else { return nil }
    if let operation = Self.comparisons[name] {
      return try known(interpreter.compare(operation, values[0], values[1]), interpreter)
    }
    guard name == "unsqueeze", isPositions(values[0]), [0, 1].contains(values[1].integer) else {
      return nil
    }
    return try interpreter.call(
      values[0], method: name, SourceArguments(positional: [values[1]]))
  }

  // MARK: questions

  /// What is asked about a value.
  private func question(
    _ name: String, _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard let first = values.first else {
      return ["is_autocast_enabled", "is_grad_enabled", "is_scripting"].contains(name)
        ? .flag(false) : name == "device" ? .text("cpu") : nil
    }
    switch name {
    case "device": return .text("cpu")
    case "warn", "_assert": return SourceValue.none
    case "__is__", "__isnot__":
      guard values.count > 1 else { return nil }
      let isSame =
        values[1].isNone || first.isNone
        ? first.isNone && values[1].isNone
        : isIdentical(first, values[1])
      return .flag(isSame == (name == "__is__"))
    case "__contains__":
      guard values.count > 1, let found = try interpreter.contains(first, values[1]) else {
        throw interpreter.problem("whether a value is in another")
      }
      return .flag(found)
    case "dim":
      if let shape = try extents(first, &interpreter) { return .integer(shape.count) }
      return nil
    case "len", "size", "numel": return try size(name, values, &interpreter)
    case "is_floating_point":
      let type = interpreter.builder.type(try array(first, nil, &interpreter))
      return .flag(type?.isFloatingPoint ?? true)
    case "is_complex": return .flag(false)
    case "requires_grad_", "detach_": return first
    case "format":
      return .text(
        SourceFormatting.text(
          first.text ?? "", SourceArguments(positional: Array(values.dropFirst()))) ?? first.text
          ?? "")
    default: return nil
    }
  }

  private func isIdentical(_ one: SourceValue, _ other: SourceValue) -> Bool {
    switch (one, other) {
    case (.plain(.computed(let x)), .plain(.computed(let y))): x == y
    case (.argument(let x), .argument(let y)): x == y
    default: false
    }
  }

  /// The extents of an array, or of the value of one timestep; nil for other values.
  private func extents(
    _ value: SourceValue, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> [Dimension]? {
    switch value {
    case .step(let step):
      guard let sequence = step.sequence else { return nil }
      var shape = try interpreter.extents(sequence)
      shape.remove(at: 1)
      return shape
    case .carried(let carried): return try extents(carried.initial, &interpreter)
    case .positions(let positions):
      return (0..<positions.rank).map { $0 == positions.axis ? positions.extent : .fixed(1) }
    case .packed(let packed): return Array(try interpreter.extents(packed.data).dropFirst())
    case .bound(.packed(let packed), "batch_sizes"):
      return [try interpreter.extents(packed.data)[1]]
    default:
      guard let array = try interpreter.settled(value).array else { return nil }
      return try interpreter.extents(array)
    }
  }

  private func size(
    _ name: String, _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    if name == "len" {
      if let all = sequence(values[0]) { return .integer(all.count) }
      if let text = values[0].text { return .integer(text.unicodeScalars.count) }
      if case .dictionary(let dictionary) = values[0] { return .integer(dictionary.keys.count) }
    }
    guard let shape = try extents(values[0], &interpreter) else { return nil }
    if name == "numel" { return .plain(.size(shape.reduce(.fixed(1)) { $0.times($1) })) }
    if name == "len" { return .plain(.size(shape.first ?? .fixed(0))) }
    guard values.count > 1 else { return .list(SourceList(shape.map { .plain(.size($0)) })) }
    guard let axis = values[1].integer, -shape.count..<shape.count ~= axis else {
      throw interpreter.problem("an array of \(shape.count) axes has no axis \(values[1].title)")
    }
    return .plain(.size(shape[axis < 0 ? axis + shape.count : axis]))
  }

  // MARK: lists

  private func ofLists(
    _ name: String, _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard let first = values.first else { return nil }
    switch name {
    case "append", "extend", "insert", "pop", "reverse":
      guard case .list = first else { return nil }
      let result = try interpreter.call(
        first, method: name, SourceArguments(positional: Array(values.dropFirst())))
      return name == "append" || name == "extend" ? first : result
    case "add_":
      guard case .list(let list) = first, values.count > 1, let other = sequence(values[1]) else {
        return nil
      }
      list.elements += other
      try interpreter.checkCount(list.elements.count)
      return first
    case "add" where values.count > 1:
      guard let one = sequence(first), let other = sequence(values[1]) else { return nil }
      try interpreter.checkCount(one.count + other.count)
      return .list(SourceList(one + other))
    case "mul" where values.count > 1:
      guard case .list = first, values[1].dimension != nil else { return nil }
      return try interpreter.binary(.multiply, first, values[1])
    case "list":
      guard let all = sequence(first) else { return nil }
      return .list(SourceList(all))
    case "slice":
      guard let all = sequence(first) else { return nil }
      var bounds = Array(values.dropFirst())
      while bounds.count < 3 { bounds.append(.none) }
      return try interpreter.item(
        .list(SourceList(all)), .slice(bounds[0], bounds[1], bounds[2]))
    case "__getitem__" where values.count > 1: return try interpreter.item(first, values[1])
    case "keys", "values", "items":
      guard case .dictionary = first else { return nil }
      return try interpreter.call(first, method: name, .init())
    default: return nil
    }
  }
}
