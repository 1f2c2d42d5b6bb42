import RecurModel
import RecurTensors

extension Unary: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands {
    switch self {
    case .not: .asGiven
    case .square, .absolute, .negative, .sign: .numbers
    default: .floatingPoint
    }
  }

  func expression(_ call: PyTorchCall) -> String { "torch.\(function)(\(call.x))" }

  /// The name of the function in torch.
  var function: String {
    switch self {
    case .expm1: "expm1"
    case .log: "log"
    case .log1p: "log1p"
    case .log2: "log2"
    case .log10: "log10"
    case .squareRoot: "sqrt"
    case .reciprocalSquareRoot: "rsqrt"
    case .square: "square"
    case .absolute: "abs"
    case .negative: "neg"
    case .sign: "sign"
    case .reciprocal: "reciprocal"
    case .floor: "floor"
    case .ceiling: "ceil"
    case .round: "round"
    case .truncate: "trunc"
    case .sine: "sin"
    case .cosine: "cos"
    case .tangent: "tan"
    case .inverseSine: "asin"
    case .inverseCosine: "acos"
    case .inverseTangent: "atan"
    case .hyperbolicSine: "sinh"
    case .hyperbolicCosine: "cosh"
    case .errorFunction: "erf"
    case .not: "logical_not"
    case .isNaN: "isnan"
    case .isFinite: "isfinite"
    }
  }
}
