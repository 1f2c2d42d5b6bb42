public import RecurTensors

/// An input of the model.
public struct Input: Sendable {
  /// The declared extents, outermost first; nil is a free extent.
  public var shape: [Int?]
  /// The element type to which the array's elements are rounded first.
  public var elementType: ElementType
  /// The axis of the batch: 1 for `[timesteps, batch, features]` and for the states
  /// `[layers·directions, batch, units]` of stacked layers.
  public var batchAxis: Int
  /// Whether a call may omit this input; the input is then all zeros.
  ///
  /// A call gives all optional inputs or none of them.
  public var isOptional: Bool
  /// Whether the original silently converts arrays of another element type.
  ///
  /// The reference always converts. Where the original refuses other types, a note says so.
  public var acceptsOtherTypes: Bool
  /// Whether the input is text, which only a layer of an unknown class can read: then the element type
  /// says nothing.
  public var isText: Bool
  /// The names of free extents, one per axis; equal names are equal extents, also of other inputs.
  ///
  /// Empty when the position of an axis says its name.
  public var extentNames: [String?]
  /// How text that is given for the input becomes its numbers; nil for an input of numbers alone.
  public var text: TextReading?

  /// Declares an input.
  public init(
    shape: [Int?], elementType: ElementType, batchAxis: Int = 0, isOptional: Bool = false,
    acceptsOtherTypes: Bool, isText: Bool = false, extentNames: [String?] = [],
    text: TextReading? = nil
  ) {
    self.shape = shape
    self.elementType = elementType
    self.batchAxis = batchAxis
    self.isOptional = isOptional
    self.acceptsOtherTypes = acceptsOtherTypes
    self.isText = isText
    self.extentNames = extentNames
    self.text = text
  }
}

extension Input: LayerKind {
  package var asLayer: Layer { .input(self) }
  package var title: String {
    text != nil ? "Input of text, as numbers" : isText ? "Input of text" : "Input"
  }
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
    // An input's shape is declared or given, and ``ModelShapes`` handles both cases.
    []
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
