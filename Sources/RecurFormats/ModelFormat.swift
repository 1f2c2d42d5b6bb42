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
  func decode(_ probe: FileProbe, options: DecodeOptions) throws(CheckpointError) -> DecodedModel
}

/// A format this package writes.
package protocol ModelEncoding: ModelFormat {
  func encode<Sink: ByteSink & ~Copyable>(
    _ stateDict: StateDict, into sink: inout Sink
  ) throws(CheckpointError)
}

/// A model read from a file, and what its reader had to say.
public struct DecodedModel: Sendable {
  /// The model, validated.
  public var model: Model
  /// Warnings and notes.
  ///
  /// A model that can't be represented faithfully is thrown instead.
  public var diagnostics: [Diagnostic]

  /// Makes a decoded model.
  public init(model: Model, diagnostics: [Diagnostic]) {
    self.model = model
    self.diagnostics = diagnostics
  }
}

/// What a reader is told besides the file.
package struct DecodeOptions: Sendable {
  /// A file whose architecture holds, for a file that has weights only or should be checked.
  package var architecture: FileProbe?
  package var limits = DecodeLimits()

  package init(architecture: FileProbe? = nil) { self.architecture = architecture }
}
