/// y = x / max(‖x‖, ε), with the Euclidean norm over some axes.
public struct UnitNormalization: Hashable, Sendable {
  /// The axes over which the norm is taken; the batch is axis 0, and negative values count from the
  /// end.
  public var axes: [Int]
  /// ε: the smallest divisor, so that a norm of 0 gives zeros.
  public var epsilon: Double

  /// Makes a layer.
  public init(axes: [Int], epsilon: Double) {
    self.axes = axes
    self.epsilon = epsilon
  }

  /// The axes in ascending order for a value of `rank` axes, the batch being axis 0; nil when an
  /// axis does not exist, is the batch, or is named twice.
  package func axes(ofRank rank: Int) -> [Int]? {
    let positions = axes.map { $0 < 0 ? $0 + rank : $0 }
    guard !positions.isEmpty, Set(positions).count == positions.count,
      rank > 0, positions.allSatisfy({ (1..<rank).contains($0) })
    else { return nil }
    return positions.sorted()
  }
}

extension UnitNormalization: LayerKind {
  package var asLayer: Layer { .unitNormalization(self) }
  package var title: String {
    "UnitNormalization(\(axes.map(String.init).joined(separator: ", ")))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits { axes == [-1] ? .everyPosition() : .batchFirst() }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    guard axes(ofRank: inputs[0].count) != nil else {
      throw ShapeProblem(
        expected:
          "axes besides the batch, \(axes.map(String.init).joined(separator: ", ")) among them")
    }
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? {
    // No element exceeds the norm.
    x.map { FeatureRange(repeating: -1...1, count: $0.count) }
  }
}
