package import RecurFormats
package import RecurModel
package import RecurTensors

/// The meaning of tensor names in one framework: how a state dict becomes a model, and a model
/// becomes a state dict.
package protocol StateDictConvention: Sendable {
  /// The words of the framework's users, and the order in which it packs gates.
  var convention: any Convention { get }

  /// The model whose weights are in `stateDict`, which was read from `probe`.
  ///
  /// - Throws: everything that is wrong, in one error.
  func model(
    _ stateDict: StateDict, _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel

  /// The state dict of `model`.
  ///
  /// - Throws: `model.unrepresentable`: everything in the model that no module of the framework has.
  func stateDict(
    of model: Model, _ options: EncodeOptions
  ) throws(CheckpointError) -> ModelStateDict

  /// The modules that names and shapes tell, as a declaration in JSON.
  ///
  /// - Throws: `file.no-model` when names and shapes tell no module.
  func declaration(
    of stateDict: StateDict, _ probe: FileProbe
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic])

  /// What the name and the shape of a tensor imply, in words; nil for nothing.
  func remark(_ name: String, in tensors: TensorTable) -> String?

  /// Code that computes what `model` computes; see ``CodeWriting``.
  func code(for model: Model, source: String, weights: String) -> String
  /// A declaration of the architecture of `model`.
  ///
  /// - Throws: `model.unrepresentable` for every layer that a declaration has no words for.
  func architecture(of model: Model) throws(CheckpointError) -> String
}

/// The state dict of a model, and the way back from a state dict to the model.
package struct ModelStateDict: Sendable {
  /// The tensors, and the metadata to write.
  package var stateDict: StateDict
  /// What became of every tensor.
  package var mappings: [TensorMapping]
  /// Warnings and notes about what was restated or left out.
  package var diagnostics: [Diagnostic]
  /// The same model with the weights of other tensors, and findings about tensors that don't fit.
  package var filled:
    @Sendable (TensorTable) throws(CheckpointError) -> (model: Model, diagnostics: [Diagnostic])

  package init(
    stateDict: StateDict, mappings: [TensorMapping], diagnostics: [Diagnostic],
    filled:
      @escaping @Sendable (TensorTable) throws(CheckpointError) -> (
        model: Model, diagnostics: [Diagnostic]
      )
  ) {
    self.stateDict = stateDict
    self.mappings = mappings
    self.diagnostics = diagnostics
    self.filled = filled
  }
}
