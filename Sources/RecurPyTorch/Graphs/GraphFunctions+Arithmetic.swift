import RecurModel
import RecurTensors

// Arithmetic with arrays, numbers and extents.
extension GraphFunctions {
  static let arithmetic: [GraphFunction] =
    binaries.flatMap { function, names in
      names.map { name in
        GraphFunction("\(name)(self, other)") { call, builder throws(CheckpointError) in
          [try builder.binary(function, call["self"], call["other"])]
        }
      }
    } + [
      GraphFunction("add(self, other, alpha=1)") { call, builder throws(CheckpointError) in
        [try builder.binary(.add, call["self"], scaled(call["other"], call, &builder))]
      },
      GraphFunction("sub(self, other, alpha=1)") { call, builder throws(CheckpointError) in
        [try builder.binary(.subtract, call["self"], scaled(call["other"], call, &builder))]
      },
      GraphFunction("rsub(self, other, alpha=1)") { call, builder throws(CheckpointError) in
        [try builder.binary(.subtract, call["other"], scaled(call["self"], call, &builder))]
      },
      GraphFunction("div(self, other, rounding_mode=None)") {
        call, builder throws(CheckpointError) in
        switch call["rounding_mode"].text {
        case nil: return [try builder.binary(.divide, call["self"], call["other"])]
        case "floor": return [try builder.binary(.floorDivide, call["self"], call["other"])]
        case "trunc":
          let quotient = try builder.binary(.divide, call["self"], call["other"])
          return [try builder.unary(.truncate, quotient)]
        default: throw call.problem("rounding_mode", "'floor' or 'trunc'", builder)
        }
      },
      GraphFunction("pow(self, exponent)") { call, builder throws(CheckpointError) in
        if call["exponent"].double == 2, call["self"].isArray {
          return [try builder.unary(.square, call["self"])]
        }
        return [try builder.binary(.power, call["self"], call["exponent"])]
      },
      GraphFunction("where(condition, self, other)") { call, builder throws(CheckpointError) in
        [try builder.conditional(call["condition"], call["self"], call["other"])]
      },
      GraphFunction("masked_fill(self, mask, value)") { call, builder throws(CheckpointError) in
        [try builder.conditional(call["mask"], call["value"], call["self"])]
      },
      GraphFunction("neg(self)") { call, builder throws(CheckpointError) in
        [try builder.unary(.negative, call["self"])]
      },
      GraphFunction("sqrt(self)") { call, builder throws(CheckpointError) in
        [try builder.unary(.squareRoot, call["self"])]
      },
      GraphFunction("abs(self)") { call, builder throws(CheckpointError) in
        [try builder.unary(.absolute, call["self"])]
      },
      GraphFunction("reciprocal(self)") { call, builder throws(CheckpointError) in
        [try builder.unary(.reciprocal, call["self"])]
      },
      GraphFunction("rsqrt(self)") { call, builder throws(CheckpointError) in
        [try builder.unary(.reciprocalSquareRoot, call["self"])]
      },
      GraphFunction("linalg_vector_norm(self, ord=2, dim=None, keepdim=False)") {
        call, builder throws(CheckpointError) in
        guard call["ord"].double == 2, call.has("dim") || call["self"].known != nil else {
          throw call.problem("ord", "the norm of order 2 over some axes", builder)
        }
        return [try reduced(.l2Norm, call, &builder)]
      },
      GraphFunction("sum(self, dim=None, keepdim=False, dtype=None)") {
        call, builder throws(CheckpointError) in [try reduced(.sum, call, &builder)]
      },
      GraphFunction("mean(self, dim=None, keepdim=False, dtype=None)") {
        call, builder throws(CheckpointError) in [try reduced(.mean, call, &builder)]
      },
      GraphFunction("amax(self, dim=None, keepdim=False)") {
        call, builder throws(CheckpointError) in [try reduced(.maximum, call, &builder)]
      },
      GraphFunction("amin(self, dim=None, keepdim=False)") {
        call, builder throws(CheckpointError) in [try reduced(.minimum, call, &builder)]
      },
      GraphFunction("_weight_norm(v, g, dim=0)", weightNorm),
    ]

  /// Functions of two operands with their names in aten, in Python's `operator`, and as methods.
  private static let binaries: [(Binary.Function, [String])] = [
    (.multiply, ["mul", "multiply"]), (.floorDivide, ["floor_divide", "floordiv"]),
    (.modulo, ["remainder", "mod"]), (.maximum, ["maximum"]), (.minimum, ["minimum"]),
    (.equal, ["eq"]), (.notEqual, ["ne"]), (.less, ["lt"]), (.lessOrEqual, ["le"]),
    (.greater, ["gt"]), (.greaterOrEqual, ["ge"]), (.and, ["logical_and"]), (.or, ["logical_or"]),
    (.exclusiveOr, ["logical_xor"]), (.divide, ["truediv"]),
  ]

  /// One number for all elements along some axes; without axes, along all.
  private static func reduced(
    _ function: Reduction.Function, _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    var x = try call.array("self", builder)
    if let type = try call.type("dtype", builder) { x = try builder.cast(x, to: type) }
    var axes: [Int] = []
    if call.has("dim"), call["dim"].list?.isEmpty != true {
      for axis in try call.integers("dim", builder) { axes.append(try builder.axis(axis, of: x)) }
    } else {
      axes = Array(try builder.extents(x).indices)
    }
    return try builder.reduced(
      function, x, axes: axes, keepsAxes: call.flag("keepdim", builder))
  }

  /// The operand times `alpha`.
  private static func scaled(
    _ x: GraphValue, _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard call["alpha"].double != 1 else { return x }
    return try builder.binary(.multiply, x, call["alpha"])
  }

  /// g·v / ‖v‖ with the norm over all axes but one, folded while the file is read.
  private static let weightNorm: GraphFunction.Apply = { call, builder throws(CheckpointError) in
    let (v, g) = (try call.weight("v", builder).array, try call.weight("g", builder).array)
    let axis = try builder.axis(call.integer("dim", builder), of: call["v"])
    guard g.count == v.shape[axis], v.elementType.isFloatingPoint else {
      throw call.problem("g", "a length per row of v", builder)
    }
    let (values, lengths) = (v.doubles(), g.doubles())
    let inner = v.shape[(axis + 1)...].reduce(1, *)
    func row(_ position: Int) -> Int { position / max(inner, 1) % v.shape[axis] }
    var sums = [Double](repeating: 0, count: lengths.count)
    for (position, value) in values.enumerated() { sums[row(position)] += value * value }
    let folded = values.enumerated().map { position, value in
      lengths[row(position)] * value / sums[row(position)].squareRoot()
    }
    return [.known(KnownArray(try Tensor.numbers(folded, v.elementType, shape: v.shape)))]
  }
}
