import RecurModel
import RecurTensors

// Standardized by mean and variance.
extension ONNXOperators {
  /// The number that a file writes for 1e-5, in float32.
  private static let usualEpsilon = Double(Float(1e-5))

  static let normalizations: [ONNXOperator] = [
    ONNXOperator("BatchNormalization", 5...5, "epsilon momentum spatial training_mode") {
      call, builder throws(CheckpointError) in
      let isTraining = try call.int("training_mode", builder) != 0
      guard try call.int("spatial", builder, default: 1) == 1, isTraining || !call.uses(1) else {
        throw call.problem("is in training", builder)
      }
      let isStored = (1...4).allSatisfy { call[$0].known?.isStored ?? false }
      guard isStored, !isTraining else { return try standardized(call, isTraining, &builder) }
      let layer = BatchNormalization(
        gamma: try call.weight(1, builder).array, beta: try call.weight(2, builder).array,
        movingMean: try call.weight(3, builder).array,
        movingVariance: try call.weight(4, builder).array,
        epsilon: try call.float("epsilon", builder, default: usualEpsilon))
      return [
        try channelsLast(call.array(0, builder), &builder) { x, builder throws(CheckpointError) in
          try builder.apply(.batchNormalization(layer), x)
        }
      ]
    },
    ONNXOperator("LayerNormalization", 2...3, "axis epsilon stash_type") {
      call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      let axis = try builder.axis(call.int("axis", builder, default: -1), of: x)
      let epsilon = try call.float("epsilon", builder, default: usualEpsilon)
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
        gamma: try joined(1), beta: try joined(2), width: width, epsilon: epsilon)
      let rows = try builder.reshaped(
        x, (axis == 0 ? [.fixed(1)] : shape[..<axis]) + [.fixed(width)])
      let y = try builder.apply(.layerNormalization(layer), builder.computed(rows))
      let result = try builder.reshaped(y, shape)
      guard call.uses(1) || call.uses(2) else { return [result] }
      let axes = Array(axis..<shape.count)
      let mean = try builder.reduced(.mean, x, axes: axes, keepsAxes: true)
      let variance = try builder.reduced(.variance, x, axes: axes, keepsAxes: true)
      let deviation = try builder.unary(
        .squareRoot, builder.binary(.add, variance, .number(epsilon)))
      return [result, mean, try builder.unary(.reciprocal, deviation)]
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

  /// The equations, for moments that are computed: those of the batch, in training.
  private static func standardized(
    _ call: ONNXCall, _ isTraining: Bool, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let x = try call.array(0, builder)
    let rank = try builder.extents(x).count
    guard rank >= 2 else { throw call.problem("has no channels", builder) }
    /// One number per channel, aligned with x.
    func aligned(_ index: Int) throws(CheckpointError) -> GraphValue {
      var value = try call.array(index, builder)
      guard try builder.extents(value).count == 1 else {
        throw call.problem("has not one number per channel for input \(index)", builder)
      }
      for _ in 2..<rank { value = try builder.insertingAxis(value, -1) }
      return value
    }
    var (mean, variance) = (try aligned(3), try aligned(4))
    var running: [GraphValue] = []
    if isTraining {
      let axes = [0] + Array(2..<rank)
      let given = [mean, variance]
      mean = try builder.reduced(.mean, x, axes: axes, keepsAxes: true)
      let distance = try builder.binary(.subtract, x, mean)
      variance = try builder.reduced(
        .mean, builder.unary(.square, distance), axes: axes, keepsAxes: true)
      let momentum = try call.float("momentum", builder, default: 0.9)
      let batch = [mean, variance]
      for (index, before) in given.enumerated() {
        var flat = batch[index]
        for axis in axes.reversed() { flat = try builder.selected(flat, axis: axis, 0) }
        var old = before
        for _ in 2..<rank { old = try builder.selected(old, axis: -1, 0) }
        running.append(
          try builder.binary(
            .add, builder.binary(.multiply, old, .number(momentum)),
            builder.binary(.multiply, flat, .number(1 - momentum))))
      }
    }
    let epsilon = try call.float("epsilon", builder, default: usualEpsilon)
    let deviation = try builder.unary(
      .squareRoot, builder.binary(.add, variance, .number(epsilon)))
    let distance = try builder.binary(.subtract, x, mean)
    let scaled = try builder.binary(
      .multiply, builder.binary(.divide, distance, deviation), aligned(1))
    return [try builder.binary(.add, scaled, aligned(2))] + running
  }

  private static func grouped(
    _ call: ONNXCall, groups: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let (gamma, beta) = (try call.weight(1, builder).array, try call.weight(2, builder).array)
    guard groups > 0, gamma.rank == 1, gamma.shape == beta.shape, gamma.count > 0,
      gamma.count % groups == 0
    else { throw call.problem("has \(groups) groups of \(gamma.count) channels", builder) }
    let layer = GroupNormalization(
      gamma: gamma, beta: beta, width: gamma.count, groups: groups,
      epsilon: try call.float("epsilon", builder, default: usualEpsilon))
    return try channelsLast(call.array(0, builder), &builder) {
      x, builder throws(CheckpointError) in
      try builder.apply(.groupNormalization(layer), x)
    }
  }
}
