import RecurContainers
import RecurModel
import RecurTensors

extension KerasLayerWriter {
  mutating func form(
    of dense: Dense, named name: String
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard let activation = activation(dense.activation) else { return nil }
    return KerasLayerForm(
      className: "Dense", name: name,
      options: [
        ("units", .integer(dense.outputSize)), ("activation", activation.value),
        ("use_bias", .bool(dense.bias != nil)),
      ],
      arrays: try linear(dense.kernel, dense.bias, scale: activation.inputScale))
  }

  mutating func form(
    of convolution: Convolution, named name: String
  ) throws(CheckpointError) -> KerasLayerForm? {
    // keras/src/layers/convolutional/base_conv.py, `BaseConv.__init__`.
    if convolution.stride > 1, convolution.dilation > 1 {
      fail(
        "'\(node.layerName)' has stride \(convolution.stride) and dilation "
          + "\(convolution.dilation); Keras takes only one of them above 1",
        hint: "write .pt or .safetensors, or a PyTorch module")
      return nil
    }
    guard let activation = activation(convolution.activation) else { return nil }
    var options: [(name: String, value: JSONValue)] = [
      ("filters", .integer(convolution.outputSize)),
      ("kernel_size", [.integer(convolution.kernelSize)]),
      ("strides", [.integer(convolution.stride)]),
      ("padding", .string(convolution.padding.rawValue)), ("data_format", "channels_last"),
      ("dilation_rate", [.integer(convolution.dilation)]),
    ]
    // tf.keras knows groups from 2.3 on.
    if convolution.groups != 1 || target.isKeras3 {
      options.append(("groups", .integer(convolution.groups)))
    }
    options += [("activation", activation.value), ("use_bias", .bool(convolution.bias != nil))]
    return KerasLayerForm(
      className: "Conv1D", name: name, options: options,
      arrays: try linear(convolution.kernel, convolution.bias, scale: activation.inputScale))
  }

  /// Kernel, outputs last, and bias of a linear map whose result is multiplied by `scale`.
  private mutating func linear(
    _ kernel: Tensor, _ bias: Tensor?, scale: Double
  ) throws(CheckpointError) -> [KerasArrayForm] {
    var arrays = [KerasArrayForm(name: "kernel", tensor: kernel, parts: [kernel])]
    if let bias { arrays.append(KerasArrayForm(name: "bias", tensor: bias, parts: [bias])) }
    for index in arrays.indices {
      if scale != 1 { arrays[index].details.append("times \(scale)") }
      arrays[index].tensor = try arrays[index].tensor.scaled(by: scale)
    }
    arrays[0].tensor = arrays[0].tensor.transposed()
    if scale != 1 { noteRescaling("kernel and bias", by: scale) }
    return arrays
  }

  func form(of pooling: Pooling, named name: String) -> KerasLayerForm {
    let kind = pooling.operation == .maximum ? "MaxPooling1D" : "AveragePooling1D"
    guard let window = pooling.window else {
      // tf.keras knows keepdims from 2.6 on.
      let keeps: [(name: String, value: JSONValue)] =
        pooling.keepsAxis || target.isKeras3 ? [("keepdims", .bool(pooling.keepsAxis))] : []
      return KerasLayerForm(
        className: "Global\(kind)", name: name,
        options: [("data_format", "channels_last")] + keeps)
    }
    return KerasLayerForm(
      className: kind, name: name,
      options: [
        ("pool_size", [.integer(window.size)]), ("strides", [.integer(window.stride)]),
        ("padding", .string(pooling.padding.rawValue)), ("data_format", "channels_last"),
      ])
  }

  // MARK: normalization

  func form(of normalization: BatchNormalization, named name: String) -> KerasLayerForm {
    KerasLayerForm(
      className: "BatchNormalization", name: name,
      options: [
        ("axis", -1), ("epsilon", .number(normalization.epsilon)),
        ("center", .bool(normalization.beta != nil)),
        ("scale", .bool(normalization.gamma != nil)),
      ],
      arrays: (normalization.gamma.map { [array("gamma", $0)] } ?? [])
        + (normalization.beta.map { [array("beta", $0)] } ?? [])
        + [
          array("moving_mean", normalization.movingMean),
          array("moving_variance", normalization.movingVariance),
        ])
  }

  func form(of normalization: LayerNormalization, named name: String) -> KerasLayerForm {
    KerasLayerForm(
      className: "LayerNormalization", name: name,
      options: [
        ("axis", -1), ("epsilon", .number(normalization.epsilon)),
        ("center", .bool(normalization.beta != nil)),
        ("scale", .bool(normalization.gamma != nil)),
      ],
      arrays: (normalization.gamma.map { [array("gamma", $0)] } ?? [])
        + (normalization.beta.map { [array("beta", $0)] } ?? []))
  }

  /// Moments that a file kept as arrays are arrays again in native weights; in `.h5` files they are
  /// options, because Keras 3 does not look at such arrays after loading them from there.
  mutating func form(of moments: Standardization, named name: String) -> KerasLayerForm? {
    let isStored = moments.mean.location.object != nil
    let hasArrays = isStored && (target == .archive || target == .weights)
    func numbers(_ tensor: Tensor) -> JSONValue {
      let values = tensor.doubles().map { JSONValue.number($0) }
      return tensor.rank == 0 ? values.first ?? .null : .array(values)
    }
    let values = moments.mean.doubles() + moments.variance.doubles()
    guard hasArrays || values.allSatisfy({ ElementType.float32.rounded($0) == $0 }) else {
      fail(
        "the moments of '\(node.layerName)' are options in this format, which Keras rounds to "
          + "float32", hint: "write .keras, which keeps them as arrays")
      return nil
    }
    var arrays: [KerasArrayForm] = []
    if hasArrays, let count = try? Tensor.zeros(.int64, shape: []) {
      arrays = [
        array("mean", moments.mean), array("variance", moments.variance),
        KerasArrayForm(
          name: "count", tensor: count, parts: [],
          details: ["zero, because the number of examples is not in the model"]),
      ]
    }
    return KerasLayerForm(
      className: "Normalization", name: name,
      options: [
        ("axis", moments.mean.rank == 0 ? .null : [-1]), ("invert", .bool(moments.isInverse)),
        ("mean", hasArrays ? .null : numbers(moments.mean)),
        ("variance", hasArrays ? .null : numbers(moments.variance)),
      ], arrays: arrays)
  }

  func form(of scaling: Scaling, named name: String) -> KerasLayerForm {
    func plain(_ values: [Double]) -> JSONValue {
      values.count == 1 ? .number(values[0]) : .array(values.map { .number($0) })
    }
    return KerasLayerForm(
      className: "Rescaling", name: name,
      options: [("scale", plain(scaling.scale)), ("offset", plain(scaling.offset))])
  }

  func parametricReLU(_ alpha: Tensor, _ name: String) -> KerasLayerForm {
    let extents = inputShapes.first?.dropFirst() ?? []
    let shared = zip(alpha.shape, extents).enumerated().compactMap { axis, pair in
      pair.0 == 1 && pair.1.value != 1 ? axis + 1 : nil
    }
    return KerasLayerForm(
      className: "PReLU", name: name,
      options: [("shared_axes", shared.isEmpty ? .null : .array(shared.map { .integer($0) }))],
      arrays: [array("alpha", alpha)])
  }

  // MARK: shapes and merges

  mutating func form(of reshaping: Reshaping, named name: String) -> KerasLayerForm? {
    if case .insertAxis(let position) = reshaping, !target.holdsOperations {
      return inserted(position, name)
    }
    if reshaping == .exchangeBatchAndTime { return transposed(name) }
    func whole(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
    let (className, option, value): (String, String, JSONValue) =
      switch reshaping {
      case .flatten: ("Flatten", "data_format", "channels_last")
      case .reshape(let extents): ("Reshape", "target_shape", whole(extents.map { $0 ?? -1 }))
      case .permute(let axes): ("Permute", "dims", whole(axes))
      case .repeatVector(let count): ("RepeatVector", "n", .integer(count))
      case .pad(let before, let after): ("ZeroPadding1D", "padding", whole([before, after]))
      case .crop(let before, let after): ("Cropping1D", "cropping", whole([before, after]))
      case .upsample(let factor): ("UpSampling1D", "size", .integer(factor))
      case .insertAxis(let position): ("ExpandDims", "axis", .integer(position))
      case .exchangeBatchAndTime: ("Transpose", "axes", .null)
      }
    return KerasLayerForm(className: className, name: name, options: [(option, value)])
  }

  /// A new axis as a Reshape, which can leave one extent open, where operations can't be stored.
  private mutating func inserted(_ position: Int, _ name: String) -> KerasLayerForm? {
    var extents = (inputShapes.first?.dropFirst() ?? []).map { $0.value ?? -1 }
    guard extents.count(where: { $0 < 0 }) <= 1, position > 0, position - 1 <= extents.count else {
      fail("'\(node.layerName)' adds an axis to a shape of which several extents are open")
      return nil
    }
    extents.insert(1, at: position - 1)
    return KerasLayerForm(
      className: "Reshape", name: name,
      options: [("target_shape", .array(extents.map { .integer($0) }))])
  }

  func form(of merge: Merge, named name: String) -> KerasLayerForm {
    if isMask, [.maximum, .minimum].contains(merge) {
      return KerasLayerForm(
        className: merge == .maximum ? "LogicalOr" : "LogicalAnd", name: name)
    }
    let (className, options): (String, [(name: String, value: JSONValue)]) =
      switch merge {
      case .add: ("Add", [])
      case .subtract: ("Subtract", [])
      case .multiply: ("Multiply", [])
      case .average: ("Average", [])
      case .maximum: ("Maximum", [])
      case .minimum: ("Minimum", [])
      case .concatenate(let axis): ("Concatenate", [("axis", .integer(axis))])
      case .stack(let axis): ("Stack", [("axis", .integer(axis))])
      case .dot(let axes, let isNormalized):
        (
          "Dot",
          [
            ("axes", .array(axes.map { .integer($0) })), ("normalize", .bool(isNormalized)),
          ]
        )
      }
    return KerasLayerForm(className: className, name: name, options: options)
  }

  func form(of attention: Attention, named name: String) -> KerasLayerForm {
    func scaled(_ scale: Tensor?) -> [KerasArrayForm] { scale.map { [array("scale", $0)] } ?? [] }
    switch attention.score {
    case .product(let scale):
      // The usual score_mode, "dot", is left out: Keras 3 takes it for a function in .h5 files.
      return KerasLayerForm(
        className: "Attention", name: name,
        options: [("use_scale", .bool(scale != nil)), ("dropout", 0.0)], arrays: scaled(scale))
    case .concatenation(let scale, let weight):
      return KerasLayerForm(
        className: "Attention", name: name,
        options: [
          ("use_scale", .bool(scale != nil)), ("score_mode", "concat"), ("dropout", 0.0),
        ], arrays: scaled(scale) + [array("concat_score_weight", weight)])
    case .additive(let scale):
      return KerasLayerForm(
        className: "AdditiveAttention", name: name,
        options: [("use_scale", .bool(scale != nil)), ("dropout", 0.0)], arrays: scaled(scale))
    }
  }
}
