public import RecurTensors

/// A layer of an unknown class: the file does not say what the layer computes.
///
/// Its tensors are kept. A model with such a layer can't be run.
public struct OpaqueLayer: Sendable {
  /// The framework's name of its class.
  public var className: String
  /// The tensors with the names that the file gives them, in file order.
  public var tensors: [(name: String, tensor: Tensor)]
  /// The number of outputs that other nodes use.
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
