/// One number for all elements along some axes.
public struct Reduction: Hashable, Sendable {
  /// The function of the elements.
  public enum Function: String, Hashable, Sendable, CaseIterable {
    /// Σ x / n.
    case mean
    /// Σ x.
    case sum
    /// The maximum.
    case maximum
    /// The minimum.
    case minimum
    /// Π x.
    case product
    /// Whether any element is not 0.
    case any
    /// Whether no element is 0.
    case all
    /// Σ (x − mean)² / n.
    case variance
    /// The square root of the variance.
    case standardDeviation
    /// log Σ eˣ.
    case logSumExp
    /// Σ |x|.
    case l1Norm
    /// √Σ x².
    case l2Norm

    /// The name in titles.
    var title: String {
      switch self {
      case .mean: "Mean"
      case .sum: "Sum"
      case .maximum: "Max"
      case .minimum: "Min"
      case .product: "Product"
      case .any: "Any"
      case .all: "All"
      case .variance: "Variance"
      case .standardDeviation: "StandardDeviation"
      case .logSumExp: "LogSumExp"
      case .l1Norm: "L1Norm"
      case .l2Norm: "L2Norm"
      }
    }
  }

  /// The function.
  public var function: Function
  /// The axes; negative axes count from the end.
  public var axes: [Int]
  /// Whether the axes stay with extent 1.
  public var keepsAxes: Bool

  /// Makes an operator.
  public init(_ function: Function, axes: [Int], keepsAxes: Bool) {
    self.function = function
    self.axes = axes
    self.keepsAxes = keepsAxes
  }
}

extension Reduction: LayerKind {
  package var asLayer: Layer { .reduction(self) }
  package var title: String { "\(function.title)(axis \(listed(axes)))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    let type: LayerTraits.OutputType =
      switch function {
      case .maximum, .minimum: .ofInput
      case .sum, .product, .l1Norm: .arithmetic
      case .any, .all: .boolean
      case .mean, .variance, .standardDeviation, .logSumExp, .l2Norm: .floatingPoint
      }
    return LayerTraits(outputType: type, leadingAxes: .across(axes))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    guard let own = positions(of: axes, rank: inputs[0].count) else {
      throw ShapeProblem(expected: "the axes \(listed(axes)), each once")
    }
    var shape = inputs[0]
    for axis in own.reversed() {
      if keepsAxes { shape[axis] = .fixed(1) } else { shape.remove(at: axis) }
    }
    return [shape]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
