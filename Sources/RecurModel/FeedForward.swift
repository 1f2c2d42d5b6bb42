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

  /// Declares an input.
  public init(
    shape: [Int?], elementType: ElementType, batchAxis: Int = 0, isOptional: Bool = false,
    acceptsOtherTypes: Bool
  ) {
    self.shape = shape
    self.elementType = elementType
    self.batchAxis = batchAxis
    self.isOptional = isOptional
    self.acceptsOtherTypes = acceptsOtherTypes
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
  /// The width of W·x.
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
  /// Whether tokens that are no whole numbers are cut towards zero; they are refused otherwise.
  public var cutsFractions: Bool

  /// Makes a layer.
  public init(table: Tensor, masksZero: Bool, cutsFractions: Bool) {
    self.table = table
    self.masksZero = masksZero
    self.cutsFractions = cutsFractions
  }

  /// The number of rows.
  public var vocabularySize: Int { table.shape[0] }
  /// The width of a row.
  public var outputSize: Int { table.shape[1] }
}

/// A convolution along the timesteps of `[batch, timesteps, channels]`.
///
///     y[t, o] = φ(Σ over k, c: W[o, c, k] · x[t·stride + k·dilation − before, c] + b[o])
///
/// Channels fall into `groups`; each output sees the inputs of its own group only.
public struct Convolution: Sendable {
  /// W: `[outputSize, inputSize / groups, kernelSize]`.
  public var kernel: Tensor
  /// b: `[outputSize]`.
  public var bias: Tensor?
  /// φ.
  public var activation: Activation
  /// The distance between windows.
  public var stride: Int
  /// The distance between the elements of a window.
  public var dilation: Int
  /// The number of groups of channels.
  public var groups: Int
  /// What lies beyond the ends.
  public var padding: Padding

  /// Makes a layer.
  public init(
    kernel: Tensor, bias: Tensor?, activation: Activation, stride: Int, dilation: Int, groups: Int,
    padding: Padding
  ) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
    self.stride = stride
    self.dilation = dilation
    self.groups = groups
    self.padding = padding
  }

  /// The channels of x.
  public var inputSize: Int { kernel.shape[1] * groups }
  /// The channels of y before φ.
  public var outputSize: Int { kernel.shape[0] }
  /// The number of timesteps a window holds.
  public var kernelSize: Int { kernel.shape[2] }
  /// The number of timesteps a window spans.
  public var span: Int { (kernelSize - 1) * dilation + 1 }
}

/// How a window that moves along the timesteps treats the ends (TensorFlow's rules).
public enum Padding: String, Sendable {
  /// Windows lie inside the sequence.
  case valid
  /// ⌈timesteps / stride⌉ windows; what is missing is split between both ends, more at the end.
  case same
  /// Windows end at their timestep: everything missing is before the first.
  case causal

  /// The timesteps missing before the first, and the number of windows.
  package func windows(
    timesteps: Int, span: Int, stride: Int
  ) -> (before: Int, count: Int) {
    switch self {
    case .valid: return (0, timesteps < span ? 0 : (timesteps - span) / stride + 1)
    case .causal: return (span - 1, timesteps == 0 ? 0 : (timesteps - 1) / stride + 1)
    case .same:
      let count = (timesteps + stride - 1) / stride
      let missing = max((count - 1) * stride + span - timesteps, 0)
      return (missing / 2, count)
    }
  }
}

/// One element along an axis, which disappears: `x[:, -1]`, `h[0]`.
///
/// Along the timesteps of a masked input, -1 is the last timestep that counts and 0 the first.
public struct Selection: Hashable, Sendable {
  /// The axis, counted from 0 with the batch.
  public var axis: Int
  /// The position; -1 is the last.
  public var index: Int

  /// Makes a selection.
  public init(axis: Int, index: Int) {
    self.axis = axis
    self.index = index
  }
}

/// The largest or the mean element of windows along the timesteps.
///
/// Means leave out what lies beyond the ends.
public struct Pooling: Sendable {
  /// What is taken of a window.
  public enum Operation: String, Sendable {
    /// The largest element.
    case maximum
    /// The mean.
    case average
  }

  /// What is taken of a window.
  public var operation: Operation
  /// The timesteps of a window, and the distance between windows; nil is one window that spans the
  /// sequence and whose axis disappears (or stays with extent 1, `keepsAxis`).
  public var window: (size: Int, stride: Int)?
  /// What lies beyond the ends.
  public var padding: Padding
  /// Whether pooling over everything keeps the axis of timesteps.
  public var keepsAxis: Bool

  /// Makes a layer.
  public init(
    operation: Operation, window: (size: Int, stride: Int)?, padding: Padding, keepsAxis: Bool
  ) {
    self.operation = operation
    self.window = window
    self.padding = padding
    self.keepsAxis = keepsAxis
  }
}
