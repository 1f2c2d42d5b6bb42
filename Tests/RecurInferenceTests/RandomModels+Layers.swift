import RecurModel
import RecurTensors

extension RandomModels {
  /// Functions that are continuous and grow no faster than their argument.
  static let activations: [Activation] = [
    .linear, .relu, .relu6, .leakyReLU(slope: 0.2), .elu(alpha: 0.7), .selu, .celu(alpha: 0.8),
    .sigmoid, .hardSigmoidOfFifths, .hardSigmoidOfSixths, .logSigmoid, .tanh, .hardTanh,
    .tanhShrink, .softmax, .logSoftmax, .softplus, .softsign, .softShrink(threshold: 0.3), .silu,
    .hardSilu, .gelu(isApproximate: false), .gelu(isApproximate: true), .mish, .squareplus(b: 4),
    .sparsemax, .sparsePlus, .sparseSigmoid,
    .rectifier(maximum: 2, slope: 0.1, threshold: 0.2),
  ]

  mutating func weights(_ shape: [Int], inputs: Int) throws -> Tensor {
    let tensor = try numbers.tensor(shape, bound: 1 / Double(max(inputs, 1)).squareRoot())
    guard shape.count == 2, numbers.oneIn(2) else { return tensor }
    // The same matrix as a transposed view, as of a file that stores it the other way.
    let flipped = try numbers.tensor(
      shape.reversed(), bound: 1 / Double(max(inputs, 1)).squareRoot())
    return flipped.transposed()
  }

  // MARK: row by row

  mutating func addRowwise() throws {
    let width = current.width
    func vector(_ made: inout RandomModels, above offset: Double = 0) throws -> Tensor {
      try made.numbers.tensor([width], bound: 0.5, above: offset)
    }
    var layer: Layer
    switch numbers.integer(0...10) {
    case 0, 1, 2:
      let isHalved = numbers.oneIn(8)
      let units = isHalved ? 2 * numbers.integer(1...20) : numbers.integer(1...70)
      layer = .dense(
        Dense(
          kernel: try weights([units, width], inputs: width),
          bias: numbers.oneIn(4) ? nil : try numbers.tensor([units], bound: 0.5),
          activation: isHalved ? .glu : numbers.pick(Self.activations)))
      current.width = isHalved ? units / 2 : units
    case 3:
      layer = .batchNormalization(
        BatchNormalization(
          gamma: numbers.oneIn(3) ? nil : try vector(&self, above: 1),
          beta: numbers.oneIn(3) ? nil : try vector(&self), movingMean: try vector(&self),
          movingVariance: try vector(&self, above: 1.5), epsilon: 1e-3))
    case 4:
      layer = .layerNormalization(
        LayerNormalization(
          gamma: numbers.oneIn(3) ? nil : try vector(&self, above: 1),
          beta: numbers.oneIn(3) ? nil : try vector(&self), width: width, epsilon: 0.5))
    case 5:
      let isOne = numbers.oneIn(2)
      let mean = isOne ? try numbers.tensor([], bound: 0.5) : try vector(&self)
      let variance =
        isOne
        ? try numbers.tensor([], bound: 0.5, above: 1.5) : try vector(&self, above: 1.5)
      layer = .standardization(
        Standardization(mean: mean, variance: variance, isInverse: numbers.oneIn(2)))
    case 6: layer = .scaling(Scaling(scale: [0.5], offset: [Double](repeating: 0.25, count: width)))
    case 7: layer = .activation(numbers.pick(Self.activations))
    case 8:
      layer = .parametricReLU(
        ParametricReLU(
          alpha: try numbers.tensor(current.isSequence ? [1, width] : [width], bound: 0.5)))
    case 9: layer = .identity(Identity(className: "Dropout"))
    default: layer = .reshaping(current.isSequence ? .upsample([1]) : .flatten)
    }
    if case .reshaping = layer {
    } else if current.isSequence, numbers.oneIn(3) {
      layer = .timeDistributed(TimeDistributed(layer.forOneTimestep))
    }
    current.value = add(layer, [current.value])
  }

  // MARK: over timesteps

  mutating func addWindows() throws {
    let width = current.width
    if numbers.oneIn(2) {
      let isWhole = numbers.oneIn(2)
      let padding: Padding = numbers.oneIn(2) ? .same : .valid
      let window = (size: numbers.integer(1...min(3, timesteps)), stride: numbers.integer(1...3))
      let keepsAxis = isWhole && numbers.oneIn(2)
      let layer = Pooling(
        operation: numbers.oneIn(2) ? .maximum : .average, window: isWhole ? nil : window,
        padding: padding, keepsAxis: keepsAxis)
      // The mean of no timesteps is not a number.
      let isMean = layer.operation == .average
      current.value = add(
        .pooling(layer), [current.value], mask: isMean ? nil : current.mask)
      current.isSequence = !isWhole || keepsAxis
      setTimesteps(
        isWhole
          ? 1
          : padding.windows(timesteps: timesteps, span: window.size, stride: window.stride).count)
      return
    }
    let groups = width % 2 == 0 && numbers.oneIn(3) ? 2 : 1
    let outputs = groups * numbers.integer(1...12)
    let padding = numbers.pick([Padding.valid, .same, .causal])
    var size = numbers.integer(1...3)
    var dilation = numbers.integer(1...2)
    if padding == .valid, (size - 1) * dilation + 1 > timesteps { (size, dilation) = (1, 1) }
    let layer = Convolution(
      kernel: try numbers.tensor(
        [outputs, width / groups, size], bound: 1 / Double(width * size).squareRoot()),
      bias: numbers.oneIn(3) ? nil : try numbers.tensor([outputs], bound: 0.5),
      activation: outputs % 2 == 0 && numbers.oneIn(5) ? .glu : numbers.pick(Self.activations),
      stride: dilation == 1 ? numbers.integer(1...2) : 1, dilation: dilation, groups: groups,
      padding: padding)
    current.value = add(.convolution(layer), [current.value])
    current.width = layer.activation == .glu ? outputs / 2 : outputs
    setTimesteps(
      layer.windows[0].windows(over: timesteps).count)
  }

  mutating func addReshaping() {
    switch numbers.integer(0...4) {
    case 0:
      current.value = add(.reshaping(.pad([.init(1, 2)])), [current.value])
      setTimesteps(timesteps + 3)
    case 1 where timesteps > 2:
      current.value = add(.reshaping(.crop([.init(1, 1)])), [current.value])
      setTimesteps(timesteps - 2)
    case 2:
      current.value = add(.reshaping(.upsample([2])), [current.value])
      setTimesteps(2 * timesteps)
    case 3:
      current.value = add(
        .selection(Selection(axis: 1, index: numbers.oneIn(2) ? 0 : -1)), [current.value],
        mask: current.mask)
      (current.isSequence, current.mask) = (false, nil)
    default:
      let permuted = add(.reshaping(.permute([2, 1])), [current.value])
      current.value = add(.reshaping(.permute([2, 1])), [permuted])
    }
  }

  // MARK: several inputs

  mutating func addMerge() throws {
    let activated = add(.activation(numbers.pick([.tanh, .sigmoid, .hardTanh])), [current.value])
    let pair =
      numbers.oneIn(4) ? [current.value, activated, activated] : [current.value, activated]
    switch numbers.integer(0...8) {
    case 0: current.value = add(.merge(.add), pair)
    case 1: current.value = add(.merge(.subtract), Array(pair.prefix(2)))
    case 2: current.value = add(.merge(.multiply), pair)
    case 3: current.value = add(.merge(.average), pair)
    case 4: current.value = add(.merge(.maximum), pair)
    case 5: current.value = add(.merge(.minimum), pair)
    case 6 where current.isSequence:
      // One vector for all timesteps.
      let last = add(.selection(Selection(axis: 1, index: -1)), [activated])
      let row = add(.reshaping(.insertAxis(1)), [last])
      current.value = add(.merge(.add), [current.value, row])
    case 7 where current.isSequence:
      let attention = Attention(
        score: .additive(scale: try numbers.tensor([current.width], bound: 0.3)),
        isCausal: numbers.oneIn(2), hasKey: false, hasQueryMask: false, hasValueMask: false)
      current.value = add(.attention(attention), [current.value, activated])
    default:
      current.value = add(.merge(.concatenate(axis: -1)), pair)
      current.width *= pair.count
    }
  }
}

extension Layer {
  /// The layer for sequences of which one timestep is left.
  fileprivate var forOneTimestep: Layer {
    if case .parametricReLU(let rectifier) = self {
      .parametricReLU(ParametricReLU(alpha: rectifier.alpha.select(axis: 0, 0)))
    } else {
      self
    }
  }
}
