import RecurModel
import RecurTensors

// Products of matrices.
extension LiteOperators {
  static let products: [LiteOperatorRow] = [
    LiteOperatorRow(9, "FULLY_CONNECTED") { call, builder throws(CheckpointError) in
      let weights = try call.weight(1, builder)
      guard weights.array.rank == 2, weights.type.isFloatingPoint, try call.byteOption(1) == 0
      else { throw call.problem("has weights in a form of their own", builder) }
      let (units, width) = (weights.array.shape[0], weights.array.shape[1])
      var x = try call.array(0, builder)
      // The elements are rows of the kernel's width, unless the axes are to be kept.
      if try call.byteOption(2) == 0 {
        let shape = try builder.extents(x)
        if shape.count != 2 || shape[1] != .fixed(width) {
          x = try builder.reshaped(x, [.fixed(-1), .fixed(width)])
        }
      }
      let bias = call.has(2) ? try call.weight(2, builder).array : nil
      guard bias.map({ $0.shape == [units] && $0.elementType == weights.type }) ?? true else {
        throw call.problem("has biases of the shape \(tuple(bias?.shape ?? []))", builder)
      }
      let layer = Dense(kernel: weights.array, bias: bias, activation: .linear)
      let y = GraphValue.computed(
        try builder.add(.dense(layer), [builder.computed(x)], precision: weights.type)[0])
      return [try call.activated(y, 0, &builder)]
    },
    LiteOperatorRow(126, "BATCH_MATMUL") { call, builder throws(CheckpointError) in
      var (left, right) = (try call.array(0, builder), try call.array(1, builder))
      if try call.byteOption(0) != 0 { left = try builder.transposed(left, -1, -2) }
      if try call.byteOption(1) != 0 { right = try builder.transposed(right, -1, -2) }
      let inputs = [try builder.computed(left), try builder.computed(right)]
      return [
        .computed(try builder.add(.matrixProduct(MatrixProduct(.input, .input)), inputs)[0])
      ]
    },
  ]
}
