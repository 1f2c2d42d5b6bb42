import RecurContainers
package import RecurTensors

/// A PyTorch state dict: tensors by key, with text about them.
///
/// What `.pt` and `.safetensors` hold.
package struct StateDict: Sendable {
  package var tensors: TensorTable
  package var metadata: [(name: String, value: String)]

  package init(tensors: TensorTable = .init(), metadata: [(name: String, value: String)] = []) {
    self.tensors = tensors
    self.metadata = metadata
  }
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
  /// The state dict in a `.pt` or `.safetensors` file.
  ///
  /// - Throws: `pytorch.archive.invalid` for anything else, and what reading throws.
  package static func read(_ probe: FileProbe) throws(CheckpointError) -> StateDict {
    if probe.isZip { return try PyTorchReader.stateDict(probe.bytes) }
    let file = try SafetensorsFile(probe.bytes)
    return StateDict(tensors: file.tensors, metadata: file.metadata)
  }
}
