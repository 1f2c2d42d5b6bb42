import RecurFormats
import RecurModel
import RecurTensors

/// A kind of file that Keras reads, and what the file can hold.
enum KerasTarget: Sendable {
  /// A `.keras` archive for Keras 3.
  case archive
  /// A full model in HDF5 for Keras 3.
  case legacy
  /// Native weights for Keras 3. The model into which they are loaded has the options.
  case weights
  /// A full model in HDF5 for Keras 2 and tf.keras.
  case keras2

  /// The stable name of the format.
  var id: String {
    switch self {
    case .archive: "keras"
    case .legacy: "keras-h5"
    case .weights: "keras-weights"
    case .keras2: "keras2-h5"
    }
  }

  /// The program that reads it, in words.
  var reader: String { self == .keras2 ? "Keras 2" : "Keras 3" }

  var isKeras3: Bool { self != .keras2 }

  /// Whether calls of operations (`NotEqual`, `Any`) can be stored, as explicit masks need.
  ///
  /// Keras 3.15 writes them into `.h5` files too and can't load those: "Unknown layer: 'NotEqual'".
  var holdsOperations: Bool { self == .archive }

  /// Whether arrays are found by the place of their layer, and not by names.
  var isNative: Bool {
    switch self {
    case .archive, .weights: true
    case .legacy, .keras2: false
    }
  }

  /// Whether options and calls are stored, and not arrays alone.
  var holdsArchitecture: Bool { self != .weights }

  /// The version in the file.
  ///
  /// Loaders of Keras 2 look at the major version only; 2.15 is the last version in TensorFlow.
  var version: String { isKeras3 ? "3.15.1" : "2.15.0" }

  /// The slope of `hard_sigmoid` in this version.
  var hardSigmoidSlope: Double { isKeras3 ? 1.0 / 6 : 0.2 }

  /// Whether Keras can read arrays of a type from this kind of file.
  ///
  /// In HDF5, bfloat16 is two opaque bytes; only native weights say what the bytes mean. 8-bit
  /// floating-point and complex numbers have no HDF5 type that Keras reads.
  func holds(_ type: ElementType) -> Bool {
    switch type {
    case .bfloat16: self == .archive || self == .weights
    case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .complex64,
      .complex128:
      false
    case .float16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32,
      .uint64, .bool:
      true
    }
  }
}

extension Model.Node {
  /// An error about this node, which the target can't hold.
  func unrepresentable(
    _ message: String, expected: String? = nil, found: String? = nil, hint: String? = nil
  ) -> Diagnostic {
    Diagnostic(
      .modelUnrepresentable, .error, message, at: location, expected: expected, found: found,
      hint: hint)
  }
}
