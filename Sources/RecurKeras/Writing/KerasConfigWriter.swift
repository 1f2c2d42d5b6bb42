import RecurContainers
import RecurModel
import RecurTensors

/// Writes a model's config with the members that Keras itself writes
/// (keras/src/saving/serialization_lib.py, keras/src/models/functional.py;
/// tf_keras/src/engine/functional.py).
struct KerasConfigWriter {
  private let target: KerasTarget

  init(_ target: KerasTarget) { self.target = target }

  /// The config of a whole model: `config.json`, or the attribute `model_config`.
  func model(_ model: KerasModelForm) -> JSONValue {
    var config = JSONObject()
    config.add("name", .string(model.name))
    config.add("trainable", true)
    config.add("layers", .array(model.layers.map(layer)))
    config.add("input_layers", references(model.inputs))
    config.add("output_layers", references(model.outputs))
    var object = JSONObject()
    if target == .archive { object.add("module", "keras.src.models.functional") }
    object.add("class_name", "Functional")
    object.add("config", .object(config))
    if target == .archive {
      object.add("registered_name", "Functional")
      object.add("build_config", ["input_shape": nil])
    }
    return .object(object)
  }

  /// `input_layers` and `output_layers`; in Keras 3 a single tensor is not in a list.
  private func references(_ tensors: [KerasTensorForm]) -> JSONValue {
    let references = tensors.map(history)
    return target.isKeras3 && references.count == 1 ? references[0] : .array(references)
  }

  private func history(_ tensor: KerasTensorForm) -> JSONValue {
    [.string(tensor.layer), .integer(tensor.call), .integer(tensor.output)]
  }

  // MARK: layers

  /// One element of `layers`.
  private func layer(_ placed: KerasPlacedLayer) -> JSONValue {
    if let carried = placed.form.carried {
      var object = carried.members(named: placed.form.name, target)
      object.add("name", .string(placed.form.name))
      object.add("inbound_nodes", .array(placed.calls.filter { !$0.inputs.isEmpty }.map(call)))
      return .object(object)
    }
    var object = JSONObject()
    if target == .archive {
      object.add(
        "module",
        placed.form.isOperation
          ? .string(KerasOperation.module(of: placed.form.className)) : "keras.layers")
    }
    object.add("class_name", .string(placed.form.className))
    object.add("config", placed.form.config(target))
    if target == .archive {
      object.add(
        "registered_name", placed.form.isOperation ? .string(placed.form.className) : .null)
      if let shape = buildShape(placed) { object.add("build_config", ["input_shape": shape]) }
    }
    object.add("name", .string(placed.form.name))
    object.add("inbound_nodes", .array(placed.calls.filter { !$0.inputs.isEmpty }.map(call)))
    return .object(object)
  }

  /// The shape for which Keras builds the layer; without it, Keras builds the layer when it is
  /// called.
  private func buildShape(_ placed: KerasPlacedLayer) -> JSONValue? {
    // Attention of several heads is built for the shapes of named inputs.
    guard !placed.form.isOperation, placed.form.maskNames.isEmpty,
      let call = placed.calls.first, call.initialState.isEmpty
    else { return nil }
    guard call.inputs.allSatisfy(\.isShapeKnown) else { return nil }
    let shapes = call.inputs.map { shape($0.shape) }
    return call.isList ? .array(shapes) : shapes.first
  }

  private func shape(_ extents: [Int?]) -> JSONValue {
    .array(extents.map { $0.map { .integer($0) } ?? .null })
  }

  // MARK: calls

  /// One element of `inbound_nodes`.
  private func call(_ call: KerasCallForm) -> JSONValue {
    if let carried = call.carried { return carried.call(call.inputs, target) }
    return target.isKeras3 ? callOfKeras3(call) : callOfKeras2(call)
  }

  private func callOfKeras3(_ call: KerasCallForm) -> JSONValue {
    var arguments = call.inputs.map(tensor)
    if call.isList { arguments = [.array(arguments)] }
    if let operand = call.operand { arguments.append(operand) }
    var keywords = JSONObject()
    if let listed = call.arguments {
      var rest = call.inputs.map(tensor)[...]
      arguments = []
      for argument in listed {
        switch argument {
        case .input: arguments.append(rest.popFirst() ?? .null)
        case .plain(let value): arguments.append(value)
        case .named(let name, let value): keywords.add(name, value)
        }
      }
    }
    if !call.initialState.isEmpty { keywords.add("initial_state", states(call)) }
    if let mask = call.mask { keywords.add("mask", tensor(mask)) }
    if !call.maskNames.isEmpty {
      for (name, mask) in zip(call.maskNames, call.masks) {
        if let mask { keywords.add(name, tensor(mask)) }
      }
    } else if !call.masks.isEmpty {
      keywords.add("mask", .array(call.masks.map { $0.map(tensor) ?? .null }))
    }
    if call.isCausal { keywords.add("use_causal_mask", true) }
    return ["args": .array(arguments), "kwargs": .object(keywords)]
  }

  /// The states as a flat list, or nested by the cells of a stack.
  private func states(_ call: KerasCallForm) -> JSONValue {
    let tensors = call.initialState.map(tensor)
    guard let counts = call.stateCounts else { return .array(tensors) }
    var rest = tensors[...]
    return .array(
      counts.map { count in
        let own = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return count == 1 ? own[0] : .array(own)
      })
  }

  private func tensor(_ tensor: KerasTensorForm) -> JSONValue {
    [
      "class_name": "__keras_tensor__",
      "config": [
        "shape": shape(tensor.shape), "dtype": .string(tensor.dtype),
        "keras_history": history(tensor),
      ],
    ]
  }

  /// Keras 2 appends the initial state to the inputs.
  private func callOfKeras2(_ call: KerasCallForm) -> JSONValue {
    func place(_ tensor: KerasTensorForm, _ keywords: JSONObject? = nil) -> JSONValue {
      .array(
        [.string(tensor.layer), .integer(tensor.call), .integer(tensor.output)]
          + (keywords.map { [.object($0)] } ?? []))
    }
    var keywords = JSONObject()
    var inputs = call.inputs + call.initialState
    // Inputs with names of their own are keywords (tf_keras/src/engine/node.py, `serialize`).
    if !call.maskNames.isEmpty {
      for (name, input) in zip(["value", "key"], inputs.dropFirst()) {
        keywords.add(name, place(input))
      }
      inputs = Array(inputs.prefix(1))
    }
    if call.isCausal { keywords.add("use_causal_mask", true) }
    return .array(inputs.map { place($0, keywords) })
  }

  /// The tensor among `inputs` that a triple names, as Keras 3 keeps it.
  static func tensor(_ triple: JSONValue, _ inputs: [KerasTensorForm]) -> JSONValue {
    let elements = triple.array ?? []
    let found = inputs.first { tensor in
      elements.count > 2 && elements[0].string == tensor.layer && elements[1].integer == tensor.call
        && elements[2].integer == tensor.output
    }
    return found.map(KerasConfigWriter(.archive).tensor) ?? triple
  }

  /// A value in which triples that name `inputs` are tensors as Keras 3 keeps them.
  static func tensors(in value: JSONValue, _ inputs: [KerasTensorForm]) -> JSONValue {
    guard let elements = value.array else { return value }
    if elements.count == 3, elements[0].string != nil { return tensor(value, inputs) }
    return .array(elements.map { tensors(in: $0, inputs) })
  }
}
