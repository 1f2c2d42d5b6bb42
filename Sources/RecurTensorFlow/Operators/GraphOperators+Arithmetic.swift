import RecurModel
import RecurTensors

// Functions of one and two arrays, element by element.
extension GraphOperators {
  static let arithmetic: [GraphOperatorRow] =
    ([
      ("Add", .add), ("AddV2", .add), ("Sub", .subtract), ("Mul", .multiply),
      ("RealDiv", .divide), ("Maximum", .maximum), ("Minimum", .minimum), ("Pow", .power),
      ("FloorDiv", .floorDivide), ("FloorMod", .modulo), ("Less", .less),
      ("LessEqual", .lessOrEqual), ("Greater", .greater), ("GreaterEqual", .greaterOrEqual),
      ("Equal", .equal), ("NotEqual", .notEqual), ("LogicalAnd", .and), ("LogicalOr", .or),
    ] as [(String, Binary.Function)]).map { name, function in
      GraphOperatorRow(name) { call, builder throws(CheckpointError) in
        [try combined(function, call, &builder)]
      }
    } + [
      GraphOperatorRow("Div") { call, builder throws(CheckpointError) in
        // Whole numbers are divided towards zero; those of shapes are never negative.
        let isFloating = builder.type(call[0])?.isFloatingPoint ?? false
        return [try combined(isFloating ? .divide : .floorDivide, call, &builder)]
      },
      GraphOperatorRow("AddN") { call, builder throws(CheckpointError) in
        guard var sum = call.inputs.first else { throw call.problem("has no inputs", builder) }
        for index in call.inputs.indices.dropFirst() {
          sum = try builder.binary(.add, sum, call.array(index, builder))
        }
        return [sum]
      },
      GraphOperatorRow("BiasAdd") { call, builder throws(CheckpointError) in
        let x = try call.array(0, builder)
        if try builder.extents(x).count != 2 { try call.demandChannelsLast(builder) }
        return [try builder.binary(.add, x, call.array(1, builder))]
      },
      GraphOperatorRow("SquaredDifference") { call, builder throws(CheckpointError) in
        let difference = try builder.binary(
          .subtract, call.array(0, builder), call.array(1, builder))
        return [try builder.unary(.square, difference)]
      },
      GraphOperatorRow("ClipByValue") { call, builder throws(CheckpointError) in
        let (least, most) = (try call.weight(1, builder), try call.weight(2, builder))
        guard least.array.count == 1, most.array.count == 1 else {
          throw call.problem("has limits that are arrays", builder)
        }
        let clamp = Clamp(
          minimum: least.array.doubles()[0], maximum: most.array.doubles()[0])
        return [
          try builder.apply(.clamp(clamp), builder.computed(call.array(0, builder)))
        ]
      },
      GraphOperatorRow("Select") { call, builder throws(CheckpointError) in
        [
          try builder.rowsOrElements(
            call.array(0, builder), call.array(1, builder), call.array(2, builder))
        ]
      },
      GraphOperatorRow("SelectV2") { call, builder throws(CheckpointError) in
        [
          try builder.conditional(
            call.array(0, builder), call.array(1, builder), call.array(2, builder))
        ]
      },
    ]

  /// A function of two arrays, or of whole numbers that are computed from free extents.
  private static func combined(
    _ function: Binary.Function, _ call: OperatorCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard call[0].isSymbolic || call[1].isSymbolic else {
      let (one, other) = (try call.array(0, builder), try call.array(1, builder))
      if let same = unchanged(function, one, other) { return same }
      // Numbers that stand for bounds become the bounds of one operator.
      if let clamp = clamp(function, one, other) ?? clamp(function, other, one) {
        let x = one.known == nil ? one : other
        return try builder.apply(.clamp(clamp), builder.computed(x))
      }
      return try builder.binary(function, one, other)
    }
    let (left, right) = (try call.sizes(0, builder), try call.sizes(1, builder))
    if let result = GraphSizes.combined(function, left, right) {
      return function.isComparison ? try builder.cast(result.value, to: .bool) : result.value
    }
    guard left.isSingle, right.isSingle else {
      throw call.problem("of sizes that differ from call to call", builder)
    }
    return try builder.binary(function, .size(left.elements[0]), .size(right.elements[0]))
  }

  /// The value itself, where it is multiplied with 1 or divided by 1.
  private static func unchanged(
    _ function: Binary.Function, _ one: GraphValue, _ other: GraphValue
  ) -> GraphValue? {
    func isOne(_ value: GraphValue) -> Bool {
      value.known.map { $0.shape.isEmpty && $0.type.isFloatingPoint && $0.array.doubles() == [1] }
        ?? false
    }
    guard function == .multiply || function == .divide else { return nil }
    if isOne(other) { return one }
    return function == .multiply && isOne(one) ? other : nil
  }

  /// The limit that the larger or the smaller of a value and a number is.
  private static func clamp(
    _ function: Binary.Function, _ x: GraphValue, _ limit: GraphValue
  ) -> Clamp? {
    guard case .computed = x, let known = limit.known, known.array.count == 1,
      known.shape.isEmpty, known.type.isFloatingPoint
    else { return nil }
    let number = known.array.doubles()[0]
    return function == .maximum
      ? Clamp(minimum: number, maximum: nil)
      : function == .minimum ? Clamp(minimum: nil, maximum: number) : nil
  }

  static let functions: [GraphOperatorRow] =
    ([
      ("Sigmoid", .sigmoid), ("Tanh", .tanh), ("Relu", .relu), ("Relu6", .relu6),
      ("Elu", .elu(alpha: 1)), ("Selu", .selu), ("Softplus", .softplus),
      ("Softsign", .softsign), ("Exp", .exponential), ("Softmax", .softmax),
      ("LogSoftmax", .logSoftmax),
    ] as [(String, Activation)]).map { name, function in
      GraphOperatorRow(name) { call, builder throws(CheckpointError) in
        [try builder.apply(.activation(function), builder.computed(call.array(0, builder)))]
      }
    }
    + ([
      ("Neg", .negative), ("Abs", .absolute), ("Square", .square), ("Sqrt", .squareRoot),
      ("Rsqrt", .reciprocalSquareRoot), ("Sign", .sign), ("Floor", .floor), ("Ceil", .ceiling),
      ("Rint", .round), ("Round", .round), ("Reciprocal", .reciprocal), ("Inv", .reciprocal),
      ("Log", .log), ("Log1p", .log1p), ("Expm1", .expm1), ("Sin", .sine), ("Cos", .cosine),
      ("Tan", .tangent), ("Erf", .errorFunction), ("LogicalNot", .not),
    ] as [(String, Unary)]).map { name, function in
      GraphOperatorRow(name) { call, builder throws(CheckpointError) in
        [try builder.unary(function, call.array(0, builder))]
      }
    } + [
      GraphOperatorRow("LeakyRelu") { call, builder throws(CheckpointError) in
        let function = Activation.leakyReLU(slope: try call.node.float("alpha") ?? 0.2)
        return [
          try builder.apply(.activation(function), builder.computed(call.array(0, builder)))
        ]
      },
      GraphOperatorRow("Cast") { call, builder throws(CheckpointError) in
        guard let type = call.node.type("DstT") else {
          throw call.problem("makes elements that are no numbers", builder)
        }
        if call[0].isSymbolic {
          guard !type.isFloatingPoint, type != .bool else {
            throw call.problem("makes \(type) of \(call[0].title)", builder)
          }
          return [call[0]]
        }
        return [try builder.cast(call.array(0, builder), to: type)]
      },
    ]
}
