import RecurModel
import RecurTensors

// Standardized by mean and variance.
extension ONNXOperators {
  static let normalizations: [ONNXOperator] = [
    ONNXOperator("BatchNormalization", 5...5, "epsilon momentum spatial training_mode") {
      call, builder throws(CheckpointError) in
      guard try call.int("training_mode", builder) == 0,
        try call.int("spatial", builder, default: 1) == 1, !call.uses(1)
      else { throw call.problem("is in training", builder) }
      let layer = BatchNormalization(
        gamma: try call.weight(1, builder).array, beta: try call.weight(2, builder).array,
        movingMean: try call.weight(3, builder).array,
        movingVariance: try call.weight(4, builder).array,
        epsilon: try call.float("epsilon", builder, default: 1e-5))
      return [
        try channelsLast(call.array(0, builder), &builder) { x, builder throws(CheckpointError) in
          try builder.apply(.batchNormalization(layer), x)
        }
      ]
    },
    ONNXOperator("LayerNormalization", 2...3, "axis epsilon stash_type") {
      call, builder throws(CheckpointError) in
      guard !call.uses(1), !call.uses(2) else { throw call.problem("puts out moments", builder) }
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      let axis = try builder.axis(call.int("axis", builder, default: -1), of: x)
      let sizes = shape[axis...].compactMap(\.value)
      guard sizes.count == shape.count - axis, sizes.allSatisfy({ $0 > 0 }) else {
        throw call.problem("has moments over axes of free extents", builder)
      }
      let width = sizes.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue })
      func joined(_ index: Int) throws(CheckpointError) -> Tensor? {
        guard let weight = try call.optionalWeight(index, builder) else { return nil }
        guard weight.array.count == width else {
          throw call.problem("has weights of the shape \(tuple(weight.array.shape))", builder)
        }
        return weight.array.rank == 1 ? weight.array : try weight.array.reshaped([width])
      }
      let layer = LayerNormalization(
        gamma: try joined(1), beta: try joined(2), width: width,
        epsilon: try call.float("epsilon", builder, default: 1e-5))
      let rows = try builder.reshaped(x, shape[..<axis] + [.fixed(width)])
      let y = try builder.apply(.layerNormalization(layer), builder.computed(rows))
      return [try builder.reshaped(y, shape)]
    },
    ONNXOperator("InstanceNormalization", 3...3, "epsilon") {
      call, builder throws(CheckpointError) in
      let gamma = try call.weight(1, builder).array
      return [try grouped(call, groups: gamma.count, &builder)]
    },
    ONNXOperator("GroupNormalization", 3...3, "epsilon num_groups stash_type") {
      call, builder throws(CheckpointError) in
      // Version 18 has one weight per group; it was withdrawn.
      guard call.version >= 21 else { throw call.problem("has weights per group", builder) }
      return [try grouped(call, groups: call.int("num_groups", builder), &builder)]
    },
    ONNXOperator("LpNormalization", 1...1, "axis p") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axis = try builder.axis(call.int("axis", builder, default: -1), of: x)
      let p = try call.int("p", builder, default: 2)
      guard p == 1 || p == 2 else { throw call.problem("has a norm of order \(p)", builder) }
      let norm = try builder.apply(
        .reduction(Reduction(p == 1 ? .l1Norm : .l2Norm, axes: [axis], keepsAxes: true)),
        builder.computed(x))
      // Zeros stay zeros.
      let isZero = try builder.binary(.equal, norm, .number(0))
      return [try builder.binary(.divide, x, builder.conditional(isZero, .number(1), norm))]
    },
  ]

  private static func grouped(
    _ call: ONNXCall, groups: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let (gamma, beta) = (try call.weight(1, builder).array, try call.weight(2, builder).array)
    guard groups > 0, gamma.rank == 1, gamma.shape == beta.shape, gamma.count > 0,
      gamma.count % groups == 0
    else { throw call.problem("has \(groups) groups of \(gamma.count) channels", builder) }
    let layer = GroupNormalization(
      gamma: gamma, beta: beta, width: gamma.count, groups: groups,
      epsilon: try call.float("epsilon", builder, default: 1e-5))
    return try channelsLast(call.array(0, builder), &builder) {
      x, builder throws(CheckpointError) in
      try builder.apply(.groupNormalization(layer), x)
    }
  }
}
