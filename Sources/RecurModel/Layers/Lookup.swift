import RecurTensors

/// The position of a whole number in a list, element by element.
public struct Lookup: Hashable, Sendable {
  /// The numbers, in order.
  public var keys: [Int]
  /// The position of the first one.
  public var firstPosition: Int
  /// The number of positions for numbers that are not in the list, by their remainder.
  public var unknownCount: Int
  /// The first of these positions.
  public var unknownPosition: Int

  /// Makes an operator.
  public init(keys: [Int], firstPosition: Int, unknownCount: Int, unknownPosition: Int) {
    self.keys = keys
    self.firstPosition = firstPosition
    self.unknownCount = unknownCount
    self.unknownPosition = unknownPosition
  }
}

extension Lookup: LayerKind {
  package var asLayer: Layer { .lookup(self) }
  package var title: String { "Lookup(\(keys.count))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      readsTokens: true, outputType: .declared(.int64), leadingAxes: .kept)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
