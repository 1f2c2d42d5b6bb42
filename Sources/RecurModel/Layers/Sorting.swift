import RecurTensors

/// The elements along an axis in the order of their sizes, or their positions in this order.
///
/// Equal elements keep their order.
public struct Sorting: Hashable, Sendable {
  /// The axis.
  public var axis: Int
  /// Whether the largest element is first.
  public var isDescending: Bool
  /// How many elements of the order are kept; nil for all.
  public var count: Int?
  /// Whether the positions of the elements are put out in place of the elements.
  public var givesPositions: Bool

  /// Makes an operator.
  public init(axis: Int, isDescending: Bool, count: Int?, givesPositions: Bool) {
    self.axis = axis
    self.isDescending = isDescending
    self.count = count
    self.givesPositions = givesPositions
  }
}

extension Sorting: LayerKind {
  package var asLayer: Layer { .sorting(self) }
  package var title: String {
    "\(count.map { "Top(\($0), " } ?? "Sort(")axis \(axis)\(isDescending ? ", descending" : "")"
      + "\(givesPositions ? ", positions" : ""))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      outputType: givesPositions ? .declared(.int32) : .ofInput, leadingAxes: .across([axis]))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    var shape = inputs[0]
    let axis = try position(of: axis, rank: shape.count)
    guard let count else { return [shape] }
    guard count > 0, shape[axis].value.map({ $0 >= count }) ?? true else {
      throw ShapeProblem(expected: "at least \(count) elements along axis \(axis)")
    }
    shape[axis] = .fixed(count)
    return [shape]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
