import RecurModel
import RecurTensors

// Numbers brought to a mean and a variance, and one number for many.
extension MILOperators {
  static let normalizations: [MILOperator] = [
    MILOperator("layer_norm", "x axes gamma beta epsilon") {
      call, builder throws(CheckpointError) in
      let x = try call.array("x", builder)
      let extents = try builder.extents(x)
      let axes = call.has("axes") ? try call.ints("axes", builder) : []
      guard positions(of: axes, rank: extents.count) == [extents.count - 1],
        let width = extents.last?.value
      else { throw call.problem("has the axes \(axes)", builder, expected: "the last axis") }
      func row(_ name: String) throws(CheckpointError) -> Tensor? {
        call.has(name) ? try call.weight(name, shape: [width], builder) : nil
      }
      let layer = LayerNormalization(
        gamma: try row("gamma"), beta: try row("beta"), width: width,
        epsilon: try call.number("epsilon", builder, default: 1e-5))
      return [try builder.apply(.layerNormalization(layer), builder.computed(x))]
    },
    MILOperator("batch_norm", "x mean variance gamma beta epsilon") {
      call, builder throws(CheckpointError) in
      let x = try call.array("x", builder)
      let extents = try builder.extents(x)
      guard extents.count >= 3, let width = extents[1].value else {
        throw call.problem("reads an array of \(text(extents))", builder)
      }
      func row(_ name: String) throws(CheckpointError) -> Tensor {
        try call.weight(name, shape: [width], builder)
      }
      let layer = BatchNormalization(
        gamma: call.has("gamma") ? try row("gamma") : nil,
        beta: call.has("beta") ? try row("beta") : nil, movingMean: try row("mean"),
        movingVariance: try row("variance"),
        epsilon: try call.number("epsilon", builder, default: 1e-5))
      let rank = extents.count
      let moved = try builder.permuted(x, [0] + Array(2..<rank) + [1])
      let y = try builder.apply(.batchNormalization(layer), builder.computed(moved))
      return [try builder.permuted(y, [0, rank - 1] + Array(1..<rank - 1))]
    },
  ]

  static let reductions: [MILOperator] =
    ([
      ("reduce_sum", .sum), ("reduce_mean", .mean), ("reduce_max", .maximum),
      ("reduce_min", .minimum), ("reduce_prod", .product), ("reduce_l2_norm", .l2Norm),
      ("reduce_log_sum_exp", .logSumExp),
    ] as [(String, Reduction.Function)]).map { name, function in
      MILOperator(name, "x axes keep_dims") { call, builder throws(CheckpointError) in
        let x = try call.array("x", builder)
        let axes =
          call.has("axes")
          ? try call.ints("axes", builder) : Array(try builder.extents(x).indices)
        return [
          try builder.reduced(
            function, x, axes: axes,
            keepsAxes: call.flag("keep_dims", builder, default: false))
        ]
      }
    }
}
