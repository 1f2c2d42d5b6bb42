import RecurPyTorch
import RecurSource
import RecurTensors

/// A model of Keras that a program makes: a sequence of layers, or a graph between tensors.
final class KerasSourceModel: SourceForeign {
  /// How a model is made.
  enum Kind {
    case sequential
    case functional(inputs: [KerasSourceTensor], outputs: [KerasSourceTensor])
  }

  let kind: Kind
  /// The layers of a sequence: layers and models.
  private(set) var elements: [any SourceForeign] = []
  /// The input of a sequence and the outputs of its layers, as far as they were asked for.
  var links: [KerasSourceTensor] = []
  /// The shape that `build` is given, batch first; nil where it is not called.
  private(set) var buildShape: SourceValue?
  /// Why it is not known which layers the model has; nil when it is.
  private(set) var doubt: SourceUnknown?
  let place: SourcePosition
  let program: KerasProgram
  var name: String?
  /// The layer that the model is inside other models.
  let layer: KerasSourceLayer
  /// How many loops and branches of unknown outcome were around the place where it was made.
  private let uncertainty: Int

  /// Whether the program means the model besides its names: it saves it, or its weights, or loads them.
  private(set) var isKept: Bool

  init(
    _ kind: Kind, at place: SourcePosition, in program: KerasProgram, uncertainty: Int,
    isKept: Bool = false, doubt: SourceUnknown? = nil
  ) {
    self.isKept = isKept
    self.kind = kind
    self.doubt = doubt
    self.place = place
    self.program = program
    self.uncertainty = uncertainty
    layer = KerasSourceLayer("Functional", at: place, in: program)
  }

  var title: String { "a model" }

  var isSequential: Bool { if case .sequential = kind { true } else { false } }

  /// Adds a layer to a sequence.
  func add(_ value: SourceValue, _ interpreter: inout SourceInterpreter) throws(SourceStop) {
    if interpreter.uncertainty > uncertainty, doubt == nil {
      doubt = SourceUnknown(
        reason: "a layer is added where the source does not say whether and how often",
        place: interpreter.position)
    }
    switch value {
    case .foreign(let own) where own is KerasSourceLayer || own is KerasSourceModel:
      elements.append(own)
    case .foreign(let own as KerasSourceTensor) where own.layer.className == "InputLayer":
      elements.append(own.layer)
    default:
      doubt =
        doubt
        ?? SourceUnknown(
          reason: "a layer of the model is not known: \(value.title)", place: interpreter.position)
    }
    guard elements.count <= 10_000 else {
      throw interpreter.problem("a model of more than 10000 layers", code: .limitExceeded)
    }
  }

  func attribute(
    _ name: String, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard ["input", "output", "inputs", "outputs", "layers"].contains(name) else {
      return .bound(.foreign(self), name)
    }
    if let doubt { return .unknown(doubt) }
    if name == "layers" {
      guard let layers = try layers(&interpreter) else {
        return interpreter.unknown("the layers of a graph with branches, in order,")
      }
      return .list(SourceList(layers.map { .foreign($0) }))
    }
    let ends = try ends(&interpreter)
    let tensors: [SourceValue] = (name.hasPrefix("input") ? ends.inputs : ends.outputs).map {
      .foreign($0)
    }
    return tensors.count == 1 && !name.hasSuffix("s") ? tensors[0] : .list(SourceList(tensors))
  }

  func call(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard given.positional.first.map(KerasSourceTensor.isHeld) == true else {
      return interpreter.unknown("a model is called with arrays")
    }
    layer.name = name
    program.models[ObjectIdentifier(layer)] = self
    let result = try layer.call(given, &interpreter)
    guard case .functional(_, let outputs) = kind, outputs.count > 1 else { return result }
    let call = layer.calls.count - 1
    return .list(
      SourceList(
        outputs.indices.map { .foreign(KerasSourceTensor(layer, call: call, output: $0)) }))
  }

  func call(
    method name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    switch name {
    case "add":
      try add(given.value("layer", at: 0) ?? .none, &interpreter)
      return .none
    case "pop":
      if interpreter.uncertainty > uncertainty {
        doubt = SourceUnknown(
          reason: "a layer is taken away where the source does not say whether",
          place: interpreter.position)
      }
      let last = elements.popLast()
      let isInput = links.first.map { $0.layer === last } ?? false
      links = isInput ? [] : Array(links.prefix(elements.count + 1))
      return .none
    case "build":
      buildShape = given.value("input_shape", at: 0)
      return .none
    case "get_layer": return try layer(given, &interpreter)
    case "save", "save_weights", "load_weights", "to_json":
      isKept = true
      return .none
    case "predict", "evaluate", "fit", "fit_generator", "get_weights":
      return interpreter.unknown("the method '\(name)' of \(title)")
    case "__call__": return try call(given, &interpreter)
    default: return .none
    }
  }

  func isInstance(of library: String) -> Bool? {
    switch KerasSourceName(library) {
    case .functional: true
    case .sequential: isSequential
    case .layer(let name): name == "Layer"
    default: false
    }
  }

  func set(_ name: String, to value: SourceValue, _ interpreter: SourceInterpreter) {
    if ["name", "_name"].contains(name) {
      self.name = value.text
    } else if ["inputs", "outputs", "layers", "_layers"].contains(name) {
      doubt =
        doubt
        ?? SourceUnknown(
          reason: "the '\(name)' of the model are changed after it was made",
          place: interpreter.position)
    }
  }

  func doubt(_ method: String, _ reason: SourceUnknown) {
    guard ["add", "pop", "a function"].contains(method), doubt == nil else { return }
    doubt = SourceUnknown(
      reason: "a step of making the model is not understood: \(reason.reason)", place: reason.place)
  }
}
