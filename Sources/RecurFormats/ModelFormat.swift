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

/// A format whose files can be recognised and listed.
package protocol ModelInspecting: ModelFormat {
  /// Whether the content of a file has this format; the name of the file does not matter.
  func recognizes(_ probe: FileProbe) -> Bool
  /// Lists the content of a file, even if the content makes no valid model.
  func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection
}

/// A format this package reads as a model.
package protocol ModelDecoding: ModelInspecting {
  /// The convention of the format's framework.
  var convention: any Convention { get }
  func decode(_ probe: FileProbe, options: DecodeOptions) throws(CheckpointError) -> DecodedModel
}

/// A format this package writes.
package protocol ModelEncoding: ModelFormat {
  /// Whether its files say what is computed, and not the weights alone.
  var holdsArchitecture: Bool { get }
  /// Puts `model` into the form of this format; nothing is written yet.
  ///
  /// - Throws: `model.unrepresentable` for everything in the model that the format can't hold.
  func encode(_ model: Model, options: EncodeOptions) throws(CheckpointError) -> any EncodedModel
}

extension ModelEncoding {
  package var holdsArchitecture: Bool { true }
}

/// A format whose models are folders.
package protocol FolderWriting: ModelEncoding {
  /// The file by which a folder is told to be such a model, and may be replaced.
  var marker: String { get }
}

/// A model in the form of one format, ready to be written.
package protocol EncodedModel: Sendable {
  /// What became of every tensor, in the target's order.
  var mappings: [TensorMapping] { get }
  /// Warnings and notes about what was restated, rounded or left out.
  var diagnostics: [Diagnostic] { get }
  /// Whether numbers were computed anew, each rounded once to its type.
  var isRounded: Bool { get }
  /// Whether the file computes the same in other operators, so that results differ by rounding.
  var isReordered: Bool { get }
  /// The name of a second file that belongs to the file, in its folder; nil for a single file.
  var neighbour: String? { get }
  /// The files of the folder that the model is; nil for a model that is no folder.
  var folder: EncodedFolder? { get }
  /// Writes the file.
  ///
  /// - Throws: what `sink` throws.
  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError)
  /// Writes the second file.
  ///
  /// - Throws: what `sink` throws.
  func writeNeighbour<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError)
  /// The content of the written file, as this package's own reader reads it.
  ///
  /// `neighbour` is the second file, which is not under its name yet.
  ///
  /// - Throws: what reading throws.
  func readBack(
    _ written: FileProbe, neighbour: ByteRegion?
  ) throws(CheckpointError) -> ReadBack
}

extension EncodedModel {
  package var folder: EncodedFolder? { nil }

  /// The content of a file that was written alone.
  ///
  /// - Throws: what reading throws.
  package func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack {
    try readBack(written, neighbour: nil)
  }
}

/// A model that is a folder: where its file is, and the small files beside it.
package struct EncodedFolder: Sendable {
  /// The path of the model's file in the folder.
  ///
  /// A second file is named from the folder of this one on.
  package var main: String
  /// Other files, by their paths in the folder.
  package var files: [(path: String, content: [UInt8])]

  package init(main: String, files: [(path: String, content: [UInt8])]) {
    (self.main, self.files) = (main, files)
  }
}

/// A model in a single file.
package protocol EncodedFile: EncodedModel {
  /// The content of the written file; see ``EncodedModel``.
  ///
  /// - Throws: what reading throws.
  func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack
}

extension EncodedFile {
  package var isReordered: Bool { false }
  package var neighbour: String? { nil }

  package func writeNeighbour<Sink: ByteSink & ~Copyable>(
    to sink: inout Sink
  ) throws(CheckpointError) {}

  package func readBack(
    _ written: FileProbe, neighbour: ByteRegion?
  ) throws(CheckpointError) -> ReadBack { try readBack(written) }
}

/// The content of a file that was just written.
package enum ReadBack: Sendable {
  /// A model to run beside the original.
  case model(Model)
  /// The tensors by name, for a file that can't be run by itself; each must equal the tensor that
  /// was to be written.
  case tensors([(name: String, written: Tensor, meant: Tensor)])
}

/// What a writer needs to know besides the model.
package struct EncodeOptions: Sendable {
  /// The name of the file the model was read from.
  package var source: String
  /// Whether Python code is written beside the weights.
  package var hasModule: Bool
  /// The metadata in that file: names and values, in order.
  package var metadata: [(name: String, value: String)]
  /// The version of the operators to write; nil for the usual one.
  package var operatorSet: Int?
  /// The name of the file that will be written.
  package var target = "model"
  /// The largest number of bytes of a file; larger tensors are written beside it.
  ///
  /// Readers of Protocol Buffers refuse messages of 2 GiB.
  package var largestMessage = Int(Int32.max)

  package init(
    source: String, hasModule: Bool = false, metadata: [(name: String, value: String)] = []
  ) {
    self.source = source
    self.hasModule = hasModule
    self.metadata = metadata
  }
}

/// A model that was read from a file, with the warnings and notes of the reader.
public struct DecodedModel: Sendable {
  /// The model, validated.
  public var model: Model
  /// Warnings and notes.
  ///
  /// A model that can't be read faithfully is an error instead.
  public var diagnostics: [Diagnostic]
  /// The metadata in the file: names and values, in order.
  public var metadata: [(name: String, value: String)] = []
  /// How much of the file was understood.
  package var coverage = FileCoverage()
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

/// What a reader needs to know besides the file.
package struct DecodeOptions: Sendable {
  /// A file that gives the architecture, for a file of weights alone or to check a file against.
  package var architecture: FileProbe?
  /// Python sources that give the architecture.
  package var source: ArchitectureSource?
  /// Reads the architecture out of the sources of a program, for formats whose models are built by
  /// calls of a library.
  package var program: (any ProgramReading)?
  /// The functions of Lambda layers, by the names of the layers.
  package var lambdas: [(name: String, text: String)] = []
  /// Values of arguments of the model that are no arrays, as Python text.
  package var settings: [(name: String, value: String)] = []
  /// The arrays of a recorded call, which tell the axes that code leaves open.
  package var recorded: [RecordedInput] = []
  /// The dotted path of the state dict to take.
  package var key: String?
  /// Whether weights stored by weight_norm are multiplied out.
  package var foldsWeightNorm = false
  /// The arguments of a PyTorch model.
  package var inputs: [String]?
  /// The values that the model puts out, by their names in a graph.
  package var outputs: [String]?
  /// Whether a Keras model gets one more input, for the mask of its sequence.
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

  /// Whether another file or a source gives the architecture.
  package var isArchitectureGiven: Bool { architecture != nil || source != nil }
}
