/// What became of one tensor in a conversion.
public struct TensorMapping: Sendable {
  /// Where the numbers came from: `/model_weights/lstm/lstm_cell/kernel:0`; nil when they are new.
  public var source: String?
  /// Its shape there.
  public var sourceShape: [Int]?
  /// Its key in the target.
  public var target: String
  /// Its shape there.
  public var targetShape: [Int]
  /// What was done to it: `transposed; gates i f g o, the same order`.
  public var operation: String

  package init(
    source: String?, sourceShape: [Int]?, target: String, targetShape: [Int], operation: String
  ) {
    self.source = source
    self.sourceShape = sourceShape
    self.target = target
    self.targetShape = targetShape
    self.operation = operation
  }
}
