/// The maximum or the mean of windows along the timesteps.
///
/// A mean ignores padding.
public struct Pooling: Sendable {
  /// The operation on a window.
  public enum Operation: String, Sendable {
    /// The maximum.
    case maximum
    /// The mean.
    case average
  }

  /// The operation on a window.
  public var operation: Operation
  /// The timestep count of a window, and the distance between the starts of neighbouring windows.
  ///
  /// With nil, one window covers the sequence, and the axis of timesteps disappears (or, with
  /// `keepsAxis`, stays with extent 1).
  public var window: (size: Int, stride: Int)?
  /// The treatment of windows at both ends of the sequence.
  public var padding: Padding
  /// Whether pooling over the whole sequence keeps the axis of timesteps.
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
