extension Diagnostic {
  /// Something that could be done about a finding, as a value.
  ///
  /// Whoever finds something knows what would repair it and not in whose code: a format's convention
  /// writes a remedy in its framework's words, the command line as a command. Each does so in one
  /// `switch` without `default`, so a new remedy asks all of them.
  public enum Remedy: Hashable, Sendable {
    /// A line of code that holds as it is.
    case code(Fix)

    // MARK: arrays that are given to a model

    /// Give the array an axis of extent 1 for the batch.
    case addBatchAxis(axis: Int)
    /// Exchange two axes of the array.
    case exchangeAxes(Int, Int)
    /// Build the model for batches of another size.
    case rebuild(batch: Int)
    /// Look at what the model takes: the declared shape, free extents nil, and the array's with the
    /// features that the model has.
    case compareShapes(declared: [Int?], given: [Int], featureAxis: Int)
    /// Pad or cut a sequence to the declared timesteps, so that padding does not count.
    case padTimesteps(to: Int, from: Int, file: String?, masksItself: Bool, isFloat: Bool)
    /// Declare one axis of the model's input free.
    case freeAxis(Int, declared: [Int?])
    /// Give the Embedding more rows, and train again.
    case enlargeVocabulary(to: Int, from: Int)
    /// Make the tokens whole numbers.
    case castTokens
    /// Make the array one of another type.
    case cast(to: ElementType)

    // MARK: sequences of different lengths

    /// Pad the sequences and leave the padding out; the model does so itself where features have a
    /// certain value.
    case joinSequences(masked: Double?, isFloat: Bool)
    /// Run one sequence at a time.
    case runEachSequence
    /// Let padding count, as it did in training.
    case countPadding
    /// Run the whole sequence, not in pieces.
    case runWholeSequence
    /// Pad with another number.
    case pad(with: Double)
    /// Pad at the end.
    case padAtEnd
    /// Say how long the sequences are, for example so long.
    case giveLengths([Int])
    /// Say at which end timesteps may be dropped, or pad to so many timesteps.
    case truncate(orPadTo: Int)

    // MARK: states

    /// Begin with states of zeros.
    case beginWithZeros
    /// Forget the states that a layer kept.
    case resetStates(layer: String)
    /// Make an array of zeros; nil is the batch.
    case makeZeros(variable: String, shape: [Int?])
    /// Run a statement about the state that all libraries of arrays understand: `h = h[0]`.
    case adjustState(String)
    /// Exchange the first two axes of a state.
    case exchangeStateAxes(variable: String)
    /// Repeat the state of one sequence along the axis of the batch.
    case repeatState(variable: String, count: Int, axis: Int, axes: Int)

    // MARK: outputs and engines

    /// Let the last recurrent layer put out every timestep, or the last one only.
    case returnSequences(Bool)
    /// Select outputs of modules that put out everything: in the code that calls them.
    case selectOutputs
    /// The same in a declaration of the modules.
    case declareOutputs
    /// Let the reference compute it.
    case useReference

    // MARK: weights

    /// Transpose a kernel of a recurrent layer; its own or that of the recurrent product.
    case transposeKernel(layer: String, isRecurrent: Bool)
    /// Declare so many units of a recurrent layer.
    case declareUnits(cell: String, units: Int)
    /// Put the blocks of a layer's weights in another order: block n of each comes from `positions[n]`.
    case reorderGates(layer: String, keys: KeyGroup?, positions: [Int])
    /// Let the modules take the batch first, or declare that they do not.
    case putBatchFirst
    /// Write tensors to a file of nothing else; with text as metadata of this name.
    case saveTensors(metadata: String?)
    /// Store weights as another type.
    case store(as: ElementType)
    /// Keep the weights of one layer when the others are stored as this type.
    case keepWeights(layer: String, storing: ElementType)

    // MARK: files

    /// Write Python code beside the weights.
    case writeModule
    /// Choose a state dict of several.
    case chooseStateDict(path: String)
    /// Convert the original again, from the file of its framework.
    case convertOriginal
    /// Convert a file of weights with the architecture that they belong to.
    case convertWithArchitecture
    /// Name another key in a declaration.
    case declareKey(String, insteadOf: String)
    /// Write down the options in a declaration of the modules.
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

    /// Find out which mistake explains the difference.
    case diagnose
    /// Write the model without the mistake.
    case writeRepaired
    /// Allow so large a difference.
    case allow(absolute: Double)
    /// Compare the weights with those of another file.
    case compareWeights
  }

  /// Which keys of a state dict belong to one layer.
  public struct KeyGroup: Hashable, Sendable {
    /// What they begin with, up to the last dot; empty for a module that was saved by itself.
    public var prefix: String
    /// The number of the layer in its module; nil where keys have none.
    public var layer: Int?

    /// Names the keys of one layer.
    public init(prefix: String, layer: Int?) {
      self.prefix = prefix
      self.layer = layer
    }
  }
}
