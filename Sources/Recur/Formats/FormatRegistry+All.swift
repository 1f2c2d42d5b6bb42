package import RecurFormats

#if Keras
  import RecurKeras
#endif
#if PyTorch
  import RecurPyTorch
  import RecurStateDicts
#endif

extension FormatRegistry {
  /// Every format of this build.
  package static let all = FormatRegistry(
    // A file of Keras is an HDF5 file too.
    kerasFormats + [HDF5Format(), NPYFormat()] + pytorchFormats, leftOut: leftOutFormats,
    foreign: ForeignFormat.all)
}

#if Keras
  private let kerasFormats: [any ModelFormat] = [
    KerasPickleFormat(), KerasArchiveFormat(), KerasH5Format(), KerasWeightsFormat(),
    KerasShardsFormat(),
    KerasJSONFormat(), KerasTwoFormat(),
  ]
#else
  private let kerasFormats: [any ModelFormat] = []
#endif

#if PyTorch
  private let pytorchFormats: [any ModelFormat] = [
    PyTorchFormat(), NPZFormat(PyTorchStateDicts()), SafetensorsFormat(PyTorchStateDicts()),
    SafetensorsShardsFormat(PyTorchStateDicts()),
  ]
#else
  private let pytorchFormats: [any ModelFormat] = []
#endif

private let leftOutFormats = unreadFormats + unwrittenFormats

#if HDF5Writing
  private let unwrittenFormats: [LeftOutFormats] = []
#else
  private let unwrittenFormats = [LeftOutFormats.hdf5Writing]
#endif

#if Keras && PyTorch
  private let unreadFormats: [LeftOutFormats] = []
#elseif Keras
  private let unreadFormats = [LeftOutFormats.pytorch]
#elseif PyTorch
  private let unreadFormats = [LeftOutFormats.keras]
#else
  private let unreadFormats = [LeftOutFormats.keras, .pytorch]
#endif
