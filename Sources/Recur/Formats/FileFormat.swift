/// A format that models and tensors are written in.
///
///     try checkpoint.convert(to: "model.h5", format: .kerasH5(.v2), overwriting: true)
///
/// `recur formats` lists all with their endings. Without a format, the ending of the file decides.
public struct FileFormat: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The stable name: `keras-h5`.
  public let rawValue: String
  /// Makes a format from its stable name.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// Makes a format from its stable name.
  public init(stringLiteral value: String) { rawValue = value }
  /// The stable name.
  public var description: String { rawValue }

  /// The generations of Keras, which read each other's HDF5 files with other meanings.
  public enum KerasGeneration: Sendable {
    /// Keras 2 and tf.keras.
    case v2
    /// Keras 3.
    case v3
  }

  /// An archive of Keras 3, `.keras`.
  public static let keras: FileFormat = "keras"
  /// An HDF5 file with a model of Keras, `.h5`.
  public static func kerasH5(_ generation: KerasGeneration) -> FileFormat {
    switch generation {
    case .v2: "keras2-h5"
    case .v3: "keras-h5"
    }
  }
  /// Weights of a model of Keras 3, `.weights.h5`.
  public static let kerasWeights: FileFormat = "keras-weights"
  /// A state dict of PyTorch, `.pt`.
  public static let pytorch: FileFormat = "pytorch"
  /// A state dict of PyTorch in safetensors.
  public static let safetensors: FileFormat = "safetensors"
  /// A state dict of PyTorch in an archive of NumPy.
  public static let npz: FileFormat = "npz"
  /// A model of ONNX.
  public static let onnx: FileFormat = "onnx"
  /// A program of Core ML, a folder `.mlpackage`.
  public static let mlpackage: FileFormat = "mlpackage"
  /// Weights of MLX in safetensors.
  public static let mlxSafetensors: FileFormat = "mlx-safetensors"
  /// Weights of MLX in an archive of NumPy.
  public static let mlxNPZ: FileFormat = "mlx-npz"
  /// A model of RTNeural in JSON.
  public static let rtneural: FileFormat = "rtneural"
  /// A model of the Neural Amp Modeler.
  public static let nam: FileFormat = "nam"
  /// A state dict in JSON, as plug-ins for amplifiers read it.
  public static let stateDictJSON: FileFormat = "state-dict-json"
}
