/// What became of one tensor in a conversion.
public struct TensorMapping: Sendable {
  /// Where the numbers came from: `/model_weights/lstm/lstm_cell/kernel:0`; several for a sum, none
  /// when they are new.
  public var sources: [String]
  /// The shape of the first of them.
  public var sourceShape: [Int]?
  /// Its key in the target.
  public var target: String
  /// Its shape there.
  public var targetShape: [Int]
  /// What was done to it: `transposed; gates i f g o, the same order`.
  public var operation: String

  /// The sources in one line; nil when the numbers are new.
  public var source: String? { sources.isEmpty ? nil : sources.joined(separator: " + ") }

  package init(
    sources: [String], sourceShape: [Int]?, target: String, targetShape: [Int], operation: String
  ) {
    self.sources = sources
    self.sourceShape = sourceShape
    self.target = target
    self.targetShape = targetShape
    self.operation = operation
  }
}
