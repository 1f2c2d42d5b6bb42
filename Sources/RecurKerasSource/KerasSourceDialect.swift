import RecurPyTorch
import RecurSource
import RecurTensors

/// What the names of Keras and TensorFlow mean in a source: layers, models and functions of tensors.
struct KerasSourceDialect: SourceDialect {
  let program: KerasProgram

  func value(of name: String) -> SourceValue? { nil }

  func member(
    _ name: String, of library: String, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    KerasSourceName("\(library).\(name)") == nil ? nil : .library("\(library).\(name)")
  }

  var help: String? {
    "save the whole model in Python, and give that file: model.save(\"model.keras\")"
  }

  func changesFirst(_ library: String) -> Bool { false }

  /// A name that a setting gives has the value of the setting; one that the source gives something
  /// unknown is open.
  func named(
    _ value: SourceValue, _ name: String, _ interpreter: inout SourceInterpreter
  ) -> SourceValue {
    program.ask(name)
    if let setting = program.settings[name] { return setting }
    guard case .unknown = value else { return value }
    return interpreter.open(name)
  }

  func failed(_ called: SourceValue, for name: String, _ reason: SourceUnknown) {
    guard case .library(let library) = called, KerasSourceName.isModelBase(library) else { return }
    let doubt = SourceUnknown(
      reason: "'\(name)' becomes something that is not understood: \(reason.reason)",
      place: reason.place)
    program.note(
      KerasSourceModel(
        .functional(inputs: [], outputs: []), at: reason.place, in: program, uncertainty: 0,
        isKept: true, doubt: doubt))
  }

  func call(
    library name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard let meaning = KerasSourceName(name) else { return nil }
    switch name.split(separator: ".").last {
    case "set_image_data_format", "set_image_dim_ordering":
      program.imageFormat = given.positional.first
    case "set_global_policy", "set_policy", "set_dtype_policy", "set_global_dtype_policy":
      program.policy = given.value("policy", at: 0)
    case "Policy", "DTypePolicy":
      if let name = given.value("name", at: 0) { return name }
    default: break
    }
    switch meaning {
    case .other: return interpreter.unknown("an object of '\(name)'")
    case .input: return try input(given, &interpreter)
    case .sequential: return try sequential(given, &interpreter)
    case .functional: return try functional(given, &interpreter)
    case .layer(let className):
      let layer = try layer(className, given, &interpreter)
      KerasSourceName.module(of: name)?.setDefaults(of: layer)
      return .foreign(layer)
    case .merging(let function):
      var own = SourceArguments(
        positional: Array(given.positional.dropFirst()),
        keywords: given.keywords.filter { $0.name != "inputs" })
      let className = try KerasFirstWords.merging(function, &own, &interpreter)
      let layer = try layer(className, own, &interpreter)
      return try layer.call(
        SourceArguments(positional: [given.value("inputs", at: 0) ?? .none]), &interpreter)
    case .function(let full):
      return try KerasSourceFunctions.call(full, given, program, &interpreter)
    }
  }

  func call(
    _ function: SourceFunction, _ owner: SourceValue?, _ given: SourceArguments,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? { nil }

  /// An object of a model's class is noted; the classes of Keras that it inherits from make nothing.
  func make(
    _ type: SourceClass, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard type.libraryBases.contains(where: KerasSourceName.isModelBase) else { return nil }
    let object = SourceObject(of: type, at: interpreter.position)
    if case .function(let constructor)? = type.member("__init__") {
      _ = try interpreter.call(constructor, .object(object), given)
    }
    program.note(object)
    return .object(object)
  }

  /// An object of a class of the source that is a layer or a model is called by its `call`.
  func call(
    _ object: SourceObject, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard let type = object.type,
      type.libraryBases.contains(where: {
        KerasSourceName.isModelBase($0) || KerasSourceName.isLayerBase($0)
      }),
      case .function(let function)? = type.member("call")
    else { return nil }
    guard case .function? = type.member("build") else {
      return try call(object, function, given, &interpreter)
    }
    throw interpreter.problem(
      "the class '\(type.name)' makes weights of its own in build(), which no layer of Keras has")
  }

  private func call(
    _ object: SourceObject, _ function: SourceFunction, _ given: SourceArguments,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    var own = given
    own.keywords.removeAll { ["training", "mask"].contains($0.name) }
    // What is called like this has no state of the training.
    for name in ["training", "mask"]
    where function.parameters.contains(where: { $0.name == name }) {
      own.keywords.append((name, name == "training" ? .flag(false) : .none))
    }
    let outer = interpreter.phase
    interpreter.phase = .construction
    defer { interpreter.phase = outer }
    return try interpreter.call(function, .object(object), own)
  }

  // MARK: models

  private func sequential(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    let model = KerasSourceModel(
      .sequential, at: interpreter.position, in: program, uncertainty: interpreter.uncertainty)
    model.name = given.value("name", at: 1)?.text
    if let layers = given.value("layers", at: 0), !layers.isNone {
      if case .unknown = layers {
        try model.add(layers, &interpreter)
      } else {
        for layer in try interpreter.elements(layers) { try model.add(layer, &interpreter) }
      }
    }
    program.note(model)
    return .foreign(model)
  }

  private func functional(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    let inputs = given.value("inputs", at: 0) ?? given.value("input")
    let outputs = given.value("outputs", at: 1) ?? given.value("output")
    guard let inputs, let outputs else {
      return interpreter.unknown("a model without inputs and outputs")
    }
    var (own, doubt): (KerasSourceModel.Kind, SourceUnknown?)
    do throws(SourceStop) {
      own = .functional(
        inputs: try tensors(inputs, &interpreter), outputs: try tensors(outputs, &interpreter))
      doubt = nil
    } catch {
      guard case .problem(let problem) = error else { throw error }
      own = .functional(inputs: [], outputs: [])
      doubt = SourceUnknown(reason: problem.diagnostic.message, place: interpreter.position)
    }
    let model = KerasSourceModel(
      own, at: interpreter.position, in: program, uncertainty: interpreter.uncertainty,
      doubt: doubt)
    model.name = given.value("name", at: 2)?.text
    program.note(model)
    return .foreign(model)
  }

  private func tensors(
    _ value: SourceValue, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> [KerasSourceTensor] {
    if let own = value.foreign as? KerasSourceTensor { return [own] }
    if let model = value.foreign as? KerasSourceModel, case .functional(_, let outputs) = model.kind
    {
      return outputs
    }
    if case .unknown(let unknown) = value {
      throw interpreter.problem(unknown.reason, at: unknown.place)
    }
    var values: [SourceValue]
    if case .dictionary(let entries) = value {
      values = entries.keys.compactMap { entries[$0] }
    } else {
      values = try interpreter.elements(value)
    }
    values.removeAll(where: \.isNone)
    var result: [KerasSourceTensor] = []
    for value in values { result += try tensors(value, &interpreter) }
    return result
  }

  // MARK: layers

  /// `Input(shape=(…))`: a tensor.
  private func input(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    let layer = KerasSourceLayer("InputLayer", at: interpreter.position, in: program)
    let names = ["shape", "batch_size", "dtype"]
    for (index, value) in given.positional.enumerated() where index < names.count {
      layer[names[index]] = value
    }
    for (name, value) in given.keywords {
      guard name != "tensor" || value.isNone else {
        throw interpreter.problem("an input of a tensor that exists, which is not supported")
      }
      layer[name == "batch_input_shape" ? "batch_shape" : name] = value
    }
    layer.name = layer["name"]?.text
    layer["name"] = nil
    return .foreign(KerasSourceTensor(layer, call: 0, output: 0))
  }

  private func layer(
    _ className: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> KerasSourceLayer {
    let signature = KerasSourceSignatures.signature(className)
    let layer = KerasSourceLayer(signature.name, at: interpreter.position, in: program)
    for (name, text) in signature.defaults { layer[name] = .text(text) }
    guard
      given.positional.count <= signature.parameters.count
        || !KerasSourceSignatures.isKnown(className)
    else {
      throw interpreter.problem("\(className) is given too many arguments")
    }
    let words = KerasFirstWords(className, given)
    for (name, value) in zip(signature.parameters, words.positional) { layer[name] = value }
    for (name, value) in words.keywords { layer[name] = value }
    if layer["data_format"] == nil, signature.parameters.contains("data_format"),
      let format = program.imageFormat
    {
      layer["data_format"] = KerasFirstWords.format(format)
    }
    if layer["dtype"] == nil, let policy = program.policy { layer["dtype"] = policy }
    if let unknown = given.unknown { layer["**"] = .unknown(unknown) }
    layer.name = layer["name"]?.text
    layer["name"] = nil
    return layer
  }
}
