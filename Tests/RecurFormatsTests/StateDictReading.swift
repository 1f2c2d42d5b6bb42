import Recur
import RecurContainers
import RecurFormats
import RecurPyTorch
import RecurStateDicts
import RecurTensors

extension StateDict {
  /// The state dict in a file of any format that has one; any other file is read as safetensors.
  static func read(_ probe: FileProbe, key: String? = nil) throws(CheckpointError) -> StateDict {
    let found = try? FormatRegistry.all.format(of: probe)
    let format = found as? any StateDictDecoding ?? SafetensorsFormat(PyTorchStateDicts())
    return try format.stateDict(probe, key: key, .init())
  }
}
