import RecurModel
import RecurTensors

extension Unary: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [Values(shape: call.x.shape, elements: call.x.elements.map(applied))]
  }

  /// The function of one number.
  func applied<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    switch self {
    case .expm1: Scalar.expm1(x)
    case .log: Scalar.log(x)
    case .log1p: Scalar.log1p(x)
    case .log2: Scalar.log(x) / Scalar.log(2)
    case .log10: Scalar.log(x) / Scalar.log(10)
    case .squareRoot: x.squareRoot()
    case .reciprocalSquareRoot: 1 / x.squareRoot()
    case .square: x * x
    case .absolute: x.magnitude
    case .negative: -x
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .reciprocal: 1 / x
    case .floor: x.rounded(.down)
    case .ceiling: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .truncate: x.rounded(.towardZero)
    case .sine: Scalar.sin(x)
    case .cosine: Scalar.cos(x)
    case .tangent: Scalar.tan(x)
    case .inverseSine: Scalar.asin(x)
    case .inverseCosine: Scalar.acos(x)
    case .inverseTangent: Scalar.atan(x)
    case .hyperbolicSine: (Scalar.expm1(x) - Scalar.expm1(-x)) / 2
    case .hyperbolicCosine: (Scalar.exp(x) + Scalar.exp(-x)) / 2
    case .errorFunction: Scalar.erf(x)
    case .not: x == 0 ? 1 : 0
    case .isNaN: x.isNaN ? 1 : 0
    case .isFinite: x.isFinite ? 1 : 0
    }
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
