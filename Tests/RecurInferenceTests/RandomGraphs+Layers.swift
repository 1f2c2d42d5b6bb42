import RecurModel
import RecurTensors

extension RandomGraphs {
  /// Adds one layer with weights.
  mutating func addLayer(_ x: Value) throws {
    switch numbers.integer(0...6) {
    case 0: try addAttention(x)
    case 1: try addHeads(x)
    case 2: try addNormalization(x)
    case 3, 4: try addWindows(x)
    case 5: try addRecurrent(x)
    default:
      let width = x.shape[x.shape.count - 1]
      let units = numbers.integer(1...40)
      let activations: [Activation] = [.linear, .relu, .tanh, .sigmoid, .softmax, .silu]
      switch numbers.integer(0...5) {
      case 0: add(.activation(numbers.pick(activations)), [x], bound: x.bound)
      case 1: add(.scaling(Scaling(scale: [0.5], offset: [0.25])), [x], isExact: x.isExact)
      case 2 where x.shape.count > 2:
        add(
          .selection(Selection(axis: 1, index: numbers.pick([0, -1]))), [x], isExact: x.isExact,
          bound: x.bound)
      case 3 where x.shape.count > 2:
        add(
          .timeDistributed(
            TimeDistributed(
              .dense(
                Dense(
                  kernel: try weights([units, width], inputs: width), bias: nil,
                  activation: .tanh)))), [x], bound: 1)
      default:
        add(
          .dense(
            Dense(
              kernel: try weights([units, width], inputs: width),
              bias: numbers.oneIn(2) ? nil : try numbers.tensor([units], bound: 0.5),
              activation: numbers.pick(activations))), [x], bound: 9)
      }
    }
  }

  /// A mask `[batch, length]`, 1 at some timesteps.
  private mutating func mask(_ x: Value) -> Value? {
    guard x.shape.count == 3, x.isExact else { return nil }
    return add(.slicing(Slicing(parts: [.init(axis: 2, start: 0, stop: 1)])), [x], isExact: true)
      .flatMap { add(.reshaping(.reshape([x.shape[1]])), [$0], isExact: true) }
      .flatMap { add(.binary(Binary(.greater, .input, .number(-0.5))), [$0], isExact: true) }
  }

  private mutating func addAttention(_ x: Value) throws {
    guard x.shape.count == 3 else { return }
    let other = numbers.pick(
      values.filter {
        $0.shape.count == 3 && $0.shape[0] == x.shape[0] && $0.shape[2] == x.shape[2]
      })
    let (queryMask, valueMask) = (
      numbers.oneIn(2) ? mask(x) : nil, numbers.oneIn(2) ? mask(other) : nil
    )
    func number() throws -> Tensor { try numbers.tensor([], bound: 0.4, above: 0.5) }
    let score: Attention.Score =
      switch numbers.integer(0...2) {
      case 0: .product(scale: numbers.oneIn(2) ? nil : try number())
      case 1:
        .additive(scale: numbers.oneIn(2) ? nil : try numbers.tensor([x.shape[2]], bound: 0.5))
      default: .concatenation(scale: numbers.oneIn(2) ? nil : try number(), weight: try number())
      }
    let attention = Attention(
      score: score, isCausal: numbers.oneIn(3), hasKey: numbers.oneIn(3),
      hasQueryMask: queryMask != nil, hasValueMask: valueMask != nil)
    let masks = [queryMask, valueMask].compactMap { $0 }
    add(.attention(attention), [x, other] + (attention.hasKey ? [other] : []) + masks)
  }

  private mutating func addHeads(_ x: Value) throws {
    guard x.shape.count == 3 else { return }
    let other = numbers.pick(values.filter { $0.shape.count == 3 && $0.shape[0] == x.shape[0] })
    let (groups, shared) = (numbers.integer(1...2), numbers.integer(1...2))
    let heads = groups * shared
    let (size, width, units) = (
      numbers.integer(1...6), numbers.integer(1...6), numbers.integer(1...9)
    )
    func projection(
      _ made: inout RandomGraphs, _ shape: [Int], _ bias: [Int]
    ) throws -> MultiHeadAttention.Projection {
      .init(
        kernel: try made.weights(shape, inputs: shape.reduce(1, *) / bias.reduce(1, *)),
        bias: made.numbers.oneIn(3) ? nil : try made.numbers.tensor(bias, bound: 0.3))
    }
    var layer = MultiHeadAttention(
      query: try projection(&self, [x.shape[2], heads, size], [heads, size]),
      key: try projection(&self, [other.shape[2], groups, size], [groups, size]),
      value: try projection(&self, [other.shape[2], groups, width], [groups, width]),
      output: try projection(&self, [heads, width, units], [units]), isCausal: numbers.oneIn(3),
      hasKey: numbers.oneIn(2))
    var masks: [Value] = []
    if numbers.oneIn(3), let own = mask(x) {
      layer.masks.query = true
      masks.append(own)
    }
    if numbers.oneIn(3), let own = mask(other) {
      layer.masks.value = true
      masks.append(own)
    }
    add(
      .multiHeadAttention(layer), [x, other] + (layer.hasKey ? [other] : []) + masks, bound: 3)
  }

  private mutating func addNormalization(_ x: Value) throws {
    let width = x.shape[x.shape.count - 1]
    func vector(_ offset: Double) throws -> Tensor? {
      numbers.oneIn(3) ? nil : try numbers.tensor([width], bound: 0.3, above: offset)
    }
    switch numbers.integer(0...3) {
    case 0:
      add(
        .unitNormalization(UnitNormalization(axes: axes(of: x.shape, from: 1), epsilon: 0.1)), [x],
        bound: 1)
    case 1:
      let groups = width % 2 == 0 ? 2 : 1
      add(
        .groupNormalization(
          GroupNormalization(
            gamma: try vector(1), beta: try vector(0), width: width, groups: groups, epsilon: 0.5)),
        [x], bound: 9)
    case 2:
      add(
        .layerNormalization(
          LayerNormalization(
            gamma: try vector(1), beta: try vector(0), width: width, epsilon: 0.5)), [x], bound: 9)
    default:
      add(
        .batchNormalization(
          BatchNormalization(
            gamma: try vector(1), beta: try vector(0),
            movingMean: try numbers.tensor([width], bound: 0.5),
            movingVariance: try numbers.tensor([width], bound: 0.5, above: 1.5), epsilon: 1e-3)),
        [x], bound: 9)
    }
  }

  private mutating func addWindows(_ x: Value) throws {
    let count = x.shape.count - 2
    guard (1...3).contains(count) else { return }
    let channels = x.shape[x.shape.count - 1]
    func perAxis(_ range: ClosedRange<Int>) -> [Int] {
      (0..<count).map { _ in numbers.integer(range) }
    }
    let (sizes, strides) = (perAxis(1...3), perAxis(1...2))
    let padding = numbers.pick([Padding.valid, .same, .same])
    let windows = sizes.indices.map {
      Window(size: sizes[$0], stride: strides[$0], padding: padding)
    }
    let taps = sizes.reduce(1, *)
    let outputs = numbers.integer(1...20)
    func convolution(
      _ made: inout RandomGraphs, _ groups: Int, _ outputs: Int
    ) throws -> Convolution {
      Convolution(
        kernel: try made.weights(
          [outputs, channels / groups] + sizes, inputs: taps * channels / groups),
        bias: made.numbers.oneIn(3) ? nil : try made.numbers.tensor([outputs], bound: 0.5),
        activation: made.numbers.pick([.linear, .relu, .tanh, .softmax]), strides: strides,
        dilations: [Int](repeating: 1, count: count),
        paddings: [Padding](repeating: padding, count: count), groups: groups)
    }
    switch numbers.integer(0...4) {
    case 0:
      add(
        .pooling(
          Pooling(
            operation: numbers.oneIn(2) ? .maximum : .average,
            region: numbers.oneIn(4) ? .whole(axes: count, keepsAxes: false) : .windows(windows))),
        [x], bound: x.bound)
    case 1:
      var depthwise = try convolution(&self, channels, channels * 2)
      guard numbers.oneIn(2) else {
        add(.convolution(depthwise), [x], bound: 9)
        return
      }
      (depthwise.activation, depthwise.bias) = (.linear, nil)
      let ones = [Int](repeating: 1, count: count)
      add(
        .separableConvolution(
          SeparableConvolution(
            depthwise: depthwise,
            pointwise: Convolution(
              kernel: try weights([outputs, channels * 2] + ones, inputs: channels * 2), bias: nil,
              activation: .tanh, stride: 1, dilation: 1, groups: 1, padding: .valid))), [x],
        bound: 1)
    case 2:
      add(
        .transposedConvolution(
          TransposedConvolution(
            kernel: try weights([channels, outputs] + sizes, inputs: channels * taps),
            bias: nil, activation: .relu, strides: strides,
            dilations: [Int](repeating: 1, count: count),
            cuts: (0..<count).map { _ in .init(0, 0) }, groups: 1)), [x], bound: 9)
    default: add(.convolution(try convolution(&self, 1, outputs)), [x], bound: 9)
    }
  }

  private mutating func addRecurrent(_ x: Value) throws {
    func gates(_ made: inout RandomGraphs, _ shape: [Int], _ inputs: Int) throws
      -> GateMap<LSTMGate, Tensor>
    {
      let tensors = try LSTMGate.allCases.map { _ in try made.weights(shape, inputs: inputs) }
      return GateMap { tensors[$0.rawValue] }
    }
    let units = numbers.integer(1...20)
    if x.shape.count == 3 {
      let cell = LSTM(
        inputSize: x.shape[2], units: units,
        weights: RecurrentWeights(
          kernel: try gates(&self, [units, x.shape[2]], x.shape[2]),
          recurrentKernel: try gates(&self, [units, units], units),
          bias: .single(try gates(&self, [units], 4))), activation: .tanh,
        recurrentActivation: .sigmoid)
      func direction(_ way: Recurrent.Direction, _ returnsSequence: Bool) -> Recurrent {
        Recurrent(
          cell: .lstm(cell), returnsSequence: returnsSequence, returnsState: false, direction: way,
          isStateful: false, keptStateWins: false, maskedOutput: .previous)
      }
      let isSequence = numbers.oneIn(2)
      add(
        numbers.oneIn(2)
          ? .recurrent(direction(.forward, isSequence))
          : .bidirectional(
            Bidirectional(
              forward: direction(.forward, isSequence), backward: direction(.backward, isSequence),
              mergeMode: .concatenate)), [x], bound: 1)
    } else if x.shape.count > 3 {
      let axes = x.shape.count - 3
      let (channels, sizes) = (x.shape[x.shape.count - 1], [Int](repeating: 2, count: axes))
      let ones = [Int](repeating: 1, count: axes)
      add(
        .convolutionalRecurrent(
          ConvolutionalRecurrent(
            kernel: try gates(&self, [units, channels] + sizes, channels * 2 * axes),
            recurrentKernel: try gates(&self, [units, units] + sizes, units * 2 * axes),
            bias: numbers.oneIn(2) ? nil : try gates(&self, [units], 4), activation: .tanh,
            recurrentActivation: .sigmoid, strides: ones, dilations: ones,
            paddings: [Padding](repeating: .same, count: axes), returnsSequence: numbers.oneIn(2),
            returnsState: false, direction: .forward)), [x], bound: 1)
    }
  }
}
