import RecurTensors

/// The position of the largest or smallest element along an axis; the first one of equal elements.
public struct ArgReduction: Hashable, Sendable {
  /// Whether the largest element is meant, or the smallest.
  public var isMaximum: Bool
  /// The axis.
  public var axis: Int
  /// Whether the axis stays with extent 1.
  public var keepsAxis: Bool

  /// Makes an operator.
  public init(isMaximum: Bool, axis: Int, keepsAxis: Bool) {
    self.isMaximum = isMaximum
    self.axis = axis
    self.keepsAxis = keepsAxis
  }
}

extension ArgReduction: LayerKind {
  package var asLayer: Layer { .argReduction(self) }
  package var title: String { "\(isMaximum ? "ArgMax" : "ArgMin")(axis \(axis))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .declared(.int32), leadingAxes: .across([axis]))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    var shape = inputs[0]
    let axis = try position(of: axis, rank: shape.count)
    if keepsAxis { shape[axis] = .fixed(1) } else { shape.remove(at: axis) }
    return [shape]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
