public import RecurTensors

/// What is said about a file besides its name when it is opened.
public struct OpeningOptions: Sendable {
  /// A file whose architecture holds, for weights without one of their own: a model, or a
  /// declaration of PyTorch modules in JSON (`docs/formats/pytorch.md`).
  public var architecture: String?
  /// The dotted path of the state dict to take, for checkpoints that hold several.
  public var key: String?
  /// Whether weights that are kept as a direction and a length (weight_norm) are multiplied out.
  public var foldsWeightNorm: Bool
  /// What a PyTorch model is called with: `["x", "h_0", "c_0"]`, `["x", "lengths"]`; nil for what
  /// the declaration says or the modules take.
  public var inputs: [String]?
  /// Answers to what a file of weights leaves open about its model, such as which timestep is read.
  ///
  /// ``Checkpoint/openReadings`` are the questions.
  public var readings: Readings
  /// Whether the last recurrent layer puts out every timestep, whatever the file says: Keras'
  /// `return_sequences=True`; see ``Model/returning(sequences:states:)``.
  public var returnsSequences: Bool
  /// Whether its last states are outputs of the model too: Keras' `return_state=True`.
  public var returnsStates: Bool
  /// Whether weights are looked at while the file is opened, where it has checksums for them; what
  /// is only listed need not be read.
  public var checksWeights = true

  /// Describes a file.
  public init(
    architecture: String? = nil, key: String? = nil, foldsWeightNorm: Bool = false,
    inputs: [String]? = nil, readings: Readings = Readings(), returnsSequences: Bool = false,
    returnsStates: Bool = false
  ) {
    self.architecture = architecture
    self.key = key
    self.foldsWeightNorm = foldsWeightNorm
    self.inputs = inputs
    self.readings = readings
    self.returnsSequences = returnsSequences
    self.returnsStates = returnsStates
  }
}
