package import RecurFormats
package import RecurModel
package import RecurTensors

/// What the names of tensors mean to a framework: a model is made of a state dict, and a state dict of
/// a model.
package protocol StateDictConvention: Sendable {
  /// How the framework's users speak, and how it packs recurrent weights.
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

  /// The declaration of what names and shapes tell, as JSON.
  ///
  /// - Throws: `file.no-model` when they tell nothing.
  func declaration(
    of stateDict: StateDict, _ probe: FileProbe
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic])

  /// What the name and the shape of a tensor imply, in words; nil for nothing.
  func remark(_ name: String, in tensors: TensorTable) -> String?

  /// Code that computes what `model` computes; see ``CodeWriting``.
  func code(for model: Model, source: String, weights: String) -> String
}

/// The state dict of a model, and how a model is made of it again.
package struct ModelStateDict: Sendable {
  /// The tensors, and what the file is to say of itself.
  package var stateDict: StateDict
  /// What became of every tensor.
  package var mappings: [TensorMapping]
  /// What was restated or left out.
  package var diagnostics: [Diagnostic]
  /// The model with the weights of other tensors in place of its own, and what does not fit.
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
