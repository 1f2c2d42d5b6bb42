extension Diagnostic {
  /// Something found that frameworks treat each in their own way, as a value.
  ///
  /// A format's convention says what its framework does, by a reason or a note, in one `switch`
  /// without `default`.
  public enum Fact: Hashable, Sendable {
    /// The last axis of an array has one element, and the model has no such axis.
    case lastAxisOfOne
    /// A sequence has no timesteps.
    case noTimesteps
    /// The model declares another number of timesteps than the array has.
    case declaredTimesteps(declared: [Int?], found: [Int])
    /// A token is negative.
    case negativeToken
    /// Tokens are no whole numbers.
    case fractionalTokens
    /// Tokens are whole numbers stored as floats.
    case floatTokens
    /// The array has another type than the weights.
    case otherType(found: ElementType, weights: ElementType)
    /// Sequences were cut to so many timesteps less.
    case truncation(dropped: Int)

    /// A state has no axis for the batch.
    case stateWithoutBatch(shape: [Int])
    /// A state has the batch as its first axis, where the layers belong.
    case stateBatchFirst
    /// The state of one sequence was given for a batch, in the form `[batch, units]`.
    case stateOfOneSequence
    /// A layer is given an initial state, and no mask reaches it.
    case maskDroppedForState

    /// A kernel lies the other way round: the shape of this layout, and that of the transposed one.
    case transposedKernel(own: String, transposed: String)
    /// A pickle calls what no file of weights needs.
    case pickledObjects
    /// A difference that is known between frameworks.
    case difference(KnownDifference)
  }

  /// A difference between frameworks that explains mistakes in conversions.
  public enum KnownDifference: Hashable, Sendable {
    /// Whether the batch or the timesteps come first in inputs.
    case firstAxis
    /// The same in a recording.
    case timeFirstRecording
    /// Whether every timestep or the last one is put out.
    case returnedTimesteps
    /// The forms that states have.
    case stateForm
    /// Whether padding is skipped.
    case masks
    /// What masked timesteps put out.
    case maskedOutput
    /// Whether h or c comes first.
    case stateOrder
    /// One name for two functions: hard_sigmoid.
    case hardSigmoid
    /// The recurrent activation is hard_sigmoid, where another one is declared.
    case hardSigmoidByDefault
    /// The recurrent activation is sigmoid, where another one is declared.
    case sigmoidByDefault
    /// Where the reset gate of a GRU is applied.
    case resetPlacement
  }
}
