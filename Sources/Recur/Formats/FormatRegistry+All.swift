package import RecurFormats

#if Keras
  import RecurKeras
#endif
#if ONNX
  import RecurONNX
#endif
#if PyTorch
  import RecurPyTorch
  import RecurStateDicts
#endif
#if TensorFlow
  import RecurTensorFlow
#endif

extension FormatRegistry {
  /// Every format of this build.
  package static let all = FormatRegistry(
    // A file of Keras is an HDF5 file too.
    kerasFormats + [HDF5Format(), NPYFormat()] + tensorFlowFormats + pytorchFormats + onnxFormats,
    leftOut: leftOutFormats,
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

#if ONNX
  private let onnxFormats: [any ModelFormat] = [ONNXFormat()]
#else
  private let onnxFormats: [any ModelFormat] = []
#endif

#if TensorFlow
  private let tensorFlowFormats: [any ModelFormat] = [
    SavedModelFormat(), TensorFlowCheckpointFormat(), WebModelFormat(), LiteFormat(),
    FrozenGraphFormat(),
  ]
#else
  private let tensorFlowFormats: [any ModelFormat] = []
#endif

private let leftOutFormats =
  unreadKeras + unreadPyTorch + unreadONNX + unreadTensorFlow + unwrittenFormats

#if HDF5Writing
  private let unwrittenFormats: [LeftOutFormats] = []
#else
  private let unwrittenFormats = [LeftOutFormats.hdf5Writing]
#endif

#if Keras
  private let unreadKeras: [LeftOutFormats] = []
#else
  private let unreadKeras = [LeftOutFormats.keras]
#endif

#if PyTorch
  private let unreadPyTorch: [LeftOutFormats] = []
#else
  private let unreadPyTorch = [LeftOutFormats.pytorch]
#endif

#if TensorFlow
  private let unreadTensorFlow: [LeftOutFormats] = []
#else
  private let unreadTensorFlow = [LeftOutFormats.tensorFlow]
#endif

#if ONNX
  private let unreadONNX: [LeftOutFormats] = []
#else
  private let unreadONNX = [LeftOutFormats.onnx]
#endif
