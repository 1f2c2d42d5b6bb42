package import RecurContainers
package import RecurTensors

/// A PyTorch state dict: tensors by key, with what else its file says.
///
/// What `.pt` and `.safetensors` hold.
package struct StateDict: Sendable {
  package var tensors: TensorTable
  package var metadata: [(name: String, value: String)]
  /// The modules of a pickled module or a TorchScript archive, in the order of their registration;
  /// empty for a plain state dict.
  package var modules: [PyTorchModuleRecord] = []
  /// What else the checkpoint holds, in words.
  package var facts: [(name: String, value: String)] = []
  /// Warnings and notes about what was chosen, changed or left out.
  package var diagnostics: [Diagnostic] = []
  /// What kind of file it was read from, in words; nil when it was made here.
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
  /// Whether it is of TorchScript, whose code has the constants of a module and whose data has not.
  package var isScript = false
}

/// What became of one tensor in a conversion.
public struct TensorMapping: Sendable {
  /// Where the numbers came from: `/model_weights/lstm/lstm_cell/kernel:0`; nil when they are new.
  public var source: String?
  /// Its shape there.
  public var sourceShape: [Int]?
  /// Its key in the target.
  public var target: String
  /// Its shape there.
  public var targetShape: [Int]
  /// What was done to it: `transposed; gates i f g o, the same order`.
  public var operation: String
}

extension StateDict {
  /// The state dict in a PyTorch checkpoint of any kind, or in a safetensors file.
  ///
  /// `key` is the dotted path of the dictionary or module to take when there are several.
  ///
  /// - Throws: `pytorch.archive.invalid`, `pytorch.envelope.unsupported`,
  ///   `pytorch.state-dict.missing`, `pytorch.state-dict.ambiguous`,
  ///   `pytorch.state-dict.key-unknown`, `pytorch.tensor.unsupported`, `pickle.callable.refused`,
  ///   and what reading the container throws.
  package static func read(
    _ probe: FileProbe, key: String? = nil, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> StateDict {
    if PyTorchReader.recognizes(probe) {
      return try PyTorchReader.stateDict(probe, key: key, limits: limits)
    }
    if let key, !key.isEmpty {
      throw CheckpointError(
        .pytorchKeyUnknown,
        "a file that is no pickle holds one state dict, and none under '\(key)'"
      ).advising("leave out \(.key())")
    }
    if NPZFormat().recognizes(probe) { return try NPZFormat().stateDict(probe, limits) }
    if SafetensorsShardsFormat().recognizes(probe) {
      return try SafetensorsShardsFormat().stateDict(probe, limits)
    }
    return try SafetensorsFormat().stateDict(probe, limits)
  }
}
