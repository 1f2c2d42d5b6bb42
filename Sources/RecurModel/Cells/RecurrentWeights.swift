public import RecurTensors

/// The weights of one direction of one recurrent layer, gate by gate.
public struct RecurrentWeights<Gate: RecurrentGate>: Sendable {
  /// The biases of all gates, in the form in which the framework stores them.
  ///
  /// Two biases stay two and are never summed, so that they can be written back exactly.
  public enum Bias: Sendable {
    /// No bias at all.
    case none
    /// One bias per gate, `[units]` each (keras/src/layers/rnn/lstm.py).
    case single(GateMap<Gate, Tensor>)
    /// One bias for the input product and one for the recurrent product, `[units]` each
    /// (torch.nn.LSTM; ONNX).
    case split(input: GateMap<Gate, Tensor>, recurrent: GateMap<Gate, Tensor>)
  }

  /// W: `[units, inputSize]` for each gate.
  public var kernel: GateMap<Gate, Tensor>
  /// U: `[units, units]` for each gate; with a projection the second extent is the width of h.
  public var recurrentKernel: GateMap<Gate, Tensor>
  /// b: `[units]` for each gate.
  public var bias: Bias

  /// Makes weights from their parts.
  public init(kernel: GateMap<Gate, Tensor>, recurrentKernel: GateMap<Gate, Tensor>, bias: Bias) {
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.bias = bias
  }

  /// Passes every weight to a visitor, gate by gate.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor, inputSize: Int, units: Int, outputSize: Int
  ) throws(Visitor.Failure) {
    for gate in Gate.allCases {
      let of = Gate.allCases.count == 1 ? "" : " of the \(gate) gate"
      let inputs = Parameter("the kernel\(of)", .exactly([units, inputSize]))
      let outputs = Parameter("the recurrent kernel\(of)", .exactly([units, outputSize]))
      try visitor.visit(&kernel[gate], inputs)
      try visitor.visit(&recurrentKernel[gate], outputs)
      switch bias {
      case .none: break
      case .single(var one):
        try visitor.visit(&one[gate], Parameter("the bias\(of)", .exactly([units])))
        bias = .single(one)
      case .split(var input, var recurrent):
        try visitor.visit(&input[gate], Parameter("the input bias\(of)", .exactly([units])))
        try visitor.visit(
          &recurrent[gate], Parameter("the recurrent bias\(of)", .exactly([units])))
        bias = .split(input: input, recurrent: recurrent)
      }
    }
  }

  /// The element count of all matrices.
  var productCount: Int {
    Gate.allCases.reduce(0) { $0 + kernel[$1].count + recurrentKernel[$1].count }
  }
}
