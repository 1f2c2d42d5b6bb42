public import RecurTensors

/// A value the caller gives.
public struct Input: Sendable {
  /// The declared extents, outermost first; nil is free.
  public var shape: [Int?]
  /// What elements are rounded to before anything else happens.
  public var elementType: ElementType
  /// Which axis is the batch: 1 for `[timesteps, batch, features]` and for the states
  /// `[layers·directions, batch, units]` of stacked layers.
  public var batchAxis: Int
  /// Whether a call may leave it out, which gives zeros.
  ///
  /// All optional inputs are given or none.
  public var isOptional: Bool
  /// Whether the original takes arrays of another element type and converts them without a word.
  ///
  /// Here they are always converted; where the original refuses them, that is noted.
  public var acceptsOtherTypes: Bool
  /// Whether the input is text, which only a layer of an unknown class can read: then the element type
  /// says nothing.
  public var isText: Bool

  /// Declares an input.
  public init(
    shape: [Int?], elementType: ElementType, batchAxis: Int = 0, isOptional: Bool = false,
    acceptsOtherTypes: Bool, isText: Bool = false
  ) {
    self.shape = shape
    self.elementType = elementType
    self.batchAxis = batchAxis
    self.isOptional = isOptional
    self.acceptsOtherTypes = acceptsOtherTypes
    self.isText = isText
  }
}

extension Input: LayerKind {
  package var asLayer: Layer { .input(self) }
  package var title: String { isText ? "Input of text" : "Input" }
  package var ports: LayerPorts { LayerPorts(inputs: 0...0, outputs: 1) }
  package var traits: LayerTraits {
    LayerTraits(outputType: .declared(elementType), leadingAxes: .batchIsFirst)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    // The shape is declared or given: ``ModelShapes`` knows it.
    []
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
