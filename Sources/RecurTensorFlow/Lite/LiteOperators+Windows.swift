import RecurContainers
import RecurModel
import RecurTensors

// Windows over arrays that have their channels last
// (tensorflow/compiler/mlir/lite/schema/schema.fbs, `Conv2DOptions`, `Pool2DOptions`).
extension LiteOperators {
  static let windows: [LiteOperatorRow] = [
    LiteOperatorRow(3, "CONV_2D") { call, builder throws(CheckpointError) in
      let kernel = try kernel(call, builder)
      let dilations = [try dilation(call, 5), try dilation(call, 4)]
      let y = try convolved(
        kernel.permuted([0, 3, 1, 2]), groups: 1, dilations: dilations, call, &builder)
      return [try call.activated(y, 3, &builder)]
    },
    LiteOperatorRow(4, "DEPTHWISE_CONV_2D") { call, builder throws(CheckpointError) in
      let kernel = try kernel(call, builder)
      let channels = try builder.extents(call.array(0, builder)).last?.value ?? 0
      guard channels > 0, kernel.shape[0] == 1, kernel.shape[3] % channels == 0 else {
        throw call.problem("has weights of the shape \(tuple(kernel.shape))", builder)
      }
      let dilations = [try dilation(call, 6), try dilation(call, 5)]
      let y = try convolved(
        kernel.permuted([3, 0, 1, 2]), groups: channels, dilations: dilations, call, &builder)
      return [try call.activated(y, 4, &builder)]
    },
    pool(1, "AVERAGE_POOL_2D", .average), pool(17, "MAX_POOL_2D", .maximum),
  ]

  private static func kernel(
    _ call: LiteCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Tensor {
    let kernel = try call.weight(1, builder).array
    guard kernel.rank == 4, kernel.elementType.isFloatingPoint, !kernel.shape.contains(0) else {
      throw call.problem("has weights of the shape \(tuple(kernel.shape))", builder)
    }
    return kernel
  }

  private static func dilation(_ call: LiteCall, _ field: Int) throws(CheckpointError) -> Int {
    Int(try call.own.options?.integer(field, Int32.self, usual: 1) ?? 1)
  }

  /// The distances between windows along height and width, and what is added at the ends.
  private static func grid(
    _ call: LiteCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> (strides: [Int], padding: Padding) {
    let (strides, padding) = ([try call.option(2), try call.option(1)], try call.byteOption(0))
    guard strides.allSatisfy({ 1...(1 << 20) ~= $0 }), 0...1 ~= padding else {
      throw call.problem("has the strides \(strides) and the padding \(padding)", builder)
    }
    return (strides, padding == 0 ? .same : .valid)
  }

  private static func convolved(
    _ kernel: Tensor, groups: Int, dilations: [Int], _ call: LiteCall,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let (strides, padding) = try grid(call, builder)
    guard dilations.allSatisfy({ 1...(1 << 20) ~= $0 }) else {
      throw call.problem("has the dilations \(dilations)", builder)
    }
    let bias = call.has(2) ? try call.weight(2, builder).array : nil
    guard
      bias.map({ $0.shape == [kernel.shape[0]] && $0.elementType == kernel.elementType }) ?? true
    else { throw call.problem("has biases of the shape \(tuple(bias?.shape ?? []))", builder) }
    let layer = Convolution(
      kernel: kernel, bias: bias, activation: .linear, strides: strides, dilations: dilations,
      paddings: [padding, padding], groups: groups, isDepthwise: groups > 1)
    return .computed(
      try builder.add(
        .convolution(layer), [builder.computed(call.array(0, builder))],
        precision: kernel.elementType)[0])
  }

  private static func pool(
    _ number: Int, _ name: String, _ operation: Pooling.Operation
  ) -> LiteOperatorRow {
    LiteOperatorRow(number, name) { call, builder throws(CheckpointError) in
      let (strides, padding) = try grid(call, builder)
      let sizes = [try call.option(4), try call.option(3)]
      guard sizes.allSatisfy({ 1...(1 << 20) ~= $0 }) else {
        throw call.problem("has windows of \(sizes)", builder)
      }
      let windows = sizes.indices.map {
        Window(size: sizes[$0], stride: strides[$0], padding: padding)
      }
      let y = try builder.apply(
        .pooling(Pooling(operation: operation, region: .windows(windows))),
        builder.computed(call.array(0, builder)))
      return [try call.activated(y, 5, &builder)]
    }
  }
}
