/// A function applied to every element, or (softmax) along the last axis.
///
/// A framework's name for a function may change its meaning between versions; each case here is
/// exactly one function. Definitions: keras/src/activations/activations.py.
public enum Activation: Hashable, Sendable {
  /// x.
  case linear
  /// max(x, 0).
  case relu
  /// min(max(x, 0), 6).
  case relu6
  /// x for x ≥ 0, else slope·x.
  case leakyReLU(slope: Double)
  /// x for x > 0, else alpha·(eˣ − 1).
  case elu(alpha: Double)
  /// 1.0507…·elu(x, 1.6732…).
  case selu
  /// max(x, 0) + min(alpha·(e^(x/alpha) − 1), 0).
  case celu(alpha: Double)
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// clip(slope·x + offset, 0, 1). Two versions are common: 0.2·x + 0.5 and x/6 + 0.5.
  case hardSigmoid(slope: Double, offset: Double)
  /// log(sigmoid(x)).
  case logSigmoid
  /// tanh(x).
  case tanh
  /// clip(x, −1, 1).
  case hardTanh
  /// x − tanh(x).
  case tanhShrink
  /// eˣ / Σ eˣ along the last axis.
  case softmax
  /// log(softmax(x)).
  case logSoftmax
  /// log(1 + eˣ).
  case softplus
  /// x / (1 + |x|).
  case softsign
  /// x moved towards zero by the threshold; zero where |x| is within the threshold.
  case softShrink(threshold: Double)
  /// x where |x| exceeds the threshold, else zero.
  case hardShrink(threshold: Double)
  /// eˣ.
  case exponential
  /// x·sigmoid(x), also called swish.
  case silu
  /// x·clip(x/6 + 0.5, 0, 1), also called hard swish.
  case hardSilu
  /// x·Φ(x), or its tanh approximation.
  case gelu(isApproximate: Bool)
  /// x·tanh(softplus(x)).
  case mish
  /// (x + √(x² + b)) / 2.
  case squareplus(b: Double)
  /// x₁·sigmoid(x₂) for the two halves of the last axis; the output is half as wide.
  case glu
  /// max(x − τ, 0) with τ = (Σ over j ≤ k of Σ over i ≤ j of z_i − 1)/k, where z is x sorted and k
  /// is the number of z_j > (Σ over i ≤ j of z_i − 1)/j (keras/src/backend/tensorflow/nn.py,
  /// `sparsemax`). This differs from Martins & Astudillo (2016).
  case sparsemax
  /// 0 up to −1, x from 1 on, (x + 1)²/4 between.
  case sparsePlus
  /// clip((x + 1)/2, 0, 1).
  case sparseSigmoid
  /// x where x exceeds the threshold, else the value `otherwise`.
  case threshold(at: Double, otherwise: Double)
  /// min(x, maximum) for x ≥ threshold, else slope·(x − threshold)
  /// (keras/src/layers/activations/relu.py).
  case rectifier(maximum: Double?, slope: Double, threshold: Double)
  /// slope·x + offset.
  case affine(slope: Double, offset: Double)
  /// scale·tanh(slope·x).
  case scaledTanh(scale: Double, slope: Double)
  /// Another function of clip(x, −limit, limit).
  indirect case clipped(Activation, limit: Double)

  /// clip(x/5 + 0.5, 0, 1): `hard_sigmoid` of tf_keras/src/backend.py.
  public static let hardSigmoidOfFifths = Activation.hardSigmoid(slope: 0.2, offset: 0.5)
  /// relu6(x + 3) / 6: `hard_sigmoid` of keras/src/activations/activations.py.
  public static let hardSigmoidOfSixths = Activation.hardSigmoid(slope: 1.0 / 6, offset: 0.5)

  /// A short name for tables and messages; the two hard sigmoids have different names.
  public var name: String {
    switch self {
    case .linear: "linear"
    case .relu: "relu"
    case .relu6: "relu6"
    case .leakyReLU(let slope): "leaky_relu(\(slope))"
    case .elu(let alpha): "elu(\(alpha))"
    case .selu: "selu"
    case .celu(let alpha): "celu(\(alpha))"
    case .sigmoid: "sigmoid"
    case .hardSigmoid(let slope, let offset):
      self == .hardSigmoidOfSixths
        ? "hard_sigmoid(x/6+0.5)" : "hard_sigmoid(\(slope)x+\(offset))"
    case .logSigmoid: "log_sigmoid"
    case .tanh: "tanh"
    case .hardTanh: "hard_tanh"
    case .tanhShrink: "tanh_shrink"
    case .softmax: "softmax"
    case .logSoftmax: "log_softmax"
    case .softplus: "softplus"
    case .softsign: "softsign"
    case .softShrink(let threshold): "soft_shrink(\(threshold))"
    case .hardShrink(let threshold): "hard_shrink(\(threshold))"
    case .exponential: "exponential"
    case .silu: "silu"
    case .hardSilu: "hard_silu"
    case .gelu(let isApproximate): isApproximate ? "gelu(tanh)" : "gelu"
    case .mish: "mish"
    case .squareplus(let b): "squareplus(\(b))"
    case .glu: "glu"
    case .sparsemax: "sparsemax"
    case .sparsePlus: "sparse_plus"
    case .sparseSigmoid: "sparse_sigmoid"
    case .threshold(let at, let otherwise): "threshold(\(at), \(otherwise))"
    case .rectifier(let maximum, let slope, let threshold):
      "relu(\(maximum.map { "max \($0), " } ?? "")slope \(slope), threshold \(threshold))"
    case .affine(let slope, let offset): "\(slope)x+\(offset)"
    case .scaledTanh(let scale, let slope): "\(scale)·tanh(\(slope)x)"
    case .clipped(let function, let limit): "\(function.name) clipped at \(limit)"
    }
  }

  /// The width of the last axis after the function, or nil when the function can't take `width`.
  package func outputWidth(_ width: Int) -> Int? {
    self == .glu ? width % 2 == 0 ? width / 2 : nil : width
  }

  /// Bounds of the function's values; nil for unbounded functions.
  package var range: ClosedRange<Double>? {
    switch self {
    case .sigmoid, .hardSigmoid, .softmax, .sparseSigmoid, .sparsemax: 0...1
    case .tanh, .hardTanh, .softsign: -1...1
    case .relu6: 0...6
    case .clipped(let function, _): function.range
    case .linear, .relu, .leakyReLU, .elu, .selu, .celu, .logSigmoid, .tanhShrink, .logSoftmax,
      .softplus, .softShrink, .hardShrink, .exponential, .silu, .hardSilu, .gelu, .mish,
      .squareplus, .glu, .sparsePlus, .threshold, .rectifier,
      .affine, .scaledTanh:
      nil
    }
  }

  /// −1…1 for functions whose values all lie within that range; nil for other functions.
  var rangeWithinOne: ClosedRange<Double>? {
    range.flatMap { $0.lowerBound >= -1 && $0.upperBound <= 1 ? -1...1 : nil }
  }
}
