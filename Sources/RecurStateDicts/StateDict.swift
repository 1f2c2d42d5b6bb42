package import RecurContainers
package import RecurTensors

/// A state dict: tensors by key, and what else their file holds.
///
/// Files such as `.pt` and `.safetensors` hold one.
package struct StateDict: Sendable {
  package var tensors: TensorTable
  package var metadata: [(name: String, value: String)]
  /// The modules of a pickled module or a TorchScript archive, in the order of their registration;
  /// empty for a plain state dict.
  package var modules: [PyTorchModuleRecord] = []
  /// Options of modules in the words of declarations, by their keys, which the names of tensors tell
  /// beside the tensors; a declaration that says otherwise counts.
  package var told: [Name: [(name: String, value: JSONValue)]] = [:]
  /// The framework that named the tensors; nil for that of the declarations.
  package var framework: String?
  /// The other content of the checkpoint, in words.
  package var facts: [(name: String, value: String)] = []
  /// How many tensors of the file are neither in `tensors` nor an optimizer's.
  package var besideCount = 0
  /// Warnings and notes about what was chosen, changed or left out.
  package var diagnostics: [Diagnostic] = []
  /// The kind of file that it was read from, in words; nil for a state dict that was made here.
  package var container: String?

  package init(tensors: TensorTable = .init(), metadata: [(name: String, value: String)] = []) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// A module as a pickle or a TorchScript archive describes it.
package struct PyTorchModuleRecord: Sendable {
  /// Its dotted prefix in the state dict; empty for the root.
  package var key: String
  /// Its class: `torch.nn.modules.rnn.LSTM`.
  package var className: String
  /// Its plain attributes, in file order: `input_size`, `batch_first`, `mode`.
  package var options: [(name: String, value: JSONValue)]
  /// Whether it is a TorchScript module, which keeps constants in its code and not in its data.
  package var isScript = false

  package init(
    key: String, className: String, options: [(name: String, value: JSONValue)],
    isScript: Bool = false
  ) {
    self.key = key
    self.className = className
    self.options = options
    self.isScript = isScript
  }
}
