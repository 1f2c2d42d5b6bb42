import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurSource
import RecurTensors

/// Writes the config of a model that a program makes, as Keras would save it.
struct KerasSourceConfig {
  typealias OpenValue = ProgramArchitecture.OpenValue

  var open: [OpenValue] = []
  private(set) var places: [Name: Diagnostic.Location] = [:]
  /// The groups in which weights may hold a layer, for models that are objects of a class.
  private(set) var groups: [Name: [String]] = [:]
  private let program: KerasProgram
  let files: SourceFiles
  private var names: [ObjectIdentifier: String] = [:]
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]
  private var depth = 0

  init(_ program: KerasProgram, _ files: SourceFiles) {
    self.program = program
    self.files = files
  }

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
        guard let layer = $0 as? KerasSourceLayer else { return true }
        return layer.className != "Lambda" && layer.ownActivation == nil
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
    if let shape = model.buildShape, let extents = Self.extents(shape) {
      body.set("build_input_shape", .array(extents))
    }
    return ["class_name": "Sequential", "config": .object(body)]
  }

  /// A sequence as a graph, because functions of its own are between its layers.
  private mutating func unfolded(
    _ model: KerasSourceModel, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    let ends = try model.ends(&interpreter)
    return try functional(model.name, ends.inputs, ends.outputs, &interpreter)
  }

  /// The config of a graph between tensors.
  ///
  /// - Parameters:
  ///   - name: the name of the model; nil for one that Keras makes up.
  ///   - inputs: the inputs of the model.
  ///   - outputs: the outputs of the model.
  ///   - order: layers that come first, in this order.
  ///   - interpreter: calls functions between layers.
  /// - Returns: the config.
  /// - Throws: `source.unsupported` for what no config says.
  mutating func functional(
    _ name: String?, _ inputs: [KerasSourceTensor], _ outputs: [KerasSourceTensor],
    order: [KerasSourceLayer] = [], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    var graph = KerasSourceGraph(inputs)
    for output in outputs { try graph.visit(output, &interpreter) }
    let ranks = Dictionary(
      order.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { one, _ in one })
    let sorted = graph.layers.enumerated().sorted { one, other in
      let own = (ranks[ObjectIdentifier(one.element)] ?? order.count, one.offset)
      return own < (ranks[ObjectIdentifier(other.element)] ?? order.count, other.offset)
    }
    // A call may read a layer that stands behind it.
    for layer in sorted.map(\.element) { _ = named(layer) }
    var layers: [JSONValue] = []
    for layer in sorted.map(\.element) {
      interpreter.position = layer.place
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
      program.models[ObjectIdentifier(owner)] = model
      let name = named(owner)
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
      groups[Name(name)] = owner.groups
      return .object(object)
    }
    guard let layer = value as? KerasSourceLayer else {
      throw interpreter.problem("an element of a model is \(value.title)")
    }
    owner = layer
    let name = named(layer)
    places[Name(name)] = files.location(layer.place)
    object.set("class_name", .string(layer.className))
    object.set("name", .string(name))
    groups[Name(name)] = layer.groups
    object.set("module", "keras.layers")
    if let fold = layer.fold {
      object.set("fold", .integer(fold))
      if let name = program.captures.change(of: fold) {
        throw interpreter.problem(
          "a function between layers reads '\(name)', which gets another value behind the call; versions of "
            + "Keras differ in which one counts", at: layer.place)
      }
    }
    if let module = layer.operationModule {
      object.set("module", .string("keras.src.ops.\(module)"))
      object.set("config", ["name": .string(name)])
      return .object(object)
    }
    var options = try self.options(of: layer, name, [], &interpreter)
    options.set("name", .string(name))
    if let shape = Self.inputShape(of: layer) {
      options.set("batch_input_shape", .array(shape))
    }
    object.set("config", .object(options))
    return .object(object)
  }

  /// The name of a layer or of the model that it stands for.
  private mutating func named(_ layer: KerasSourceLayer) -> String {
    guard let model = program.models[ObjectIdentifier(layer)] else {
      return named(layer, layer.className, layer.name)
    }
    return named(layer, model.isSequential ? "Sequential" : "Functional", model.name)
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
  static func snake(_ text: String) -> String {
    var result = ""
    var previous: Character?
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let isNextLower = index + 1 < characters.count && characters[index + 1].isLowercase
      if character.isUppercase, let previous,
        previous.isLowercase || isNextLower
      {
        result += "_"
      }
      result += character.lowercased()
      previous = character
    }
    return result
  }
}

extension SourceFiles {
  /// A place as the location of a finding.
  func location(_ place: SourcePosition) -> Diagnostic.Location {
    trees[place.source].location(place.span)
  }
}
