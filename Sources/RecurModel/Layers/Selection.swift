/// Selects one element along an axis and removes the axis: `x[:, -1]`, `h[0]`.
///
/// Along the timesteps of a masked input, -1 is the last unmasked timestep and 0 the first.
public struct Selection: Hashable, Sendable {
  /// The axis; the batch is axis 0.
  public var axis: Int
  /// The position; -1 is the last.
  public var index: Int

  /// Makes a selection.
  public init(axis: Int, index: Int) {
    self.axis = axis
    self.index = index
  }
}

extension Selection: LayerKind {
  package var asLayer: Layer { .selection(self) }
  package var title: String { "Select(axis \(axis), \(index))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      outputType: .ofInput, leadingAxes: .across([axis]),
      handsOnFeatures: axis == 0)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    guard x.indices.contains(axis) else { throw ShapeProblem(expected: "an axis \(axis)") }
    if let extent = x[axis].value {
      let position = index < 0 ? index + extent : index
      guard position >= 0, position < extent else {
        throw ShapeProblem(expected: "an axis \(axis) that has an element \(index)")
      }
    }
    return [Array(x[..<axis] + x[(axis + 1)...])]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
