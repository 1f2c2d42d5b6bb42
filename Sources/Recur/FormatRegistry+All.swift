package import RecurFormats
import RecurKeras
import RecurPyTorch
import RecurStateDicts

extension FormatRegistry {
  /// Every format, in the order they are asked.
  ///
  /// Adding a format is adding a line here.
  package static let all = FormatRegistry([
    KerasArchiveFormat(),
    KerasH5Format(),
    KerasWeightsFormat(),
    SafetensorsShardsFormat(PyTorchStateDicts()),
    KerasShardsFormat(),
    KerasJSONFormat(),
    KerasTwoFormat(),
    HDF5Format(),
    PyTorchFormat(),
    NPZFormat(PyTorchStateDicts()),
    SafetensorsFormat(PyTorchStateDicts()),
  ])
}
