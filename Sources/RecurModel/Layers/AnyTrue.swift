/// Whether any element along an axis is true.
public struct AnyTrue: Hashable, Sendable {
  /// The axis; the batch is axis 0, and negative values count from the end.
  public var axis: Int
  /// Whether the axis stays in the result, with extent 1.
  public var keepsAxis: Bool

  /// Makes an operator.
  public init(axis: Int, keepsAxis: Bool) {
    self.axis = axis
    self.keepsAxis = keepsAxis
  }
}

extension AnyTrue: LayerKind {
  package var asLayer: Layer { .anyTrue(self) }
  package var title: String { "Any(axis \(axis))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .boolean, leadingAxes: .batchIsFirst)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    var shape = inputs[0]
    let position = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(position) else {
      throw ShapeProblem(expected: "an axis \(axis)")
    }
    if keepsAxis { shape[position] = .fixed(1) } else { shape.remove(at: position) }
    return [shape]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
