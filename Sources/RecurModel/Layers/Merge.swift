/// Combines several inputs into one output.
public enum Merge: Hashable, Sendable {
  /// x₁ + x₂ + …
  case add
  /// x₁ − x₂.
  case subtract
  /// x₁ · x₂ · …, element by element.
  case multiply
  /// The mean, element by element.
  case average
  /// The maximum, element by element.
  case maximum
  /// The minimum, element by element.
  case minimum
  /// Concatenated along an axis; the batch is axis 0, and negative values count from the end.
  case concatenate(axis: Int)
  /// Stacked along a new axis, which becomes axis `axis`.
  case stack(axis: Int)
  /// The sum of products over one axis of each input. The batch stays; the remaining axes of both
  /// inputs follow.
  case dot(axes: [Int], isNormalized: Bool)

  /// A short name for tables.
  public var title: String {
    switch self {
    case .add: "Add"
    case .subtract: "Subtract"
    case .multiply: "Multiply"
    case .average: "Average"
    case .maximum: "Maximum"
    case .minimum: "Minimum"
    case .concatenate(let axis): "Concatenate(axis \(axis))"
    case .stack(let axis): "Stack(axis \(axis))"
    case .dot(let axes, _): "Dot(axes \(axes[0]), \(axes[1]))"
    }
  }
}

extension Merge: LayerKind {
  package var asLayer: Layer { .merge(self) }
  package var ports: LayerPorts {
    switch self {
    case .subtract, .dot: LayerPorts(inputs: 2...2, outputs: 1)
    case .add, .multiply, .average, .maximum, .minimum, .concatenate, .stack:
      LayerPorts(inputs: 1...Int.max, outputs: 1)
    }
  }
  package var traits: LayerTraits {
    switch self {
    case .maximum, .minimum: LayerTraits(outputType: .joined, leadingAxes: .kept)
    case .concatenate, .stack: LayerTraits(outputType: .joined, leadingAxes: .batchIsFirst)
    case .average: LayerTraits(outputType: .floatingPoint, leadingAxes: .kept)
    case .add, .subtract, .multiply: LayerTraits(outputType: .arithmetic, leadingAxes: .kept)
    case .dot: LayerTraits(outputType: .arithmetic, leadingAxes: .batchIsFirst)
    }
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    [try shape(of: inputs, named: name)]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    guard case .dot(let axes, _) = self else { return 0 }
    // Each element of the result is a sum over the axis that both inputs share.
    return product([2, inputs[0][axes[0]]] + outputs[0])
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
