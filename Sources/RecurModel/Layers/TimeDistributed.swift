/// A layer applied to each timestep (axis 1) separately, as if each timestep were a sequence of the
/// batch.
public struct TimeDistributed: Sendable {
  /// The layer that is applied.
  public var inner: Layer

  /// Applies a layer to every timestep.
  public init(_ inner: Layer) { self.inner = inner }
}

extension TimeDistributed: RecurrentLayerKind {
  package var asLayer: Layer { .timeDistributed(self) }
  package var title: String { "TimeDistributed(\(inner.title))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .batchFirst(inputWidth: inner.inputWidth)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    var definition = inner.definition
    try definition.visitParameters(&visitor)
    inner = definition.asLayer
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    guard x.count >= 3 else { throw ShapeProblem(expected: "[batch, timesteps, …]") }
    let shapes = try inner.outputShapes([[x[0]] + x.dropFirst(2)], named: name)
    return shapes.map { [$0[0], x[1]] + $0.dropFirst() }
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    func folded(_ shape: [Int]) -> [Int] { [shape[0] * shape[1]] + shape.dropFirst(2) }
    return inner.definition.productOperations(inputs.map(folded), outputs.map(folded))
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }

  package var recurrents: [Recurrent] {
    get { inner.recurrents }
    set {
      guard var kind = inner.definition as? any RecurrentLayerKind else { return }
      kind.recurrents = newValue
      inner = kind.asLayer
    }
  }
}
