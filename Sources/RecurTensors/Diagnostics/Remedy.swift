extension Diagnostic {
  /// A possible repair for a finding, as a value.
  ///
  /// The code that finds a problem knows the repair but not the user's language. A format's
  /// convention writes the remedy in its framework's words, the command line writes it as a
  /// command. Each does so in one `switch` without `default`, so a new remedy does not compile
  /// until both know it.
  public enum Remedy: Hashable, Sendable {
    /// A finished line of code.
    case code(Fix)

    // MARK: arrays that are given to a model

    /// Give the array an axis of extent 1 for the batch.
    case addBatchAxis(axis: Int)
    /// Exchange two axes of the array.
    case exchangeAxes(Int, Int)
    /// Build the model for batches of another size.
    case rebuild(batch: Int)
    /// Compare the shapes of the model's input and of the array. `declared` has nil for free
    /// extents; `featureAxis` is the array's axis that has the model's feature count.
    case compareShapes(declared: [Int?], given: [Int], featureAxis: Int)
    /// Pad or cut a sequence to the declared timesteps, so that padding does not count.
    case padTimesteps(to: Int, from: Int, file: String?, masksItself: Bool, isFloat: Bool)
    /// Declare one axis of the model's input free.
    case freeAxis(Int, declared: [Int?])
    /// Give the Embedding more rows, and train again.
    case enlargeVocabulary(to: Int, from: Int)
    /// Make the tokens whole numbers.
    case castTokens
    /// Convert the array to another element type.
    case cast(to: ElementType)

    // MARK: sequences of different lengths

    /// Pad the sequences and mask the padding. With `masked`, the model masks timesteps whose
    /// features all have that value.
    case joinSequences(masked: Double?, isFloat: Bool)
    /// Run one sequence at a time.
    case runEachSequence
    /// Let padded timesteps count, as they did in training.
    case countPadding
    /// Run the whole sequence, not in pieces.
    case runWholeSequence
    /// Pad with another number.
    case pad(with: Double)
    /// Pad at the end.
    case padAtEnd
    /// Give the lengths of the sequences, for example these.
    case giveLengths([Int])
    /// Choose the end at which timesteps may be dropped, or pad to this timestep count.
    case truncate(orPadTo: Int)

    // MARK: states

    /// Begin with states of zeros.
    case beginWithZeros
    /// Reset the states that a stateful layer kept.
    case resetStates(layer: String)
    /// Make an array of zeros; an extent of nil is the batch size.
    case makeZeros(variable: String, shape: [Int?])
    /// Change a state by a statement that works in every array library: `h = h[0]`.
    case adjustState(String)
    /// Exchange the first two axes of a state.
    case exchangeStateAxes(variable: String)
    /// Repeat the state of one sequence along the batch axis.
    case repeatState(variable: String, count: Int, axis: Int, axes: Int)

    // MARK: outputs and engines

    /// Let the last recurrent layer return every timestep, or the last timestep only.
    case returnSequences(Bool)
    /// Select outputs in the code that calls modules which return all timesteps and states.
    case selectOutputs
    /// Select the outputs in a declaration of the modules.
    case declareOutputs
    /// Run the model on the reference instead of the engine.
    case useReference

    // MARK: weights

    /// Transpose the kernel or, with `isRecurrent`, the recurrent kernel of a recurrent layer.
    case transposeKernel(layer: String, isRecurrent: Bool)
    /// Declare this unit count for a recurrent layer.
    case declareUnits(cell: String, units: Int)
    /// Reorder the gate blocks of a layer's weights: new block n is old block `positions[n]`.
    case reorderGates(layer: String, keys: KeyGroup?, positions: [Int])
    /// Make the modules take the batch first, or declare that they take the timesteps first.
    case putBatchFirst
    /// Save the tensors to a file that holds tensors only; `metadata` names the text entry to add.
    case saveTensors(metadata: String?)
    /// Store weights in another element type.
    case store(as: ElementType)
    /// Leave the weights of one layer unchanged while the others are stored as this type.
    case keepWeights(layer: String, storing: ElementType)

    // MARK: files

    /// Write Python code beside the weights.
    case writeModule
    /// Choose one state dict of several.
    case chooseStateDict(path: String)
    /// Convert the framework's original file again.
    case convertOriginal
    /// Convert a weight file together with its architecture.
    case convertWithArchitecture
    /// Replace one key by another in a declaration.
    case declareKey(String, insteadOf: String)
    /// Write the options explicitly in a declaration of the modules.
    case declareOptions
    /// Say what the model is called with.
    case nameInputs([String])
    /// Say what a file leaves open.
    case answer(Readings)
    /// Write the model down, and convert the weights with what was written.
    case declareModel
    /// Write the tensors as they are, under their own names.
    case exportTensors

    // MARK: recordings

    /// Find the mistake that explains the difference.
    case diagnose
    /// Write the model without the mistake.
    case writeRepaired
    /// Allow a difference as large as this.
    case allow(absolute: Double)
    /// Compare the weights with the weights in another file.
    case compareWeights
    /// Ask which mistakes a recording shows.
    case auditRecording
  }

  /// The keys of a state dict that belong to one layer.
  public struct KeyGroup: Hashable, Sendable {
    /// The common prefix of the keys, up to the last dot; empty for a module saved by itself.
    public var prefix: String
    /// The layer number in a multi-layer module; nil where keys have no number.
    public var layer: Int?

    /// Names the keys of one layer.
    public init(prefix: String, layer: Int?) {
      self.prefix = prefix
      self.layer = layer
    }
  }
}
