package import RecurContainers
public import RecurModel
public import RecurTensors

/// One way of laying a model out on disk.
public protocol ModelFormat: Sendable {
  /// The stable name used by the command line and in reports: `keras-h5`.
  var id: String { get }
  /// The name for people: `Keras HDF5 full model`.
  var title: String { get }
  /// The usual file name endings, the preferred one first.
  var extensions: [String] { get }
}

/// A format whose files can be told from others and listed.
package protocol ModelInspecting: ModelFormat {
  /// Whether the contents say this is such a file. The file's name has no say.
  func recognizes(_ probe: FileProbe) -> Bool
  /// Lists what is in the file without demanding that it makes sense.
  func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection
}

/// A format this package reads as a model.
package protocol ModelDecoding: ModelInspecting {
  /// How the users of its framework speak.
  var convention: any Convention { get }
  func decode(_ probe: FileProbe, options: DecodeOptions) throws(CheckpointError) -> DecodedModel
}

/// A format this package writes.
package protocol ModelEncoding: ModelFormat {
  /// Whether its files say what is computed, and not the weights alone.
  var holdsArchitecture: Bool { get }
  /// Puts `model` into the form of this format; nothing is written yet.
  ///
  /// - Throws: `model.unrepresentable`: everything in the model that the format can't hold.
  func encode(_ model: Model, options: EncodeOptions) throws(CheckpointError) -> any EncodedModel
}

extension ModelEncoding {
  package var holdsArchitecture: Bool { true }
}

/// A model in the form of one format, ready to be written.
package protocol EncodedModel: Sendable {
  /// What became of every tensor, in the target's order.
  var mappings: [TensorMapping] { get }
  /// What was restated, rounded or left out: warnings and notes.
  var diagnostics: [Diagnostic] { get }
  /// Whether numbers were computed anew, each rounded once to its type.
  var isRounded: Bool { get }
  /// Writes the file.
  ///
  /// - Throws: what `sink` throws.
  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError)
  /// What a file that was written holds, as this package's own reader sees it.
  ///
  /// - Throws: what reading throws.
  func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack
}

/// What was found in a file that was just written.
package enum ReadBack: Sendable {
  /// A model to run beside the original.
  case model(Model)
  /// The tensors by name, where the file alone can't be run; each must be what was meant.
  case tensors([(name: String, written: Tensor, meant: Tensor)])
}

/// What a writer is told besides the model.
package struct EncodeOptions: Sendable {
  /// The name of the file the model was read from.
  package var source: String
  /// Whether Python code is written beside the weights.
  package var hasModule: Bool
  /// What that file says of itself: names and values, in order.
  package var metadata: [(name: String, value: String)]

  package init(
    source: String, hasModule: Bool = false, metadata: [(name: String, value: String)] = []
  ) {
    self.source = source
    self.hasModule = hasModule
    self.metadata = metadata
  }
}

/// A model read from a file, and what its reader had to say.
public struct DecodedModel: Sendable {
  /// The model, validated.
  public var model: Model
  /// Warnings and notes.
  ///
  /// A model that can't be represented faithfully is thrown instead.
  public var diagnostics: [Diagnostic]
  /// What the file says of itself: names and values, in order.
  public var metadata: [(name: String, value: String)] = []
  /// What the file leaves open.
  public var openReadings: [OpenReading] = []
  /// Where it is said how the weights are computed with.
  public var basis = ModelBasis()
  /// How the users of the framework speak whose model it is.
  package var convention: any Convention

  /// Makes a decoded model.
  package init(model: Model, diagnostics: [Diagnostic], convention: any Convention) {
    self.model = model
    self.diagnostics = diagnostics
    self.convention = convention
  }
}

/// What a reader is told besides the file.
package struct DecodeOptions: Sendable {
  /// A file whose architecture holds, for a file that has weights only or should be checked.
  package var architecture: FileProbe?
  /// The dotted path of the state dict to take.
  package var key: String?
  /// Whether weights of weight_norm are multiplied out.
  package var foldsWeightNorm = false
  /// What a PyTorch model is called with.
  package var inputs: [String]?
  /// Whether a Keras model is called with a mask for its sequence, which becomes one more input.
  package var takesMask = false
  /// Answers to what the file leaves open.
  package var readings = Readings()
  package var limits = DecodeLimits()
  /// The formats that may read the file with the architecture.
  package var formats: FormatRegistry

  package init(architecture: FileProbe? = nil, formats: FormatRegistry = FormatRegistry([])) {
    self.architecture = architecture
    self.formats = formats
  }
}
