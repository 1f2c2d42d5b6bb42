import RecurModel
import RecurTensors

// Functions of every element.
extension MILOperators {
  static let activations: [MILOperator] =
    ([
      ("sigmoid", .sigmoid), ("tanh", .tanh), ("relu", .relu), ("relu6", .relu6),
      ("softplus", .softplus), ("softsign", .softsign), ("silu", .silu),
    ] as [(String, Activation)]).map { name, function in
      MILOperator(name, "x") { call, builder throws(CheckpointError) in
        [try applied(function, call, &builder)]
      }
    } + [
      activation("leaky_relu", "alpha") { .leakyReLU(slope: $0[0]) },
      activation("elu", "alpha") { .elu(alpha: $0[0]) },
      activation("sigmoid_hard", "alpha beta") { .hardSigmoid(slope: $0[0], offset: $0[1]) },
      activation("scaled_tanh", "alpha beta") { .scaledTanh(scale: $0[0], slope: $0[1]) },
      activation("linear_activation", "alpha beta") { .affine(slope: $0[0], offset: $0[1]) },
      MILOperator("gelu", "x mode") { call, builder throws(CheckpointError) in
        let mode = try call.text("mode", builder, default: "EXACT")
        guard ["EXACT", "TANH_APPROXIMATION"].contains(mode) else {
          throw call.problem("has the mode '\(mode)'", builder)
        }
        return [try applied(.gelu(isApproximate: mode != "EXACT"), call, &builder)]
      },
      MILOperator("softmax", "x axis") { call, builder throws(CheckpointError) in
        let x = try call.array("x", builder)
        let axis = try builder.axis(call.int("axis", builder, default: -1), of: x)
        if axis == (try builder.extents(x).count) - 1 {
          return [try builder.apply(.activation(.softmax), builder.computed(x))]
        }
        return [
          try builder.apply(
            .softmax(Softmax(axes: [axis], isLogarithm: false)), builder.computed(x))
        ]
      },
      MILOperator("clip", "x alpha beta") { call, builder throws(CheckpointError) in
        let clamp = Clamp(
          minimum: try call.number("alpha", builder), maximum: try call.number("beta", builder))
        return [try builder.apply(.clamp(clamp), builder.computed(call.array("x", builder)))]
      },
    ]
    + ([
      ("sqrt", .squareRoot), ("square", .square), ("abs", .absolute), ("sign", .sign),
      ("floor", .floor), ("ceil", .ceiling), ("round", .round), ("sin", .sine), ("cos", .cosine),
      ("tan", .tangent), ("asin", .inverseSine), ("acos", .inverseCosine),
      ("atan", .inverseTangent), ("sinh", .hyperbolicSine), ("cosh", .hyperbolicCosine),
      ("erf", .errorFunction), ("logical_not", .not),
    ] as [(String, Unary)]).map { name, function in
      MILOperator(name, "x") { call, builder throws(CheckpointError) in
        [try builder.unary(function, call.array("x", builder))]
      }
    } + [
      MILOperator("exp", "x") { call, builder throws(CheckpointError) in
        [try applied(.exponential, call, &builder)]
      },
      shifted("log", .log), shifted("rsqrt", .reciprocalSquareRoot),
      shifted("inverse", .reciprocal),
    ]

  /// A function with numbers of its own, in the order of their names.
  private static func activation(
    _ name: String, _ numbers: String, _ make: @escaping @Sendable ([Double]) -> Activation
  ) -> MILOperator {
    let names = numbers.split(separator: " ").map(String.init)
    return MILOperator(name, "x \(numbers)") { call, builder throws(CheckpointError) in
      var values: [Double] = []
      for name in names { values.append(try call.number(name, builder)) }
      return [try applied(make(values), call, &builder)]
    }
  }

  /// A function of x + ε.
  private static func shifted(_ name: String, _ function: Unary) -> MILOperator {
    MILOperator(name, "x epsilon") { call, builder throws(CheckpointError) in
      var x = try call.array("x", builder)
      let usual = name == "log" ? 1e-45 : name == "rsqrt" ? 1e-12 : 1e-4
      let epsilon = try call.number("epsilon", builder, default: usual)
      if epsilon != 0, Float(epsilon) > Float.leastNonzeroMagnitude {
        x = try builder.binary(.add, x, .number(epsilon))
      }
      return [try builder.unary(function, x)]
    }
  }

  private static func applied(
    _ function: Activation, _ call: MILCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    try builder.apply(.activation(function), builder.computed(call.array("x", builder)))
  }
}
