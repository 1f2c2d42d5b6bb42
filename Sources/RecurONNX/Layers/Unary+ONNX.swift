import RecurModel
import RecurTensors

extension Unary: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let isArithmetic = [.square, .absolute, .negative, .sign].contains(self)
    let x = graph.cast(call.x, to: isArithmetic ? call.outputType : call.type)
    func plain(_ operation: String) -> ONNXValue { graph.apply(operation, x) }
    let result: ONNXValue
    switch self {
    case .expm1: result = graph.subtract(plain("Exp"), 1)
    case .log: result = plain("Log")
    case .log1p: result = graph.apply("Log", graph.add(x, 1))
    case .log2: result = graph.divide(plain("Log"), 0.6931471805599453)
    case .log10: result = graph.divide(plain("Log"), 2.302585092994046)
    case .squareRoot: result = plain("Sqrt")
    case .reciprocalSquareRoot: result = graph.apply("Reciprocal", plain("Sqrt"))
    case .square: result = graph.multiply(x, x)
    case .absolute: result = plain("Abs")
    case .negative: result = plain("Neg")
    case .sign: result = plain("Sign")
    case .reciprocal: result = plain("Reciprocal")
    case .floor: result = plain("Floor")
    case .ceiling: result = plain("Ceil")
    case .round: result = plain("Round")
    case .truncate:
      result = graph.multiply(plain("Sign"), graph.apply("Floor", plain("Abs")))
    case .sine: result = plain("Sin")
    case .cosine: result = plain("Cos")
    case .tangent: result = plain("Tan")
    case .inverseSine: result = plain("Asin")
    case .inverseCosine: result = plain("Acos")
    case .inverseTangent: result = plain("Atan")
    case .hyperbolicSine: result = plain("Sinh")
    case .hyperbolicCosine: result = plain("Cosh")
    case .errorFunction: result = plain("Erf")
    case .not: result = graph.apply("Not", graph.cast(call.x, to: .bool))
    case .isNaN: result = graph.apply("IsNaN", x, type: .bool)
    case .isFinite: result = graph.compare("Less", plain("Abs"), .infinity)
    }
    return [result]
  }
}
