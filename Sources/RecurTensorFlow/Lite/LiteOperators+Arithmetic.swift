import RecurModel
import RecurTensors

// Functions of one and two arrays, element by element.
extension LiteOperators {
  static let arithmetic: [LiteOperatorRow] =
    ([
      (0, "ADD", .add), (41, "SUB", .subtract), (18, "MUL", .multiply), (42, "DIV", .divide),
    ] as [(Int, String, Binary.Function)]).map { number, name, function in
      LiteOperatorRow(number, name) { call, builder throws(CheckpointError) in
        let result = try builder.binary(
          function, call.array(0, builder), call.array(1, builder))
        return [try call.activated(result, 0, &builder)]
      }
    }
    + ([
      (55, "MAXIMUM", .maximum), (57, "MINIMUM", .minimum), (58, "LESS", .less),
      (61, "GREATER", .greater), (62, "GREATER_EQUAL", .greaterOrEqual),
      (63, "LESS_EQUAL", .lessOrEqual), (71, "EQUAL", .equal), (72, "NOT_EQUAL", .notEqual),
      (78, "POW", .power), (84, "LOGICAL_OR", .or), (86, "LOGICAL_AND", .and),
      (90, "FLOOR_DIV", .floorDivide), (95, "FLOOR_MOD", .modulo),
    ] as [(Int, String, Binary.Function)]).map { number, name, function in
      LiteOperatorRow(number, name) { call, builder throws(CheckpointError) in
        [try builder.binary(function, call.array(0, builder), call.array(1, builder))]
      }
    } + [
      LiteOperatorRow(99, "SQUARED_DIFFERENCE") { call, builder throws(CheckpointError) in
        let difference = try builder.binary(
          .subtract, call.array(0, builder), call.array(1, builder))
        return [try builder.unary(.square, difference)]
      },
      LiteOperatorRow(64, "SELECT") { call, builder throws(CheckpointError) in
        [
          try builder.rowsOrElements(
            call.array(0, builder), call.array(1, builder), call.array(2, builder))
        ]
      },
      LiteOperatorRow(123, "SELECT_V2") { call, builder throws(CheckpointError) in
        [
          try builder.conditional(
            call.array(0, builder), call.array(1, builder), call.array(2, builder))
        ]
      },
    ]

  static let functions: [LiteOperatorRow] =
    ([
      (14, "LOGISTIC", .sigmoid), (19, "RELU", .relu), (20, "RELU_N1_TO_1", .hardTanh),
      (21, "RELU6", .relu6), (28, "TANH", .tanh), (117, "HARD_SWISH", .hardSilu),
      (111, "ELU", .elu(alpha: 1)), (47, "EXP", .exponential), (50, "LOG_SOFTMAX", .logSoftmax),
    ] as [(Int, String, Activation)]).map { number, name, function in
      LiteOperatorRow(number, name) { call, builder throws(CheckpointError) in
        [try builder.apply(.activation(function), builder.computed(call.array(0, builder)))]
      }
    }
    + ([
      (8, "FLOOR", .floor), (59, "NEG", .negative), (66, "SIN", .sine), (73, "LOG", .log),
      (75, "SQRT", .squareRoot), (76, "RSQRT", .reciprocalSquareRoot), (87, "LOGICAL_NOT", .not),
      (92, "SQUARE", .square), (101, "ABS", .absolute), (104, "CEIL", .ceiling),
      (108, "COS", .cosine), (116, "ROUND", .round), (158, "SIGN", .sign),
    ] as [(Int, String, Unary)]).map { number, name, function in
      LiteOperatorRow(number, name) { call, builder throws(CheckpointError) in
        [try builder.unary(function, call.array(0, builder))]
      }
    } + [
      LiteOperatorRow(25, "SOFTMAX") { call, builder throws(CheckpointError) in
        var x = try call.array(0, builder)
        let beta = try call.floatOption(0)
        if beta != 1 { x = try builder.binary(.multiply, x, .number(beta)) }
        return [try builder.apply(.activation(.softmax), builder.computed(x))]
      },
      LiteOperatorRow(98, "LEAKY_RELU") { call, builder throws(CheckpointError) in
        let function = Activation.leakyReLU(slope: try call.floatOption(0))
        return [
          try builder.apply(.activation(function), builder.computed(call.array(0, builder)))
        ]
      },
      LiteOperatorRow(150, "GELU") { call, builder throws(CheckpointError) in
        let function = Activation.gelu(isApproximate: try call.byteOption(0) != 0)
        return [
          try builder.apply(.activation(function), builder.computed(call.array(0, builder)))
        ]
      },
      LiteOperatorRow(152, "RELU_0_TO_1") { call, builder throws(CheckpointError) in
        [
          try builder.apply(
            .clamp(Clamp(minimum: 0, maximum: 1)), builder.computed(call.array(0, builder)))
        ]
      },
      LiteOperatorRow(53, "CAST") { call, builder throws(CheckpointError) in
        guard let type = call.outputTensors.first?.elementType else {
          throw call.problem("makes elements that are no numbers", builder)
        }
        return [try builder.cast(call.array(0, builder), to: type)]
      },
      // Whole numbers that stand for real ones are computed with as real ones from the start.
      LiteOperatorRow(6, "DEQUANTIZE") { call, builder throws(CheckpointError) in
        [try builder.cast(call.array(0, builder), to: .float32)]
      },
      LiteOperatorRow(114, "QUANTIZE") { call, builder throws(CheckpointError) in
        [try call.array(0, builder)]
      },
    ]
}
