package import RecurContainers
package import RecurModel
package import RecurTensors

// Capabilities that only some formats have. Code that needs a capability asks a format for its
// protocol, and never for the format's type.

/// A format whose models lend their architecture to the weights of another file.
package protocol ArchitectureLending: ModelInspecting {
  /// How the users of its framework speak.
  var convention: any Convention { get }
  /// The model whose weights are to be replaced; they need not be there.
  ///
  /// - Throws: what is wrong with the file.
  func lentModel(_ probe: FileProbe) throws(CheckpointError) -> DecodedModel
}

extension ArchitectureLending where Self: ModelDecoding {
  package func lentModel(_ probe: FileProbe) throws(CheckpointError) -> DecodedModel {
    try decode(probe, options: DecodeOptions())
  }
}

/// A format whose architectures say which arrays they need in which order, so that arrays fit without
/// the names of a state dict.
package protocol ArrayTaking: ArchitectureLending {
  /// The model with arrays that have numbers for names, or the names that the framework gives them.
  ///
  /// - Returns: the model; nil when the names are none of these.
  /// - Throws: everything that doesn't fit.
  func model(
    _ architecture: FileProbe, takingArrays arrays: TensorTable
  ) throws(CheckpointError) -> DecodedModel?
}

/// A format whose files hold several models, each under a key.
package protocol KeyedDecoding: ModelDecoding {
  /// The keys of all models in the file.
  func keys(_ probe: FileProbe) throws(CheckpointError) -> [String]
  /// Lists the model under `key`.
  func inspect(_ probe: FileProbe, key: String) throws(CheckpointError) -> Inspection
}

extension KeyedDecoding {
  package func keys(_ probe: FileProbe) throws(CheckpointError) -> [String] { [] }
}

/// A format with weights that may be stored as a direction and a length (weight norm), which
/// ``DecodeOptions`` folds.
package protocol WeightNormFolding: ModelDecoding {}

/// A format whose file is an index of other files.
package protocol ShardedFormat: ModelInspecting {
  /// The names of the other files, which are in the folder of the index.
  func shards(_ probe: FileProbe, _ limits: DecodeLimits) throws(CheckpointError) -> [String]
}

/// A format whose container is also used for data other than weights.
package protocol SharedContainerFormat: ModelDecoding {
  /// Whether the names in the file look like names of weights.
  func looksLikeWeights(_ probe: FileProbe) -> Bool
}

/// A format without an architecture in the file that can infer one from names and shapes.
package protocol ArchitectureDeclaring: ModelDecoding {
  /// The inferred architecture, as a declaration to edit and to give back.
  ///
  /// `key` is the dotted path of the weights to take from a file that holds several.
  ///
  /// - Throws: `file.no-model` when nothing can be inferred, and what reading the file throws.
  func declaration(
    _ probe: FileProbe, key: String?
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic])
}

/// A format that holds weights alone, for which code that uses the weights can be written.
package protocol CodeWriting: ModelEncoding {
  /// Code that computes what `model` computes; the model came from the file `source`, and its
  /// weights were written to the file `weights`.
  func code(for model: Model, source: String, weights: String) -> String
  /// A declaration of the architecture of `model`, with which the weights that this format writes make
  /// the same model again.
  ///
  /// - Throws: `model.unrepresentable` for every layer that a declaration has no words for.
  func architecture(of model: Model) throws(CheckpointError) -> String
}

extension CodeWriting {
  package var holdsArchitecture: Bool { false }
}

/// A format whose files hold tensors by name, whatever they are for.
package protocol TensorListing: ModelInspecting {
  /// Every tensor under the name that the file gives it, and what can't be read as numbers.
  ///
  /// `key` is the dotted path of some of them, where files hold several dictionaries.
  ///
  /// - Throws: what reading the container throws; nothing about the model that the tensors make.
  func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors
}

/// A format of graphs whose operators have versions, of which ``EncodeOptions`` may choose one.
package protocol OperatorSetChoosing: ModelEncoding {}

/// A format that holds tensors under any names.
package protocol TensorEncoding: ModelFormat {
  /// Puts tensors into the form of this format; nothing is written yet.
  ///
  /// - Throws: `safetensors.dtype.unsupported` and the like, for what the format has no type for.
  func encode(tensors: StoredTensors) throws(CheckpointError) -> any EncodedModel
}

/// The tensors of a file as they are, and what else it says.
package struct StoredTensors: Sendable {
  /// The tensors by their names in the file, and what can't be read.
  package var table: TensorTable
  /// What the file says of itself: names and values, in order.
  package var metadata: [(name: String, value: String)]
  /// What is odd about the file.
  package var diagnostics: [Diagnostic]

  package init(
    table: TensorTable, metadata: [(name: String, value: String)] = [],
    diagnostics: [Diagnostic] = []
  ) {
    self.table = table
    self.metadata = metadata
    self.diagnostics = diagnostics
  }
}

/// A format whose files of weights alone can take their architecture from Python sources.
package protocol SourceTaking: ModelDecoding {}

/// A format whose files may hold a program that takes values which are no arrays.
package protocol ValueTaking: ModelDecoding {}

/// A format whose files hold graphs of which any value may be an output of the model.
package protocol OutputChoosing: ModelDecoding {}
