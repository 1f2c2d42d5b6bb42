// An activation function as a layer.
extension Activation: LayerKind {
  package var asLayer: Layer { .activation(self) }
  package var title: String { "Activation(\(name))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      outputType: .floatingPoint, leadingAxes: .kept,
      isElementwise: ![.softmax, .logSoftmax, .glu, .sparsemax].contains(self))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    guard let last = x.last else { throw ShapeProblem(expected: "[batch, …]") }
    return [x.dropLast() + [try applied(to: last)]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? {
    guard let range, let x else { return nil }
    return FeatureRange(repeating: range, count: x.count)
  }
}
