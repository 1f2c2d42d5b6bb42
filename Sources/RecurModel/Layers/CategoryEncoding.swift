/// Categories as vectors with one element per category.
public struct CategoryEncoding: Hashable, Sendable {
  /// What the elements say.
  public enum Mode: String, Hashable, Sendable {
    /// 1 for the category; each category becomes a vector.
    case oneHot = "one_hot"
    /// 1 for each category that occurs along the last axis.
    case multiHot = "multi_hot"
    /// How often each category occurs along the last axis.
    case count
  }

  /// The number of categories.
  public var categories: Int
  /// What the elements say.
  public var mode: Mode

  /// Makes a layer.
  public init(categories: Int, mode: Mode) {
    self.categories = categories
    self.mode = mode
  }
}

extension CategoryEncoding: LayerKind {
  package var asLayer: Layer { .categoryEncoding(self) }
  package var title: String { "CategoryEncoding(\(categories), \(mode.rawValue))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(readsTokens: true, outputType: .floatingPoint, leadingAxes: .batchIsFirst)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    guard !x.isEmpty else { throw ShapeProblem(expected: "[batch, …]") }
    // A last axis of one element disappears in one-hot vectors, as in
    // keras/src/utils/numerical_utils.py, `encode_categorical_inputs`.
    if mode == .oneHot {
      return [(x.count > 1 && x.last == .fixed(1) ? x.dropLast() : x) + [.fixed(categories)]]
    }
    return [(x.count > 1 ? x.dropLast() : x) + [.fixed(categories)]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
