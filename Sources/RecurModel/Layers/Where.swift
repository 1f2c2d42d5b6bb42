/// One of two values, element by element, by a condition; shapes are aligned by NumPy's rules.
public struct Where: Hashable, Sendable {
  /// The value where the condition, the first input, is not 0.
  public var onTrue: Operand
  /// The value where the condition is 0.
  public var onFalse: Operand

  /// Makes an operator.
  public init(_ onTrue: Operand, _ onFalse: Operand) {
    self.onTrue = onTrue
    self.onFalse = onFalse
  }

  /// The condition and both values.
  package var allOperands: [Operand] { [.input, onTrue, onFalse] }
}

extension Where: LayerKind {
  package var asLayer: Layer { .conditional(self) }
  package var title: String { "Where(\([onTrue, onFalse].title))" }
  package var ports: LayerPorts { allOperands.ports }
  package var traits: LayerTraits {
    // The condition is no floating-point number.
    LayerTraits(
      outputType: allOperands.hasFraction ? .floatingPoint : .arithmetic, leadingAxes: .kept)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    [try broadcast(allOperands.shapes(inputs))]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
