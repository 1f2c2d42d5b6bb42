public import RecurTensors

/// The weights of one direction of one recurrent layer, gate by gate.
public struct RecurrentWeights<Gate: RecurrentGate>: Sendable {
  /// The biases of all gates, in the form their framework keeps them.
  ///
  /// The split is kept, not summed: what is written again must be exact.
  public enum Bias: Sendable {
    /// No bias at all.
    case none
    /// One bias per gate, `[units]` each (keras/src/layers/rnn/lstm.py).
    case single(GateMap<Gate, Tensor>)
    /// One for the input product and one for the recurrent product, `[units]` each (torch.nn.LSTM;
    /// ONNX).
    case split(input: GateMap<Gate, Tensor>, recurrent: GateMap<Gate, Tensor>)
  }

  /// W: `[units, inputSize]` for each gate.
  public var kernel: GateMap<Gate, Tensor>
  /// U: `[units, units]` for each gate; the second is the width of h, which a projection changes.
  public var recurrentKernel: GateMap<Gate, Tensor>
  /// b: `[units]` for each gate.
  public var bias: Bias

  /// Makes weights from their parts.
  public init(kernel: GateMap<Gate, Tensor>, recurrentKernel: GateMap<Gate, Tensor>, bias: Bias) {
    self.kernel = kernel
    self.recurrentKernel = recurrentKernel
    self.bias = bias
  }

  /// Every tensor with its role in words, gate by gate.
  package var tensors: [(role: String, tensor: Tensor)] {
    Gate.allCases.flatMap { gate -> [(role: String, tensor: Tensor)] in
      let of = Gate.allCases.count == 1 ? "" : " of the \(gate) gate"
      let biases: [(role: String, tensor: Tensor)] =
        switch bias {
        case .none: []
        case .single(let bias): [("the bias\(of)", bias[gate])]
        case .split(let input, let recurrent):
          [("the input bias\(of)", input[gate]), ("the recurrent bias\(of)", recurrent[gate])]
        }
      return [
        ("the kernel\(of)", kernel[gate]), ("the recurrent kernel\(of)", recurrentKernel[gate]),
      ] + biases
    }
  }

  /// What is wrong with the shapes of the gates of layer `name`.
  func shapeFindings(
    _ name: String, inputSize: Int, units: Int, outputSize: Int? = nil
  ) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    func check(_ tensors: GateMap<Gate, Tensor>, _ what: String, _ shape: [Int]) {
      for gate in Gate.allCases where tensors[gate].shape != shape {
        findings.append(
          Diagnostic(
            .tensorShapeMismatch, .error,
            "\(what) of the \(gate) gate of '\(name)' has the wrong shape",
            at: tensors[gate].location, expected: tuple(shape), found: tuple(tensors[gate].shape)))
      }
    }
    check(kernel, "the kernel", [units, inputSize])
    check(recurrentKernel, "the recurrent kernel", [units, outputSize ?? units])
    switch bias {
    case .none: break
    case .single(let bias): check(bias, "the bias", [units])
    case .split(let input, let recurrent):
      check(input, "the input bias", [units])
      check(recurrent, "the recurrent bias", [units])
    }
    return findings
  }
}
