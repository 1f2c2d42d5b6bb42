/// The axes between batch and channels stretched, with numbers between two positions in proportion
/// to their distances (bilinear for two axes).
///
/// A position stands in the middle of its part of the axis.
public struct Interpolation: Hashable, Sendable {
  /// The factor of each axis behind the batch.
  public var factors: [Int]

  /// Makes an operator.
  public init(factors: [Int]) { self.factors = factors }

  /// The two positions between which position `index` of the output lies, and the part of the second.
  package static func place(
    _ index: Int, factor: Int, extent: Int
  ) -> (first: Int, second: Int, part: Double) {
    let place = (Double(index) + 0.5) / Double(factor) - 0.5
    let first = Int(place.rounded(.down))
    return (max(first, 0), min(first + 1, extent - 1), place - place.rounded(.down))
  }
}

extension Interpolation: LayerKind {
  package var asLayer: Layer { .interpolation(self) }
  package var title: String { "UpSampling(\(listed(factors)), linear)" }
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
    guard x.count == factors.count + 2, factors.allSatisfy({ $0 > 0 }) else {
      throw ShapeProblem(expected: "[batch, \(factors.count) axes, channels]")
    }
    return [
      [x[0]]
        + factors.indices.map {
          x[$0 + 1].times(factors[$0]).shortened("axis\($0 + 1)(\(name))")
        } + [x[x.count - 1]]
    ]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
