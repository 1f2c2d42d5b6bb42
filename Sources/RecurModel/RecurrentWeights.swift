public import RecurTensors

/// The weights of one direction of one recurrent layer, gate by gate.
public struct RecurrentWeights<Gate: RecurrentGate>: Sendable {
  /// The biases of all gates, in the form their framework keeps them.
  ///
  /// The split is kept, not summed: PyTorch → PyTorch must be exact.
  public enum Bias: Sendable {
    /// No bias at all.
    case none
    /// One bias per gate, `[units]` each: Keras LSTM.
    case single(GateMap<Gate, Tensor>)
    /// One for the input product and one for the recurrent product, `[units]` each: PyTorch, ONNX.
    case split(input: GateMap<Gate, Tensor>, recurrent: GateMap<Gate, Tensor>)
  }

  /// W: `[units, inputSize]` for each gate.
  public var kernel: GateMap<Gate, Tensor>
  /// U: `[units, units]` for each gate.
  public var recurrentKernel: GateMap<Gate, Tensor>
  /// b: `[units]` for each gate.
  public var bias: Bias

  /// Makes weights from their parts.
  public init(kernel: GateMap<Gate, Tensor>, recurrentKernel: GateMap<Gate, Tensor>, bias: Bias) {
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.bias = bias
  }

  /// The number of learned numbers.
  package var parameterCount: Int {
    var count = 0
    for gate in Gate.allCases {
      count += kernel[gate].count + recurrentKernel[gate].count
      switch bias {
      case .none: break
      case .single(let bias): count += bias[gate].count
      case .split(let input, let recurrent): count += input[gate].count + recurrent[gate].count
      }
    }
    return count
  }
}
