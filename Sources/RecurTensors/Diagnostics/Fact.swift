extension Diagnostic {
  /// A found circumstance that each framework treats in its own way, as a value.
  ///
  /// A format's convention explains what its framework does in that case: a reason or a note,
  /// chosen in one `switch` without `default`.
  public enum Fact: Hashable, Sendable {
    /// The last axis of an array has one element, and the model has no such axis.
    case lastAxisOfOne
    /// A sequence has no timesteps.
    case noTimesteps
    /// The timestep counts that the model declares and that the array has differ.
    case declaredTimesteps(declared: [Int?], found: [Int])
    /// A token is negative.
    case negativeToken
    /// Some tokens are not whole numbers.
    case fractionalTokens
    /// Tokens are whole numbers stored as floats.
    case floatTokens
    /// The array has another element type than the weights.
    case otherType(found: ElementType, weights: ElementType)
    /// Sequences were cut by `dropped` timesteps.
    case truncation(dropped: Int)

    /// A state has no axis for the batch.
    case stateWithoutBatch(shape: [Int])
    /// A state has the batch as its first axis, where the axis of the layers belongs.
    case stateBatchFirst
    /// The state of one sequence was given for a batch, in the form `[batch, units]`.
    case stateOfOneSequence
    /// A layer is given an initial state, and no mask reaches it.
    case maskDroppedForState

    /// A kernel has the transposed shape: `own` is the shape of this layout, `transposed` that of
    /// the other one.
    case transposedKernel(own: String, transposed: String)
    /// A pickle calls functions that a file of weights does not need.
    case pickledObjects
    /// A known difference between frameworks.
    case difference(KnownDifference)
  }

  /// A known difference between frameworks that explains a typical mistake in a conversion.
  public enum KnownDifference: Hashable, Sendable {
    /// Whether the batch or the timesteps come first in inputs.
    case firstAxis
    /// Whether the batch or the timesteps come first in a recording.
    case timeFirstRecording
    /// Whether a layer returns every timestep or the last timestep only.
    case returnedTimesteps
    /// The shapes in which states are given.
    case stateForm
    /// Whether padded timesteps are skipped.
    case masks
    /// The output at masked timesteps.
    case maskedOutput
    /// Whether h or c comes first.
    case stateOrder
    /// The name hard_sigmoid stands for two functions.
    case hardSigmoid
    /// The recurrent activation is hard_sigmoid, where another one is declared.
    case hardSigmoidByDefault
    /// The recurrent activation is sigmoid, where another one is declared.
    case sigmoidByDefault
    /// The place in the formula of a GRU at which the reset gate is applied.
    case resetPlacement
  }
}
