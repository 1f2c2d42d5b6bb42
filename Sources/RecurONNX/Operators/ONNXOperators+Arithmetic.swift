import RecurModel
import RecurTensors

// Functions of several numbers, element by element.
extension ONNXOperators {
  static let arithmetic: [ONNXOperator] =
    ([
      ("Add", .add), ("Sub", .subtract), ("Mul", .multiply), ("Equal", .equal), ("Less", .less),
      ("LessOrEqual", .lessOrEqual), ("Greater", .greater), ("GreaterOrEqual", .greaterOrEqual),
      ("And", .and), ("Or", .or), ("Xor", .exclusiveOr),
    ] as [(String, Binary.Function)]).map { name, function in
      ONNXOperator(name, 2...2) { call, builder throws(CheckpointError) in
        [try binary(function, call[0], call[1], &builder)]
      }
    } + [
      folding("Max", .maximum), folding("Min", .minimum), folding("Sum", .add),
      ONNXOperator("Mean", 1...4096) { call, builder throws(CheckpointError) in
        let sum = try folded(.add, call, &builder)
        return [try builder.binary(.divide, sum, .number(Double(call.inputs.count)))]
      },
      ONNXOperator("Div", 2...2) { call, builder throws(CheckpointError) in
        [try divided(call[0], call[1], &builder)]
      },
      ONNXOperator("Mod", 2...2, "fmod") { call, builder throws(CheckpointError) in
        guard try call.int("fmod", builder) != 0 else {
          if let one = GraphSizes(call[0]), let other = GraphSizes(call[1]) {
            guard let sizes = GraphSizes.combined(one, other, modulo) else {
              throw call.problem("of \(call[0].title) depends on the call", builder)
            }
            return [sizes.value]
          }
          return [try builder.binary(.modulo, call.array(0, builder), call.array(1, builder))]
        }
        // The rest has the sign of x, and the other one that of y.
        let (x, y) = (try call.array(0, builder), try call.array(1, builder))
        let rest = try builder.binary(.modulo, x, y)
        let isOther = try builder.binary(.less, builder.binary(.multiply, rest, x), .integer(0))
        return [try builder.conditional(isOther, builder.binary(.subtract, rest, y), rest)]
      },
      ONNXOperator("Pow", 2...2) { call, builder throws(CheckpointError) in
        let x = try call.array(0, builder)
        switch call[1].double {
        case 2: return [try builder.unary(.square, x)]
        case 1: return [x]
        case 0.5: return [try builder.unary(.squareRoot, x)]
        default:
          let power = try builder.binary(.power, x, call.array(1, builder))
          // The result has the type of x.
          guard let type = builder.type(x), !type.isFloatingPoint else { return [power] }
          return [try builder.cast(power, to: type)]
        }
      },
      ONNXOperator("Where", 3...3) { call, builder throws(CheckpointError) in
        try chosen(call, &builder)
      },
    ]

  private static func folding(_ name: String, _ function: Binary.Function) -> ONNXOperator {
    ONNXOperator(name, 1...4096) { call, builder throws(CheckpointError) in
      [try folded(function, call, &builder)]
    }
  }

  private static func folded(
    _ function: Binary.Function, _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    var result = call[0]
    for other in call.inputs.dropFirst() {
      result = try binary(function, result, other, &builder)
    }
    return result
  }

  /// A function of two values: whole numbers from free extents, or arrays.
  static func binary(
    _ function: Binary.Function, _ left: GraphValue, _ right: GraphValue,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard left.isSymbolic || right.isSymbolic else {
      return try builder.binary(function, left, right)
    }
    let mask: GraphValue? =
      switch function {
      case .less: try ONNXRange.mask(left, below: right, &builder)
      case .greater: try ONNXRange.mask(right, below: left, &builder)
      default: nil
      }
    if let mask { return mask }
    guard let one = GraphSizes(left), let other = GraphSizes(right),
      let sizes = GraphSizes.combined(function, one, other)
    else {
      throw builder.problem(
        "\(function.rawValue) of \(left.title) and \(right.title): its value is not the same in "
          + "every call")
    }
    return function.isComparison ? try builder.cast(sizes.value, to: .bool) : sizes.value
  }

  /// The rest of a division, with the sign of the divisor; nil when it depends on the call.
  private static func modulo(_ x: Dimension, _ y: Dimension) -> Dimension? {
    if let one = x.value, let other = y.value, other != 0, one != .min {
      let rest = one % other
      return .fixed(rest != 0 && (rest < 0) != (other < 0) ? rest + other : rest)
    }
    return x.divided(exactlyBy: y) == nil ? nil : .fixed(0)
  }

  /// Integers are divided and cut off.
  private static func divided(
    _ x: GraphValue, _ y: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if x.isSymbolic || y.isSymbolic {
      return try binary(.floorDivide, x, y, &builder)
    }
    guard let type = builder.type(x), !type.isFloatingPoint, let other = builder.type(y),
      !other.isFloatingPoint
    else { return try builder.binary(.divide, x, y) }
    let wide = try builder.cast(x, to: .float64)
    return try builder.cast(builder.binary(.divide, wide, y), to: type)
  }

  private static func chosen(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let isSizes = call[1].isListOfSizes && call[2].isListOfSizes && GraphSizes(call[0]) != nil
    guard call[1].isSymbolic || call[2].isSymbolic || isSizes else {
      return [
        try builder.conditional(
          call.array(0, builder), call.array(1, builder), call.array(2, builder))
      ]
    }
    let (condition, one, other) = (
      try call.sizes(0, builder), try call.sizes(1, builder), try call.sizes(2, builder)
    )
    let count = [condition, one, other].map(\.elements.count).max() ?? 0
    guard [condition, one, other].allSatisfy({ [1, count].contains($0.elements.count) }),
      condition.elements.allSatisfy({ $0.value != nil })
    else { throw call.problem("has numbers of different shapes, or an open condition", builder) }
    func element(_ sizes: GraphSizes, _ index: Int) -> Dimension {
      sizes.elements[sizes.elements.count == 1 ? 0 : index]
    }
    let results = (0..<count).map { index in
      element(condition, index) == .fixed(0) ? element(other, index) : element(one, index)
    }
    return [
      GraphSizes(results, isSingle: condition.isSingle && one.isSingle && other.isSingle).value
    ]
  }
}
