import RecurModel
import RecurTensors

// Functions of two numbers, element by element, and choices between them.
extension PyTorchFunctions {
  /// Functions of two numbers; shapes are aligned by NumPy's rules, as in torch.
  static let binary: [PyTorchFunction] = plainBinary + ofBits + otherBinary

  private static let plainBinary: [PyTorchFunction] =
    ([
      "floor_divide": .floorDivide, "remainder": .modulo, "pow": .power, "maximum": .maximum,
      "minimum": .minimum, "eq": .equal, "ne": .notEqual, "lt": .less, "le": .lessOrEqual,
      "gt": .greater, "ge": .greaterOrEqual, "logical_and": .and, "logical_or": .or,
      "logical_xor": .exclusiveOr, "mul": .multiply,
    ] as [String: Binary.Function]).map { (name: String, function: Binary.Function) in
      PyTorchFunction("\(name)(self, other)") { call throws(PyTorchFunctionProblem) in
        .tensor(try call.binary(function, call["self"], call["other"]))
      }
    }

  private static let ofBits: [PyTorchFunction] =
    ([
      ("bitwise_and", .and), ("bitwise_or", .or), ("bitwise_xor", .exclusiveOr),
    ] as [(name: String, function: Binary.Function)]).map {
      (name: String, function: Binary.Function) in
      PyTorchFunction("\(name)(self, other)") { call throws(PyTorchFunctionProblem) in
        for side in ["self", "other"] {
          guard let kind = call[side].tensor?.kind, kind != .boolean else { continue }
          throw PyTorchFunctionProblem("bits of numbers are not supported, only Booleans are")
        }
        return .tensor(try call.binary(function, call["self"], call["other"]))
      }
    }

  private static let otherBinary: [PyTorchFunction] = [
    PyTorchFunction("add(self, other, alpha=1)") { call throws(PyTorchFunctionProblem) in
      let other = try call.scaled(call["other"], by: try call.number("alpha"))
      return .tensor(try call.binary(.add, call["self"], other))
    },
    PyTorchFunction("sub(self, other, alpha=1)") { call throws(PyTorchFunctionProblem) in
      let other = try call.scaled(call["other"], by: try call.number("alpha"))
      return .tensor(try call.binary(.subtract, call["self"], other))
    },
    PyTorchFunction("rsub(self, other, alpha=1)") { call throws(PyTorchFunctionProblem) in
      let own = try call.scaled(call["self"], by: try call.number("alpha"))
      return .tensor(try call.binary(.subtract, call["other"], own))
    },
    PyTorchFunction("div(self, other, rounding_mode=None)") {
      call throws(PyTorchFunctionProblem) in
      let sides = (call["self"], call["other"])
      guard !call["rounding_mode"].isNone else {
        return .tensor(try call.binary(.divide, sides.0, sides.1))
      }
      switch try call.word("rounding_mode") {
      case "floor": return .tensor(try call.binary(.floorDivide, sides.0, sides.1))
      case "trunc":
        return .tensor(
          try call.add(.unary(.truncate), try call.binary(.divide, sides.0, sides.1)))
      default: throw call.wrong("rounding_mode", "None, \"floor\" or \"trunc\"")
      }
    },
    // The remainder with the sign of the first number.
    PyTorchFunction("fmod(self, other)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      var divisor = call["other"]
      if let y = divisor.tensor {
        divisor = .tensor(try call.add(.unary(.absolute), y))
      } else {
        divisor = .number(try call.number("other").magnitude)
      }
      // A quotient that is rounded to the next whole number would be off by one divisor.
      let size = try call.add(.unary(.absolute), x)
      let rest = try call.binary(.modulo, .tensor(size), divisor)
      let sign = try call.add(.unary(.sign), x)
      return .tensor(try call.binary(.multiply, .tensor(rest), .tensor(sign)))
    },
    PyTorchFunction("square_difference(self, other)") { call throws(PyTorchFunctionProblem) in
      let difference = try call.binary(.subtract, call["self"], call["other"])
      return .tensor(try call.add(.unary(.square), difference))
    },
    PyTorchFunction("addcmul(self, tensor1, tensor2, value=1)") {
      call throws(PyTorchFunctionProblem) in
      let product = try call.binary(.multiply, call["tensor1"], call["tensor2"])
      let scaled = try call.scaled(.tensor(product), by: try call.number("value"))
      return .tensor(try call.binary(.add, call["self"], scaled))
    },
    PyTorchFunction("addcdiv(self, tensor1, tensor2, value=1)") {
      call throws(PyTorchFunctionProblem) in
      let quotient = try call.binary(.divide, call["tensor1"], call["tensor2"])
      let scaled = try call.scaled(.tensor(quotient), by: try call.number("value"))
      return .tensor(try call.binary(.add, call["self"], scaled))
    },
    // a + weight·(b − a).
    PyTorchFunction("lerp(self, end, weight)") { call throws(PyTorchFunctionProblem) in
      let way = try call.binary(.subtract, call["end"], call["self"])
      let part = try call.binary(.multiply, .tensor(way), call["weight"])
      return .tensor(try call.binary(.add, call["self"], .tensor(part)))
    },
    PyTorchFunction("where(condition, self, other)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.chosen(try call.tensor("condition"), call["self"], call["other"]))
    },
    PyTorchFunction("masked_fill(self, mask, value)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.chosen(try call.tensor("mask"), call["value"], call["self"]))
    },
    PyTorchFunction("nan_to_num(self, nan=0)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let isNaN = try call.add(.unary(.isNaN), x)
      return .tensor(try call.chosen(isNaN, call["nan"], .tensor(x)))
    },
  ]
}

extension PyTorchFunctionCall {
  /// The largest number of elements of an array that becomes part of an operator.
  private static let largestConstant = 1 << 22

  /// A function of two numbers; numbers and arrays of the file become constants of the operator.
  mutating func binary(
    _ function: Binary.Function, _ left: PyTorchArgument, _ right: PyTorchArgument
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let (one, other) = (try operand(left), try operand(right))
    let inputs = [left.tensor, right.tensor].compactMap { $0 }
    guard !inputs.isEmpty else {
      throw PyTorchFunctionProblem("no argument is a tensor that the model computes")
    }
    if inputs.count == 2, let merge = Self.merges[function], inputs[0].shape != nil,
      inputs[0].shape == inputs[1].shape, inputs.allSatisfy({ $0.kind == .floatingPoint })
    {
      return try add(.merge(merge), inputs)
    }
    return try add(.binary(Binary(function, one, other)), inputs)
  }

  /// The same with a floating-point number on the right.
  mutating func binary(
    _ function: Binary.Function, _ left: PyTorchTensor, _ right: Double
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    try binary(function, .tensor(left), .number(right))
  }

  /// Functions of values with one shape, which frameworks have as layers.
  private static let merges: [Binary.Function: Merge] = [
    .add: .add, .subtract: .subtract, .multiply: .multiply, .maximum: .maximum,
    .minimum: .minimum,
  ]

  /// The operand of an argument.
  func operand(_ argument: PyTorchArgument) throws(PyTorchFunctionProblem) -> Operand {
    switch argument {
    case .tensor: return .input
    case .bool(let value): return .number(value ? 1 : 0, isWhole: true)
    case .integer(let value): return .number(Double(value), isWhole: true)
    case .number(let value): return .number(value)
    case .extent(let extent):
      guard let value = extent.value else {
        throw PyTorchFunctionProblem("the extent \(extent) is not known as a number")
      }
      return .number(Double(value), isWhole: true)
    case .array(let array):
      guard array.count <= Self.largestConstant else {
        throw PyTorchFunctionProblem("an array of \(array.count) elements is no constant")
      }
      return .constant(
        Operand.Constant(
          shape: array.shape, elements: array.doubles(),
          isWhole: !array.elementType.isFloatingPoint))
    case .unavailable(let reason): throw PyTorchFunctionProblem(reason)
    default: throw PyTorchFunctionProblem("\(argument.text) is no number")
    }
  }

  /// A number or tensor times a number.
  mutating func scaled(
    _ argument: PyTorchArgument, by factor: Double
  ) throws(PyTorchFunctionProblem) -> PyTorchArgument {
    guard factor != 1 else { return argument }
    if argument.tensor == nil, let number = argument.number { return .number(number * factor) }
    let isWhole = factor == factor.rounded() && factor.magnitude < 1e15
    return .tensor(
      try binary(.multiply, argument, isWhole ? .integer(Int(factor)) : .number(factor)))
  }

  /// One of two values, by a condition.
  mutating func chosen(
    _ condition: PyTorchTensor, _ onTrue: PyTorchArgument, _ onFalse: PyTorchArgument
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let choice = Where(try operand(onTrue), try operand(onFalse))
    return try add(
      .conditional(choice), [condition] + [onTrue.tensor, onFalse.tensor].compactMap { $0 })
  }
}
