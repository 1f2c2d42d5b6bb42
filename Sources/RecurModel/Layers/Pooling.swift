/// The largest or the mean element of windows along the timesteps.
///
/// Means leave out what lies beyond the ends.
public struct Pooling: Sendable {
  /// What is taken of a window.
  public enum Operation: String, Sendable {
    /// The largest element.
    case maximum
    /// The mean.
    case average
  }

  /// What is taken of a window.
  public var operation: Operation
  /// The timesteps of a window, and the distance between windows; nil is one window that spans the
  /// sequence and whose axis disappears (or stays with extent 1, `keepsAxis`).
  public var window: (size: Int, stride: Int)?
  /// What lies beyond the ends.
  public var padding: Padding
  /// Whether pooling over everything keeps the axis of timesteps.
  public var keepsAxis: Bool

  /// Makes a layer.
  public init(
    operation: Operation, window: (size: Int, stride: Int)?, padding: Padding, keepsAxis: Bool
  ) {
    self.operation = operation
    self.window = window
    self.padding = padding
    self.keepsAxis = keepsAxis
  }
}

extension Pooling: LayerKind {
  package var asLayer: Layer { .pooling(self) }
  package var title: String {
    (window == nil ? "Global" : "")
      + (operation == .maximum ? "MaxPooling" : "AveragePooling")
      + (window.map { "(\($0.size))" } ?? "")
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .batchFirst()
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    try demand(x, rank: 3, width: nil, "[batch, timesteps, channels]")
    guard let (size, stride) = window else {
      return [keepsAxis ? [x[0], .fixed(1), x[2]] : [x[0], x[2]]]
    }
    return [[x[0], try padding.windows(of: x[1], span: size, stride: stride, named: name), x[2]]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
