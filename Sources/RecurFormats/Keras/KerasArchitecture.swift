package import RecurContainers
package import RecurTensors

/// A model's `model_config`, as data: layers with their options, and how they are called.
///
/// Sequential models become calls in a chain, so that everything after this type sees graphs only.
package struct KerasArchitecture: Sendable {
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
    var mask: TensorReference?
    /// The plain second operand of an operation layer (`NotEqual`).
    var operand: JSONValue?
    var isTraining = false
  }

  package struct LayerConfig: Sendable {
    package let className: String
    package let name: String
    package let options: JSONObject
    package let location: Diagnostic.Location
    package let calls: [Call]
  }

  package let version: KerasVersion
  package let name: String
  package let className: String
  package let layers: [LayerConfig]
  package let inputs: [TensorReference]
  package let outputs: [TensorReference]

  /// Reads `model_config`.
  ///
  /// - Throws: `keras.config.invalid`, `keras.layer.unsupported`; all problems at once.
  package init(
    _ config: JSONValue, version: KerasVersion, at location: Diagnostic.Location
  ) throws(CheckpointError) {
    self.version = version
    guard let className = config["class_name"]?.string, let body = config["config"] else {
      throw invalid("the model has no \"class_name\" and \"config\"", location)
    }
    self.className = className
    // Keras 2.0 and 2.1 wrote the bare list of layers of a Sequential model.
    let list = body["layers"]?.array ?? body.array
    guard let list else { throw invalid("the model has no \"layers\"", location) }
    name = body["name"]?.string ?? "model"
    switch className {
    case "Sequential":
      let reader = KerasCallReader(location: location)
      (layers, inputs, outputs) = try reader.sequential(list)
    case "Functional", "Model":
      let reader = KerasCallReader(location: location)
      layers = try reader.functional(list)
      inputs = try reader.references(body["input_layers"], "input_layers")
      outputs = try reader.references(body["output_layers"], "output_layers")
    default:
      throw CheckpointError(
        .kerasLayerUnsupported,
        "the model is of class '\(className)'; Sequential and Functional models are read",
        at: location)
    }
    // Far more than any model has; graphs are resolved in time that grows with its square.
    guard layers.count <= 10_000 else {
      throw CheckpointError(
        .limitExceeded, "\(layers.count) layers; at most 10000 are read", at: location)
    }
    var names: Set<Name> = []
    for layer in layers where !names.insert(Name(layer.name)).inserted {
      throw invalid("two layers are named '\(layer.name)'", layer.location)
    }
  }
}

/// Reads layers and calls of all generations (Keras 2 lists, Keras 3 objects).
private struct KerasCallReader {
  typealias Reference = KerasArchitecture.TensorReference
  typealias Call = KerasArchitecture.Call
  typealias LayerConfig = KerasArchitecture.LayerConfig

  let location: Diagnostic.Location

  func sequential(
    _ list: [JSONValue]
  ) throws(CheckpointError) -> (layers: [LayerConfig], inputs: [Reference], outputs: [Reference]) {
    var layers: [LayerConfig] = []
    var inputs: [Reference] = []
    var previous: Reference?
    for (index, value) in list.enumerated() {
      let (className, name, options, place) = try parts(of: value, index)
      if className == "InputLayer" {
        guard layers.isEmpty else { throw invalid("an InputLayer is not the first layer", place) }
      } else if previous == nil {
        // Old files put the shape on the first layer instead of an InputLayer.
        let input = try implicitInput(options, before: name, place)
        layers.append(input)
        previous = Reference(layer: Name(input.name), call: 0, output: 0)
        inputs = previous.map { [$0] } ?? []
      }
      let calls = previous.map { [Call(inputs: [$0])] } ?? []
      layers.append(
        LayerConfig(
          className: className, name: name, options: options, location: place, calls: calls))
      let reference = Reference(layer: Name(name), call: 0, output: 0)
      if previous == nil { inputs = [reference] }
      previous = reference
    }
    guard let previous else { throw invalid("the model has no layers", location) }
    return (layers, inputs, [previous])
  }

  private func implicitInput(
    _ options: JSONObject, before name: String, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> LayerConfig {
    guard let shape = options["batch_input_shape"] ?? options["batch_shape"] else {
      throw invalid("the first layer '\(name)' declares no input shape", place)
    }
    var input = JSONObject()
    _ = input.append("batch_input_shape", shape)
    // The dtype of an Embedding is that of its rows, not of its tokens; Double holds both.
    _ = input.append("dtype", options["dtype"]?.string.map { .string($0) } ?? "float32")
    return LayerConfig(
      className: "InputLayer", name: "\(name)_input", options: input, location: place, calls: [])
  }

  func functional(_ list: [JSONValue]) throws(CheckpointError) -> [LayerConfig] {
    var layers: [LayerConfig] = []
    for (index, value) in list.enumerated() {
      let (className, name, options, place) = try parts(of: value, index)
      var calls: [Call] = []
      for (number, call) in (value["inbound_nodes"]?.array ?? []).enumerated() {
        var callPlace = place
        callPlace.object = (place.object ?? "") + ".inbound_nodes[\(number)]"
        calls.append(try self.call(call, callPlace))
      }
      layers.append(
        LayerConfig(
          className: className, name: name, options: options, location: place, calls: calls))
    }
    return layers
  }

  private func parts(
    of value: JSONValue, _ index: Int
  ) throws(CheckpointError) -> (String, String, JSONObject, Diagnostic.Location) {
    var place = location
    place.object = (location.object ?? "") + ": layers[\(index)]"
    guard let className = value["class_name"]?.string, let options = value["config"]?.object,
      let name = value["name"]?.string ?? options["name"]?.string
    else { throw invalid("a layer has no \"class_name\", \"config\" and name", place) }
    return (className, name, options, place)
  }

  /// One element of `inbound_nodes`.
  private func call(
    _ value: JSONValue, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> Call {
    var call = Call()
    if let tensors = value.array {
      // Keras 2: [[layer, call, output, {kwargs}], …]; extra tensors are the initial state.
      for tensor in tensors {
        call.inputs.append(try reference(tensor, place))
        if let elements = tensor.array, elements.count > 3, let keywords = elements[3].object {
          try read(keywords, into: &call, place)
        }
      }
    } else if let arguments = value["args"]?.array, let keywords = value["kwargs"]?.object {
      for argument in arguments {
        let found = try tensors(in: argument, place)
        if found.isEmpty, !argument.isNull {
          guard call.operand == nil else { throw invalid("two plain arguments", place) }
          call.operand = argument
        }
        call.inputs += found
      }
      try read(keywords, into: &call, place)
    } else {
      throw invalid("a call is neither a list nor an object with \"args\" and \"kwargs\"", place)
    }
    return call
  }

  private func read(
    _ keywords: JSONObject, into call: inout Call, _ place: Diagnostic.Location
  ) throws(CheckpointError) {
    for member in keywords.members where !member.value.isNull {
      switch member.name {
      case "training": call.isTraining = member.value.bool ?? true
      case "mask":
        let found = try tensors(in: member.value, place)
        guard found.count == 1 else { throw invalid("\"mask\" is not one tensor", place) }
        call.mask = found[0]
      case "initial_state": call.initialState += try tensors(in: member.value, place)
      default:
        throw CheckpointError(
          .kerasOptionUnsupported,
          "the layer is called with \"\(member.name)\": \(member.value.text), which is unknown",
          at: place)
      }
    }
  }

  /// Every tensor in an argument: one, or those of a list.
  private func tensors(
    in value: JSONValue, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> [Reference] {
    if value["class_name"]?.string == "__keras_tensor__" {
      guard let history = value["config"]?["keras_history"] else {
        throw invalid("a tensor has no \"keras_history\"", place)
      }
      return [try reference(history, place)]
    }
    guard let elements = value.array else { return [] }
    // Keras 2 keywords hold bare triples.
    if elements.count >= 3, elements[0].string != nil { return [try reference(value, place)] }
    var found: [Reference] = []
    for element in elements { found += try tensors(in: element, place) }
    return found
  }

  private func reference(
    _ value: JSONValue, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> Reference {
    guard let elements = value.array, elements.count >= 3, let layer = elements[0].string,
      let call = elements[1].integer, let output = elements[2].integer, call >= 0, output >= 0
    else { throw invalid("\(value.text) is not [layer, call, output]", place) }
    return Reference(layer: Name(layer), call: call, output: output)
  }

  /// `input_layers` or `output_layers`: a list of triples, or a bare one (from Keras 3.11 on).
  func references(
    _ value: JSONValue?, _ name: String
  ) throws(CheckpointError) -> [Reference] {
    // A model of named inputs or outputs lists them as an object; Keras flattens it by name.
    if let object = value?.object, !object.members.isEmpty {
      var references: [Reference] = []
      for member in object.members.sorted(by: { Name($0.name) < Name($1.name) }) {
        references.append(try reference(member.value, location))
      }
      return references
    }
    guard let elements = value?.array, !elements.isEmpty else {
      throw invalid("the model has no \"\(name)\"", location)
    }
    if elements[0].string != nil { return [try reference(.array(elements), location)] }
    var references: [Reference] = []
    for element in elements { references.append(try reference(element, location)) }
    return references
  }
}

private func invalid(_ message: String, _ location: Diagnostic.Location) -> CheckpointError {
  CheckpointError(.kerasConfigInvalid, message, at: location)
}
