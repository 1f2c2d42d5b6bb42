public import RecurTensors

/// A layer of an unknown class: the file does not say what the layer computes.
///
/// Its tensors are kept. A model with such a layer can't be run.
public struct OpaqueLayer: Sendable {
  /// What a file says of a layer, which is carried as it is into a file of the same framework.
  public struct Declaration: Hashable, Sendable {
    /// The layer's config as text.
    public var config: String
    /// What it is called with, as text; nil where a file doesn't say.
    public var call: String?
    /// The generation of the framework that wrote both.
    public var generation: Int

    /// Carries a config.
    public init(config: String, call: String? = nil, generation: Int) {
      self.config = config
      self.call = call
      self.generation = generation
    }
  }

  /// Why nobody knows what a layer computes.
  public enum Cause: Sendable {
    /// The class is unknown, and its code is in no file.
    case unknownClass
    /// The code is in the file, in a form that is never run.
    case bytecode
    /// The class is known, and asks for the shape of an input that such a layer puts out.
    case unknownShape
  }

  /// Its class in its framework's words.
  public var className: String
  /// Why nobody knows what it computes.
  public var cause: Cause
  /// The tensors with the names that the file gives them, in file order.
  public var tensors: [(name: String, tensor: Tensor)]
  /// The number of outputs that other nodes use.
  public var outputCount: Int
  /// The shape of its first output as the file says it, batch first, of which nil is free; nil when the
  /// file says nothing.
  ///
  /// Nothing holds the layer to it, so shapes are not inferred from it.
  public var declaredShape: [Int?]?
  /// What its file says of it; nil where only its tensors are known.
  public var declaration: Declaration?

  /// Describes a layer.
  public init(
    className: String, cause: Cause = .unknownClass,
    tensors: [(name: String, tensor: Tensor)], outputCount: Int,
    declaredShape: [Int?]? = nil, declaration: Declaration? = nil
  ) {
    self.className = className
    self.cause = cause
    self.tensors = tensors
    self.outputCount = outputCount
    self.declaredShape = declaredShape
    self.declaration = declaration
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
