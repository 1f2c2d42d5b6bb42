package import RecurFormats

#if Keras
  import RecurKeras
  import RecurKerasSource
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
#if CoreML
  import RecurCoreML
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
      + mlxFormats + onnxFormats + coreMLFormats + audioFormats,
    leftOut: leftOutFormats,
    foreign: ForeignFormat.all)

  /// Reads programs that build models of Keras.
  static let program: (any ProgramReading)? = readsPrograms
}

#if Keras
  private let kerasFormats: [any ModelFormat] = [
    KerasPickleFormat(), KerasArchiveFormat(), KerasH5Format(), KerasWeightsFormat(),
    KerasShardsFormat(),
    KerasJSONFormat(), KerasTwoFormat(),
  ]
  private let readsPrograms: (any ProgramReading)? = KerasProgramReader()
  private let unreadKeras: [LeftOutFormats] = []
#else
  private let kerasFormats: [any ModelFormat] = []
  private let readsPrograms: (any ProgramReading)? = nil
  private let unreadKeras = [LeftOutFormats.keras]
#endif

#if PyTorch
  private let pytorchFormats: [any ModelFormat] = [
    PyTorchFormat(), NPZFormat(namedTensors), SafetensorsFormat(namedTensors),
    SafetensorsShardsFormat(namedTensors),
  ]

  /// The names in containers that several frameworks share.
  private let namedTensors = PyTorchStateDicts(dialects: jaxDialects + mlxDialects)
  private let unreadPyTorch: [LeftOutFormats] = []
#else
  private let pytorchFormats: [any ModelFormat] = []
  private let unreadPyTorch = [LeftOutFormats.pytorch]
#endif

#if JAX
  private let jaxDialects: [any TensorDialect] = [FlaxDialect(), HaikuDialect()]
  private let jaxFormats: [any ModelFormat] = [
    FlaxMessagePackFormat(
      PyTorchStateDicts(dialects: jaxDialects + [FlaxDialect(isCertain: true)])),
    HaikuPickleFormat(PyTorchStateDicts(dialects: [HaikuDialect(isCertain: true)])),
    EquinoxFormat(PyTorchStateDicts(dialects: [EquinoxDialect()])),
  ]
  private let unreadJAX: [LeftOutFormats] = []
#else
  #if PyTorch
    private let jaxDialects: [any TensorDialect] = []
  #endif
  private let jaxFormats: [any ModelFormat] = []
  private let unreadJAX = [LeftOutFormats.jax]
#endif

#if MLX
  private let mlxDialects: [any TensorDialect] = [MLXDialect()]
  private let mlxFormats: [any ModelFormat] = [MLXFormat(.safetensors), MLXFormat(.npz)]
  private let unwrittenMLX: [LeftOutFormats] = []
#else
  #if PyTorch
    private let mlxDialects: [any TensorDialect] = []
  #endif
  private let mlxFormats: [any ModelFormat] = []
  private let unwrittenMLX = [LeftOutFormats.mlx]
#endif

#if ONNX
  private let onnxFormats: [any ModelFormat] = [ONNXFormat()]
  private let unreadONNX: [LeftOutFormats] = []
#else
  private let onnxFormats: [any ModelFormat] = []
  private let unreadONNX = [LeftOutFormats.onnx]
#endif

#if CoreML
  private let coreMLFormats: [any ModelFormat] = [CoreMLPackageFormat(), CoreMLNetworkFormat()]
  private let unreadCoreML: [LeftOutFormats] = []
#else
  private let coreMLFormats: [any ModelFormat] = []
  private let unreadCoreML = [LeftOutFormats.coreML]
#endif

#if Audio
  private let audioFormats: [any ModelFormat] = [
    RTNeuralFormat(), NAMFormat(), StateDictJSONFormat(), SmartAmpProFormat(),
  ]
  private let unreadAudio: [LeftOutFormats] = []
#else
  private let audioFormats: [any ModelFormat] = []
  private let unreadAudio = [LeftOutFormats.audio]
#endif

private let leftOutFormats =
  unreadKeras + unreadJAX + unwrittenMLX + unreadPyTorch + unreadONNX + unreadCoreML + unreadAudio
  + unreadTensorFlow
  + unwrittenFormats

#if TensorFlow
  private let tensorFlowFormats: [any ModelFormat] = [
    SavedModelFormat(), TensorFlowCheckpointFormat(), WebModelFormat(), LiteFormat(),
    FrozenGraphFormat(),
  ]
  private let unreadTensorFlow: [LeftOutFormats] = []
#else
  private let tensorFlowFormats: [any ModelFormat] = []
  private let unreadTensorFlow = [LeftOutFormats.tensorFlow]
#endif

#if HDF5Writing
  private let unwrittenFormats: [LeftOutFormats] = []
#else
  private let unwrittenFormats = [LeftOutFormats.hdf5Writing]
#endif
