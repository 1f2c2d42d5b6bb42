import RecurModel

/// Python for every activation: a name, and a definition for functions that torch lacks.
enum PyTorchActivations {
  /// An expression for the function itself.
  static func name(_ activation: Activation) -> String {
    switch activation {
    case .linear: "_linear"
    case .relu: "torch.relu"
    case .relu6: "F.relu6"
    case .leakyReLU(let slope): "_leaky_relu_\(suffix(slope))"
    case .elu(let alpha): "_elu_\(suffix(alpha))"
    case .selu: "F.selu"
    case .celu(let alpha): "_celu_\(suffix(alpha))"
    case .sigmoid: "torch.sigmoid"
    case .hardSigmoid(let slope, let offset): "_hard_sigmoid_\(suffix(slope))_\(suffix(offset))"
    case .logSigmoid: "F.logsigmoid"
    case .tanh: "torch.tanh"
    case .hardTanh: "F.hardtanh"
    case .tanhShrink: "F.tanhshrink"
    case .softmax: "_softmax"
    case .logSoftmax: "_log_softmax"
    case .softplus: "_softplus"
    case .softsign: "F.softsign"
    case .softShrink(let threshold): "_soft_shrink_\(suffix(threshold))"
    case .hardShrink(let threshold): "_hard_shrink_\(suffix(threshold))"
    case .exponential: "torch.exp"
    case .silu: "F.silu"
    case .hardSilu: "F.hardswish"
    case .gelu(let isApproximate): isApproximate ? "_gelu_tanh" : "F.gelu"
    case .mish: "F.mish"
    case .squareplus(let b): "_squareplus_\(suffix(b))"
    case .glu: "F.glu"
    case .sparsemax: "_sparsemax"
    case .sparsePlus: "_sparse_plus"
    case .sparseSigmoid: "_sparse_sigmoid"
    case .threshold(let at, let otherwise): "_threshold_\(suffix(at))_\(suffix(otherwise))"
    case .rectifier(let maximum, let slope, let threshold):
      "_rectifier_\(maximum.map(suffix) ?? "")_\(suffix(slope))_\(suffix(threshold))"
    case .affine(let slope, let offset): "_affine_\(suffix(slope))_\(suffix(offset))"
    case .scaledTanh(let scale, let slope): "_scaled_tanh_\(suffix(scale))_\(suffix(slope))"
    case .clipped(let function, let limit):
      "_clipped_\(suffix(limit))_\(name(function).replacing(".", with: "_"))"
    }
  }

  /// The expression of the activation applied to an expression.
  static func call(_ activation: Activation, _ expression: String) -> String {
    activation == .linear ? expression : "\(name(activation))(\(expression))"
  }

  /// The definition of a function that torch lacks or defines in another way; nil for other
  /// functions.
  static func definition(_ activation: Activation) -> String? {
    if activation == .sparsemax { return sparsemax }
    if case .clipped(let function, let limit) = activation {
      // The function inside, if it needs a definition, comes first.
      let inner = definition(function).map { $0 + "\n\n\n" } ?? ""
      let clipped = "torch.clamp(x, \(pythonNumber(-limit)), \(pythonNumber(limit)))"
      return inner + "def \(name(activation))(x):\n    return \(call(function, clipped))"
    }
    let body: String? =
      switch activation {
      case .linear: "x"
      case .leakyReLU(let slope): "F.leaky_relu(x, \(slope))"
      case .elu(let alpha): "F.elu(x, \(alpha))"
      case .celu(let alpha): "F.celu(x, \(alpha))"
      case .hardSigmoid(let slope, let offset): "torch.clamp(\(slope) * x + \(offset), 0.0, 1.0)"
      case .softmax: "torch.softmax(x, -1)"
      case .logSoftmax: "torch.log_softmax(x, -1)"
      // F.softplus is linear beyond its threshold; logaddexp is exact everywhere.
      case .softplus: "torch.logaddexp(x, torch.zeros_like(x))"
      case .softShrink(let threshold): "F.softshrink(x, \(threshold))"
      case .hardShrink(let threshold): "F.hardshrink(x, \(threshold))"
      case .gelu(isApproximate: true): "F.gelu(x, approximate=\"tanh\")"
      case .squareplus(let b): "(x + torch.sqrt(x * x + \(b))) / 2"
      case .sparsePlus: "torch.where(x < 1, torch.clamp(x + 1, min=0.0) ** 2 / 4, x)"
      case .sparseSigmoid: "torch.clamp((x + 1) / 2, 0.0, 1.0)"
      case .threshold(let at, let otherwise):
        "F.threshold(x, \(pythonNumber(at)), \(pythonNumber(otherwise)))"
      case .rectifier(let maximum, let slope, let threshold):
        "torch.where(x >= \(pythonNumber(threshold)), "
          + (maximum.map { "torch.clamp(x, max=\(pythonNumber($0)))" } ?? "x")
          + ", \(pythonNumber(slope)) * (x - \(pythonNumber(threshold))))"
      case .affine(let slope, let offset):
        "\(pythonNumber(slope)) * x + \(pythonNumber(offset))"
      case .scaledTanh(let scale, let slope):
        "\(pythonNumber(scale)) * torch.tanh(\(pythonNumber(slope)) * x)"
      case .clipped, .relu, .relu6, .selu, .sigmoid, .logSigmoid, .tanh, .hardTanh, .tanhShrink,
        .softsign,
        .exponential, .silu, .hardSilu, .gelu(isApproximate: false), .mish, .glu, .sparsemax:
        nil
      }
    return body.map { "def \(name(activation))(x):\n    return \($0)" }
  }

  /// As in Keras, the threshold comes from the sum of all cumulative sums of kept numbers, not from
  /// the last one (keras/src/backend/tensorflow/nn.py, `sparsemax`).
  private static let sparsemax = """
    def _sparsemax(x):
        z = x.sort(-1, descending=True).values
        sums = z.cumsum(-1)
        count = torch.arange(1, x.shape[-1] + 1, dtype=x.dtype, device=x.device)
        kept = z - (sums - 1) / count > 0
        total = torch.where(kept, sums, sums.new_zeros(())).sum(-1, keepdim=True)
        return torch.clamp(x - (total - 1) / kept.sum(-1, keepdim=True), min=0.0)
    """

  /// A number as part of a Python name: 0p2 for 0.2.
  private static func suffix(_ value: Double) -> String {
    "\(value)".map { character in
      switch character {
      case ".": "p"
      case "-": "m"
      case "+": ""
      default: String(character)
      }
    }.joined()
  }
}

/// A number as Python writes it; infinities and NaN come from the module math.
func pythonNumber(_ value: Double) -> String {
  value.isNaN
    ? "math.nan" : value.isInfinite ? (value < 0 ? "-math.inf" : "math.inf") : "\(value)"
}
