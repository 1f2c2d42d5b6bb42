import RecurModel
import RecurTensors

// Functions of one number, element by element, and softmax.
extension ONNXOperators {
  static let activations: [ONNXOperator] =
    plainActivations + unaries + [
      activation("LeakyRelu", "alpha") { call, builder throws(CheckpointError) in
        .leakyReLU(slope: try call.float("alpha", builder, default: 0.01))
      },
      activation("Elu", "alpha") { call, builder throws(CheckpointError) in
        .elu(alpha: try call.float("alpha", builder, default: 1))
      },
      activation("Celu", "alpha") { call, builder throws(CheckpointError) in
        .celu(alpha: try call.float("alpha", builder, default: 1))
      },
      ONNXOperator("Selu", 1...1, "alpha gamma") { call, builder throws(CheckpointError) in
        let alpha = try call.float("alpha", builder, default: 1.67326319217681884765625)
        let gamma = try call.float("gamma", builder, default: 1.05070102214813232421875)
        let x = try builder.computed(call.array(0, builder))
        if abs(alpha - 1.6732632) < 1e-5, abs(gamma - 1.050701) < 1e-5 {
          return [try builder.apply(.activation(.selu), x)]
        }
        let y = try builder.apply(.activation(.elu(alpha: alpha)), x)
        return [try builder.binary(.multiply, y, .number(gamma))]
      },
      activation("HardSigmoid", "alpha beta") { call, builder throws(CheckpointError) in
        .hardSigmoid(
          slope: try call.float("alpha", builder, default: 0.2),
          offset: try call.float("beta", builder, default: 0.5))
      },
      activation("ThresholdedRelu", "alpha") { call, builder throws(CheckpointError) in
        .threshold(at: try call.float("alpha", builder, default: 1), otherwise: 0)
      },
      activation("Gelu", "approximate", gelu),
      activation("Gelu", domain: "com.microsoft") { _, _ throws(CheckpointError) in
        .gelu(isApproximate: false)
      },
      activation("Swish", "alpha") { call, builder throws(CheckpointError) in
        guard try call.float("alpha", builder, default: 1) == 1 else {
          throw call.problem("has an alpha other than 1", builder)
        }
        return .silu
      },
      ONNXOperator("PRelu", 2...2) { call, builder throws(CheckpointError) in
        let x = try call.array(0, builder)
        let slope = try builder.binary(.multiply, x, call.array(1, builder))
        let isNegative = try builder.binary(.less, x, .number(0))
        return [try builder.conditional(isNegative, slope, x)]
      },
      ONNXOperator("Clip", 1...3, "min max") { call, builder throws(CheckpointError) in
        func bound(_ name: String, _ index: Int) throws(CheckpointError) -> Double? {
          if call.attributes[name] != nil { return try call.float(name, builder, default: 0) }
          return call.has(index) ? try call.number(index, builder) : nil
        }
        let x = try builder.computed(call.array(0, builder))
        return [
          try builder.apply(
            .clamp(Clamp(minimum: bound("min", 1), maximum: bound("max", 2))), x)
        ]
      },
      softmax("Softmax", isLogarithm: false), softmax("LogSoftmax", isLogarithm: true),
    ]

  private static let plainActivations: [ONNXOperator] =
    ([
      ("Relu", .relu), ("Sigmoid", .sigmoid), ("Tanh", .tanh), ("Softplus", .softplus),
      ("Softsign", .softsign), ("Exp", .exponential), ("Mish", .mish), ("HardSwish", .hardSilu),
    ] as [(String, Activation)]).map { name, function in
      activation(name) { _, _ throws(CheckpointError) in function }
    }

  private static let unaries: [ONNXOperator] =
    ([
      ("Log", .log), ("Sqrt", .squareRoot), ("Abs", .absolute), ("Neg", .negative),
      ("Sign", .sign), ("Reciprocal", .reciprocal), ("Floor", .floor), ("Ceil", .ceiling),
      ("Round", .round), ("Sin", .sine), ("Cos", .cosine), ("Tan", .tangent),
      ("Asin", .inverseSine), ("Acos", .inverseCosine), ("Atan", .inverseTangent),
      ("Sinh", .hyperbolicSine), ("Cosh", .hyperbolicCosine), ("Erf", .errorFunction),
      ("Not", .not), ("IsNaN", .isNaN),
    ] as [(String, Unary)]).map { name, function in
      ONNXOperator(name, 1...1) { call, builder throws(CheckpointError) in
        if call[0].isSymbolic, function == .negative {
          return [
            try binary(.multiply, call[0], .known(KnownArray(whole: [-1], shape: [])), &builder)
          ]
        }
        if function == .not, let known = call[0].known {
          return [try builder.binary(.equal, .known(known), .number(0))]
        }
        let x = try call.array(0, builder)
        guard let type = builder.type(x), !type.isFloatingPoint, type != .bool,
          [.absolute, .negative, .sign].contains(function)
        else { return [try builder.unary(function, x)] }
        return [try builder.cast(builder.unary(function, x), to: type)]
      }
    }

  private typealias Choose =
    @Sendable (ONNXCall, GraphBuilder) throws(CheckpointError) -> Activation

  private static func activation(
    _ name: String, _ attributes: String = "", domain: String = "", _ choose: @escaping Choose
  ) -> ONNXOperator {
    ONNXOperator(name, 1...1, attributes, domain: domain) { call, builder throws(CheckpointError) in
      let function = try choose(call, builder)
      return [
        try builder.apply(.activation(function), builder.computed(call.array(0, builder)))
      ]
    }
  }

  private static let gelu: Choose = { call, builder throws(CheckpointError) in
    switch try call.text("approximate", builder, default: "none") {
    case "none": return .gelu(isApproximate: false)
    case "tanh": return .gelu(isApproximate: true)
    case let other: throw call.problem("approximates by '\(other)'", builder)
    }
  }

  /// Until version 12 over all axes from one on, since then over one.
  private static func softmax(_ name: String, isLogarithm: Bool) -> ONNXOperator {
    ONNXOperator(name, 1...1, "axis") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let rank = try builder.extents(x).count
      let first = try builder.axis(
        call.int("axis", builder, default: call.version < 13 ? 1 : -1), of: x)
      let axes = call.version < 13 ? Array(first..<rank) : [first]
      let layer: Layer =
        axes == [rank - 1]
        ? .activation(isLogarithm ? .logSoftmax : .softmax)
        : .softmax(Softmax(axes: axes, isLogarithm: isLogarithm))
      return [try builder.apply(layer, builder.computed(x))]
    }
  }
}
