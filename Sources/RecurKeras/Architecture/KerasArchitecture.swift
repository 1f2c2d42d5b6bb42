package import RecurContainers
package import RecurTensors

/// A model's `model_config` as data: layers with their options, and the calls of the layers.
///
/// A Sequential model becomes a chain of calls, so that other code sees graphs only.
package struct KerasArchitecture: Sendable {
  /// The classes of models, which may also be layers of others.
  static let modelClasses: Set<String> = ["Sequential", "Functional", "Model"]

  /// One output of one call of a layer: Keras' `keras_history`.
  package struct TensorReference: Sendable, Hashable {
    var layer: Name
    var call: Int
    var output: Int
  }

  /// One application of a layer.
  package struct Call: Sendable {
    var inputs: [TensorReference] = []
    var initialState: [TensorReference] = []
    /// The mask of every input, if masks are given.
    var masks: [TensorReference?] = []
    /// The plain argument of an operation such as `NotEqual`, if it has one.
    var operand: JSONValue?
    /// The parameter of an operation that each input is an argument for.
    var roles: [String] = []
    /// The arguments of an operation that hold no tensor, by the names of its parameters.
    var plain: JSONObject?
    var isTraining = false
    /// Whether a query sees only earlier timesteps (`use_causal_mask` of attention).
    var isCausal = false
    /// Whether attention puts out its scores too (`return_attention_scores`).
    var returnsScores = false
    /// The call as the config has it, for layers whose class nobody knows.
    var source: JSONValue?

    /// Every tensor that the call needs: the inputs, the initial states and the masks.
    var operands: [TensorReference] { inputs + initialState + masks.compactMap { $0 } }
  }

  /// A layer as the config declares it; its class and options have their names of Keras 2 and 3.
  package struct LayerConfig: Sendable {
    package let className: String
    package let name: String
    package internal(set) var options: JSONObject
    package fileprivate(set) var location: Diagnostic.Location
    package var calls: [Call] = []
    /// The nested model, if this layer is a model.
    package var nested: KerasArchitecture?
    /// The shape of the input that the layer was built with, batch first; nil when it is not said.
    var buildShape: [Int?]?
    /// The element of `layers` as it stands; nil for layers inside others.
    var source: JSONObject?
    /// Whether the model inside is applied to every timestep, and stored below this layer's `layer`.
    var isDistributed = false
    /// The class under which native weights store the layer.
    var storedClassName: String
    /// Whether native weights store what is inside the layer without the layer around it.
    var isStoredBare = false
    /// The number of the function that the element is a part of, where Keras has one layer for all parts.
    var fold: Int?
    /// Whether the element of `layers` is an operation and no layer; its options are its arguments.
    package let isOperation: Bool
    /// Whether the config used the option names of Keras 1.
    fileprivate let isKeras1: Bool

    init(
      className: String, name: String, options: JSONObject, location: Diagnostic.Location,
      isKeras1: Bool, isOperation: Bool = false
    ) {
      self.isOperation = isOperation
      let renamed =
        isKeras1 ? KerasGeneration1.renamed(className, options) : (className, options)
      (self.className, self.options) = renamed
      storedClassName = renamed.0
      self.name = name
      self.location = location
      self.isKeras1 = isKeras1
    }

    /// A layer whose class and options stand by themselves; nil for what is no layer.
    init?(alone config: JSONValue, at location: Diagnostic.Location) {
      let config = config.withoutPythonTypes
      guard let className = config["class_name"]?.string, let options = config["config"]?.object
      else { return nil }
      self.init(
        className: className, name: options["name"]?.string ?? className, options: options,
        location: location, isKeras1: false)
    }

    /// The layer in option `name`, such as the layer that Bidirectional, TimeDistributed or RNN
    /// wraps.
    func inner(_ name: String) -> LayerConfig? { options[name].flatMap { inner($0, name) } }

    /// The layers in option `name`: the cells of StackedRNNCells.
    func innerList(_ name: String) -> [LayerConfig] {
      (options[name]?.array ?? []).enumerated().compactMap { inner($1, "\(name)[\($0)]") }
    }

    /// All layers and cells inside this layer.
    var inside: [LayerConfig] {
      ["layer", "backward_layer", "cell"].compactMap { inner($0) } + innerList("cells")
    }

    private func inner(_ value: JSONValue, _ place: String) -> LayerConfig? {
      guard let className = value["class_name"]?.string, let options = value["config"]?.object
      else { return nil }
      var location = location
      location.object = (location.object ?? "") + ".config.\(place)"
      return LayerConfig(
        className: className, name: options["name"]?.string ?? name, options: options,
        location: location, isKeras1: isKeras1)
    }
  }

  package let version: KerasVersion
  package let name: String
  package let className: String
  package internal(set) var layers: [LayerConfig]
  package private(set) var inputs: [TensorReference]
  package private(set) var outputs: [TensorReference]

  /// Reads `model_config`.
  ///
  /// - Throws: `keras.config.invalid`, `keras.model.subclassed`; all problems at once.
  package init(
    _ config: JSONValue, version: KerasVersion, at location: Diagnostic.Location
  ) throws(CheckpointError) {
    self.version = version
    let config = config.withoutPythonTypes
    guard let className = config["class_name"]?.string, let body = config["config"] else {
      throw invalid("the model has no \"class_name\" and \"config\"", location)
    }
    self.className = className
    guard let kind = Kind(config) else {
      if Self.modelClasses.contains(className) {
        throw invalid("the model has no \"layers\"", location)
      }
      throw CheckpointError(
        .kerasModelSubclassed,
        "the model is of class '\(className)'; Sequential and Functional models are read",
        at: location, expected: "Sequential or Functional", found: className,
        reason: "a subclassed model's call() is Python code, which is in no file"
      ).advising(
        "build the same layers with the functional API, save that model's to_json(), and give it with "
          + "\(.architecture)")
    }
    name = body["name"]?.string ?? "model"
    let reader = KerasCallReader(version: version, location: location)
    switch kind {
    case .sequential(let list):
      (layers, inputs, outputs) = try reader.sequential(
        list,
        builtWith: body["build_input_shape"] ?? config["build_config"]?["input_shape"]
          ?? config["build_input_shape"])
    case .functional(let list):
      layers = try reader.functional(list)
      inputs = try reader.references(body["input_layers"], "input_layers")
      outputs = try reader.references(body["output_layers"], "output_layers")
      if version.isKeras3 { layers = Self.foldingPatterns(layers, outputs: outputs) }
    }
    // Far more layers than any model has. Resolving a graph takes time that grows with the square
    // of their number.
    guard layers.count <= 10_000 else {
      throw CheckpointError(
        .limitExceeded, "\(layers.count) layers; at most 10000 are read", at: location)
    }
    removePreexistingCalls()
    var names: Set<Name> = []
    for layer in layers where !names.insert(Name(layer.name)).inserted {
      throw invalid("two layers are named '\(layer.name)'", layer.location)
    }
  }
}

extension KerasArchitecture {
  /// The same model with other configs of its layers.
  func mappingLayers(_ change: (LayerConfig) -> LayerConfig) -> KerasArchitecture {
    var copy = self
    copy.layers = layers.map(change)
    return copy
  }

  /// The same with the places of layers by their names.
  func placed(_ places: [Name: Diagnostic.Location]) -> KerasArchitecture {
    var copy = self
    for index in copy.layers.indices {
      if let place = places[Name(layers[index].name)] { copy.layers[index].location = place }
    }
    return copy
  }

  /// The same with every layer placed inside `file`.
  func located(file: String) -> KerasArchitecture {
    var copy = self
    for index in copy.layers.indices {
      copy.layers[index].location.file = file
      copy.layers[index].nested = layers[index].nested?.located(file: file)
    }
    return copy
  }
}

extension KerasArchitecture {
  /// How the layers of a model follow each other, with what its config says of each.
  private enum Kind {
    case sequential([JSONValue])
    case functional([JSONValue])

    /// What a config declares; nil when it declares no layers.
    ///
    /// A class of the user's own that is made from one of Keras' two has the config of that one.
    init?(_ config: JSONValue) {
      let (className, body) = (config["class_name"]?.string ?? "", config["config"])
      // Keras 2.0 and 2.1 wrote the bare list of layers of a Sequential model.
      guard let list = body?["layers"]?.array ?? body?.array else { return nil }
      let isKnown = KerasArchitecture.modelClasses.contains(className)
      guard isKnown || !list.isEmpty && list.allSatisfy({ $0["class_name"]?.string != nil }) else {
        return nil
      }
      let isSequential = isKnown ? className == "Sequential" : body?["input_layers"] == nil
      self = isSequential ? .sequential(list) : .functional(list)
    }
  }

  /// Whether the config of a model declares layers: else what it computes is Python code alone.
  static func declaresLayers(_ config: JSONValue) -> Bool {
    modelClasses.contains(config["class_name"]?.string ?? "") || Kind(config) != nil
  }

  /// Whether the model's class is the user's own, so that its code may compute something else than
  /// its config says.
  var isSubclassed: Bool { !Self.modelClasses.contains(className) }

  /// Counts the calls of models inside this model from 0, like those of all other layers.
  ///
  /// A model with inputs of its own has one call before any other: the call that links its inputs
  /// to its outputs. Keras 1 and 2 count this call in every reference (`_should_skip_first_node`).
  /// Keras 3 counts it only in `input_layers` and `output_layers`, and only for functional models
  /// (keras/src/models/functional.py, `get_config`).
  private mutating func removePreexistingCalls() {
    var shifted: Set<Name> = []
    for layer in layers {
      guard let nested = layer.nested, !nested.layers.isEmpty, !layer.isDistributed else {
        continue
      }
      if nested.className != "Sequential" || !version.isKeras3 { shifted.insert(Name(layer.name)) }
    }
    // A model that was built without inputs of its own has no such call: its first call is number
    // 0.
    var references = inputs + outputs
    if !version.isKeras3 {
      references += layers.flatMap(\.calls).flatMap { $0.inputs + $0.initialState }
    }
    for reference in references where reference.call == 0 { shifted.remove(reference.layer) }
    guard !shifted.isEmpty else { return }
    func shift(_ reference: inout TensorReference) {
      if shifted.contains(reference.layer), reference.call > 0 { reference.call -= 1 }
    }
    for index in inputs.indices { shift(&inputs[index]) }
    for index in outputs.indices { shift(&outputs[index]) }
    guard !version.isKeras3, className != "Sequential" else { return }
    for layer in layers.indices {
      for call in layers[layer].calls.indices {
        layers[layer].calls[call].shift(shift)
      }
    }
  }
}

extension KerasArchitecture.Call {
  fileprivate mutating func shift(_ shift: (inout KerasArchitecture.TensorReference) -> Void) {
    for index in inputs.indices { shift(&inputs[index]) }
    for index in initialState.indices { shift(&initialState[index]) }
    for index in masks.indices {
      guard var mask = masks[index] else { continue }
      shift(&mask)
      masks[index] = mask
    }
  }
}

func invalid(_ message: String, _ location: Diagnostic.Location) -> CheckpointError {
  CheckpointError(.kerasConfigInvalid, message, at: location)
}
