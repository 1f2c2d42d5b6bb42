import RecurModel
import RecurTensors

// Products of matrices: with weights they are dense layers.
extension ONNXOperators {
  static let products: [ONNXOperator] = [
    ONNXOperator("MatMul", 2...2) { call, builder throws(CheckpointError) in
      [try product(call.array(0, builder), call.array(1, builder), &builder)]
    },
    ONNXOperator("Gemm", 2...3, "alpha beta transA transB") {
      call, builder throws(CheckpointError) in [try gemm(call, &builder)]
    },
    ONNXOperator("Einsum", 1...16, "equation") { call, builder throws(CheckpointError) in
      let equation = try call.text("equation", builder, default: "").filter { $0 != " " }
      guard equation.first != "-", let parsed = Einsum.Equation(equation),
        parsed.operandCount == call.inputs.count
      else {
        throw call.problem("has the equation '\(equation)'", builder)
      }
      var inputs: [Model.Value] = []
      for x in try call.arrays(builder) { inputs.append(try builder.computed(x)) }
      let layer = Einsum(equation: equation, kernel: nil, bias: nil, activation: .linear)
      return [.computed(try builder.add(.einsum(layer), inputs)[0])]
    },
  ]

  /// A product of matrices; one with a matrix of weights on the right is a dense layer.
  static func product(
    _ left: GraphValue, _ right: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let rank = try builder.extents(left).count
    if let known = right.known, isNoWeight(left), rank > 1 {
      var matrix = known
      while matrix.shape.count > 2, matrix.shape[0] == .fixed(1) {
        matrix = matrix.selected(axis: 0, 0)
      }
      if matrix.shape.count == 2, matrix.isStored, rank >= known.shape.count,
        matrix.type.isFloatingPoint
      {
        return try dense(left, matrix.permuted([1, 0]), nil, &builder)
      }
    }
    let inputs = [try builder.computed(left), try builder.computed(right)]
    return .computed(try builder.add(.matrixProduct(MatrixProduct(.input, .input)), inputs)[0])
  }

  /// Whether a value is computed, or a state that is: of a free batch, or zeros.
  private static func isNoWeight(_ value: GraphValue) -> Bool {
    guard let known = value.known else { return true }
    return known.shape.contains { $0.value == nil } || known.array.count <= 65_536 && known.isZero
  }

  /// y = W·x + b on the last axis.
  static func dense(
    _ x: GraphValue, _ kernel: KnownArray, _ bias: KnownArray?, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if let whole = builder.unjoined(x) {
      let y = try dense(whole, kernel, bias, &builder)
      return try builder.reshaped(
        y, builder.extents(x).dropLast() + [.fixed(kernel.array.shape[0])])
    }
    let layer = Dense(kernel: kernel.array, bias: bias?.array, activation: .linear)
    return .computed(
      try builder.add(.dense(layer), [builder.computed(x)], precision: kernel.type)[0])
  }

  private static func gemm(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let alpha = try call.float("alpha", builder, default: 1)
    let beta = try call.float("beta", builder, default: 1)
    var (a, b) = (try call.array(0, builder), try call.array(1, builder))
    guard try builder.extents(a).count == 2, try builder.extents(b).count == 2 else {
      throw call.problem("multiplies something that is no matrix", builder)
    }
    if try call.int("transA", builder) != 0 { a = try builder.transposed(a, 0, 1) }
    if try call.int("transB", builder) != 0 { b = try builder.transposed(b, 0, 1) }
    let isPlain = alpha == 1 && (beta == 1 || !call.has(2))
    if isPlain, isNoWeight(a), let kernel = b.known, kernel.isStored, kernel.type.isFloatingPoint {
      let units = kernel.array.shape[1]
      if !call.has(2) { return try dense(a, kernel.permuted([1, 0]), nil, &builder) }
      if let bias = call[2].known, bias.isStored, bias.type == kernel.type,
        bias.array.count == units, bias.array.shape.last == units
      {
        let row =
          bias.array.rank == 1 ? bias : KnownArray(try bias.array.reshaped([units]))
        return try dense(a, kernel.permuted([1, 0]), row, &builder)
      }
    }
    var y = try product(a, b, &builder)
    if alpha != 1 { y = try builder.binary(.multiply, y, .number(alpha)) }
    guard call.has(2) else { return y }
    let c = try call.array(2, builder)
    return try builder.binary(
      .add, y, beta == 1 ? c : builder.binary(.multiply, c, .number(beta)))
  }
}
