import RecurModel
import RecurTensors

// Functions of several numbers, element by element.
extension MILOperators {
  static let arithmetic: [MILOperator] =
    ([
      ("add", .add), ("sub", .subtract), ("mul", .multiply), ("real_div", .divide),
      ("floor_div", .floorDivide), ("mod", .modulo), ("pow", .power), ("maximum", .maximum),
      ("minimum", .minimum), ("equal", .equal), ("not_equal", .notEqual), ("less", .less),
      ("less_equal", .lessOrEqual), ("greater", .greater), ("greater_equal", .greaterOrEqual),
      ("logical_and", .and), ("logical_or", .or), ("logical_xor", .exclusiveOr),
    ] as [(String, Binary.Function)]).map { name, function in
      MILOperator(name, "x y") { call, builder throws(CheckpointError) in
        [try binary(function, call, &builder)]
      }
    } + [
      MILOperator("select", "cond a b") { call, builder throws(CheckpointError) in
        [
          try builder.conditional(
            call.operand("cond", builder), call.operand("a", builder), call.operand("b", builder))
        ]
      },
      MILOperator("cast", "x dtype") { call, builder throws(CheckpointError) in
        let name = try call.text("dtype", builder, default: "")
        guard let type = types[name] else { throw call.problem("has the type '\(name)'", builder) }
        // Sizes are whole numbers whatever they are called.
        if call["x"].isSymbolic, !type.isFloatingPoint { return [call["x"]] }
        return [try builder.cast(call.operand("x", builder), to: type)]
      },
      MILOperator("identity", "x") { call, _ throws(CheckpointError) in [call["x"]] },
    ]

  /// Element types by the names that `cast` has for them.
  private static let types: [String: ElementType] = [
    "fp16": .float16, "fp32": .float32, "int32": .int32, "int16": .int16, "int8": .int8,
    "uint8": .uint8, "uint16": .uint16, "bool": .bool,
  ]

  /// Whole numbers from free extents, or arrays.
  private static func binary(
    _ function: Binary.Function, _ call: MILCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let (x, y) = (try call.operand("x", builder), try call.operand("y", builder))
    guard x.isSymbolic || y.isSymbolic else {
      // Whole numbers are divided and cut off.
      if function == .divide, let type = builder.type(x), !type.isFloatingPoint,
        let other = builder.type(y), !other.isFloatingPoint
      {
        throw call.problem("divides whole numbers", builder)
      }
      return try builder.binary(function, x, y)
    }
    guard let one = GraphSizes(x), let other = GraphSizes(y), one.isSingle, other.isSingle else {
      throw call.problem("of \(x.title) and \(y.title) depends on the call", builder)
    }
    let value = try builder.binary(
      function, .size(one.elements[0]), .size(other.elements[0]))
    guard value.dimension != nil || value.flag != nil else {
      throw call.problem("of \(x.title) and \(y.title) depends on the call", builder)
    }
    return value
  }
}
