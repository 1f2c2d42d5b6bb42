import RecurContainers
import RecurModel
import RecurTensors

extension KerasLayerReader {
  mutating func dense() -> Layer? {
    setPrecision()
    refuseQuantization()
    let units = options.size("units")
    let activation = options.activation("activation", version)
    let hasBias = options.bool("use_bias", default: true)
    guard let units, let kernel = take("kernel", [inputSize, units]) else { return nil }
    let bias = hasBias ? take("bias", [units]) : nil
    return bias == nil && hasBias
      ? nil : .dense(Dense(kernel: kernel.transposed(), bias: bias, activation: activation))
  }

  private mutating func refuseQuantization() {
    options.only("quantization_config", nil)
    options.only("lora_rank", nil)
    options.only("lora_alpha", nil)
  }

  mutating func embedding() -> Layer? {
    setPrecision()
    refuseQuantization()
    options.only("sparse", false)
    options.ignore("input_length", "dropout")
    let tokens = options.size("input_dim")
    let width = options.size("output_dim")
    let masksZero = options.bool("mask_zero", default: false)
    guard let tokens, let width, let table = take("embeddings", [tokens, width]) else { return nil }
    return .embedding(Embedding(table: table, masksZero: masksZero, cutsFractions: true))
  }

  mutating func masking() -> Layer? {
    setPrecision()
    return .masking(value: compared(options.number("mask_value", default: 0)))
  }

  // MARK: normalization

  mutating func batchNormalization() -> Layer? {
    setPrecision()
    lastAxis()
    // Keras 1: 0 is the usual one; 1 and 2 use the moments of the batch itself.
    options.only("mode", 0)
    options.only("renorm", false)
    let epsilon = options.number("epsilon", default: 1e-3)
    let hasScale = options.bool("scale", default: true)
    let hasCenter = options.bool("center", default: true)
    let gamma = hasScale ? take("gamma", [inputSize]) : nil
    let beta = hasCenter ? take("beta", [inputSize]) : nil
    guard let mean = take("moving_mean", [inputSize]),
      let variance = take("moving_variance", [inputSize]), gamma != nil || !hasScale,
      beta != nil || !hasCenter
    else { return nil }
    return .batchNormalization(
      BatchNormalization(
        gamma: gamma, beta: beta, movingMean: mean, movingVariance: variance, epsilon: epsilon))
  }

  mutating func layerNormalization() -> Layer? {
    setPrecision()
    lastAxis()
    options.only("rms_scaling", false)
    let epsilon = options.number("epsilon", default: 1e-3)
    let hasScale = options.bool("scale", default: true)
    let hasCenter = options.bool("center", default: true)
    guard let width = inputSize ?? arrays.first?.count else {
      return fail("the width of '\(config.name)' is not known")
    }
    let gamma = hasScale ? take("gamma", [width]) : nil
    let beta = hasCenter ? take("beta", [width]) : nil
    guard gamma != nil || !hasScale, beta != nil || !hasCenter else { return nil }
    return .layerNormalization(
      LayerNormalization(gamma: gamma, beta: beta, width: width, epsilon: epsilon))
  }

  /// Refuses an axis that is not the last: normalization over others is another computation.
  private mutating func lastAxis() {
    let axis = options.value("axis")
    guard let axis, !axis.isNull else { return }
    let numbers = axis.integer.map { [$0] } ?? axis.array?.compactMap(\.integer) ?? []
    let last = inputShapes.first.map { $0.count - 1 }
    guard numbers.count == 1, numbers[0] == -1 || numbers[0] == last || last == nil else {
      options.refuse("axis", because: "only the last axis is supported")
      return
    }
  }

  mutating func standardization() -> Layer? {
    setPrecision()
    let isInverse = options.bool("invert", default: false)
    let hasAxis = options.value("axis").map { !($0.isNull || $0 == []) } ?? true
    if hasAxis { lastAxis() }
    let given = options.value("mean")
    let givenVariance = options.value("variance")
    guard let given, !given.isNull else {
      guard let mean = take("mean"), let variance = take("variance"), take("count") != nil else {
        return nil
      }
      guard mean.shape == variance.shape else {
        return fail("'\(config.name)' has a mean and a variance that do not fit each other")
      }
      return .standardization(
        Standardization(mean: mean, variance: variance, isInverse: isInverse))
    }
    let means = numbers(given)
    let variances = numbers(givenVariance ?? .null)
    guard !means.isEmpty, means.count == variances.count else {
      return fail("'\(config.name)' has a mean and a variance that do not fit each other")
    }
    let shape = hasAxis && means.count > 1 ? [means.count] : []
    guard means.count == 1 || hasAxis,
      let mean = try? Tensor.float64(means, shape: shape),
      let variance = try? Tensor.float64(variances, shape: shape)
    else { return fail("'\(config.name)' has a mean of \(means.count) numbers and no axis") }
    return .standardization(Standardization(mean: mean, variance: variance, isInverse: isInverse))
  }

  /// The numbers of a list of lists, as the layer casts them.
  private func numbers(_ value: JSONValue) -> [Double] {
    if let number = value.double { return [ElementType.float32.rounded(number)] }
    return value.array?.flatMap(numbers) ?? []
  }

  mutating func rescaling() -> Layer? {
    setPrecision()
    func plain(_ name: String, _ value: Double, _ options: inout KerasOptions) -> [Double] {
      let found = options.value(name)
      let numbers = found?.double.map { [$0] } ?? found?.array?.compactMap(\.double) ?? [value]
      return numbers.map { ElementType.float32.rounded($0) }
    }
    let scale = plain("scale", 1, &options)
    let offset = plain("offset", 0, &options)
    return .scaling(Scaling(scale: scale, offset: offset))
  }

  mutating func parametricReLU() -> Layer? {
    setPrecision()
    options.ignore("shared_axes")
    return take("alpha").map { .parametricReLU(alpha: $0) }
  }

  // MARK: windows over timesteps

  mutating func convolution() -> Layer? {
    setPrecision()
    options.only("data_format", "channels_last", nil)
    let filters = options.size("filters")
    let size = options.sizes("kernel_size")?[0]
    let stride = options.sizes("strides", default: 1)?[0]
    let dilation = options.sizes("dilation_rate", default: 1)?[0]
    let groups = options.sizes("groups", default: 1)?[0]
    let padding = Padding(rawValue: options.choice("padding", "valid", "same", "causal"))
    let activation = options.activation("activation", version)
    let hasBias = options.bool("use_bias", default: true)
    guard let filters, let size, let stride, let dilation, let groups, let padding else {
      return nil
    }
    guard filters % groups == 0, inputSize.map({ $0 % groups == 0 }) ?? true else {
      return fail("the channels of '\(config.name)' can't be split into \(groups) groups")
    }
    // Keras 1 kept a second axis of extent 1: [length, 1, in, out].
    guard var kernel = take("kernel") else { return nil }
    if version.isKeras1, kernel.rank == 4, kernel.shape[1] == 1 {
      kernel = kernel.select(axis: 1, 0)
    }
    let shape: [Int?] = [size, inputSize.map { $0 / groups }, filters]
    guard kernel.rank == 3, zip(kernel.shape, shape).allSatisfy({ $1 == nil || $0 == $1 }) else {
      findings.append(
        Diagnostic(
          .tensorShapeMismatch, .error, "kernel of '\(config.name)' has the wrong shape",
          at: kernel.location,
          expected: "(\(size), \(inputSize.map { "\($0 / groups)" } ?? "input size"), \(filters))",
          found: tuple(kernel.shape)))
      return nil
    }
    let bias = hasBias ? take("bias", [filters]) : nil
    guard bias != nil || !hasBias else { return nil }
    return .convolution(
      Convolution(
        kernel: kernel.transposed(), bias: bias, activation: activation, stride: stride,
        dilation: dilation, groups: groups, padding: padding))
  }

  mutating func pooling() -> Layer? {
    setPrecision()
    options.only("data_format", "channels_last", nil)
    let operation: Pooling.Operation =
      config.className.hasSuffix("MaxPooling1D") ? .maximum : .average
    if config.className.hasPrefix("Global") {
      let keeps = options.bool("keepdims", default: false)
      return .pooling(
        Pooling(operation: operation, window: nil, padding: .valid, keepsAxis: keeps))
    }
    let size = options.sizes("pool_size", default: 2)?[0]
    let stride = size.flatMap { options.sizes("strides", default: $0)?[0] }
    let padding = Padding(rawValue: options.choice("padding", "valid", "same"))
    guard let size, let stride, let padding else { return nil }
    return .pooling(
      Pooling(operation: operation, window: (size, stride), padding: padding, keepsAxis: false))
  }
}
