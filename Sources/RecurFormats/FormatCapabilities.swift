package import RecurContainers
package import RecurModel
package import RecurTensors

// What some formats can do and others can't. Whoever needs one of these asks a format for it and never
// for its type.

/// A format whose models lend their architecture to the weights of another file.
package protocol ArchitectureLending: ModelDecoding {}

/// A format whose files hold several models, each under a key.
package protocol KeyedDecoding: ModelDecoding {
  /// Lists what is under `key`.
  func inspect(_ probe: FileProbe, key: String) throws(CheckpointError) -> Inspection
}

/// A format whose weights may be kept as a direction and a length, which ``DecodeOptions`` folds.
package protocol WeightNormFolding: ModelDecoding {}

/// A format whose file is an index of other files.
package protocol ShardedFormat: ModelInspecting {
  /// The names of the other files, which stand beside the index.
  func shards(_ probe: FileProbe, _ limits: DecodeLimits) throws(CheckpointError) -> [String]
}

/// A format in whose container other data than weights is kept as well.
package protocol SharedContainerFormat: ModelDecoding {
  /// Whether the names in the file are those of weights.
  func looksLikeWeights(_ probe: FileProbe) -> Bool
}

/// A format that holds no architecture and can say what names and shapes tell of it.
package protocol ArchitectureDeclaring: ModelDecoding {
  /// A declaration to edit and to give back as an architecture.
  ///
  /// `key` is the dotted path of the weights to take, of several.
  ///
  /// - Throws: `file.no-model` when nothing is told, and what reading the file throws.
  func declaration(
    _ probe: FileProbe, key: String?
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic])
}

/// A format that holds weights alone: what computes with them is code of its user, which can be written.
package protocol CodeWriting: ModelEncoding {
  /// Code that computes what `model` computes, which came from the file `source` and whose weights were
  /// written to the file `weights`.
  func code(for model: Model, source: String, weights: String) -> String
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
