package import RecurContainers
package import RecurModel
package import RecurTensors

// What some formats can do and others can't. Whoever needs one of these asks a format for it and never
// for its type.

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
