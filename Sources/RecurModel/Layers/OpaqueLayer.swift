public import RecurTensors

/// A layer whose class is unknown: what it computes is not in the file.
///
/// Its tensors are carried; a model that contains it can't be run.
public struct OpaqueLayer: Sendable {
  /// Its class in its framework's words.
  public var className: String
  /// Its tensors, by the names the file gives them, in the file's order.
  public var tensors: [(name: String, tensor: Tensor)]
  /// The number of outputs that others use.
  public var outputCount: Int
  /// The shape of its first output as the file says it, batch first, of which nil is free; nil when the
  /// file says nothing.
  ///
  /// Nothing holds the layer to it, so shapes are not inferred from it.
  public var declaredShape: [Int?]?

  /// Describes a layer.
  public init(
    className: String, tensors: [(name: String, tensor: Tensor)], outputCount: Int,
    declaredShape: [Int?]? = nil
  ) {
    self.className = className
    self.tensors = tensors
    self.outputCount = outputCount
    self.declaredShape = declaredShape
  }
}

extension OpaqueLayer: LayerKind {
  package var asLayer: Layer { .opaque(self) }
  package var title: String { className }
  package var ports: LayerPorts { LayerPorts(inputs: 0...Int.max, outputs: outputCount) }
  package var traits: LayerTraits {
    .batchFirst()
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    for index in tensors.indices {
      let parameter = Parameter("'\(tensors[index].name)'", .any)
      try visitor.visit(&tensors[index].tensor, parameter)
    }
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    []
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { nil }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
