package import RecurFormats
public import RecurTensors

/// What is said about a file besides its name when it is opened.
public struct OpeningOptions: Sendable {
  /// A file that gives the architecture of a file of weights alone: a model, a declaration of
  /// PyTorch modules in JSON, or the Python source of the model: a `.py` file, a notebook, or a folder
  /// of them, with `:ClassName` behind it where several classes fit (`docs/formats/pytorch.md`).
  public var architecture: String?
  /// Values of arguments of the model's constructor in a Python source, as Python writes them:
  /// `["hidden_size": "64", "bidirectional": "True"]`.
  public var settings: [String: String] = [:]
  /// The functions of Lambda layers of Keras, by the names of the layers: `["last": "x[:, -1]"]`.
  ///
  /// What a Lambda layer computes is code, which files hold as bytecode that is never run.
  public var lambdas: [String: String] = [:]
  /// The dotted path of the state dict to take, for checkpoints that hold several.
  public var key: String?
  /// Whether weights stored as a direction and a length (weight_norm) are multiplied out.
  public var foldsWeightNorm: Bool
  /// The arguments of a PyTorch model, `["x", "h_0", "c_0"]` or `["x", "lengths"]`; nil takes those
  /// of the declaration, or else those that the modules take.
  public var inputs: [String]?
  /// The values that the model puts out, by their names in a graph of TensorFlow 1:
  /// `["logits", "rnn/while/Exit_3:0"]`; nil takes those that the file says, or all that nothing reads.
  public var outputs: [String]?
  /// The layer at which the model begins, when not at its inputs; see ``Model/starting(at:)``.
  public var startsAt: String?
  /// Answers to what a file of weights leaves open about its model, such as which timestep is read.
  ///
  /// ``Checkpoint/openReadings`` are the questions.
  public var readings: Readings
  /// Whether the last recurrent layer puts out every timestep, whatever the file says: Keras'
  /// `return_sequences=True`; see ``Model/returning(sequences:states:)``.
  public var returnsSequences: Bool
  /// Whether the last states of that layer are outputs of the model: Keras' `return_state=True`.
  public var returnsStates: Bool
  /// Whether sequences may have any number of timesteps, where the file declares the number of the
  /// training and no layer needs it; see ``Model/freeingTimesteps()``.
  public var freesTimesteps = false
  /// Whether opening verifies checksums, which reads all weights; commands that only list a file do
  /// without.
  public var checksWeights = true
  /// The arrays of a recorded call of a model whose architecture is a Python source: they tell the
  /// axes that the source leaves open.
  package var recordedInputs: [RecordedInput] = []
  /// The bytes of the file, when they are in memory.
  package var contents: ByteStorage?
  /// What sees to it that no file changes while it is read; without it files are mapped.
  package var watch: InputWatch?

  /// Makes options.
  public init(
    architecture: String? = nil, key: String? = nil, foldsWeightNorm: Bool = false,
    inputs: [String]? = nil, startsAt: String? = nil, readings: Readings = Readings(),
    returnsSequences: Bool = false, returnsStates: Bool = false
  ) {
    self.architecture = architecture
    self.key = key
    self.foldsWeightNorm = foldsWeightNorm
    self.inputs = inputs
    self.startsAt = startsAt
    self.readings = readings
    self.returnsSequences = returnsSequences
    self.returnsStates = returnsStates
  }
}
