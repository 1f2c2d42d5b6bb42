package import RecurTensors

/// Properties of a kind of layer that several consumers need.
package struct LayerTraits: Sendable {
  /// The element type of the first output.
  package enum OutputType: Sendable {
    /// A given type.
    case declared(ElementType)
    /// The element type of the first input.
    case ofInput
    /// A floating-point type of the node's precision.
    case floatingPoint
    /// A floating-point type if any input has one; else the type that all inputs share, or an
    /// integer type where the inputs' types differ.
    case joined
    /// A floating-point type if any input has one, else an integer type.
    case arithmetic
    /// Boolean.
    case boolean
  }

  /// The effect of a layer on the first two axes of its input.
  package enum LeadingAxes: Sendable {
    /// The layer treats every position of both axes alike, whichever of the axes is the batch.
    case kept
    /// The layer takes the second axis as the batch.
    case batchIsSecond
    /// The layer takes the first axis as the batch.
    case batchIsFirst
  }

  /// The width of the input's last axis according to the weights; nil when the weights don't tell.
  package var inputWidth: Int?
  /// Whether the inputs are row numbers of a table, which are exact in any precision.
  package var readsTokens: Bool
  /// The element type of the first output.
  package var outputType: OutputType
  /// The effect of the layer on the first two axes.
  package var leadingAxes: LeadingAxes
  /// Whether the output's features are the input's features, possibly moved to other positions or
  /// masked.
  package var handsOnFeatures: Bool
  /// Whether every element of the output is computed from the same element of the only input, and
  /// nothing else.
  package var isElementwise: Bool

  /// Describes a kind.
  package init(
    inputWidth: Int? = nil, readsTokens: Bool = false, outputType: OutputType,
    leadingAxes: LeadingAxes, handsOnFeatures: Bool = false, isElementwise: Bool = false
  ) {
    self.inputWidth = inputWidth
    self.readsTokens = readsTokens
    self.outputType = outputType
    self.leadingAxes = leadingAxes
    self.handsOnFeatures = handsOnFeatures
    self.isElementwise = isElementwise
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

extension LayerTraits.LeadingAxes {
  /// The effect of an operator that computes across the given axes, counted from the first.
  static func across(_ axes: [Int]) -> Self {
    axes.contains(0)
      ? .batchIsSecond : axes.contains(1) || axes.contains { $0 < 0 } ? .batchIsFirst : .kept
  }
}
