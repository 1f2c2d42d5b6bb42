package import RecurTensors

/// Facts about a kind of layer that several consumers ask for.
package struct LayerTraits: Sendable {
  /// The type of the elements of the first output.
  package enum OutputType: Sendable {
    /// A given type.
    case declared(ElementType)
    /// That of the first input.
    case ofInput
    /// Floating-point numbers in the precision of the node.
    case floatingPoint
    /// Floating-point numbers if any input holds them; else the type that all inputs share, or integers
    /// where they differ.
    case joined
    /// Floating-point numbers if any input holds them, else integers.
    case arithmetic
    /// Boolean.
    case boolean
  }

  /// What a layer does to the first two axes of its input.
  package enum LeadingAxes: Sendable {
    /// The same at every position of both, whichever of them is the batch.
    case kept
    /// It takes the second axis for the batch.
    case batchIsSecond
    /// It takes the first axis for the batch.
    case batchIsFirst
  }

  /// How wide the weights say that the last axis of the input is; nil where they don't.
  package var inputWidth: Int?
  /// Whether the inputs are numbers of rows of a table, which keep their numbers in any precision.
  package var readsTokens: Bool
  /// The type of the elements of the first output.
  package var outputType: OutputType
  /// What the layer does to the first two axes.
  package var leadingAxes: LeadingAxes
  /// Whether each feature of the output is the same feature of the input, at another place or masked.
  package var handsOnFeatures: Bool

  /// Describes a kind.
  package init(
    inputWidth: Int? = nil, readsTokens: Bool = false, outputType: OutputType,
    leadingAxes: LeadingAxes, handsOnFeatures: Bool = false
  ) {
    self.inputWidth = inputWidth
    self.readsTokens = readsTokens
    self.outputType = outputType
    self.leadingAxes = leadingAxes
    self.handsOnFeatures = handsOnFeatures
  }

  /// A layer that computes floating-point numbers at every position of the first two axes.
  package static func everyPosition(inputWidth: Int? = nil) -> LayerTraits {
    LayerTraits(inputWidth: inputWidth, outputType: .floatingPoint, leadingAxes: .kept)
  }

  /// A layer that computes floating-point numbers, and whose first axis is the batch.
  package static func batchFirst(inputWidth: Int? = nil) -> LayerTraits {
    LayerTraits(inputWidth: inputWidth, outputType: .floatingPoint, leadingAxes: .batchIsFirst)
  }
}
