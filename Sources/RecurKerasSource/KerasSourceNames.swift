import RecurPyTorch

/// What the full names of Keras and TensorFlow in a source mean.
enum KerasSourceName {
  /// A class whose objects are layers, by its name in the table; also one that nobody knows.
  case layer(String)
  /// `Input(…)`, or `InputLayer` as a function.
  case input
  case sequential
  case functional
  /// A function that calls a merging layer: `concatenate` is `Concatenate`.
  case merging(String)
  /// A function of tensors.
  case function(String)
  /// A helper that makes no layer: an optimizer, a callback, a function of utilities.
  case other

  /// The parts of Keras that make no layers.
  private static let others: Set<Substring> = [
    "optimizers", "callbacks", "losses", "metrics", "preprocessing", "datasets", "utils",
    "initializers", "regularizers", "constraints", "applications", "wrappers", "saving",
    "preprocessing_layers", "mixed_precision", "distribution", "tree", "visualization",
  ]

  /// Where Keras keeps its parts in its own folders.
  private static let roots: Set<Substring> = ["keras", "src", "api", "_tf_keras", "v1", "v2"]

  /// Names of classes that make no layers, where a source takes all names of a part of Keras.
  private static let otherClasses: Set<Substring> = [
    "Adam", "SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "EarlyStopping",
    "ModelCheckpoint", "ReduceLROnPlateau", "TensorBoard", "CSVLogger", "Tokenizer",
    "LearningRateScheduler", "Callback", "LambdaCallback", "Sequence", "TimeseriesGenerator",
  ]

  private static let merging = [
    "concatenate": "Concatenate", "add": "Add", "multiply": "Multiply", "average": "Average",
    "subtract": "Subtract", "maximum": "Maximum", "minimum": "Minimum", "dot": "Dot",
    "merge": "merge",
  ]

  /// A module whose recurrent classes are not those of `keras.layers`.
  enum Module {
    /// `tf.compat.v1.keras.layers`: the classes of TensorFlow 1.
    case first
    /// `keras.layers.recurrent`: those of TensorFlow 1 from Keras 2.4 on.
    case recurrent

    /// Gives a layer the defaults that its class has in the module.
    func setDefaults(of layer: KerasSourceLayer) {
      guard ["LSTM", "GRU", "LSTMCell", "GRUCell"].contains(layer.className) else { return }
      switch self {
      case .first:
        if layer["recurrent_activation"] == nil {
          layer["recurrent_activation"] = .text("hard_sigmoid")
        }
        if layer.className.hasPrefix("GRU"), layer["reset_after"] == nil {
          layer["reset_after"] = .flag(false)
        }
      case .recurrent: layer["module"] = .text("recurrent")
      }
    }
  }

  /// The module of a full name, where its classes differ.
  static func module(of full: String) -> Module? {
    if full.contains("compat.v1.keras.layers") { return .first }
    return full.contains("keras.layers.recurrent.") ? .recurrent : nil
  }

  /// The meaning of a full name; nil for a name of another library.
  init?(_ full: String) {
    let parts = full.split(separator: ".")
    guard let last = parts.last, let root = parts.first, parts.count > 1 else { return nil }
    let isKeras = parts.contains("keras") || root == "keras_core"
    guard isKeras || root == "tensorflow" || root == "tf" else { return nil }
    guard isKeras else {
      self = .function(full)
      return
    }
    // The part of Keras: `layers` of `tensorflow.keras.layers.wrappers.Bidirectional`.
    let place = parts.dropLast().drop { $0 != "keras" }.dropFirst().first {
      !Self.roots.contains($0)
    }
    guard !(place.map(Self.others.contains) ?? false) else {
      self = .other
      return
    }
    if last == "Input" {
      self = .input
    } else if last == "Sequential" {
      self = .sequential
    } else if last == "Model" || last == "Functional" {
      self = .functional
    } else if Self.otherClasses.contains(last) {
      self = .other
    } else if last.first?.isUppercase == true {
      self = .layer(String(last))
    } else if let name = Self.merging[String(last)], !parts.contains("ops"),
      !parts.contains("backend")
    {
      self = .merging(name)
    } else {
      self = .function(full)
    }
  }

  /// Whether classes of a source that inherit from this one are models.
  static func isModelBase(_ full: String) -> Bool {
    switch Self(full) {
    case .functional, .sequential: true
    default: false
    }
  }

  /// Whether classes of a source that inherit from this one are layers.
  static func isLayerBase(_ full: String) -> Bool {
    guard case .layer = Self(full) else { return false }
    return true
  }
}
