import RecurModel
import RecurTensors

/// A cell as the operator LSTM, GRU or RNN has it (onnx/defs/rnn/defs.cc).
struct ONNXRecurrentForm {
  /// The operator.
  var type: String
  var units: Int
  /// W: `[gates·units, inputSize]`.
  var kernel: Tensor
  /// R: `[gates·units, units]`.
  var recurrentKernel: Tensor
  /// B: `[2·gates·units]`; nil without.
  var bias: Tensor?
  /// One gate of W, of R, and of each bias, with its place in the file.
  private(set) var sources: [String: [Tensor]]
  /// P: `[3·units]`; nil without.
  var peepholes: Tensor?
  /// The activations in the operator's order.
  var activations: [ONNXCellFunction]
  /// The limit of what the activations are applied to; nil for none.
  var clip: Double?
  /// `linear_before_reset` of a GRU.
  var isLinearBeforeReset: Bool?
  /// The number of states.
  var stateCount: Int { type == "LSTM" ? 2 : 1 }

  init<Gate>(
    _ type: String, units: Int, weights: RecurrentWeights<Gate>, layout: RecurrentLayout<Gate>,
    activations: [Activation], _ call: ONNXLayerCall
  ) throws(CheckpointError) {
    guard !call.type.isHalfWidthFloat || call.type == .float16, call.type != .float64 else {
      throw call.unrepresentable(
        "computes in \(call.type), in which ONNX Runtime has no \(type)")
    }
    self.type = type
    self.units = units
    let gate = layout.gateOrder[0]
    sources = ["W": [weights.kernel[gate]], "R": [weights.recurrentKernel[gate]]]
    kernel = try layout.pack(weights.kernel)
    recurrentKernel = try layout.pack(weights.recurrentKernel)
    switch weights.bias {
    case .none: bias = nil
    case .single(let one):
      sources["B"] = [one[gate]]
      let own = try layout.pack(one)
      bias = try .joined([own, .zeros(own.elementType, shape: own.shape)], axis: 0)
    case .split(let input, let recurrent):
      sources["B"] = [input[gate], recurrent[gate]]
      bias = try .joined([layout.pack(input), layout.pack(recurrent)], axis: 0)
    }
    var limits: Set<Double?> = []
    self.activations = []
    for (index, activation) in activations.enumerated() {
      var own = activation
      // What an LSTM applies to the cell is not clipped.
      if index < 2 {
        if case .clipped(let inner, let limit) = activation {
          own = inner
          limits.insert(limit)
        } else {
          limits.insert(nil)
        }
      }
      guard let function = ONNXCellFunction(own) else {
        throw call.unrepresentable(
          "has the activation \(own.name), which ONNX' \(type) does not have")
      }
      self.activations.append(function)
    }
    guard limits.count == 1, let limit = limits.first else {
      throw call.unrepresentable("limits some of its gates, and ONNX' \(type) all or none")
    }
    clip = limit
  }

  /// Whether two cells can be the two directions of one operator.
  func isLike(_ other: ONNXRecurrentForm) -> Bool {
    type == other.type && units == other.units && kernel.shape == other.kernel.shape
      && clip == other.clip && isLinearBeforeReset == other.isLinearBeforeReset
      && kernel.elementType == other.kernel.elementType
      && recurrentKernel.elementType == other.recurrentKernel.elementType
      && bias?.elementType == other.bias?.elementType
      && (peepholes == nil) == (other.peepholes == nil)
  }
}

/// An activation of a recurrent operator, with its numbers.
struct ONNXCellFunction: Hashable {
  var name: String
  var alpha: Double?
  var beta: Double?

  /// The function; nil for one that the operators do not have.
  init?(_ activation: Activation) {
    switch activation {
    case .sigmoid: name = "Sigmoid"
    case .tanh: name = "Tanh"
    case .relu: name = "Relu"
    case .softsign: name = "Softsign"
    case .softplus: name = "Softplus"
    case .linear: (name, alpha, beta) = ("Affine", 1, 0)
    case .affine(let slope, let offset): (name, alpha, beta) = ("Affine", slope, offset)
    case .leakyReLU(let slope): (name, alpha) = ("LeakyRelu", slope)
    case .elu(let factor): (name, alpha) = ("Elu", factor)
    case .threshold(let at, otherwise: 0): (name, alpha) = ("ThresholdedRelu", at)
    case .hardSigmoid(let slope, let offset): (name, alpha, beta) = ("HardSigmoid", slope, offset)
    case .sparseSigmoid: (name, alpha, beta) = ("HardSigmoid", 0.5, 0.5)
    case .scaledTanh(let scale, let slope): (name, alpha, beta) = ("ScaledTanh", scale, slope)
    default: return nil
    }
  }
}
