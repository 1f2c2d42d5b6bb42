package import RecurFormats

#if Keras
  import RecurKeras
#endif
#if ONNX
  import RecurONNX
#endif
#if JAX
  import RecurJAX
#endif
#if MLX
  import RecurMLX
#endif
#if Audio
  import RecurAudio
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
    // A file of Equinox begins like one array of NumPy.
    kerasFormats + [HDF5Format()] + jaxFormats + [NPYFormat()] + tensorFlowFormats + pytorchFormats
      + onnxFormats + audioFormats,
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
    PyTorchFormat(), NPZFormat(namedTensors), SafetensorsFormat(namedTensors),
    SafetensorsShardsFormat(namedTensors),
  ]

  /// The names in containers that several frameworks share.
  private let namedTensors = PyTorchStateDicts(dialects: jaxDialects + mlxDialects)
#else
  private let pytorchFormats: [any ModelFormat] = []
#endif

#if JAX
  private let jaxDialects: [any TensorDialect] = [FlaxDialect(), HaikuDialect()]
  private let jaxFormats: [any ModelFormat] = [
    FlaxMessagePackFormat(
      PyTorchStateDicts(dialects: jaxDialects + [FlaxDialect(isCertain: true)])),
    HaikuPickleFormat(PyTorchStateDicts(dialects: [HaikuDialect(isCertain: true)])),
    EquinoxFormat(PyTorchStateDicts(dialects: [EquinoxDialect()])),
  ]
#else
  #if PyTorch
    private let jaxDialects: [any TensorDialect] = []
  #endif
  private let jaxFormats: [any ModelFormat] = []
#endif

#if MLX
  private let mlxDialects: [any TensorDialect] = [MLXDialect()]
#elseif PyTorch
  private let mlxDialects: [any TensorDialect] = []
#endif

#if ONNX
  private let onnxFormats: [any ModelFormat] = [ONNXFormat()]
#else
  private let onnxFormats: [any ModelFormat] = []
#endif

#if Audio
  private let audioFormats: [any ModelFormat] = [
    RTNeuralFormat(), NAMFormat(), StateDictJSONFormat(), SmartAmpProFormat(),
  ]
#else
  private let audioFormats: [any ModelFormat] = []
#endif

private let leftOutFormats =
  unreadKeras + unreadJAX + unreadPyTorch + unreadONNX + unreadAudio + unreadTensorFlow
  + unwrittenFormats

#if Audio
  private let unreadAudio: [LeftOutFormats] = []
#else
  private let unreadAudio = [LeftOutFormats.audio]
#endif

#if TensorFlow
  private let tensorFlowFormats: [any ModelFormat] = [
    SavedModelFormat(), TensorFlowCheckpointFormat(), WebModelFormat(), LiteFormat(),
    FrozenGraphFormat(),
  ]
#else
  private let tensorFlowFormats: [any ModelFormat] = []
#endif

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

#if JAX
  private let unreadJAX: [LeftOutFormats] = []
#else
  private let unreadJAX = [LeftOutFormats.jax]
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
