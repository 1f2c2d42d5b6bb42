/// A function of one number, element by element.
///
/// Functions that networks use as activations are in ``Activation``.
public enum Unary: String, Hashable, Sendable, CaseIterable {
  /// eˣ − 1.
  case expm1 = "Expm1"
  /// The natural logarithm.
  case log = "Log"
  /// log(1 + x).
  case log1p = "Log1p"
  /// The logarithm to the base 2.
  case log2 = "Log2"
  /// The logarithm to the base 10.
  case log10 = "Log10"
  /// √x.
  case squareRoot = "Sqrt"
  /// 1 / √x.
  case reciprocalSquareRoot = "Rsqrt"
  /// x².
  case square = "Square"
  /// |x|.
  case absolute = "Abs"
  /// −x.
  case negative = "Negative"
  /// −1, 0 or 1.
  case sign = "Sign"
  /// 1 / x.
  case reciprocal = "Reciprocal"
  /// The largest whole number up to x.
  case floor = "Floor"
  /// The smallest whole number from x on.
  case ceiling = "Ceil"
  /// The nearest whole number; halves go to the even one.
  case round = "Round"
  /// The whole number between 0 and x nearest to x.
  case truncate = "Trunc"
  /// The sine.
  case sine = "Sin"
  /// The cosine.
  case cosine = "Cos"
  /// The tangent.
  case tangent = "Tan"
  /// The inverse sine.
  case inverseSine = "Asin"
  /// The inverse cosine.
  case inverseCosine = "Acos"
  /// The inverse tangent.
  case inverseTangent = "Atan"
  /// The hyperbolic sine.
  case hyperbolicSine = "Sinh"
  /// The hyperbolic cosine.
  case hyperbolicCosine = "Cosh"
  /// The error function.
  case errorFunction = "Erf"
  /// Whether x is 0.
  case not = "Not"
  /// Whether x is not a number.
  case isNaN = "IsNaN"
  /// Whether x is a number and not infinite.
  case isFinite = "IsFinite"
}

extension Unary: LayerKind {
  package var asLayer: Layer { .unary(self) }
  package var title: String { rawValue }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    let type: LayerTraits.OutputType =
      switch self {
      case .square, .absolute, .negative, .sign: .arithmetic
      case .not, .isNaN, .isFinite: .boolean
      default: .floatingPoint
      }
    return LayerTraits(outputType: type, leadingAxes: .kept, isElementwise: true)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
