import RecurContainers
import RecurModel
import RecurTensors

// Options of an architecture that was read from a program: some are open, some have the value that
// Keras gives them.
extension KerasArchitecture {
  /// Gives open options the values that the arrays tell.
  ///
  /// - Parameters:
  ///   - arrays: the shapes of the arrays of every layer, by path.
  ///   - path: the path of the model among others, with a slash behind it.
  mutating func completeOptions(_ arrays: (Name) -> [[Int]], below path: String = "") {
    for index in layers.indices {
      let own = path + layers[index].name
      layers[index].nested?.completeOptions(arrays, below: own + "/")
      guard layers[index].nested == nil else { continue }
      let completed = layers[index].completed(by: arrays(Name(own)))
      // What arrays don't tell is as Keras gives it.
      layers[index].options =
        completed.withDefaults(version.resetDefault)
        .withoutModules().options
    }
  }

  /// Gives recurrent layers the options that the program leaves to Keras.
  mutating func completeDefaults() {
    for index in layers.indices {
      layers[index].nested?.completeDefaults()
      guard layers[index].nested == nil else { continue }
      layers[index].options = layers[index].withDefaults(version.recurrentActivation).options
    }
  }

  /// The value of an option, which may be inside others and inside models.
  func option(_ path: [String], ofLayer name: String) -> JSONValue? {
    let isNested = !layers.contains { $0.name == name }
    if isNested, let slash = name.firstIndex(of: "/"),
      let inner = layers.first(where: { $0.name == name[..<slash] })?.nested
    {
      return inner.option(path, ofLayer: String(name[name.index(after: slash)...]))
    }
    guard let layer = layers.first(where: { $0.name == name }) else { return nil }
    var value = JSONValue.object(layer.options)
    for (number, part) in path.enumerated() {
      if number > 0, let config = value["config"] { value = config }
      if let index = Int(part), let elements = value.array, elements.indices.contains(index) {
        value = elements[index]
      } else {
        value = value[part] ?? .null
      }
    }
    return value
  }
}

extension KerasArchitecture.LayerConfig {
  /// The same layer with the options that its arrays tell.
  fileprivate func completed(by arrays: [[Int]]) -> Self {
    var copy = self
    guard !arrays.isEmpty else { return copy }
    if let cell = inner("cell"), cell.kerasCell != nil {
      copy.setInner("cell", cell.told(Recurrent.told(arrays)))
      return copy
    }
    if let inner = inner("layer"), inner.kerasClass != nil {
      let isPair = kerasClass?.name == Self.pair
      let own = isPair ? Array(arrays[..<(arrays.count / 2)]) : arrays
      copy.setInner("layer", inner.completed(by: own))
      if let other = self.inner("backward_layer") {
        copy.setInner("backward_layer", other.completed(by: Array(arrays[own.count...])))
      }
      return copy
    }
    return told(kerasClass?.told(self, arrays) ?? [])
  }

  private static let pair = "Bidirectional"

  private func told(_ values: [(name: String, value: JSONValue)]) -> Self {
    var copy = self
    // What is said stays; a missing option has its default.
    for (name, value) in values where options[name]?.isNull ?? (value.bool != nil) {
      copy.options.set(name, value)
    }
    return copy
  }

  private mutating func setInner(_ name: String, _ inner: Self) {
    guard var object = options[name]?.object else { return }
    object.set("config", .object(inner.options))
    options.set(name, .object(object))
  }

  /// The same layer, and those inside, with the default of an option by their classes.
  fileprivate func withDefaults(
    _ value: (Self) -> (name: String, value: JSONValue)?
  ) -> Self {
    var copy = self
    for name in ["layer", "backward_layer", "cell"] {
      if let inner = inner(name) { copy.setInner(name, inner.withDefaults(value)) }
    }
    if options["cells"] != nil {
      let cells = innerList("cells").map { cell -> JSONValue in
        [
          "class_name": .string(cell.className),
          "config": .object(cell.withDefaults(value).options),
        ]
      }
      copy.options.set("cells", .array(cells))
    }
    if let (name, value) = value(self), options[name] == nil { copy.options.set(name, value) }
    return copy
  }

  /// Whether the class is that of the module `keras.layers.recurrent`.
  fileprivate var isOfRecurrentModule: Bool { options["module"]?.string == "recurrent" }

  /// The same layer, and those inside, without the modules of their classes.
  fileprivate func withoutModules() -> Self {
    var copy = self
    for name in ["layer", "backward_layer", "cell"] {
      if let inner = inner(name) { copy.setInner(name, inner.withoutModules()) }
    }
    copy.options = JSONObject(copy.options.members.filter { $0.name != "module" })
    return copy
  }
}

extension KerasVersion {
  /// Whether a version is that of TensorFlow 1.13 and of 2.0, whose recurrent layers differ.
  private var isOfTwoPrograms: Bool { description == "2.2.4-tf" }

  /// Whether recurrent layers are those of TensorFlow 1 or of stand-alone Keras.
  private var hasOldCells: Bool { isStandalone || description.hasPrefix("2.1.") }

  /// The activation of the gates where a program gives none; nil for classes without one, and for a
  /// version under which two programs differ.
  ///
  /// Stand-alone Keras had `hard_sigmoid` until 2.2 (keras/layers/recurrent.py), convolutional layers
  /// until 2.15 (tf_keras/src/layers/rnn/conv_lstm2d.py). `2.2.4-tf` was the version of TensorFlow 1.13
  /// with `hard_sigmoid`, and that of 2.0 with `sigmoid`.
  fileprivate func recurrentActivation(
    _ layer: KerasArchitecture.LayerConfig
  ) -> (name: String, value: JSONValue)? {
    let isOld: Bool
    switch layer.className {
    case "LSTM", "LSTMCell", "GRU", "GRUCell":
      guard !isOfTwoPrograms else { return nil }
      isOld =
        hasOldCells && (repeatsState || !isStandalone)
        || layer.isOfRecurrentModule && !hasOldCells
    case "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D": isOld = !isKeras3
    default: return nil
    }
    return ("recurrent_activation", .string(isOld ? "hard_sigmoid" : "sigmoid"))
  }

  /// The default of a GRU's `reset_after` where neither the program nor a bias tells.
  ///
  /// It is true from TensorFlow 2 on (tf_keras/src/layers/rnn/gru.py). Null where two programs differ.
  fileprivate func resetDefault(
    _ layer: KerasArchitecture.LayerConfig
  ) -> (name: String, value: JSONValue)? {
    guard layer.className == "GRU" || layer.className == "GRUCell" else { return nil }
    guard !layer.isOfRecurrentModule else { return ("reset_after", .bool(false)) }
    return ("reset_after", isOfTwoPrograms ? .null : .bool(!hasOldCells))
  }
}
