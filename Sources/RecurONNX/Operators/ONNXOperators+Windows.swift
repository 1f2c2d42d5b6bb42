import RecurModel
import RecurTensors

// Windows along one to three axes behind the channels.
extension ONNXOperators {
  static let windows: [ONNXOperator] = [
    ONNXOperator("Conv", 2...3, "auto_pad dilations group kernel_shape pads strides") {
      call, builder throws(CheckpointError) in
      let (x, kernel) = (try call.array(0, builder), try call.weight(1, builder))
      return [try convolved(x, kernel.array, call, &builder)]
    },
    ONNXOperator(
      "ConvTranspose", 2...3,
      "auto_pad dilations group kernel_shape output_padding output_shape pads strides"
    ) { call, builder throws(CheckpointError) in [try spread(call, &builder)] },
    pool("MaxPool", .maximum, "storage_order dilations"),
    pool("AveragePool", .average, "count_include_pad dilations"),
    global("GlobalMaxPool", .maximum), global("GlobalAveragePool", .average),
    ONNXOperator(
      "Resize", 1...4,
      "antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside "
        + "extrapolation_value keep_aspect_ratio_policy mode nearest_mode"
    ) { call, builder throws(CheckpointError) in [try resized(call, &builder)] },
  ]

  /// The numbers per axis of an attribute.
  private static func perAxis(
    _ name: String, _ axes: Int, _ call: ONNXCall, _ builder: GraphBuilder, default value: Int = 1
  ) throws(CheckpointError) -> [Int] {
    let numbers =
      try call.ints(name, builder) ?? [Int](repeating: value, count: axes)
    guard numbers.count == axes, numbers.allSatisfy({ 0...(1 << 20) ~= $0 }),
      value == 0 || !numbers.contains(0)
    else { throw call.problem("has \(numbers) for '\(name)'", builder) }
    return numbers
  }

  /// The padding per axis.
  private static func paddings(
    _ axes: Int, sizes: [Int], dilations: [Int], strides: [Int], _ call: ONNXCall,
    _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Padding] {
    switch try call.text("auto_pad", builder, default: "NOTSET") {
    case "NOTSET", "":
      let pads =
        try call.ints("pads", builder) ?? [Int](repeating: 0, count: 2 * axes)
      guard pads.count == 2 * axes, pads.allSatisfy({ 0...(1 << 20) ~= $0 }) else {
        throw call.problem("has the padding \(pads)", builder)
      }
      return (0..<axes).map { axis in
        pads[axis] == 0 && pads[axes + axis] == 0
          ? .valid : .explicit(before: pads[axis], after: pads[axes + axis])
      }
    case "VALID": return [Padding](repeating: .valid, count: axes)
    case "SAME_UPPER": return [Padding](repeating: .same, count: axes)
    case "SAME_LOWER" where strides.allSatisfy({ $0 == 1 }):
      return (0..<axes).map { axis in
        let total = (sizes[axis] - 1) * dilations[axis]
        return .explicit(before: total - total / 2, after: total / 2)
      }
    case let other: throw call.problem("pads by '\(other)'", builder)
    }
  }

  /// Given paddings under the names that they have for every extent, where steps are 1.
  ///
  /// `spans` are the distances between the first and the last element of a window.
  private static func named(_ pads: [Padding], _ spans: [Int], _ strides: [Int]) -> [Padding] {
    let isSame = pads.indices.allSatisfy { axis in
      let (before, after) = (spans[axis] / 2, spans[axis] - spans[axis] / 2)
      return strides[axis] == 1
        && (spans[axis] == 0
          ? pads[axis] == .valid : pads[axis] == .explicit(before: before, after: after))
    }
    guard !isSame || !spans.contains(where: { $0 > 0 }) else { return pads.map { _ in .same } }
    guard pads.count == 1, spans[0] > 0, pads[0] == .explicit(before: spans[0], after: 0) else {
      return pads
    }
    return [.causal]
  }

  /// A layer that has the channels last, on a value that has them behind the batch.
  static func channelsLast(
    _ x: GraphValue, _ builder: inout GraphBuilder,
    _ layer: (Model.Value, inout GraphBuilder) throws(CheckpointError) -> GraphValue
  ) throws(CheckpointError) -> GraphValue {
    let rank = try builder.extents(x).count
    guard rank >= 2 else { throw builder.problem("an array of \(rank) axes has no channels") }
    let turned = try builder.permuted(x, [0] + Array(2..<rank) + [1])
    let y = try layer(builder.computed(turned), &builder)
    return try builder.permuted(y, [0, rank - 1] + Array(1..<rank - 1))
  }

  /// The axes behind the channels; the kernel has as many.
  private static func spatialAxes(
    _ x: GraphValue, _ kernel: Tensor, _ call: ONNXCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Int {
    let axes = try builder.extents(x).count - 2
    guard 1...3 ~= axes, kernel.rank == axes + 2, kernel.elementType.isFloatingPoint else {
      throw call.problem("has windows along \(axes) axes", builder, expected: "1 to 3")
    }
    return axes
  }

  static func convolved(
    _ x: GraphValue, _ kernel: Tensor, _ call: ONNXCall, _ builder: inout GraphBuilder,
    hasBias: Bool = true
  ) throws(CheckpointError) -> GraphValue {
    let axes = try spatialAxes(x, kernel, call, builder)
    let sizes = Array(kernel.shape.dropFirst(2))
    if let declared = try call.ints("kernel_shape", builder), declared != sizes {
      throw call.problem("declares windows of \(declared); the weights have \(sizes)", builder)
    }
    let strides = try perAxis("strides", axes, call, builder)
    let dilations = try perAxis("dilations", axes, call, builder)
    let groups = try call.int("group", builder, default: 1)
    guard groups > 0, kernel.shape[0] % groups == 0, !kernel.shape.contains(0) else {
      throw call.problem("has \(groups) groups", builder)
    }
    let layer = Convolution(
      kernel: kernel, bias: hasBias ? try call.optionalWeight(2, builder)?.array : nil,
      activation: .linear, strides: strides, dilations: dilations,
      paddings: named(
        try paddings(axes, sizes: sizes, dilations: dilations, strides: strides, call, builder),
        zip(sizes, dilations).map { ($0 - 1) * $1 }, strides),
      groups: groups)
    return try channelsLast(x, &builder) { x, builder throws(CheckpointError) in
      try builder.apply(.convolution(layer), x)
    }
  }

  private static func spread(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let (x, kernel) = (try call.array(0, builder), try call.weight(1, builder).array)
    let axes = try spatialAxes(x, kernel, call, builder)
    let groups = try call.int("group", builder, default: 1)
    guard groups > 0, kernel.shape[0] % groups == 0, !kernel.shape.contains(0) else {
      throw call.problem("has \(groups) groups", builder)
    }
    let strides = try perAxis("strides", axes, call, builder)
    let dilations = try perAxis("dilations", axes, call, builder)
    let more = try perAxis("output_padding", axes, call, builder, default: 0)
    guard call.attributes["output_shape"] == nil else {
      throw call.problem("has an 'output_shape'", builder)
    }
    let pads = try paddings(
      axes, sizes: Array(kernel.shape.dropFirst(2)), dilations: dilations, strides: strides, call,
      builder)
    var cuts: [Reshaping.Margin] = []
    for (axis, pad) in pads.enumerated() {
      switch pad {
      case .valid: cuts.append(.init(0, -more[axis]))
      case .explicit(let before, let after): cuts.append(.init(before, after - more[axis]))
      case .same, .causal: throw call.problem("pads automatically", builder)
      }
    }
    let layer = TransposedConvolution(
      kernel: kernel, bias: try call.optionalWeight(2, builder)?.array, activation: .linear,
      strides: strides, dilations: dilations, cuts: cuts, groups: groups)
    return try channelsLast(x, &builder) { x, builder throws(CheckpointError) in
      try builder.apply(.transposedConvolution(layer), x)
    }
  }

  private static func pool(
    _ name: String, _ operation: Pooling.Operation, _ attributes: String
  ) -> ONNXOperator {
    ONNXOperator(
      name, 1...1, "auto_pad ceil_mode kernel_shape pads strides \(attributes)"
    ) { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      let axes = shape.count - 2
      guard !call.uses(1), 1...3 ~= axes, let sizes = try call.ints("kernel_shape", builder),
        sizes.count == axes, sizes.allSatisfy({ 1..<1 << 20 ~= $0 })
      else { throw call.problem("puts out positions, or has no window per axis", builder) }
      let strides = try perAxis("strides", axes, call, builder)
      let dilations = try perAxis("dilations", axes, call, builder)
      var pads = try paddings(
        axes, sizes: sizes, dilations: dilations, strides: strides, call, builder)
      let counts = try call.int("count_include_pad", builder) != 0
      let isCeiling = try call.int("ceil_mode", builder) != 0
      var margins: [Reshaping.Margin] = []
      for axis in 0..<axes {
        var (before, after) = (0, 0)
        if case .explicit(let one, let other) = pads[axis] { (before, after) = (one, other) }
        margins.append(.init(before, after))
        guard !counts || pads[axis] != .same else {
          throw call.problem("counts padding that depends on the extent", builder)
        }
        if counts { pads[axis] = .valid }
        guard isCeiling else { continue }
        guard let extent = shape[axis + 2].value, extent <= 1 << 60, pads[axis] != .same else {
          throw call.problem("rounds the number of windows over a free extent up", builder)
        }
        let span = (sizes[axis] - 1) * dilations[axis] + 1
        let room = extent + before + after - span
        guard room > 0 else { continue }
        var windows = (room + strides[axis] - 1) / strides[axis] + 1
        if (windows - 1) * strides[axis] >= extent + before { windows -= 1 }
        let more = max((windows - 1) * strides[axis] - room, 0)
        if more > 0 {
          pads[axis] = .explicit(before: counts ? 0 : before, after: (counts ? 0 : after) + more)
        }
      }
      let layer = Pooling(
        operation: operation,
        region: .windows(
          (0..<axes).map { axis in
            Window(
              size: sizes[axis], stride: strides[axis], dilation: dilations[axis],
              padding: pads[axis])
          }))
      let isPadded = counts && margins.contains { $0.total > 0 }
      return [
        try channelsLast(x, &builder) { x, builder throws(CheckpointError) in
          // A mean in which padding counts is one over an input with zeros around it.
          let input = isPadded ? try builder.add(.reshaping(.pad(margins)), [x])[0] : x
          return try builder.apply(.pooling(layer), input)
        }
      ]
    }
  }

  private static func global(_ name: String, _ operation: Pooling.Operation) -> ONNXOperator {
    ONNXOperator(name, 1...1) { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axes = try builder.extents(x).count - 2
      guard 1...3 ~= axes else { throw call.problem("pools \(axes) axes", builder) }
      let layer = Pooling(operation: operation, region: .whole(axes: axes, keepsAxes: true))
      return [
        try channelsLast(x, &builder) { x, builder throws(CheckpointError) in
          try builder.apply(.pooling(layer), x)
        }
      ]
    }
  }

  /// Every element repeated: the nearest one, by whole factors.
  private static func resized(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let x = try call.array(0, builder)
    let shape = try builder.extents(x)
    let kind = try call.text("mode", builder, default: "nearest")
    guard ["nearest", "linear"].contains(kind), try call.int("antialias", builder) == 0,
      call.attributes["axes"] == nil, shape.count > 2
    else {
      throw call.problem("interpolates", builder, expected: "the mode 'nearest' or 'linear'")
    }
    var factors: [Int] = []
    if call.inputs.count == 2 || call.has(2) && !(call[2].known?.array.count == 0) {
      for factor in try call.weight(call.inputs.count == 2 ? 1 : 2, builder).array.doubles() {
        guard let whole = Int(exactly: factor), 1...4096 ~= whole else {
          throw call.problem("has the factor \(factor)", builder, expected: "whole factors")
        }
        factors.append(whole)
      }
    } else {
      for (size, extent) in zip(try call.sizes(3, builder).elements, shape) {
        guard let factor = size.divided(exactlyBy: extent)?.value, 1...4096 ~= factor else {
          throw call.problem("makes \(size) of \(extent) elements", builder)
        }
        factors.append(factor)
      }
    }
    let mode = try call.text(
      "coordinate_transformation_mode", builder, default: "half_pixel")
    let nearest = try call.text("nearest_mode", builder, default: "round_prefer_floor")
    // With whole factors both rules choose element ⌊i / factor⌋.
    guard
      kind == "linear"
        ? mode == "half_pixel"
        : mode == "asymmetric" && nearest == "floor"
          || mode == "half_pixel" && nearest.hasPrefix("round_prefer"),
      factors.count == shape.count, factors[0] == 1, factors[1] == 1
    else { throw call.problem("has the modes '\(mode)' and '\(nearest)'", builder) }
    if kind == "linear" {
      let layer = Interpolation(factors: Array(factors.dropFirst(2)))
      return try channelsLast(x, &builder) { x, builder throws(CheckpointError) in
        try builder.apply(.interpolation(layer), x)
      }
    }
    return try channelsLast(x, &builder) { x, builder throws(CheckpointError) in
      try builder.apply(.reshaping(.upsample(Array(factors.dropFirst(2)))), x)
    }
  }
}
