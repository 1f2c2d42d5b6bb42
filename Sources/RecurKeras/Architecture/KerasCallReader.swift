import RecurContainers
import RecurModel
import RecurTensors

/// Reads layers and calls of all generations (Keras 2 lists, Keras 3 objects).
struct KerasCallReader {
  typealias Reference = KerasArchitecture.TensorReference
  typealias Call = KerasArchitecture.Call
  typealias LayerConfig = KerasArchitecture.LayerConfig

  let version: KerasVersion
  let location: Diagnostic.Location

  /// The layers of a Sequential model, whose input may be declared in several places.
  ///
  /// - Parameters:
  ///   - list: the layers.
  ///   - builtWith: the shape of the input that the model was built with, if the config says it.
  /// - Returns: the layers with their calls, an input before them, the model's inputs and outputs.
  /// - Throws: `keras.config.invalid`.
  func sequential(
    _ list: [JSONValue], builtWith: JSONValue?
  ) throws(CheckpointError) -> (layers: [LayerConfig], inputs: [Reference], outputs: [Reference]) {
    var layers: [LayerConfig] = []
    var inputs: [Reference] = []
    var previous: Reference?
    for (index, value) in list.enumerated() {
      var layer = try layer(of: value, index)
      if layer.kerasClass?.role == .input {
        guard layers.isEmpty else {
          throw invalid("an InputLayer is not the first layer", layer.location)
        }
      } else if previous == nil {
        let input = KerasInputShape(of: layer, builtWith: builtWith).input
        layers.append(input)
        previous = Reference(layer: Name(input.name), call: 0, output: 0)
        inputs = previous.map { [$0] } ?? []
      }
      layer.calls = previous.map { [Call(inputs: [$0])] } ?? []
      layers.append(layer)
      let reference = Reference(layer: Name(layer.name), call: 0, output: 0)
      if previous == nil { inputs = [reference] }
      previous = reference
    }
    guard let previous else { throw invalid("the model has no layers", location) }
    return (layers, inputs, [previous])
  }

  func functional(_ list: [JSONValue]) throws(CheckpointError) -> [LayerConfig] {
    var layers: [LayerConfig] = []
    for (index, value) in list.enumerated() {
      var layer = try layer(of: value, index)
      let calls = value["inbound_nodes"]?.array ?? []
      for (number, call) in calls.enumerated() {
        var callPlace = layer.location
        callPlace.object = (callPlace.object ?? "") + ".inbound_nodes[\(number)]"
        layer.calls.append(
          layer.isUnknown
            ? carriedCall(call)
            : layer.isOperation
              ? try operation(call, of: value, layer, callPlace)
              : try self.call(call, of: layer.className, callPlace))
      }
      layers.append(layer)
    }
    return layers
  }

  private func layer(of value: JSONValue, _ index: Int) throws(CheckpointError) -> LayerConfig {
    var place = location
    place.object = (location.object.map { $0 + ": " } ?? "") + "layers[\(index)]"
    guard var className = value["class_name"]?.string, let body = value["config"] else {
      throw invalid("a layer has no \"class_name\" and \"config\"", place)
    }
    // A class of the user's own, `package>Class`, may be called like one of Keras.
    if let registered = value["registered_name"]?.string, registered.contains(">") {
      className = registered
    }
    // A Sequential model of Keras 1 or 2.0 in another has a bare list of layers for its config.
    let isModel = KerasArchitecture.modelClasses.contains(className)
    guard let options = body.object ?? (isModel && body.array != nil ? JSONObject() : nil),
      let name = value["name"]?.string ?? options["name"]?.string
        ?? (isModel ? "\(className.lowercased())_\(index + 1)" : nil)
    else { throw invalid("a layer has no \"config\" and name", place) }
    if var operation = operation(of: value, className, name, options, place) {
      operation.fold = value["fold"]?.integer
      return operation
    }
    var layer = LayerConfig(
      className: className, name: name, options: options, location: place,
      isKeras1: version.isKeras1)
    layer.buildShape = KerasInputShape.extents(value["build_config"]?["input_shape"])
    layer.source = value.object
    layer.fold = value["fold"]?.integer
    if isModel { layer.nested = try KerasArchitecture(value, version: version, at: place) }
    if className == KerasArchitecture.distributingClass, let inner = options["layer"],
      inner["class_name"]?.string.map(KerasArchitecture.modelClasses.contains) == true
    {
      let model = try KerasArchitecture(inner, version: version, at: place)
      layer.nested = model.onEveryTimestep()
      layer.isDistributed = true
    }
    return layer
  }

  /// The operation that an element of `layers` is, with the plain arguments of its first call as
  /// options; nil for a layer.
  private func operation(
    of value: JSONValue, _ className: String, _ name: String, _ options: JSONObject,
    _ place: Diagnostic.Location
  ) -> LayerConfig? {
    let function = LayerConfig.function(value)
    guard function != nil || LayerConfig.isOperation(value, version) else { return nil }
    let known = function.map { KerasOperation.function($0)?.operation.name ?? "tf.\($0)" }
    var own = JSONObject()
    if let call = value["inbound_nodes"]?.array?.first {
      own = arguments(call, of: value).plain
    }
    return LayerConfig(
      className: known ?? className, name: name, options: own, location: place, isKeras1: false,
      isOperation: true)
  }

  /// The arguments of one call of an operation.
  private func arguments(_ call: JSONValue, of value: JSONValue) -> KerasArguments {
    if let name = LayerConfig.function(value) {
      guard let (operation, function) = KerasOperation.function(name) else {
        return arguments(call, of: .init(name: name, parameters: [], defaults: []), .unknown)
      }
      return arguments(call, of: function, operation)
    }
    var config = value["config"]?.object ?? JSONObject()
    config = JSONObject(config.members.filter { $0.name != "name" })
    return arguments(call, of: KerasOperation.named(value["class_name"]?.string ?? ""), config)
  }

  /// One call of an operation.
  private func operation(
    _ value: JSONValue, of layer: JSONValue, _ config: LayerConfig, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> Call {
    let arguments = arguments(value, of: layer)
    var call = Call()
    for argument in arguments.tensors {
      let found = try tensors(in: argument.value, place)
      call.inputs += found
      call.roles += found.map { _ in argument.name }
    }
    call.plain = arguments.plain
    let positional = (value["args"]?.array ?? []).filter { argument in
      !argument.isNull && !arguments.tensors.contains { $0.value == argument }
    }
    call.operand = positional.count == 1 ? positional[0] : nil
    return call
  }

  /// One element of `inbound_nodes`.
  private func call(
    _ value: JSONValue, of className: String, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> Call {
    var call = Call()
    if let tensors = value.array {
      // Keras 2 has [[layer, call, output, {kwargs}], …]. Further tensors are the initial state, in
      // nested lists if a cell of several has several states. An operation of TensorFlow has one
      // tensor without a list around it.
      for tensor in tensors.first?.string == nil ? tensors.flatMap(leaves) : [value] {
        call.inputs.append(try reference(tensor, place))
        if let elements = tensor.array, elements.count > 3, let keywords = elements[3].object {
          try read(keywords, of: className, into: &call, place)
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
      try read(keywords, of: className, into: &call, place)
    } else {
      throw invalid("a call is neither a list nor an object with \"args\" and \"kwargs\"", place)
    }
    return call
  }

  /// A call of a layer whose class nobody knows: it is never run, and every tensor in it is an input.
  private func carriedCall(_ value: JSONValue) -> Call {
    var call = Call()
    call.source = value
    call.inputs = KerasCarriedCall.references(in: value)
    return call
  }

  /// The tensors of a list that may hold lists.
  private func leaves(_ value: JSONValue) -> [JSONValue] {
    guard let elements = value.array, elements.first?.array != nil else { return [value] }
    return elements.flatMap(leaves)
  }

  private func read(
    _ keywords: JSONObject, of className: String, into call: inout Call,
    _ place: Diagnostic.Location
  ) throws(CheckpointError) {
    var named: [(order: Int, input: Reference)] = []
    for member in keywords.members where !member.value.isNull {
      switch member.name {
      case "query", "value", "key":
        let order = ["query", "value", "key"].firstIndex(of: member.name) ?? 0
        named += try tensors(in: member.value, place).map { (order, $0) }
      case "query_mask", "value_mask", "key_mask":
        let order = ["query_mask", "value_mask", "key_mask"].firstIndex(of: member.name) ?? 0
        while call.masks.count <= order { call.masks.append(nil) }
        call.masks[order] = try tensors(in: member.value, place).first
      case "training": call.isTraining = member.value.bool ?? true
      case "use_causal_mask": call.isCausal = member.value.bool ?? false
      case "return_attention_scores" where member.value.bool != nil:
        call.returnsScores = member.value.bool == true
      case "mask":
        call.masks = try masks(in: member.value, place)
      case "initial_state": call.initialState += try tensors(in: member.value, place)
      default:
        throw CheckpointError(
          .kerasOptionUnsupported,
          "the layer is called with \"\(member.name)\": \(member.value.text), which is unknown",
          at: place)
      }
    }
    call.inputs += named.sorted { $0.order < $1.order }.map(\.input)
  }

  /// The masks of a call: one tensor, or for every input a tensor or null.
  private func masks(
    in value: JSONValue, _ place: Diagnostic.Location
  ) throws(CheckpointError) -> [Reference?] {
    let isList = value.array.map { $0.first?.string == nil } ?? false
    var masks: [Reference?] = []
    for element in isList ? value.array ?? [] : [value] {
      let found = element.isNull ? [] : try tensors(in: element, place)
      guard element.isNull || found.count == 1 else {
        throw invalid("\"mask\" holds \(element.text), no tensor", place)
      }
      masks.append(found.first)
    }
    return masks.contains { $0 != nil } ? masks : []
  }

  /// All tensors of an argument, which holds one tensor or a list.
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
    // In keywords of Keras 2, a tensor is a bare triple.
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
    // Keras writes named inputs or outputs as an object, and orders them by name.
    if let object = value?.object, !object.members.isEmpty {
      var references: [Reference] = []
      for member in object.members.sorted(by: { Name($0.name) < Name($1.name) }) {
        references += try self.references(member.value, name)
      }
      return references
    }
    guard let elements = value?.array, !elements.isEmpty else {
      throw invalid("the model has no \"\(name)\"", location)
    }
    if elements[0].string != nil { return [try reference(.array(elements), location)] }
    // Outputs that belong together, such as states, are a nested list.
    var found: [Reference] = []
    for element in elements { found += try references(element, name) }
    return found
  }
}
