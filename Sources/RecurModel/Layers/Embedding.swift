public import RecurTensors

/// Replaces every token by a row of a table.
///
/// Outputs: the rows; then, if `masksZero`, the mask.
public struct Embedding: Sendable {
  /// `[vocabularySize, outputSize]`.
  public var table: Tensor
  /// Whether token 0 marks a padded timestep.
  public var masksZero: Bool
  /// Whether tokens that are not whole numbers are truncated towards zero; otherwise they are
  /// refused.
  public var cutsFractions: Bool

  /// Makes a layer.
  public init(table: Tensor, masksZero: Bool, cutsFractions: Bool) {
    self.table = table
    self.masksZero = masksZero
    self.cutsFractions = cutsFractions
  }

  /// The number of rows.
  public var vocabularySize: Int { table.shape[0] }
  /// The width of a row.
  public var outputSize: Int { table.shape[1] }
}

extension Embedding: LayerKind {
  package var asLayer: Layer { .embedding(self) }
  package var title: String { "Embedding(\(vocabularySize), \(outputSize))" }
  package var ports: LayerPorts {
    LayerPorts(inputs: 1...1, outputs: masksZero ? 2 : 1, makesMask: masksZero)
  }
  package var traits: LayerTraits {
    LayerTraits(readsTokens: true, outputType: .floatingPoint, leadingAxes: .kept)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&table, Parameter("the table", .axes(["tokens", "width"])))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    return [x + [.fixed(outputSize)]] + (masksZero ? [x] : [])
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { TableRange.columns(of: table) }
}
