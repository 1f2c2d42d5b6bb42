/// y = scale·x + offset, with constants for all elements or one constant per element of the last
/// axis.
///
/// The constants are options and not weights (keras/src/layers/preprocessing/rescaling.py).
public struct Scaling: Sendable {
  /// One number, or one per element of the last axis.
  public var scale: [Double]
  /// One number, or one per element of the last axis.
  public var offset: [Double]

  /// Makes a layer.
  public init(scale: [Double], offset: [Double]) {
    self.scale = scale
    self.offset = offset
  }

  /// The required width of the last axis, or nil when any width will do.
  public var width: Int? { [scale.count, offset.count].max().flatMap { $0 > 1 ? $0 : nil } }
}

extension Scaling: LayerKind {
  package var asLayer: Layer { .scaling(self) }
  package var title: String { "Rescaling" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .everyPosition()
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    if let width { try demand(inputs[0], rank: nil, width: width, "[batch, …, %]") }
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
