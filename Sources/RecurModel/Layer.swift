public import RecurTensors

/// What one node of a model computes.
///
/// The set is closed: a `switch` over it has no `default`.
public enum Layer: Sendable {
  /// A value the caller gives.
  case input(Input)
  /// A recurrent layer.
  case lstm(LSTM)
  /// y = φ(W·x + b) on the last axis.
  case dense(Dense)
  /// A row of a table per token.
  case embedding(Embedding)
  /// Marks timesteps whose features all equal a value; outputs: the masked x, then the mask.
  case masking(value: Double)
  /// A function of every element.
  case activation(Activation)
  /// Nothing, at inference: dropout and noise layers, by their class name.
  case identity(className: String)
  /// Where the input differs from a value, as a Boolean tensor.
  case notEqual(value: Double)
  /// Whether any element along `axis` is true.
  case anyTrue(axis: Int, keepsAxis: Bool)

  /// A short name of the kind, for tables: `LSTM(4)`.
  public var title: String {
    switch self {
    case .input: "Input"
    case .lstm(let lstm): "LSTM(\(lstm.units))"
    case .dense(let dense): "Dense(\(dense.outputSize))"
    case .embedding(let embedding):
      "Embedding(\(embedding.vocabularySize), \(embedding.outputSize))"
    case .masking(let value): "Masking(\(value))"
    case .activation(let activation): "Activation(\(activation.name))"
    case .identity(let className): className
    case .notEqual(let value): "NotEqual(\(value))"
    case .anyTrue(let axis, _): "Any(axis \(axis))"
    }
  }

  /// The number of learned numbers.
  public var parameterCount: Int {
    switch self {
    case .lstm(let lstm): lstm.weights.parameterCount
    case .dense(let dense): dense.kernel.count + (dense.bias?.count ?? 0)
    case .embedding(let embedding): embedding.table.count
    case .input, .masking, .activation, .identity, .notEqual, .anyTrue: 0
    }
  }

  /// The number of values the layer puts out.
  package var outputCount: Int {
    switch self {
    case .lstm(let lstm): lstm.returnsState ? 3 : 1
    case .embedding(let embedding): embedding.masksZero ? 2 : 1
    case .masking: 2
    case .input, .dense, .activation, .identity, .notEqual, .anyTrue: 1
    }
  }
}

/// A value the caller gives.
public struct Input: Sendable {
  /// The declared extents, the batch first; nil is free.
  public var shape: [Int?]
  /// What elements are rounded to before anything else happens.
  public var elementType: ElementType

  /// Declares an input.
  public init(shape: [Int?], elementType: ElementType) {
    self.shape = shape
    self.elementType = elementType
  }
}

/// y = φ(W·x + b), applied to the last axis.
public struct Dense: Sendable {
  /// W: `[outputSize, inputSize]`.
  public var kernel: Tensor
  /// b: `[outputSize]`.
  public var bias: Tensor?
  /// φ.
  public var activation: Activation

  /// Makes a layer.
  public init(kernel: Tensor, bias: Tensor?, activation: Activation) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
  }

  /// The width of x.
  public var inputSize: Int { kernel.shape[1] }
  /// The width of y.
  public var outputSize: Int { kernel.shape[0] }
}

/// Replaces every token by a row of a table.
///
/// Outputs: the rows, then the mask if `masksZero`.
public struct Embedding: Sendable {
  /// `[vocabularySize, outputSize]`.
  public var table: Tensor
  /// Whether token 0 marks a timestep that does not count.
  public var masksZero: Bool

  /// Makes a layer.
  public init(table: Tensor, masksZero: Bool) {
    self.table = table
    self.masksZero = masksZero
  }

  /// The number of rows.
  public var vocabularySize: Int { table.shape[0] }
  /// The width of a row.
  public var outputSize: Int { table.shape[1] }
}
