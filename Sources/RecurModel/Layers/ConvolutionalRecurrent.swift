public import RecurTensors

/// A long short-term memory whose products are convolutions, over `[batch, timesteps, axes…, channels]`.
///
///     i = ρ(W_i∗x + b_i + U_i∗h)        f = ρ(W_f∗x + b_f + U_f∗h)
///     g = φ(W_g∗x + b_g + U_g∗h)        o = ρ(W_o∗x + b_o + U_o∗h)
///     c ← f ⊙ c + i ⊙ g                 h ← o ⊙ φ(c)
///
/// ∗ is a convolution over the axes between timesteps and channels (Shi et al. 2015). U∗h has
/// stride 1 and padding of the kind `same`. Outputs, in order: every h or the last one; then, with
/// `returnsState`, the final h and c. The first h and c are zeros.
public struct ConvolutionalRecurrent: Sendable {
  /// W: `[units, inputSize, sizes…]` for each gate.
  public var kernel: GateMap<LSTMGate, Tensor>
  /// U: `[units, units, sizes…]` for each gate.
  public var recurrentKernel: GateMap<LSTMGate, Tensor>
  /// b: `[units]` for each gate; nil without.
  public var bias: GateMap<LSTMGate, Tensor>?
  /// φ, applied to the candidate and to the cell.
  public var activation: Activation
  /// ρ, applied to the input, forget and output gates.
  public var recurrentActivation: Activation
  /// The strides of W∗x, per axis.
  public var strides: [Int]
  /// The dilations of W∗x, per axis.
  public var dilations: [Int]
  /// The paddings of W∗x, per axis.
  public var paddings: [Padding]
  /// Whether the output has every timestep, or only the last one.
  public var returnsSequence: Bool
  /// Whether the final states are outputs too.
  public var returnsState: Bool
  /// The end of the sequence at which the layer begins.
  public var direction: Recurrent.Direction

  /// Makes a layer.
  public init(
    kernel: GateMap<LSTMGate, Tensor>, recurrentKernel: GateMap<LSTMGate, Tensor>,
    bias: GateMap<LSTMGate, Tensor>?, activation: Activation, recurrentActivation: Activation,
    strides: [Int], dilations: [Int], paddings: [Padding], returnsSequence: Bool,
    returnsState: Bool, direction: Recurrent.Direction
  ) {
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.bias = bias
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.strides = strides
    self.dilations = dilations
    self.paddings = paddings
    self.returnsSequence = returnsSequence
    self.returnsState = returnsState
    self.direction = direction
  }

  /// The channel count of x.
  public var inputSize: Int { kernel[.input].shape[1] }
  /// The channel count of h and c.
  public var units: Int { kernel[.input].shape[0] }

  /// W∗x + b of one gate.
  package func inputConvolution(_ gate: LSTMGate) -> Convolution {
    Convolution(
      kernel: kernel[gate], bias: bias?[gate], activation: .linear, strides: strides,
      dilations: dilations, paddings: paddings, groups: 1)
  }

  /// U∗h of one gate.
  package func stateConvolution(_ gate: LSTMGate) -> Convolution {
    Convolution(
      kernel: recurrentKernel[gate], bias: nil, activation: .linear, stride: 1, dilation: 1,
      groups: 1, padding: .same)
  }
}

extension ConvolutionalRecurrent: LayerKind {
  package var asLayer: Layer { .convolutionalRecurrent(self) }
  package var title: String {
    "ConvLSTM\(strides.count)D(\(units), \(inputConvolution(.input).windows.sizes))"
  }
  package var ports: LayerPorts {
    LayerPorts(inputs: 1...1, outputs: returnsState ? 3 : 1)
  }
  package var traits: LayerTraits { .batchFirst(inputWidth: inputSize) }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    let sizes = Array(kernel[.input].shape.dropFirst(2))
    let (inputs, units) = (inputSize, units)
    for gate in LSTMGate.allCases {
      try visitor.visit(
        &kernel[gate],
        Parameter("the kernel of the \(gate) gate", .exactly([units, inputs] + sizes)))
      try visitor.visit(
        &recurrentKernel[gate],
        Parameter("the recurrent kernel of the \(gate) gate", .exactly([units, units] + sizes)))
      guard var biases = bias else { continue }
      try visitor.visit(
        &biases[gate], Parameter("the bias of the \(gate) gate", .exactly([units])))
      bias = biases
    }
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    let axes = spatialNames(strides.count)
    try demand(
      x, rank: strides.count + 3, width: inputSize,
      "[batch, timesteps, \(strides.count == 1 ? "length" : axes), %]")
    let frame = try inputConvolution(.input).outputShapes(
      [[x[0]] + x.dropFirst(2)], named: name)[0]
    let sequence = [x[0], x[1]] + frame.dropFirst()
    return [returnsSequence ? sequence : frame] + (returnsState ? [frame, frame] : [])
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    let positions = outputs[0].dropFirst(returnsSequence ? 2 : 1).dropLast()
    let products = LSTMGate.allCases.reduce(0) { $0 + kernel[$1].count + recurrentKernel[$1].count }
    return product([2, inputs[0][0], inputs[0][1], products] + positions)
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
