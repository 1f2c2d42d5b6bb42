import RecurModel
import RecurTensors

// Windows over arrays that have their channels last, and normalizations.
extension GraphOperators {
  static let windows: [GraphOperatorRow] =
    [
      GraphOperatorRow("Conv2D") { call, builder throws(CheckpointError) in
        [try convolved(call, isDepthwise: false, &builder)]
      },
      GraphOperatorRow("DepthwiseConv2dNative") { call, builder throws(CheckpointError) in
        [try convolved(call, isDepthwise: true, &builder)]
      },
      pool("MaxPool", .maximum), pool("AvgPool", .average),
    ]
    + ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"].map { name in
      GraphOperatorRow(name) { call, builder throws(CheckpointError) in
        [try normalized(call, &builder)]
      }
    }

  /// The numbers of the two inner axes of an option of four.
  private static func inner(
    _ name: String, _ call: OperatorCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Int] {
    let all = try call.node.integers(name) ?? [1, 1, 1, 1]
    guard all.count == 4, all[0] == 1, all[3] == 1, all.allSatisfy({ 1...(1 << 20) ~= $0 }) else {
      throw call.problem("has \(all) for '\(name)'", builder)
    }
    return Array(all[1...2])
  }

  private static func paddings(
    _ call: OperatorCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Padding] {
    switch call.node.text("padding") {
    case "SAME": return [.same, .same]
    case "VALID": return [.valid, .valid]
    case "EXPLICIT":
      let own = try call.node.integers("explicit_paddings") ?? []
      guard own.count == 8, own.allSatisfy({ 0...(1 << 20) ~= $0 }), own[0...1] == [0, 0],
        own[6...7] == [0, 0]
      else { throw call.problem("has the padding \(own)", builder) }
      return [
        .explicit(before: own[2], after: own[3]), .explicit(before: own[4], after: own[5]),
      ]
    case let other: throw call.problem("pads by '\(other ?? "")'", builder)
    }
  }

  private static func convolved(
    _ call: OperatorCall, isDepthwise: Bool, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    try call.demandChannelsLast(builder)
    let kernel = try call.weight(1, builder).array
    guard kernel.rank == 4, kernel.elementType.isFloatingPoint, !kernel.shape.contains(0) else {
      throw call.problem("has weights of the shape \(tuple(kernel.shape))", builder)
    }
    let (inputs, outputs) = (kernel.shape[2], kernel.shape[3])
    // A kernel is [height, width, inputs, outputs]; one per channel has the multiplier last.
    let own =
      isDepthwise
      ? try kernel.permuted([2, 3, 0, 1]).reshaped(
        [inputs * outputs, 1, kernel.shape[0], kernel.shape[1]])
      : kernel.permuted([3, 2, 0, 1])
    let x = try call.array(0, builder)
    var groups = isDepthwise ? inputs : 1
    if !isDepthwise, let channels = try builder.extents(x).last?.value, channels != inputs {
      guard channels % inputs == 0, outputs % (channels / inputs) == 0 else {
        throw call.problem(
          "has \(inputs) inputs and \(outputs) outputs for \(channels) channels", builder)
      }
      groups = channels / inputs
    }
    let layer = Convolution(
      kernel: own, bias: nil, activation: .linear, strides: try inner("strides", call, builder),
      dilations: try inner("dilations", call, builder), paddings: try paddings(call, builder),
      groups: groups, isDepthwise: isDepthwise)
    return .computed(
      try builder.add(
        .convolution(layer), [builder.computed(x)], precision: kernel.elementType)[0])
  }

  private static func pool(_ name: String, _ operation: Pooling.Operation) -> GraphOperatorRow {
    GraphOperatorRow(name) { call, builder throws(CheckpointError) in
      try call.demandChannelsLast(builder)
      let (sizes, strides) = (
        try inner("ksize", call, builder), try inner("strides", call, builder)
      )
      let paddings = try paddings(call, builder)
      let windows = sizes.indices.map {
        Window(size: sizes[$0], stride: strides[$0], padding: paddings[$0])
      }
      return [
        try builder.apply(
          .pooling(Pooling(operation: operation, region: .windows(windows))),
          builder.computed(call.array(0, builder)))
      ]
    }
  }

  /// (x − mean) / √(variance + ε) · scale + offset, with what the training measured.
  private static func normalized(
    _ call: OperatorCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    try call.demandChannelsLast(builder)
    guard call.node.attributes["is_training"] != nil, !call.node.flag("is_training") else {
      throw call.problem("normalizes by the numbers of the batch", builder)
    }
    var weights: [Tensor] = []
    for index in 1...4 { weights.append(try call.weight(index, builder).array) }
    let layer = BatchNormalization(
      gamma: weights[0], beta: weights[1], movingMean: weights[2], movingVariance: weights[3],
      epsilon: try call.node.float("epsilon") ?? 1e-4)
    return try builder.apply(
      .batchNormalization(layer), builder.computed(call.array(0, builder)))
  }
}
