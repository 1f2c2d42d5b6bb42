import RecurModel
import RecurTensors

// Products of matrices, and windows that move.
extension MILOperators {
  static let products: [MILOperator] = [
    MILOperator("linear", "x weight bias") { call, builder throws(CheckpointError) in
      let weight = try call.weight("weight", builder)
      guard weight.array.rank == 2, weight.type.isArithmetic else {
        throw call.problem("has weights of the shape \(tuple(weight.array.shape))", builder)
      }
      let bias = try bias(call, weight.array.shape[0], weight.type, builder)
      let x = try call.array("x", builder)
      return [
        .computed(
          try builder.add(
            .dense(Dense(kernel: weight.array, bias: bias, activation: .linear)),
            [builder.computed(x)], precision: weight.type)[0])
      ]
    },
    MILOperator("matmul", "x y transpose_x transpose_y") { call, builder throws(CheckpointError) in
      var (x, y) = (try call.array("x", builder), try call.array("y", builder))
      if try call.flag("transpose_x", builder, default: false) {
        x = try builder.transposed(x, -1, -2)
      }
      if try call.flag("transpose_y", builder, default: false) {
        y = try builder.transposed(y, -1, -2)
      }
      let inputs = [try builder.computed(x), try builder.computed(y)]
      return [
        .computed(try builder.add(.matrixProduct(MatrixProduct(.input, .input)), inputs)[0])
      ]
    },
    MILOperator("conv", "x weight bias strides pad_type pad dilations groups") {
      call, builder throws(CheckpointError) in [try convolved(call, &builder)]
    },
  ]

  /// A bias of as many numbers; nil without one, and for zeros.
  private static func bias(
    _ call: MILCall, _ count: Int, _ type: ElementType, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Tensor? {
    guard call.has("bias") else { return nil }
    let known = try call.weight("bias", builder)
    if known.array.count == 1, count > 1, known.isZero { return nil }
    guard known.array.shape == [count], known.type == type else {
      throw call.problem(
        "has a bias of the shape \(tuple(known.array.shape))", builder, expected: tuple([count]))
    }
    return known.array
  }

  /// A convolution of any number of axes; the channels are behind the batch.
  private static func convolved(
    _ call: MILCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let weight = try call.weight("weight", builder)
    let x = try call.array("x", builder)
    let rank = try builder.extents(x).count
    guard weight.array.rank == rank, 3...5 ~= rank, weight.type.isArithmetic else {
      throw call.problem("has weights of the shape \(tuple(weight.array.shape))", builder)
    }
    let sizes = Array(weight.array.shape.dropFirst(2))
    func steps(_ name: String) throws(CheckpointError) -> [Int] {
      let own = call.has(name) ? try call.ints(name, builder) : sizes.map { _ in 1 }
      guard own.count == sizes.count, own.allSatisfy({ 1...(1 << 20) ~= $0 }) else {
        throw call.problem("has \(own) for '\(name)'", builder)
      }
      return own
    }
    let (strides, dilations) = (try steps("strides"), try steps("dilations"))
    let kind = try call.text("pad_type", builder, default: "valid")
    var margins = sizes.map { _ in Reshaping.Margin(0, 0) }
    if kind == "custom" {
      let numbers = try call.ints("pad", builder)
      guard numbers.count == 2 * sizes.count, numbers.allSatisfy({ 0...(1 << 20) ~= $0 }) else {
        throw call.problem("has \(numbers) for 'pad'", builder)
      }
      margins = sizes.indices.map { .init(numbers[2 * $0], numbers[2 * $0 + 1]) }
    } else if kind != "valid" {
      throw call.problem(
        "has the padding '\(kind)'", builder, expected: "'valid' or 'custom'")
    }
    let groups = try call.int("groups", builder, default: 1)
    guard groups > 0, weight.array.shape[0] % groups == 0 else {
      throw call.problem("has \(groups) groups", builder)
    }
    let layer = Convolution(
      kernel: weight.array,
      bias: try bias(call, weight.array.shape[0], weight.type, builder), activation: .linear,
      strides: strides, dilations: dilations,
      paddings: margins.map { .explicit(before: $0.before, after: $0.after) }, groups: groups)
    let last = [0] + Array(2..<rank) + [1]
    let moved = try builder.permuted(x, last)
    let y = GraphValue.computed(
      try builder.add(.convolution(layer), [builder.computed(moved)], precision: weight.type)[0])
    return try builder.permuted(y, [0, rank - 1] + Array(1..<rank - 1))
  }
}
