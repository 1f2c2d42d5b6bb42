import RecurModel
import RecurTensors

// Operators that decompositions write, and operators of several results, as others of the table.
extension GraphFunctions {
  static let variants: [GraphFunction] =
    [
      GraphFunction("native_layer_norm(input, normalized_shape, weight, bias, eps)") {
        call, builder throws(CheckpointError) in
        try first("layer_norm", call, &builder, count: 3)
      },
      GraphFunction("layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5)") {
        call, builder throws(CheckpointError) in [try layerNorm(call, &builder)]
      },
      GraphFunction("native_group_norm(input, weight, bias, N, C, HxW, group, eps)") {
        call, builder throws(CheckpointError) in
        let own = GraphCall(
          call.name, overload: "",
          [
            "input": call["input"], "weight": call["weight"], "bias": call["bias"],
            "num_groups": call["group"], "eps": call["eps"],
          ])
        return try first("group_norm", own, &builder, count: 3)
      },
      GraphFunction(
        "_native_batch_norm_legit_no_training(input, weight, bias, running_mean, running_var, "
          + "momentum, eps)"
      ) { call, builder throws(CheckpointError) in
        let own = GraphCall(
          call.name, overload: "",
          [
            "input": call["input"], "weight": call["weight"], "bias": call["bias"],
            "running_mean": call["running_mean"], "running_var": call["running_var"],
            "eps": call["eps"], "training": .flag(false),
          ])
        return try first("batch_norm", own, &builder, count: 3)
      },
      GraphFunction("native_dropout(input, p, train)") { call, builder throws(CheckpointError) in
        guard call["train"].flag == false else {
          throw builder.problem("dropout draws random numbers", hint: "export after model.eval()")
        }
        return [try call.array("input", builder), .nothing]
      },
      GraphFunction(
        "convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, "
          + "groups)", convolution),
      GraphFunction(
        "max_pool2d_with_indices(self, kernel_size, stride=[], padding=0, dilation=1, "
          + "ceil_mode=False)"
      ) { call, builder throws(CheckpointError) in
        try first("max_pool2d", call, &builder, count: 2)
      },
      GraphFunction("_softmax(self, dim, half_to_float)") {
        call, builder throws(CheckpointError) in try softmax("softmax", call, &builder)
      },
      GraphFunction("_log_softmax(self, dim, half_to_float)") {
        call, builder throws(CheckpointError) in try softmax("log_softmax", call, &builder)
      },
      GraphFunction("einsum(equation, tensors, path=None)") {
        call, builder throws(CheckpointError) in
        [
          try PyTorchFunctions.results(
            "einsum", call.name, [("equation", call["equation"]), ("operands", call["tensors"])],
            &builder)[0]
        ]
      },
      GraphFunction("max(self, dim=None, keepdim=False)") { call, builder throws(CheckpointError) in
        try extreme("amax", .argumentOfMaximum, call, &builder)
      },
      GraphFunction("min(self, dim=None, keepdim=False)") { call, builder throws(CheckpointError) in
        try extreme("amin", .argumentOfMinimum, call, &builder)
      },
    ]
    + ["nearest1d", "nearest2d", "nearest3d"].map { name in
      GraphFunction("upsample_\(name)(input, output_size=None, scale_factors=None, scales=None)") {
        call, builder throws(CheckpointError) in [try upsampled(call, &builder)]
      }
    }

  private static func softmax(
    _ name: String, _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    guard try !call.flag("half_to_float", builder) else {
      throw call.problem("half_to_float", "False", builder)
    }
    return try GraphFunctions.call(
      "torch.ops.aten.\(name)", [("self", call["self"]), ("dim", call["dim"])], &builder)
  }

  /// Which position of an extreme is asked for.
  enum Extreme: String { case argumentOfMaximum = "argmax", argumentOfMinimum = "argmin" }

  /// The first result of another operator with these arguments; the others are of no use outside of
  /// training.
  private static func first(
    _ name: String, _ call: GraphCall, _ builder: inout GraphBuilder, count: Int
  ) throws(CheckpointError) -> [GraphValue] {
    let result = try GraphFunctions.call("torch.ops.aten.\(name)", call.all, &builder)
    return result.prefix(1) + [GraphValue](repeating: .nothing, count: count - 1)
  }

  /// The largest or smallest number along an axis, and where it is.
  private static func extreme(
    _ name: String, _ position: Extreme, _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    var arguments = [("self", call["self"]), ("keepdim", call["keepdim"])]
    if call.has("dim") { arguments.append(("dim", call["dim"])) }
    let values = try GraphFunctions.call("torch.ops.aten.\(name)", arguments, &builder)
    guard call.has("dim") else { return values }
    guard call.readsFurtherResults else { return values + [.nothing] }
    let places = try GraphFunctions.call("torch.ops.aten.\(position.rawValue)", arguments, &builder)
    return values + places
  }

  /// Moments over several axes are those of one joined axis.
  private static func layerNorm(
    _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let sizes = try call.integers("normalized_shape", builder)
    let x = try call.array("input", builder)
    let shape = try builder.extents(x)
    guard sizes.count <= shape.count, !sizes.isEmpty,
      zip(sizes, shape.suffix(sizes.count)).allSatisfy({ $1 == .fixed($0) })
    else { throw call.problem("normalized_shape", "the last extents of the array", builder) }
    let all = sizes.reduce(Dimension.fixed(1)) { $0.times($1) }
    guard let width = all.value, width <= 1 << 40 else {
      throw call.problem("normalized_shape", "extents that can be counted", builder)
    }
    func joined(_ parameter: String) throws(CheckpointError) -> Tensor? {
      guard let weight = try call.optionalWeight(parameter, builder) else { return nil }
      guard weight.array.shape == sizes else {
        throw call.problem(parameter, "one number per element", builder)
      }
      return sizes.count == 1 ? weight.array : try weight.array.reshaped([width])
    }
    let layer = LayerNormalization(
      gamma: try joined("weight"), beta: try joined("bias"), width: width,
      epsilon: try call.double("eps", builder))
    let place =
      sizes.count == 1
      ? builder.place(["weight": call["weight"].known, "bias": call["bias"].known]) : nil
    let rows = try builder.reshaped(x, shape.dropLast(sizes.count) + [.fixed(width)])
    let y = try builder.apply(
      .layerNormalization(layer), builder.computed(rows), place: place)
    return try builder.reshaped(y, shape)
  }

  private static let convolution: GraphFunction.Apply = { call, builder throws(CheckpointError) in
    let axes = try builder.extents(call.array("input", builder)).count - 2
    guard 1...3 ~= axes else { throw call.problem("input", "1 to 3 axes and channels", builder) }
    let isTransposed = try call.flag("transposed", builder)
    var arguments = [
      "input", "weight", "bias", "stride", "padding", "dilation", "groups",
    ].map { ($0, call[$0]) }
    if isTransposed { arguments.append(("output_padding", call["output_padding"])) }
    let name = isTransposed ? "conv_transpose\(axes)d" : "conv\(axes)d"
    return try GraphFunctions.call("torch.ops.aten.\(name)", arguments, &builder)
  }

  /// Every position repeated.
  private static func upsampled(
    _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let x = try call.array("input", builder)
    let shape = try builder.extents(x)
    let spatial = Array(shape.dropFirst(2))
    var factors: [Int] = []
    if call.has("output_size") {
      let sizes = try call.dimensions("output_size", builder)
      for (size, extent) in zip(sizes, spatial) {
        guard let factor = size.divided(exactlyBy: extent)?.value else {
          throw call.problem("output_size", "a multiple of the extents", builder)
        }
        factors.append(factor)
      }
    } else {
      for factor in call["scale_factors"].list ?? [] {
        guard let value = factor.double, value == value.rounded(), 1...4096 ~= value else {
          throw call.problem("scale_factors", "whole numbers", builder)
        }
        factors.append(Int(value))
      }
    }
    guard factors.count == spatial.count, factors.allSatisfy({ $0 > 0 }) else {
      throw call.problem("output_size", "a factor per axis", builder)
    }
    let rank = shape.count
    let last = try builder.permuted(x, [0] + Array(2..<rank) + [1])
    let y = try builder.apply(.reshaping(.upsample(factors)), builder.computed(last))
    return try builder.permuted(y, [0, rank - 1] + Array(1..<rank - 1))
  }
}
