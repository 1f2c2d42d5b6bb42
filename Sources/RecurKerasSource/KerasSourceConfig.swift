import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurSource
import RecurTensors

/// Writes the config of a model that a program makes, as Keras would save it.
struct KerasSourceConfig {
  typealias OpenValue = ProgramArchitecture.OpenValue

  private(set) var open: [OpenValue] = []
  private(set) var places: [Name: Diagnostic.Location] = [:]
  private let program: KerasProgram
  private let files: SourceFiles
  private var names: [ObjectIdentifier: String] = [:]
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]
  private var depth = 0

  init(_ program: KerasProgram, _ files: SourceFiles) {
    self.program = program
    self.files = files
  }

  /// Options that change nothing where a model only computes.
  private static let harmless: Set<String> = [
    "rate", "dropout", "recurrent_dropout", "noise_shape", "stddev", "seed", "momentum",
    "trainable", "weights", "implementation", "l1", "l2", "unit_forget_bias", "sparse", "ragged",
    "init", "inner_init", "W_regularizer", "U_regularizer", "b_regularizer", "dynamic",
    "arguments", "output_shape", "mask",
  ]
  private static let harmlessEndings = ["_initializer", "_regularizer", "_constraint"]

  /// What says the shape of a model's input.
  private static let shapes: Set<String> = [
    "input_shape", "batch_input_shape", "input_length", "batch_size", "shape", "batch_shape",
  ]

  // MARK: models

  /// The config of a model: `{"class_name": …, "config": …}`.
  mutating func config(
    of model: KerasSourceModel, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    guard depth < 16 else { throw interpreter.problem("models inside models without end") }
    depth += 1
    defer { depth -= 1 }
    if let doubt = model.doubt { throw interpreter.problem(doubt.reason, at: doubt.place) }
    switch model.kind {
    case .functional(let inputs, let outputs):
      return try functional(model.name, inputs, outputs, &interpreter)
    case .sequential:
      guard !model.elements.isEmpty else {
        throw interpreter.problem("a model without layers", at: model.place)
      }
      let isPlain = model.elements.allSatisfy {
        ($0 as? KerasSourceLayer)?.className != "Lambda"
      }
      return isPlain
        ? try sequential(model, &interpreter) : try unfolded(model, &interpreter)
    }
  }

  private mutating func sequential(
    _ model: KerasSourceModel, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    var layers: [JSONValue] = []
    for element in model.elements { layers.append(try self.element(element, &interpreter)) }
    var body = JSONObject()
    body.set("name", .string(model.name ?? "sequential"))
    body.set("layers", .array(layers))
    if let shape = model.buildShape, let extents = extents(shape) {
      body.set("build_input_shape", .array(extents))
    }
    return ["class_name": "Sequential", "config": .object(body)]
  }

  /// A sequence as a graph, because functions of its own are between its layers.
  private mutating func unfolded(
    _ model: KerasSourceModel, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    var elements = model.elements[...]
    let input: KerasSourceLayer
    if let first = elements.first as? KerasSourceLayer, first.className == "InputLayer" {
      input = first
      elements.removeFirst()
    } else {
      input = KerasSourceLayer("InputLayer", at: model.place, in: program)
      if let first = elements.first as? KerasSourceLayer {
        input["batch_shape"] = inputShape(of: first).map { shape in
          .list(SourceList(shape.map { $0.integer.map { .integer($0) } ?? .none }))
        }
      }
    }
    let start = KerasSourceTensor(input, call: 0, output: 0)
    var value = SourceValue.foreign(start)
    for element in elements {
      value = try element.call(SourceArguments(positional: [value]), &interpreter)
      if case .list(let list) = value, let first = list.elements.first { value = first }
    }
    guard let end = value.foreign as? KerasSourceTensor else {
      throw interpreter.problem("what the model puts out is no tensor", at: model.place)
    }
    return try functional(model.name, [start], [end], &interpreter)
  }

  /// The config of a graph between tensors.
  mutating func functional(
    _ name: String?, _ inputs: [KerasSourceTensor], _ outputs: [KerasSourceTensor],
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    var graph = KerasSourceGraph(inputs)
    for output in outputs { try graph.visit(output, &interpreter) }
    var layers: [JSONValue] = []
    for layer in graph.layers {
      var object = try element(layer, &interpreter).object ?? JSONObject()
      var nodes: [JSONValue] = []
      for number in graph.calls(of: layer) {
        nodes.append(try node(layer.calls[number], graph, &interpreter))
      }
      object.set("inbound_nodes", .array(nodes))
      layers.append(.object(object))
    }
    func reference(_ tensor: KerasSourceTensor) -> JSONValue { history(tensor, graph) }
    var body = JSONObject()
    body.set("name", .string(name ?? "functional"))
    body.set("layers", .array(layers))
    body.set("input_layers", .array(inputs.map(reference)))
    body.set("output_layers", .array(outputs.map(reference)))
    return ["class_name": "Functional", "config": .object(body)]
  }

  private func history(_ tensor: KerasSourceTensor, _ graph: KerasSourceGraph) -> JSONValue {
    [
      .string(names[ObjectIdentifier(tensor.layer)] ?? ""),
      .integer(graph.number(of: tensor.call, of: tensor.layer)), .integer(tensor.output),
    ]
  }

  private mutating func node(
    _ call: KerasSourceLayer.Call, _ graph: KerasSourceGraph,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    func tensor(_ value: KerasSourceTensor) -> JSONValue {
      ["class_name": "__keras_tensor__", "config": ["keras_history": history(value, graph)]]
    }
    var arguments: [JSONValue] = []
    for value in call.positional {
      guard let own = json(value, tensor) else {
        throw interpreter.problem("a layer is called with \(value.title)")
      }
      arguments.append(own)
    }
    var keywords = JSONObject()
    for (name, value) in call.keywords {
      guard let own = json(value, tensor) else {
        throw interpreter.problem("a layer is called with '\(name)': \(value.title)")
      }
      keywords.set(name, own)
    }
    return ["args": .array(arguments), "kwargs": .object(keywords)]
  }

  // MARK: layers

  /// An element of `layers`: a layer, or a model inside the model.
  private mutating func element(
    _ value: any SourceForeign, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    let model = (value as? KerasSourceModel) ?? program.models[ObjectIdentifier(value)]
    let owner: KerasSourceLayer
    var object = JSONObject()
    if let model {
      owner = model.layer
      let name = named(owner, model.isSequential ? "Sequential" : "Functional", model.name)
      var inner = KerasSourceConfig(program, files)
      inner.depth = depth
      let config = try inner.config(of: model, &interpreter)
      open += inner.open.map {
        OpenValue(
          layer: "\(name)/\($0.layer)", option: $0.option, name: $0.name, reason: $0.reason,
          place: $0.place)
      }
      object = config.object ?? object
      var body = config["config"]?.object ?? JSONObject()
      body.set("name", .string(name))
      object.set("config", .object(body))
      object.set("name", .string(name))
      places[Name(name)] = files.location(model.place)
      return .object(object)
    }
    guard let layer = value as? KerasSourceLayer else {
      throw interpreter.problem("an element of a model is \(value.title)")
    }
    owner = layer
    let name = named(layer, layer.className, layer.name)
    places[Name(name)] = files.location(layer.place)
    object.set("class_name", .string(layer.className))
    object.set("name", .string(name))
    if let module = layer.operationModule {
      object.set("module", .string("keras.src.ops.\(module)"))
      object.set("config", ["name": .string(name)])
      return .object(object)
    }
    var options = try self.options(of: layer, name, [], &interpreter)
    options.set("name", .string(name))
    if let shape = inputShape(of: layer) {
      options.set("batch_input_shape", .array(shape))
    }
    object.set("config", .object(options))
    return .object(object)
  }

  /// The name of a layer in the config: its own, or one that Keras makes up.
  private mutating func named(
    _ layer: KerasSourceLayer, _ className: String, _ own: String?
  ) -> String {
    let key = ObjectIdentifier(layer)
    if let known = names[key] { return known }
    var name = own ?? ""
    if own == nil || taken.contains(name) {
      let base = own ?? Self.snake(className)
      repeat {
        let count = counts[base, default: 0]
        counts[base] = count + 1
        name = count == 0 ? base : "\(base)_\(count)"
      } while taken.contains(name)
    }
    taken.insert(name)
    names[key] = name
    return name
  }

  /// `TimeDistributed` as `time_distributed` (keras/src/utils/naming.py, `to_snake_case`).
  private static func snake(_ text: String) -> String {
    var result = ""
    var previous: Character?
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let isNextLower = index + 1 < characters.count && characters[index + 1].isLowercase
      if character.isUppercase, let previous,
        previous.isLowercase || previous.isNumber || previous.isUppercase && isNextLower
      {
        result += "_"
      }
      result += character.lowercased()
      previous = character
    }
    return result
  }

  private mutating func options(
    of layer: KerasSourceLayer, _ owner: String, _ path: [String],
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONObject {
    var result = JSONObject()
    for (option, value) in layer.options where !Self.isHarmless(option) {
      if Self.shapes.contains(option) || option == "input_dim" && layer.className != "Embedding" {
        continue
      }
      if let inside = value.foreign, !(inside is KerasSourceTensor) {
        result.set(option, try inner(inside, owner, path + [option], &interpreter))
        continue
      }
      if let list = Self.layers(value) {
        var values: [JSONValue] = []
        for (index, layer) in list.enumerated() {
          values.append(try inner(layer, owner, path + [option, "\(index)"], &interpreter))
        }
        result.set(
          option == "cell" ? "cell" : option,
          option == "cell"
            ? ["class_name": "StackedRNNCells", "config": ["cells": .array(values)]]
            : .array(values))
        continue
      }
      if let own = json(value, { _ in .null }), !KerasSourceTensor.isHeld(by: value) {
        result.set(option, own)
        continue
      }
      open.append(
        OpenValue(
          layer: owner, option: path + [option], name: Self.openName(value),
          reason: Self.reason(value), place: files.location(layer.place)))
      result.set(option, .null)
    }
    return result
  }

  /// A layer or a model in an option of another.
  private mutating func inner(
    _ value: any SourceForeign, _ owner: String, _ path: [String],
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    guard path.count < 16 else { throw interpreter.problem("layers inside layers without end") }
    if let model = value as? KerasSourceModel { return try config(of: model, &interpreter) }
    guard let layer = value as? KerasSourceLayer else {
      throw interpreter.problem("an option of a layer is \(value.title)")
    }
    var options = try self.options(of: layer, owner, path, &interpreter)
    options.set("name", .string(layer.name ?? Self.snake(layer.className)))
    if let shape = inputShape(of: layer) { options.set("batch_input_shape", .array(shape)) }
    return ["class_name": .string(layer.className), "config": .object(options)]
  }

  private static func isHarmless(_ option: String) -> Bool {
    harmless.contains(option) || harmlessEndings.contains(where: option.hasSuffix)
  }

  /// The layers of a list of layers; nil for any other value.
  private static func layers(_ value: SourceValue) -> [any SourceForeign]? {
    let values: [SourceValue]
    switch value {
    case .list(let list): values = list.elements
    case .tuple(let own): values = own
    default: return nil
    }
    let layers = values.compactMap { $0.foreign as? KerasSourceLayer }
    return !values.isEmpty && layers.count == values.count ? layers : nil
  }

  private static func openName(_ value: SourceValue) -> String? {
    value.openName
  }

  private static func reason(_ value: SourceValue) -> String {
    if let name = value.openName { return "the source does not say '\(name)'" }
    return SourceInterpreter.said(value.title)
  }
}

extension SourceFiles {
  /// A place as the location of a finding.
  func location(_ place: SourcePosition) -> Diagnostic.Location {
    trees[place.source].location(place.span)
  }
}
