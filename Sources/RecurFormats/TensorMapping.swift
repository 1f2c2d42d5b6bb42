/// What became of one tensor in a conversion.
public struct TensorMapping: Sendable {
  /// The stored tensors with the numbers: `/model_weights/lstm/lstm_cell/kernel:0`; several for a
  /// sum, none for new numbers.
  public var sources: [String]
  /// The shape of the first source.
  public var sourceShape: [Int]?
  /// Its key in the target.
  public var target: String
  /// The shape in the target.
  public var targetShape: [Int]
  /// What was done to it: `transposed; gates i f g o, the same order`.
  public var operation: String
  /// Whether the target needs the tensor and the model has nothing for it.
  package var isAdded: Bool

  /// The sources in one line; nil when the numbers are new.
  public var source: String? { sources.isEmpty ? nil : sources.joined(separator: " + ") }

  package init(
    sources: [String], sourceShape: [Int]?, target: String, targetShape: [Int], operation: String,
    isAdded: Bool = false
  ) {
    self.sources = sources
    self.sourceShape = sourceShape
    self.target = target
    self.targetShape = targetShape
    self.operation = operation
    self.isAdded = isAdded
  }
}
