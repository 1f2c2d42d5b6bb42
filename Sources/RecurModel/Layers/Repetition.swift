/// An axis several times: each element, or the whole axis, one after the other.
public struct Repetition: Hashable, Sendable {
  /// The axis.
  public var axis: Int
  /// How many times.
  public var count: Int
  /// Whether the whole axis is repeated: `a b a b` and not `a a b b`.
  public var isWhole: Bool

  /// Makes an operator.
  public init(axis: Int, count: Int, isWhole: Bool) {
    self.axis = axis
    self.count = count
    self.isWhole = isWhole
  }
}

extension Repetition: LayerKind {
  package var asLayer: Layer { .repetition(self) }
  package var title: String { "\(isWhole ? "Tile" : "Repeat")(\(count), axis \(axis))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .ofInput, leadingAxes: .across([axis]))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    var shape = inputs[0]
    let axis = try position(of: axis, rank: shape.count)
    guard count > 0 else { throw ShapeProblem(expected: "at least one repetition") }
    shape[axis] = shape[axis].times(count).shortened("axis\(axis)(\(name))")
    return [shape]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
