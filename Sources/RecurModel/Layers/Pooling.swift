/// The maximum or the mean of windows along one to three axes of `[batch, axes…, channels]`.
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

  /// What one result is taken over.
  public enum Region: Hashable, Sendable {
    /// Windows along each axis between the batch and the channels.
    case windows([Window])
    /// All of `axes` axes, which disappear or, with `keepsAxes`, stay with extent 1.
    case whole(axes: Int, keepsAxes: Bool)
  }

  /// The operation on a window.
  public var operation: Operation
  /// What one result is taken over.
  public var region: Region

  /// Makes a layer.
  public init(operation: Operation, region: Region) {
    self.operation = operation
    self.region = region
  }

  /// Makes a layer over timesteps; with nil, one window covers the sequence.
  public init(
    operation: Operation, window: (size: Int, stride: Int)?, padding: Padding, keepsAxis: Bool
  ) {
    self.init(
      operation: operation,
      region: window.map {
        .windows([Window(size: $0.size, stride: $0.stride, padding: padding)])
      } ?? .whole(axes: 1, keepsAxes: keepsAxis))
  }

  /// The number of axes that are pooled.
  public var axisCount: Int {
    switch region {
    case .windows(let windows): windows.count
    case .whole(let axes, _): axes
    }
  }

  /// Whether the layer is a mean of whole sequences, which leaves out masked timesteps.
  package var isMeanOfTimesteps: Bool {
    guard operation == .average, case .whole(axes: 1, _) = region else { return false }
    return true
  }

  /// The windows over an input whose pooled axes have these extents.
  package func windows(over extents: [Int]) -> [Window] {
    switch region {
    case .windows(let windows): windows
    case .whole:
      extents.map { Window(size: max($0, 1), stride: max($0, 1), padding: .valid) }
    }
  }
}

extension Pooling: LayerKind {
  package var asLayer: Layer { .pooling(self) }
  package var title: String {
    let name = operation == .maximum ? "MaxPooling" : "AveragePooling"
    switch region {
    case .windows(let windows): return "\(name)(\(windows.sizes))"
    case .whole: return "Global\(name)"
    }
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
    switch region {
    case .windows(let windows):
      return [[x[0]] + (try windows.over(x, width: nil, named: name)) + [x[x.count - 1]]]
    case .whole(let axes, let keepsAxes):
      try demand(x, rank: axes + 2, width: nil, "[batch, \(spatialNames(axes)), channels]")
      let ones = [Dimension](repeating: .fixed(1), count: keepsAxes ? axes : 0)
      return [[x[0]] + ones + [x[x.count - 1]]]
    }
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
